#include "scenarios/claims.h"

#include <gtest/gtest.h>

#include <array>

#include "scenarios/section.h"
#include "scenarios/sweep.h"
#include "scenarios/yaml.h"

namespace scenarios {
namespace {

using models::Metric;

Sweep lanes_sweep() {
  auto file = parse_yaml("sweep: {platform.links.d2d.lanes: [4, 8]}\nseeds: [1, 2]\n", "s.yaml");
  Faults faults;
  return take_sweep(file, {}, faults);
}

/// Two cells with two seeds each; latencies are 10 ms over lanes, later seeds a tenth slower.
std::vector<Run> four_runs() {
  std::vector<Run> runs;
  for (const auto* lanes : {"4", "8"})
    for (const std::uint64_t seed : {1u, 2u}) {
      Run run;
      run.seed = seed;
      run.swept = {{"platform.links.d2d.lanes", lanes, 0}};
      run.label = "lanes=" + std::string(lanes) + " seed=" + std::to_string(seed);
      runs.push_back(run);
    }
  return runs;
}

std::string broken(const std::string& claim) {
  const auto runs = four_runs();
  std::vector<Answer> answers;
  for (const auto& run : runs) {
    Answer answer{&run, run.swept[0].label == "8" || run.seed == 1, {}};
    answer.best[static_cast<std::size_t>(Metric::latency_mean)] =
        10e-3 / std::stod(run.swept[0].label) * (run.seed == 2 ? 1.1 : 1);
    answers.push_back(answer);
  }
  Faults faults;
  const auto claims = read_claims(parse_yaml(claim, "s.yaml"), lanes_sweep(), faults);
  throw_first(faults);
  std::string all;
  for (const auto& one : broken_claims(claims, answers)) all += (all.empty() ? "" : "\n") + one;
  return all;
}

TEST(Claims, HoldOrSayWhatIs) {
  EXPECT_EQ(broken("- {metric: latency_mean, where: {lanes: 8}, at_most: 1.4 ms}"), "");
  EXPECT_EQ(broken("- {metric: latency_mean, where: {lanes: 8}, at_most: 1.3 ms}"),
            "s.yaml:1:3: lanes=8 seed=2: latency_mean is 1.375 ms, claimed at most 1.3 ms");
  EXPECT_EQ(broken("- {metric: latency_mean, where: {lanes: 8, seed: 1}, at_most: 1.3 ms}"), "");
  EXPECT_EQ(broken("- {metric: latency_mean, where: {lanes: 8}, at_least: 1.3 ms}"),
            "s.yaml:1:3: lanes=8 seed=1: latency_mean is 1.25 ms, claimed at least 1.3 ms");
}

TEST(Claims, EqualsWithinATolerance) {
  EXPECT_EQ(
      broken("- {metric: latency_mean, where: {lanes: 8, seed: 1}, equals: 1.26 ms, within: 1 %}"),
      "");
  EXPECT_EQ(
      broken(
          "- {metric: latency_mean, where: {lanes: 8, seed: 1}, equals: 1.26 ms, within: 20 us}"),
      "");
  EXPECT_EQ(broken("- {metric: latency_mean, where: {lanes: 8, seed: 1}, equals: 1.26 ms}"),
            "s.yaml:1:3: lanes=8 seed=1: latency_mean is 1.25 ms, claimed at least 1.26 ms");
}

TEST(Claims, CompareRunsWithTheMeanOfOthers) {
  EXPECT_EQ(broken("- {metric: latency_mean, where: {lanes: 8}, compared_to: {lanes: 4, seed: 1}, "
                   "at_most: 0.55}"),
            "");
  EXPECT_EQ(
      broken("- {metric: latency_mean, where: {lanes: 8}, compared_to: {lanes: 4}, at_most: 0.5}"),
      "s.yaml:1:3: lanes=8 seed=2: latency_mean is 1.375 ms, claimed at most 1.25 ms");
}

TEST(Claims, ComparedRunsAreOtherwiseSweptAlike) {
  std::vector<scenarios::Run> runs(4);
  std::vector<Answer> answers;
  for (std::size_t i = 0; i < 4; ++i) {
    runs[i].label = std::to_string(i);
    runs[i].swept = {{"platform", i < 2 ? "small" : "large", 0},
                     {"optimizer.name", i % 2 ? "annealing" : "greedy", 1}};
    Answer answer{&runs[i], true, {}};
    answer.best[static_cast<std::size_t>(Metric::energy)] = std::array{2.0, 1.0, 20.0, 15.0}[i];
    answers.push_back(answer);
  }
  Claim claim;
  claim.metric = Metric::energy;
  claim.where.emplace_back("optimizer.name", "annealing");
  claim.compared_to.emplace().emplace_back("optimizer.name", "greedy");
  claim.at_most = 0.75;
  EXPECT_TRUE(broken_claims(std::vector{claim}, answers).empty());
  claim.at_most = 0.6;
  const auto broken = broken_claims(std::vector{claim}, answers);
  ASSERT_EQ(broken.size(), 1u);
  EXPECT_NE(broken[0].find("3: energy is 15000 mJ, claimed at most 12000 mJ"), std::string::npos);
}

TEST(Claims, KnowWhetherAnythingWasFeasible) {
  EXPECT_EQ(broken("- {feasible: true, where: {lanes: 8}}"), "");
  EXPECT_EQ(broken("- {feasible: true}"), "s.yaml:1:3: lanes=4 seed=2: no feasible plan was found");
  EXPECT_EQ(broken("- {feasible: false, where: {seed: 1, lanes: 4}}"),
            "s.yaml:1:3: lanes=4 seed=1: a feasible plan was found, claimed none");
}

std::string complaint(const std::string& claim) {
  Faults faults;
  read_claims(parse_yaml(claim, "s.yaml"), lanes_sweep(), faults);
  std::string all;
  for (const auto& error : sorted(faults))
    all += (all.empty() ? "" : "\n") + std::string(error.what());
  return all;
}

TEST(Claims, PointAtWhatIsWrong) {
  EXPECT_EQ(complaint("- {metric: latency_mean, at_most: 3}")
                .find("s.yaml:1:35: at_most: '3' has no unit"),
            0u);
  EXPECT_EQ(complaint("- {metric: latency_mean, compared_to: {lanes: 4}, at_most: 3 ms}"),
            "s.yaml:1:60: at_most: '3 ms' is not a number without a unit");
  EXPECT_EQ(complaint("- {feasible: true, where: {lanse: 4}}"),
            "s.yaml:1:35: where: 'lanse' is not swept; did you mean 'lanes'?");
  EXPECT_EQ(complaint("- {feasible: true, where: {lanes: 5}}"),
            "s.yaml:1:35: where: 'platform.links.d2d.lanes' is never 5");
  EXPECT_EQ(complaint("- {feasible: true, metric: energy, at_most: 1 J}"),
            "s.yaml:1:3: expect: give either 'metric' or 'feasible'");
  EXPECT_EQ(complaint("- {at_most: 1 J}"),
            "s.yaml:1:3: expect: give either 'metric' or 'feasible'\n"
            "s.yaml:1:3: expect: bounds need a 'metric'");
  EXPECT_EQ(complaint("{metric: energy}"),
            "s.yaml:1:1: expect: expected '- metric: ...' lines, found a mapping");
  EXPECT_EQ(complaint("- {metric: energy, at_most: 1 J, within: 3 %}"),
            "s.yaml:1:42: within: is for 'equals'");
}

}  // namespace
}  // namespace scenarios
