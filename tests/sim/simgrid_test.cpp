// Law 7: our kernel and SimGrid agree on every task of random cases, through the process that
// partwise itself starts. PARTWISE_CASES=20000 runs more of them.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "sim/comparison.h"
#include "sim/event_engine.h"
#include "sim/job_code.h"
#include "sim/simgrid_check.h"
#include "tests/sim/random_dynamics.h"

namespace {

using random_case::Wanted;
using Discipline = models::Plan::Discipline;
using Links = Wanted::Links;

std::uint64_t cases() {
  const char* const given = std::getenv("PARTWISE_CASES");
  return given ? std::strtoull(given, nullptr, 10) : 500;
}

class Simgrid : public testing::Test {
 protected:
  void SetUp() override {
    if (!sim::SimgridCheck::is_there()) GTEST_SKIP() << "partwise-simgrid is not built";
  }
};

/// Over all cases of a test.
struct Sums {
  std::uint64_t cases = 0, near_ties = 0;
  std::int64_t instants = 0, worst = 0, losses = 0, unfinished = 0;
  double worst_relative = 0;

  void add(const sim::Verdict& verdict) {
    const auto& found = verdict.near_tie ? verdict.forced : verdict.agreement;
    ++cases;
    near_ties += verdict.near_tie ? 1 : 0;
    instants += found.compared;
    losses += verdict.losses;
    unfinished += verdict.unfinished;
    worst = std::max(worst, found.worst);
    worst_relative = std::max(worst_relative, found.worst_relative);
  }
  void print(const char* what) const {
    std::printf(
        "%-14s %6llu cases, %9lld instants, %llu near ties, worst difference %lld ps, %.1e\n", what,
        static_cast<unsigned long long>(cases), static_cast<long long>(instants),
        static_cast<unsigned long long>(near_ties), static_cast<long long>(worst), worst_relative);
  }
};

constexpr struct {
  const char* name;
  Links links;
  Discipline discipline;
} kinds[] = {{"fifo, strict", Links::fifo, Discipline::strict},
             {"fifo, ready", Links::fifo, Discipline::ready},
             {"fair, strict", Links::fair, Discipline::strict},
             {"fair, ready", Links::fair, Discipline::ready},
             {"mixed, strict", Links::mixed, Discipline::strict},
             {"mixed, ready", Links::mixed, Discipline::ready}};

TEST_F(Simgrid, AgreesOnEveryTaskOfRandomCases) {
  sim::SimgridRunner simgrid;
  sim::Comparison comparison(simgrid);
  const auto each = (cases() + std::size(kinds) - 1) / std::size(kinds);
  Sums all;
  for (const auto& kind : kinds) {
    Sums sums;
    for (std::uint64_t seed = 1; sums.cases < each; ++seed) {
      const auto example =
          random_case::make(seed, {.links = kind.links, .discipline = kind.discipline});
      if (!sim::make_event_engine(example.problem)->execute(example.plan).infeasible.empty())
        continue;
      sim::Workbench bench(*example.problem);
      const auto verdict = comparison.compare(bench.prepare(example.plan));
      sums.add(verdict);
      all.add(verdict);
      ASSERT_TRUE(verdict.holds())
          << verdict.agreement.first_beyond
          << "\nwith equal decisions: " << verdict.forced.first_beyond << "\n"
          << random_case::description(example);
    }
    sums.print(kind.name);
  }
  all.print("all");
  EXPECT_LE(all.near_ties * 1000, all.cases);
}

TEST_F(Simgrid, AgreesOnRandomCasesToWhichThingsHappen) {
  sim::SimgridRunner simgrid;
  sim::Comparison comparison(simgrid);
  const auto each = (cases() + std::size(kinds) - 1) / std::size(kinds);
  Sums all;
  for (const auto& kind : kinds) {
    Sums sums;
    for (std::uint64_t seed = 1; sums.cases < each; ++seed) {
      const auto example = random_case::make(
          seed, {.links = kind.links, .discipline = kind.discipline, .tight = false});
      const auto problem = random_case::with_dynamics(example, {});
      sim::Workbench bench(*problem);
      const auto verdict = comparison.compare(bench.prepare(example.plan));
      sums.add(verdict);
      all.add(verdict);
      ASSERT_TRUE(verdict.holds())
          << verdict.agreement.first_beyond
          << "\nwith equal decisions: " << verdict.forced.first_beyond << "\n"
          << random_case::description(example) << random_case::events_in_words(*problem);
    }
    sums.print(kind.name);
  }
  all.print("all");
  std::printf("%lld tasks undone by failures, %lld requests never completed\n",
              static_cast<long long>(all.losses), static_cast<long long>(all.unfinished));
  EXPECT_GT(all.losses, 0);
  EXPECT_GT(all.unfinished, 0);
  EXPECT_LE(all.near_ties * 1000, all.cases);
}

TEST_F(Simgrid, AgreesOnTwoNetworksToWhichThingsHappen) {
  sim::SimgridRunner simgrid;
  sim::Comparison comparison(simgrid);
  const auto each = (cases() + std::size(kinds) - 1) / std::size(kinds);
  Sums all;
  for (const auto& kind : kinds) {
    Sums sums;
    const Wanted wanted{.links = kind.links, .discipline = kind.discipline, .tight = false};
    for (std::uint64_t seed = 1; sums.cases < each; ++seed) {
      const auto example = random_case::two_networks(random_case::make(seed, wanted), wanted, {});
      sim::Workbench bench(*example.problem);
      const auto verdict = comparison.compare(bench.prepare(example.plan));
      sums.add(verdict);
      all.add(verdict);
      ASSERT_TRUE(verdict.holds()) << verdict.agreement.first_beyond
                                   << "\nwith equal decisions: " << verdict.forced.first_beyond
                                   << "\nseed " << seed << ", " << kind.name << "\n"
                                   << random_case::events_in_words(*example.problem);
    }
    sums.print(kind.name);
  }
  all.print("all");
  EXPECT_LE(all.near_ties * 1000, all.cases);
}

TEST_F(Simgrid, AsAnExecutorTellsWhatOurEngineTells) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto example = random_case::make(seed, {.links = Links::fifo});
    const sim::EngineOptions options{.timeline = true};
    const auto ours = sim::make_event_engine(example.problem, options)->execute(example.plan);
    const auto theirs = sim::make_event_engine(example.problem, {.timeline = true, .simgrid = true})
                            ->execute(example.plan);
    SCOPED_TRACE(random_case::description(example));
    EXPECT_EQ(ours.infeasible, theirs.infeasible);
    EXPECT_EQ(ours.fingerprint, theirs.fingerprint);
    EXPECT_EQ(ours.latencies, theirs.latencies);
    EXPECT_EQ(ours.energy.total(), theirs.energy.total());
    EXPECT_EQ(ours.timeline.records.size(), theirs.timeline.records.size());
    EXPECT_EQ(ours.events, theirs.events);
  }
}

TEST_F(Simgrid, AsAnEvaluatorScoresAsOurEngineDoes) {
  const auto example = random_case::make(3, {.links = Links::fifo});
  const auto ours = sim::make_event_evaluator(example.problem)->score(example.plan);
  const auto theirs = sim::make_simgrid_evaluator(example.problem)->score(example.plan);
  EXPECT_EQ(ours.makespan, theirs.makespan);
  EXPECT_EQ(ours.energy_joules, theirs.energy_joules);
}

TEST_F(Simgrid, RefusesAJobThatNoKernelCouldWorkWith) {
  const auto example = random_case::make(1, {});
  sim::Workbench bench(*example.problem);
  auto job = bench.prepare(example.plan);
  ASSERT_FALSE(job.bandwidth.empty());
  job.bandwidth.front() = -1;
  sim::SimgridRunner simgrid;
  sim::Tally tally;
  try {
    simgrid.run(job, tally, nullptr);
    FAIL() << "it was accepted";
  } catch (const std::logic_error& error) {
    EXPECT_STREQ(error.what(), "partwise-simgrid refused a job: a bandwidth is no number");
  }
  simgrid.run(bench.prepare(example.plan), tally, nullptr);  // and goes on
  EXPECT_GT(tally.last_event, 0);
}

TEST(JobCode, ReadsBackTheSame) {
  for (const auto& kind : kinds) {
    const auto example = random_case::make(7, {.links = kind.links, .discipline = kind.discipline});
    sim::Workbench bench(*example.problem);
    const auto bytes = sim::encode(bench.prepare(example.plan));
    const sim::DecodedJob copy(bytes);
    EXPECT_EQ(sim::encode(copy.job()), bytes);
  }
}

TEST(JobCode, IsRefusedWhenBytesAreMissing) {
  const auto example = random_case::make(7, {});
  sim::Workbench bench(*example.problem);
  const auto bytes = sim::encode(bench.prepare(example.plan));
  for (std::size_t size = 0; size < bytes.size(); size += 8)
    EXPECT_THROW(sim::DecodedJob(bytes.substr(0, size)), std::out_of_range) << size;
  EXPECT_THROW(sim::DecodedJob(bytes + "leftover"), std::out_of_range);
}

}  // namespace
