#include "scenarios/study.h"

#include <csignal>

#include "models/error.h"
#include "scenarios/children.h"
#include "scenarios/finalists.h"
#include "sim/static_evaluator.h"
#include "workspace.h"

namespace scenarios {
namespace {

class Study : public Workspace {
 protected:
  scenarios::Run run(const std::string& more = "") const {
    return read_experiment(scenario(more)).runs.front();
  }
};

TEST_F(Study, SameSeedFindsTheSamePlan) {
  const auto a = solve(run(), {}), b = solve(run(), {});
  ASSERT_NE(a.best_plan(), nullptr);
  EXPECT_EQ(a.best_plan()->json, b.best_plan()->json);
  EXPECT_EQ(a.best_plan()->outcome.fingerprint, b.best_plan()->outcome.fingerprint);
  EXPECT_EQ(a.evaluations, b.evaluations);
}

TEST_F(Study, KeepsToTheBudget) {
  EXPECT_EQ(solve(run("optimizer: {name: random, budget: 77}\n"), {}).evaluations, 77);
}

/// The server knows one format, so that most kinds of steps change nothing once all is there.
TEST_F(Study, SearchesDoNotEndWhileThereIsSomethingToTry) {
  for (const std::string name : {"annealing", "tempering", "local", "portfolio"})
    for (const std::string pareto : {"false", "true"})
      EXPECT_EQ(
          solve(run("optimizer: {name: " + name + ", budget: 30000}\npareto: " + pareto + "\n"), {})
              .evaluations,
          30000)
          << name << ", pareto " << pareto;
}

TEST_F(Study, TraceGetsBetterAndEndsAtTheBestPlan) {
  const auto record = solve(run("optimizer: {name: random, budget: 500}\n"), {});
  ASSERT_GT(record.trace.size(), 1u);
  for (std::size_t i = 1; i < record.trace.size(); ++i) {
    EXPECT_LT(std::pair(record.trace[i].violation, record.trace[i].cost),
              std::pair(record.trace[i - 1].violation, record.trace[i - 1].cost));
    EXPECT_GT(record.trace[i].evaluation, record.trace[i - 1].evaluation);
  }
  EXPECT_EQ(record.trace.back().cost, record.best_plan()->cost);
}

TEST_F(Study, StopsWhenAskedAndSaysSo) {
  int batches = 0;
  Watch watch;
  watch.progress = [&](const Standing&) { ++batches; };
  watch.stop = [&] { return batches == 2; };
  const auto record = solve(run("optimizer: {name: random, budget: 100000}\n"), watch);
  EXPECT_EQ(batches, 2);
  EXPECT_TRUE(record.interrupted);
  EXPECT_NE(record.best_plan(), nullptr);
}

TEST_F(Study, TimeLimitCutsShort) {
  const auto record =
      solve(run("optimizer: {name: random, budget: 1000000000, time_limit: 50 ms}\n"), {});
  EXPECT_TRUE(record.interrupted);
  EXPECT_LT(record.seconds, 5);
}

TEST_F(Study, BestPlanIsNotWorseThanAnyOther) {
  const auto record = solve(run(), {});
  for (const auto& plan : record.plans)
    if (plan.origin != "yardstick") {
      EXPECT_LE(record.best_plan()->cost, plan.cost) << plan.label;
    }
}

TEST_F(Study, HoldsTheBestPlanAgainstEveryDeviceAlone) {
  const auto record = solve(run(), {});
  std::vector<std::string> labels;
  for (const auto& plan : record.plans)
    if (plan.origin == "yardstick") labels.push_back(plan.label);
  ASSERT_EQ(labels.size(), 2u);
  EXPECT_EQ(labels[0].rfind("all on npu, ", 0), 0u) << labels[0];
  EXPECT_EQ(labels[1], "all on server, fp32");
}

TEST_F(Study, EveryObjectiveGetsAScale) {
  const auto one = run("objectives: {latency_mean: 1, transferred_bytes: 1, accuracy_loss: 1}\n");
  auto parts = make_parts(*one.scenario);
  set_scales(parts.goal, parts.problem);
  const auto first = sim::make_evaluator(parts.problem)->score(parts.problem->first_plan());
  EXPECT_EQ(parts.goal.objectives[0].scale, first.value(models::Metric::latency_mean));
  ASSERT_EQ(first.transferred_bytes, 0);
  EXPECT_GT(parts.goal.objectives[1].scale, 1000);
  ASSERT_EQ(first.accuracy_loss, 0);
  EXPECT_LT(parts.goal.objectives[2].scale, 1);
}

TEST_F(Study, SimulatesAsManyFinalistsAsAskedFor) {
  const auto record = solve(run("finalists: 3\npareto: true\n"), {});
  int simulated = 0;
  for (const auto& plan : record.plans)
    if (plan.simulated && plan.origin != "yardstick") ++simulated;
  ASSERT_GT(record.plans.size(), 5u);
  EXPECT_EQ(simulated, 3);
  EXPECT_FALSE(record.best_plan()->outcome.timeline.records.empty());
}

TEST_F(Study, WithoutTimelineNoneIsStored) {
  const auto record = solve(run("timeline: false\n"), {});
  EXPECT_TRUE(record.best_plan()->simulated);
  EXPECT_TRUE(record.best_plan()->outcome.timeline.records.empty());
}

TEST_F(Study, RefusesATimelineOfGigabytes) {
  try {
    solve(run("workload: {requests: 1000000}\n"), {});
    FAIL() << "accepted";
  } catch (const models::InputError& error) {
    EXPECT_EQ(
        std::string(error.what()),
        path("small.yaml") +
            ":1:1: the timeline of 1000000 requests of 101 operators would have more than 2000000 "
            "entries; set 'timeline: false', or lower 'workload.requests'");
  }
}

TEST_F(Study, SaysWhichLimitFailsAndByHowMuch) {
  const auto record = solve(run("limits: {latency_mean: 1 us}\n"), {});
  EXPECT_EQ(record.complaint.rfind("latency_mean is ", 0), 0u) << record.complaint;
  EXPECT_NE(record.complaint.find("limit 1 us"), std::string::npos) << record.complaint;
}

TEST(Disagreement, NamesWhatDiffers) {
  models::Score a, b;
  EXPECT_EQ(disagreement(a, b), "");
  b.energy_joules = 2;
  EXPECT_EQ(disagreement(a, b), "energy is 0 scored, 2 simulated");
  b = a;
  a.energy_joules = 1;
  b.energy_joules = 1 + 1e-12;
  EXPECT_EQ(disagreement(a, b), "");
  a.makespan = models::Time(1'000'000'000'000);
  b.makespan = models::Time(1'000'000'000'001);
  EXPECT_EQ(disagreement(a, b), "times differ in the last picoseconds");
}

/// What children said and how they ended.
struct Heard {
  std::vector<std::string> lines;
  std::vector<JobEnd> ends;
};

Heard listen(
    std::size_t count, std::size_t at_once,
    const std::function<int(std::size_t, const Jobs::Tell&)>& work,
    const std::function<bool(const JobEnd&)>& go_on = [](const JobEnd&) { return true; }) {
  Heard heard;
  run_in_children({.count = count,
                   .at_once = at_once,
                   .work = work,
                   .heard =
                       [&](std::size_t job, std::string_view line) {
                         heard.lines.push_back(std::to_string(job) + " " + std::string(line));
                       },
                   .ended =
                       [&](const JobEnd& end) {
                         heard.ends.push_back(end);
                         return go_on(end);
                       }});
  return heard;
}

TEST(Children, TellAndAnswer) {
  const auto heard = listen(3, 1, [](std::size_t job, const Jobs::Tell& tell) {
    tell("a\nb");
    tell(std::string(100'000, 'x'));
    return static_cast<int>(job) + 40;
  });
  ASSERT_EQ(heard.lines.size(), 6u);
  EXPECT_EQ(heard.lines[0], "0 a\nb");
  EXPECT_EQ(heard.lines[5], "2 " + std::string(100'000, 'x'));
  for (std::size_t job = 0; job < 3; ++job) {
    EXPECT_EQ(heard.ends[job].job, job);
    EXPECT_EQ(heard.ends[job].code, static_cast<int>(job) + 40);
  }
}

TEST(Children, ACrashStaysWithItsJob) {
  const auto heard = listen(4, 2, [](std::size_t job, const Jobs::Tell&) {
    if (job == 1) {
      std::signal(SIGTERM, SIG_DFL);
      std::raise(SIGTERM);
    }
    return 0;
  });
  ASSERT_EQ(heard.ends.size(), 4u);
  for (const auto& end : heard.ends) EXPECT_EQ(end.signal, end.job == 1 ? SIGTERM : 0);
}

TEST(Children, NothingLeaksFromJobToJob) {
  int counter = 0;
  const auto heard = listen(3, 1, [&](std::size_t, const Jobs::Tell&) { return ++counter; });
  for (const auto& end : heard.ends) EXPECT_EQ(end.code, 1);
  EXPECT_EQ(counter, 0);
}

TEST(Children, NoMoreAreStartedWhenToldSo) {
  const auto heard = listen(
      5, 1, [](std::size_t, const Jobs::Tell&) { return 3; },
      [](const JobEnd& end) { return end.job < 1; });
  EXPECT_EQ(heard.ends.size(), 2u);
}

}  // namespace
}  // namespace scenarios
