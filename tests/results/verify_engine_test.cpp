// What the engine executes holds the laws; what is written of it reads back.
#include <gtest/gtest.h>

#include "results/plan_json.h"
#include "results/timeline_json.h"
#include "results/verify.h"
#include "sim/event_engine.h"
#include "tests/sim/random_case.h"

namespace {

using random_case::Wanted;

class VerifyEngine
    : public testing::TestWithParam<std::tuple<Wanted::Links, models::Plan::Discipline>> {};

TEST_P(VerifyEngine, HoldsTheLawsOnRandomCases) {
  Wanted wanted;
  std::tie(wanted.links, wanted.discipline) = GetParam();
  sim::EngineOptions options;
  options.timeline = true;
  int executed = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const auto it = random_case::make(seed, wanted);
    const auto outcome = sim::make_event_engine(it.problem, options)->execute(it.plan);
    if (!outcome.infeasible.empty()) continue;
    ++executed;
    for (const auto& violation : results::verify(outcome.timeline, 3)) {
      ADD_FAILURE() << results::to_text(violation) << "\n" << random_case::description(it);
    }
    const auto plan = results::write_plan(*it.problem, it.plan);
    EXPECT_EQ(results::read_plan(plan, "p.json", *it.problem), it.plan);
    const auto timeline = results::write_timeline(outcome.timeline);
    EXPECT_EQ(results::write_timeline(results::read_timeline(timeline, "t.json")), timeline);
  }
  EXPECT_GT(executed, 20);
}

INSTANTIATE_TEST_SUITE_P(AllKinds, VerifyEngine,
                         testing::Combine(testing::Values(Wanted::Links::fifo, Wanted::Links::fair,
                                                          Wanted::Links::mixed),
                                          testing::Values(models::Plan::Discipline::strict,
                                                          models::Plan::Discipline::ready)));

}  // namespace
