// The public placement benchmark, as far as it lies beside the sources.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "optimizers/placement/solver.h"
#include "results/placement_json.h"

namespace optimizers {
namespace {

using models::Time;

/// A graph, the best value known of it, and evaluations that are enough to come near.
struct Graph {
  std::string_view path;
  std::int64_t known;    ///< us
  std::int64_t bound;    ///< us: what the bound comes to at least
  std::int64_t optimum;  ///< us; 0: not known
  std::int64_t budget;
};

constexpr Graph graphs[] = {
    {"throughput/layer/bert24_inference", 17'715, 17'714, 17'715, 400'000},
    {"throughput/layer/bert24_training", 39'790, 39'789, 39'790, 400'000},
    {"throughput/layer/resnet50_inference", 33'348, 33'024, 0, 200'000},
    {"throughput/operator/bert_l-3_inference", 21'908, 21'908, 21'908, 300'000},
    {"throughput/operator/bert_l-3_training", 54'207, 54'207, 54'207, 300'000},
    {"throughput/operator/bert_l-6_inference", 28'332, 25'451, 28'332, 300'000},
    {"latency/layer/bert24_inference", 100'219, 100'218, 100'219, 30'000},
    {"latency/layer/resnet50_inference", 1'156'882, 1'156'881, 1'156'881, 100'000},
    {"latency/operator/bert_l-3_inference", 408'474, 398'700, 0, 30'000},
};

class PlacementBenchmark : public ::testing::TestWithParam<Graph> {
 protected:
  static constexpr const char* folder = "../shared/data/placement";

  static models::PlacementProblem problem() {
    const auto path = std::filesystem::path(folder) / (std::string(GetParam().path) + ".json");
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    results::PlacementOptions options;
    if (GetParam().path.starts_with("latency"))
      options.objective = models::PlacementProblem::Objective::latency;
    return results::read_placement(text, path.string(), options).problem;
  }
};

TEST_P(PlacementBenchmark, PortfolioReachesTheBestKnownWithinABudget) {
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
  const auto& graph = GetParam();
  const auto asked = problem();
  PlacementTask task{asked};
  task.budget = graph.budget;
  const auto answer = find_placement("portfolio").solve(task);
  const auto score = models::evaluate(asked, answer.placement);
  ASSERT_TRUE(score.valid) << score.fault;
  EXPECT_EQ(score.value, answer.value);
  EXPECT_LE(answer.effort, graph.budget);
  const bool latency = asked.objective == models::PlacementProblem::Objective::latency;
  const auto value = static_cast<double>(answer.value.count()) / 1e6;
  EXPECT_LE(value, static_cast<double>(graph.known) * (latency ? 1.01 : 1.001));
  EXPECT_LE(answer.lower_bound, answer.value);
  EXPECT_GE(answer.lower_bound, Time(graph.bound * 1'000'000)) << answer.bound;
  if (graph.optimum == 0) return;
  EXPECT_GE(value, static_cast<double>(graph.optimum) - 1);
  EXPECT_LE(answer.lower_bound, Time((graph.optimum + 1) * 1'000'000)) << answer.bound;
}

std::string name_of(const ::testing::TestParamInfo<Graph>& info) {
  std::string name(info.param.path);
  for (char& letter : name)
    if (letter == '/' || letter == '-') letter = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Public, PlacementBenchmark, ::testing::ValuesIn(graphs), name_of);

}  // namespace
}  // namespace optimizers
