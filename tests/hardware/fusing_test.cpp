#include <gtest/gtest.h>

#include "hardware/program.h"
#include "tests/hardware/running.h"
#include "tests/hardware/small_network.h"

namespace {

using Numbers = std::vector<double>;

/// A pointwise convolution by 2, normalised to (x - 1) * 3 + 5, clipped at 20. Variance, bounds and
/// weight are made by operators, as exporters leave them.
models::ValuedNetwork normalized() {
  const auto ones = floats({1}, {1});
  return SmallNetwork()
      .input("x", {1, 1, 2, 2})
      .weight("one", ones)
      .weight("unit", floats({1, 1, 1, 1}, {1}))
      .weight("mean", ones)
      .weight("scale", floats({1}, {3}))
      .weight("shift", floats({1}, {5}))
      .weight("low", floats({}, {-100}))
      .weight("ten", floats({}, {10}))
      .node("Add", {"unit", "unit"}, "weights", {1, 1, 1, 1})
      .node("Mul", {"one", "one"}, "variance", {1})
      .node("Add", {"ten", "ten"}, "high", {})
      .node("Conv", {"x", "weights"}, "doubled", {1, 1, 2, 2})
      .node("BatchNormalization", {"doubled", "scale", "shift", "mean", "variance"}, "normal",
            {1, 1, 2, 2}, {{"epsilon", 0.0}})
      .node("Clip", {"normal", "low", "high"}, "y", {1, 1, 2, 2})
      .with_outputs({"y"});
}

TEST(Fusing, TakesConstantsThatOperatorsMake) {
  const auto network = normalized();
  hardware::Program program(network,
                            hardware::uniform_recipe(network.network, models::Precision::fp32));
  std::string types;
  for (const auto& step : program.steps())
    if (step.kind == hardware::Step::Kind::compute) types += step.type + " ";
  EXPECT_EQ(types, "Conv+BatchNormalization+Clip ");
  program.run({{floats({1, 1, 2, 2}, {0, 1, 2, 9})}});
  EXPECT_EQ(numbers_of(program.outputs()[0]), (Numbers{2, 8, 14, 20}));
}

}  // namespace
