#include "hardware/recipe.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/problem.h"
#include "models/task_graph.h"
#include "tests/hardware/small_network.h"
#include "tests/models/samples.h"

namespace {

using models::ElementType;

/// The recipe of a plan in which the operators compute in fp32 (0) or int8 (1).
hardware::Recipe planned(models::Network network, std::vector<std::uint8_t> precisions) {
  for (auto& op : network.operators) op.costing = models::Costing::counted;
  auto platform = std::make_shared<models::Platform>();
  platform->devices = {models::sample_device("d")};
  models::Choices choices;
  choices.precisions = {models::Precision::fp32, models::Precision::int8};
  const auto problem =
      make_problem(std::make_shared<models::Network>(network), platform, {}, choices);
  auto plan = problem->first_plan();
  plan.precision = std::move(precisions);
  models::TaskGraph graph(*problem);
  graph.build(plan);
  return hardware::recipe_of(network, graph);
}

long conversions(const hardware::Recipe& recipe) {
  return std::ranges::count(recipe.tasks, -1, &hardware::Recipe::Task::op);
}

models::Network relus(ElementType type) {
  return SmallNetwork()
      .input("x", {1, 2}, type)
      .node("Relu", {"x"}, "a", {1, 2}, {}, type)
      .node("Relu", {"a"}, "y", {1, 2}, {}, type)
      .with_outputs({"y"})
      .network;
}

TEST(Recipe, ConvertsFloat32BetweenPrecisions) {
  EXPECT_EQ(conversions(planned(relus(ElementType::float32), {0, 0})), 0);
  EXPECT_EQ(conversions(planned(relus(ElementType::float32), {0, 1})), 1);
}

TEST(Recipe, ConvertsNothingElse) {
  for (const auto type : {ElementType::float16, ElementType::float64, ElementType::int64})
    for (const auto& precisions : {std::vector<std::uint8_t>{0, 1}, {1, 0}, {1, 1}})
      EXPECT_EQ(conversions(planned(relus(type), precisions)), 0) << name_of(type);
}

}  // namespace
