// Neighbours scored together, or from where their base stands, equal each scored by itself, bit for
// bit, whatever vector code is used.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <sstream>

#include "models/index.h"
#include "sim/event_engine.h"
#include "sim/lane_replay.h"
#include "sim/static_evaluator.h"
#include "tests/sim/random_case.h"

namespace {

using models::at;
using models::Change;
using models::Score;
using random_case::Case;
using random_case::Wanted;
using What = models::Change::What;

std::uint64_t cases(std::uint64_t standard) {
  const char* const given = std::getenv("PARTWISE_CASES");
  return given ? std::strtoull(given, nullptr, 10) : standard;
}

/// What differs between two scores that must be equal to the last bit.
std::string difference(const Score& a, const Score& b) {
  std::ostringstream words;
  words.precision(17);
  if (a.supported != b.supported) words << "supported " << a.supported << "\n";
  if (!a.supported || !b.supported) return words.str();
  for (int m = 0; m < models::metric_count; ++m) {
    const auto metric = static_cast<models::Metric>(m);
    const double x = a.value(metric), y = b.value(metric);
    if (std::memcmp(&x, &y, sizeof x) != 0)
      words << models::about(metric).name << " " << x << ", alone " << y << "\n";
  }
  if (a.memory_over != b.memory_over)
    words << "over " << a.memory_over << ", alone " << b.memory_over << "\n";
  if (!(a.bottleneck == b.bottleneck)) words << "bottleneck\n";
  if (a.requests != b.requests) words << "requests\n";
  return words.str();
}

/// One or a few changes, of anything to anything permitted; sometimes of the rank.
void add_changes(models::Random& random, const Case& example, bool rank,
                 std::vector<Change>& changes) {
  const auto& problem = *example.problem;
  const auto below = [&](int limit) { return static_cast<std::int32_t>(random.below(limit)); };
  for (auto n = random.below(4); n >= 0; --n) {
    const auto kind = below(rank ? 10 : 9);
    if (kind < 5) {
      const auto op = below(problem.operators);
      const auto options = problem.options(op);
      const auto& option = options[at(below(static_cast<int>(options.size())))];
      if (kind < 4) changes.push_back({What::device, op, option.device});
      changes.push_back({What::precision, op, option.precision});
    } else if (kind < 7) {
      changes.push_back({What::wire, below(problem.tensors * problem.devices),
                         random.chance(0.3) ? models::Plan::as_produced : below(problem.formats)});
    } else if (kind < 9) {
      if (problem.links == 0) continue;
      const auto link = below(problem.links);
      changes.push_back({What::lanes, link, 1 + below(problem.lane_budget[at(link)])});
    } else {
      changes.push_back({What::rank, 0, 0});
    }
  }
}

models::Batch neighbours(const Case& example, models::Random& random) {
  models::Batch batch;
  batch.bases = {&example.plan};
  for (int k = 0; k < 19; ++k) {
    const auto begin = static_cast<int>(batch.changes.size());
    add_changes(random, example, k % 5 == 4, batch.changes);
    batch.trials.push_back({0, begin, static_cast<int>(batch.changes.size())});
  }
  return batch;
}

/// Scores batches of neighbours together and each plan alone; stops at the first that differs.
void compare(const Wanted& wanted, std::uint64_t count) {
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    const auto example = random_case::make(seed, wanted);
    models::Random random(seed);
    const auto together = sim::make_lane_evaluator(example.problem);
    const auto in_turn = sim::make_static_evaluator(example.problem);
    const auto alone = sim::make_static_evaluator(example.problem);
    for (int repetition = 0; repetition < 2; ++repetition) {
      const auto batch = neighbours(example, random);
      std::vector<Score> scores(batch.trials.size());
      std::vector<Score> from_snapshots(batch.trials.size());
      together->score(batch, scores);
      in_turn->score(batch, from_snapshots);
      for (std::size_t k = 0; k < scores.size(); ++k) {
        const auto plan = batch.plan(k);
        const auto expected = alone->score(plan);
        const auto words =
            difference(scores[k], expected) + difference(from_snapshots[k], expected);
        if (words.empty()) continue;
        std::ostringstream changes;
        for (auto c = batch.trials[k].first_change; c < batch.trials[k].end_change; ++c)
          changes << "change " << static_cast<int>(batch.changes[at(c)].what) << " of "
                  << batch.changes[at(c)].index << " to " << batch.changes[at(c)].value << "\n";
        FAIL() << "trial " << k << " of repetition " << repetition << "\n"
               << changes.str() << words << random_case::description(example);
      }
    }
  }
}

TEST(Lanes, EqualSinglePlansForOneRequest) {
  compare({.stream = false, .jitter = false}, cases(400));
}

TEST(Lanes, EqualSinglePlansForStreams) {
  compare({.jitter = false}, cases(400));
}

TEST(Lanes, EqualSinglePlansForLargerNetworks) {
  compare({.jitter = false, .operators = 90}, cases(400) / 8);
}

TEST(Lanes, EqualSinglePlansWhereWalksStartLate) {
  compare({.stream = false, .jitter = false, .operators = 90}, cases(400) / 4);
}

TEST(Lanes, EqualSinglePlansWithoutVectorCode) {
  for (const auto target : sim::vector_targets()) {
    SCOPED_TRACE(target);
    sim::use_vector_target(target);
    compare({.jitter = false, .operators = 30}, cases(400) / 4);
  }
  sim::use_vector_target("");
}

}  // namespace
