// How near algorithms of the catalogue come to a planted optimum, second by second, on problems too
// large for most. Values are in optima: 1 is the best that any plan can have.
// Usage: search_bench [operators] [devices] [seconds] [seed] [algorithm ...]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "optimizers/archive.h"
#include "optimizers/optimizer.h"
#include "sim/parallel_evaluator.h"
#include "sim/static_evaluator.h"
#include "tests/optimizers/planted.h"

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void show(const char* when, double seconds, const optimizers::Archive& archive) {
  const auto* best = archive.best();
  if (best == nullptr) return;
  std::printf("  %-5s %8.2f s %9lld plans", when, seconds,
              static_cast<long long>(archive.offered()));
  if (best->score.feasible())
    std::printf("  %.4f\n", best->cost);
  else
    std::printf("  nothing fits, %.1f MB over\n",
                static_cast<double>(best->score.memory_over) / 1e6);
  std::fflush(stdout);
}

void race(const std::string& name, const optimizers_test::Planted& made,
          models::Evaluator& evaluator, double limit) {
  std::printf("%s\n", name.c_str());
  const auto start = Clock::now();
  optimizers::Archive archive(made.goal);
  const auto optimizer =
      optimizers::make(name, {*made.problem, made.goal, 1, std::int64_t{1} << 40});
  std::printf("  set up %7.2f s\n", since(start));
  models::Batch batch;
  std::vector<models::Score> scores;
  double first = -1, next = 1;
  while (since(start) < limit) {
    optimizer->ask(batch);
    if (batch.trials.empty()) break;
    scores.resize(batch.trials.size());
    evaluator.score(batch, scores);
    for (std::size_t k = 0; k < scores.size(); ++k) archive.offer(batch, k, scores[k]);
    optimizer->tell(batch, scores);
    const auto* best = archive.best();
    if (first < 0 && best->score.feasible() && best->cost <= 1.03) first = since(start);
    if (since(start) < next) continue;
    show("", since(start), archive);
    next = 2 * since(start);
  }
  show("end", since(start), archive);
  if (first >= 0) std::printf("  within 3 %% after %.2f s\n", first);
}

/// Seconds for a batch of random plans.
double time_of(models::Evaluator& evaluator, const models::Batch& batch) {
  std::vector<models::Score> scores(batch.trials.size());
  const auto start = Clock::now();
  evaluator.score(batch, scores);
  return since(start);
}

/// Medians of rounds that take turns.
void compare_threads(const optimizers_test::Planted& made) {
  const auto make = [&] { return sim::make_evaluator(made.problem); };
  const auto one = make(), two = sim::make_parallel_evaluator(make, 2);
  const auto optimizer = optimizers::make("random", {*made.problem, made.goal, 1, 64});
  models::Batch batch;
  optimizer->ask(batch);
  std::vector<double> ratios;
  for (int round = 0; round < 15; ++round) {
    const double alone = time_of(*one, batch);
    ratios.push_back(alone / time_of(*two, batch));
  }
  std::sort(ratios.begin(), ratios.end());
  std::printf("two threads score %.2f times as fast as one\n", ratios[ratios.size() / 2]);
}

}  // namespace

int main(int count, char** words) {
  const auto number = [&](int k, double standard) {
    return count > k ? std::atof(words[k]) : standard;
  };
  optimizers_test::PlantedShape shape;
  shape.operators = static_cast<int>(number(1, 5000));
  shape.devices = static_cast<int>(number(2, 64));
  const auto start = Clock::now();
  const auto made = optimizers_test::planted(shape, static_cast<std::uint64_t>(number(4, 1)));
  const auto evaluator = sim::make_evaluator(made.problem);
  std::printf("%d operators, %d devices, compiled in %.2f s\n", shape.operators, shape.devices,
              since(start));
  compare_threads(made);
  std::vector<std::string> names(words + std::min(count, 5), words + count);
  if (names.empty())
    for (const auto& entry : optimizers::catalogue())
      if (entry.name != "exhaustive") names.emplace_back(entry.name);
  for (const auto& name : names) race(name, made, *evaluator, number(3, 60));
}
