// Laws 4, 5, 6 and 8 of docs/execution-model.md where anything may happen: events, failures,
// limits, several networks, batches. A case that breaks one is made smaller and written down.
#include "tests/sim/dynamic_laws.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "results/plan_json.h"
#include "scenarios/scenario.h"
#include "sim/comparison.h"
#include "sim/event_engine.h"
#include "sim/simgrid_check.h"

namespace {

using dynamic_case::Case;
using models::Plan;
using Links = random_case::Wanted::Links;

using Broken = std::function<std::vector<std::string>(const Case&)>;

/// How many of each kind; PARTWISE_CASES asks for another number.
std::uint64_t cases() {
  const char* const wanted = std::getenv("PARTWISE_CASES");
  return wanted == nullptr ? 100 : std::strtoull(wanted, nullptr, 10);
}

void report(const Case& found, const Broken& broken) {
  const auto smaller =
      dynamic_case::shrunk(found, [&](const Case& each) { return !broken(each).empty(); });
  const auto folder =
      std::filesystem::path(testing::TempDir()) / ("partwise-case-" + std::to_string(found.seed));
  std::string all;
  for (const auto& each : broken(smaller)) all += "\n  " + each;
  std::string where;
  try {
    dynamic_case::write(smaller, folder);
    where = folder;
  } catch (const std::exception& error) {
    where = std::string("nowhere: ") + error.what();
  }
  ADD_FAILURE() << "seed " << found.seed << ", written to " << where << all;
}

/// Every case of every kind, until three have failed.
void try_all(const Broken& broken) {
  int failed = 0;
  for (const auto links : {Links::fifo, Links::fair, Links::mixed})
    for (const auto discipline : {Plan::Discipline::strict, Plan::Discipline::ready})
      for (std::uint64_t seed = 1; seed <= cases(); ++seed) {
        const auto example = dynamic_case::make(seed, links, discipline);
        if (broken(example).empty()) continue;
        report(example, broken);
        if (++failed == 3) return;
      }
}

TEST(DynamicLaw, HoldsOnRandomCases) {
  dynamic_case::Counts counts;
  try_all([&](const Case& each) { return dynamic_case::broken_laws(each, counts); });
  std::cout << counts.executed << " executed, " << counts.stalled << " stalled, " << counts.lost
            << " with lost work, " << counts.several << " with several networks, " << counts.batched
            << " with batches, " << counts.limited << " with limits, " << counts.changed
            << " that changed\n";
  const auto kinds = static_cast<int>(cases()) * 6;
  EXPECT_GT(counts.executed, kinds / 2);
  EXPECT_GT(counts.stalled, kinds / 50);
  EXPECT_GT(counts.lost, kinds / 20);
  EXPECT_GT(counts.batched, kinds / 20);
}

TEST(DynamicLaw, RenumberingChangesNothing) {
  try_all(dynamic_case::broken_by_renumbering);
}

TEST(DynamicLaw, EventsWithoutEffectChangeNothing) {
  try_all(dynamic_case::broken_by_nothing);
}

/// Law 7.
TEST(DynamicLaw, BothKernelsAgree) {
  if (!sim::SimgridCheck::is_there()) GTEST_SKIP() << "partwise-simgrid is not built";
  sim::SimgridRunner simgrid;
  sim::Comparison comparison(simgrid);
  try_all([&](const Case& each) -> std::vector<std::string> {
    const auto engine = sim::make_event_engine(each.problem);
    if (!engine->execute(each.plan).infeasible.empty()) return {};
    sim::Workbench bench(*each.problem);
    const auto verdict = comparison.compare(bench.prepare(each.plan));
    if (verdict.holds()) return {};
    return {verdict.agreement.first_beyond +
            ", with equal decisions: " + verdict.forced.first_beyond};
  });
}

TEST(DynamicLaw, ACaseWrittenDownIsTheSameCase) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "partwise-written-case";
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto example = dynamic_case::make(seed, Links::mixed, Plan::Discipline::strict);
    dynamic_case::write(example, folder);
    const auto read = scenarios::read_experiment(folder / "scenario.yaml");
    const auto problem = scenarios::make_parts(*read.runs.front().scenario).problem;
    const auto plan = results::read_plan_file(folder / "plan.json", *problem);
    const auto written = sim::make_event_engine(example.problem)->execute(example.plan);
    const auto again = sim::make_event_engine(problem)->execute(plan);
    EXPECT_EQ(again.fingerprint, written.fingerprint) << seed;
    EXPECT_EQ(again.latencies, written.latencies) << seed;
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
