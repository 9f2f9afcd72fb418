// How much faster a second thread makes searches of a planted problem: the same trials, scored on
// one thread and on two, in turn. Prints medians over the rounds of
//   wall    trials per second, of two threads to one, after the set-up
//   CPU     microseconds per trial that nobody shares (ask, offer, tell) and of scoring
//   Amdahl  the ratio that follows from those, were scoring shared out evenly and for nothing:
//           for machines that are busy with something else.
// Usage: threads_bench [operators] [devices] [seconds] [rounds] [algorithm ...]
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "optimizers/archive.h"
#include "optimizers/optimizer.h"
#include "sim/parallel_evaluator.h"
#include "sim/static_evaluator.h"
#include "tests/optimizers/planted.h"

namespace {

using models::Batch;
using models::Score;
using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Of the calling thread, in seconds.
double cpu() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Adds up the CPU time of scoring.
class Timed final : public models::Evaluator {
 public:
  Timed(std::unique_ptr<models::Evaluator> inner, double& seconds)
      : inner_(std::move(inner)), seconds_(seconds) {}
  Score score(const models::Plan& plan) override { return inner_->score(plan); }
  void score(const Batch& batch, std::span<Score> scores) override {
    const auto begun = cpu();
    inner_->score(batch, scores);
    seconds_ += cpu() - begun;
  }

 private:
  std::unique_ptr<models::Evaluator> inner_;
  double& seconds_;
};

struct Measured {
  std::int64_t trials = 0, batches = 0;
  double wall = 0, serial = 0, scoring = 0;
  std::uint64_t mark = 0;  ///< of all scores, in order
};

/// Searches until so many seconds are over, or with `most` > 0 for so many trials.
Measured search(const std::string& name, const optimizers_test::Planted& made, std::size_t threads,
                double seconds, std::int64_t most) {
  alignas(128) double part[2][16] = {};
  std::size_t made_so_far = 0;
  const auto evaluator = sim::make_parallel_evaluator(
      [&] {
        return std::make_unique<Timed>(sim::make_evaluator(made.problem), part[made_so_far++][0]);
      },
      threads);
  optimizers::Archive archive(made.goal);
  const auto optimizer =
      optimizers::make(name, {*made.problem, made.goal, 1, std::int64_t{1} << 40});
  Batch batch;
  std::vector<Score> scores;
  Measured all;
  auto start = Clock::now();
  for (bool first = true; most > 0 ? all.trials < most : since(start) < seconds; first = false) {
    const auto begun = cpu();
    optimizer->ask(batch);
    if (batch.trials.empty()) break;
    scores.resize(batch.trials.size());
    const auto asked = cpu();
    part[0][0] = part[1][0] = 0;
    evaluator->score(batch, scores);
    const auto scored = cpu();
    for (std::size_t k = 0; k < scores.size(); ++k) archive.offer(batch, k, scores[k]);
    optimizer->tell(batch, scores);
    const auto told = cpu();
    for (const auto& score : scores)
      all.mark = all.mark * 0x9e3779b97f4a7c15 +
                 static_cast<std::uint64_t>(score.period_bound.count() + score.memory_over);
    all.trials += std::ssize(scores);
    ++all.batches;
    all.serial += asked - begun + told - scored;
    all.scoring += part[0][0] + part[1][0];
    if (first) {
      all = {.mark = all.mark};
      start = Clock::now();
    }
  }
  all.wall = since(start);
  return all;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void compare(const std::string& name, const optimizers_test::Planted& made, double seconds,
             int rounds) {
  const auto trials = search(name, made, 1, seconds, 0).trials;
  std::vector<double> wall, serial, scoring, amdahl;
  double width = 0;
  bool same = true;
  for (int round = 0; round < rounds; ++round) {
    const auto one = search(name, made, 1, 0, trials);
    const auto two = search(name, made, 2, 0, trials);
    const auto each = 1e6 / static_cast<double>(one.trials);
    wall.push_back(one.wall / two.wall);
    serial.push_back(each * one.serial);
    scoring.push_back(each * one.scoring);
    amdahl.push_back((one.serial + one.scoring) / (one.serial + one.scoring / 2));
    same = same && one.mark == two.mark;
    width = static_cast<double>(one.trials) / static_cast<double>(one.batches);
  }
  std::printf("%-12s %7lld trials, %5.1f a batch: wall %.2f, Amdahl %.2f; CPU %.1f + %.1f us%s\n",
              name.c_str(), static_cast<long long>(trials), width, median(wall), median(amdahl),
              median(serial), median(scoring), same ? "" : "; NOT THE SAME TRIALS");
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** words) {
  const auto number = [&](int k, double standard) {
    return count > k ? std::atof(words[k]) : standard;
  };
  optimizers_test::PlantedShape shape;
  shape.operators = static_cast<int>(number(1, 5000));
  shape.devices = static_cast<int>(number(2, 64));
  const auto made = optimizers_test::planted(shape, 1);
  std::vector<std::string> names(words + std::min(count, 5), words + count);
  if (names.empty()) names = {"tempering", "annealing", "portfolio"};
  for (const auto& name : names) compare(name, made, number(3, 5), static_cast<int>(number(4, 5)));
}
