// What a program does in one step, and what it does without.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "hardware/program.h"
#include "models/random.h"
#include "tests/hardware/running.h"
#include "tests/hardware/small_network.h"

namespace {

using hardware::Program;
using hardware::Ranges;
using hardware::Step;
using hardware::uniform_recipe;
using models::Precision;
using models::TensorValue;
using models::ValuedNetwork;
using Numbers = std::vector<double>;

Program program_of(const ValuedNetwork& network, Precision precision, Ranges ranges = {}) {
  return {network, uniform_recipe(network.network, precision), {std::move(ranges), false}};
}

TensorValue random_floats(models::Shape shape, std::uint64_t seed) {
  models::Random random(seed);
  Numbers numbers;
  for (std::int64_t i = 0; i < models::elements_of(shape); ++i)
    numbers.push_back(4 * random.unit() - 2);
  return floats(std::move(shape), numbers);
}

std::vector<std::string> types_of(const Program& program) {
  std::vector<std::string> types;
  for (const auto& step : program.steps())
    if (step.kind == Step::Kind::compute) types.push_back(step.type);
  return types;
}

/// With everything apart, and as the program likes it: the same numbers.
void expect_the_same_fused(const ValuedNetwork& network, const TensorValue& input) {
  const auto recipe = uniform_recipe(network.network, Precision::fp32);
  Program apart(network, recipe, {{}, true}), fused(network, recipe);
  EXPECT_LT(fused.steps().size(), apart.steps().size());
  apart.run({{input}});
  fused.run({{input}});
  const auto wanted = numbers_of(apart.outputs()[0]), made = numbers_of(fused.outputs()[0]);
  ASSERT_EQ(wanted.size(), made.size());
  for (std::size_t i = 0; i < made.size(); ++i)
    EXPECT_NEAR(made[i], wanted[i], 1e-4 * std::abs(wanted[i]) + 1e-4);
}

/// Weights and the normalisation's scale are made of weights by operators.
TEST(HardwareFusing, FoldsNormalisationsWhoseParametersAreComputed) {
  const auto network =
      SmallNetwork()
          .input("x", {1, 16, 6, 6})
          .weight("v", random_floats({16, 16, 3, 3}, 1))
          .weight("half", floats({16}, Numbers(16, 0.5)))
          .weight("mean", random_floats({16}, 2))
          .weight("shift", random_floats({16}, 3))
          .node("Neg", {"v"}, "w", {16, 16, 3, 3})
          .node("Add", {"half", "half"}, "scale", {16})
          .node("Conv", {"x", "w"}, "a", {1, 16, 4, 4})
          .node("BatchNormalization", {"a", "scale", "shift", "mean", "half"}, "b", {1, 16, 4, 4})
          .node("Relu", {"b"}, "y", {1, 16, 4, 4})
          .with_outputs({"y"});
  EXPECT_EQ(types_of(program_of(network, Precision::fp32)),
            std::vector<std::string>{"Conv+BatchNormalization+Relu"});
  expect_the_same_fused(network, random_floats({1, 16, 6, 6}, 4));
}

TEST(HardwareFusing, ASumOfTwoIsAnAddition) {
  const auto network = SmallNetwork()
                           .input("x", {1, 16, 6, 6})
                           .weight("w", random_floats({16, 16, 1, 1}, 1))
                           .node("Conv", {"x", "w"}, "a", {1, 16, 6, 6})
                           .node("Sum", {"x", "a"}, "s", {1, 16, 6, 6})
                           .node("Relu", {"s"}, "y", {1, 16, 6, 6})
                           .with_outputs({"y"});
  EXPECT_EQ(types_of(program_of(network, Precision::fp32)),
            std::vector<std::string>{"Conv+Sum+Relu"});
  expect_the_same_fused(network, random_floats({1, 16, 6, 6}, 4));
}

TEST(HardwareFusing, BoundsThatAreComputedFromWeightsAreKnown) {
  const auto network = SmallNetwork()
                           .input("x", {1, 16, 6, 6})
                           .weight("w", random_floats({16, 16, 1, 1}, 1))
                           .weight("three", floats({}, {3}))
                           .node("Neg", {"three"}, "low", {})
                           .node("Conv", {"x", "w"}, "a", {1, 16, 6, 6})
                           .node("Clip", {"a", "low", "three"}, "y", {1, 16, 6, 6})
                           .with_outputs({"y"});
  EXPECT_EQ(types_of(program_of(network, Precision::fp32)), std::vector<std::string>{"Conv+Clip"});
  expect_the_same_fused(network, random_floats({1, 16, 6, 6}, 4));
}

/// Branches of other ranges, joined.
ValuedNetwork joined() {
  return SmallNetwork()
      .input("x", {1, 16, 6, 6})
      .weight("v", random_floats({16, 16, 1, 1}, 1))
      .weight("w", random_floats({16, 16, 1, 1}, 2))
      .node("Conv", {"x", "v"}, "a", {1, 16, 6, 6})
      .node("Relu", {"a"}, "b", {1, 16, 6, 6})
      .node("Conv", {"x", "w"}, "c", {1, 16, 6, 6})
      .node("Concat", {"b", "c"}, "y", {1, 32, 6, 6}, {{"axis", std::int64_t{1}}})
      .with_outputs({"y"});
}

TEST(HardwareFusing, WhatIsJoinedIsMadeInTheCodesOfTheWhole) {
  const Ranges ranges = {{"x", {-2, 2}},   {"a", {-40, 40}}, {"b", {0, 40}},
                         {"c", {-50, 50}}, {"y", {-50, 50}}, {"p", {0, 30}}};
  const auto network = joined();
  auto program = program_of(network, Precision::int8, ranges);
  std::int64_t reorders = 0;
  for (const auto& step : program.steps())
    if (step.kind == Step::Kind::reorder && (step.name == "b" || step.name == "c")) ++reorders;
  EXPECT_EQ(reorders, 0);
  const auto x = random_floats({1, 16, 6, 6}, 4);
  auto exact = program_of(network, Precision::fp32);
  program.run({{x}});
  exact.run({{x}});
  const auto made = numbers_of(program.outputs()[0]), wanted = numbers_of(exact.outputs()[0]);
  for (std::size_t i = 0; i < made.size(); ++i) EXPECT_NEAR(made[i], wanted[i], 1.0);
}

TEST(HardwareFusing, AMaximumKeepsTheCodesOfWhatItIsTakenOf) {
  const auto network = SmallNetwork()
                           .input("x", {1, 16, 6, 6})
                           .node("MaxPool", {"x"}, "y", {1, 16, 3, 3},
                                 {{"kernel_shape", std::vector<std::int64_t>{2, 2}},
                                  {"strides", std::vector<std::int64_t>{2, 2}}})
                           .with_outputs({"y"});
  const auto x = floats({1, 16, 6, 6}, Numbers(576, 1.27));
  auto program = program_of(network, Precision::int8, {{"x", {-1.27, 1.27}}, {"y", {0, 1}}});
  program.run({{x}});
  for (const double number : numbers_of(program.outputs()[0])) EXPECT_NEAR(number, 1.27, 1e-6);
}

TEST(HardwareFusing, DropoutIsAnotherNameWhereNobodyReadsItsMask) {
  auto network = SmallNetwork()
                     .input("x", {4})
                     .node("Dropout", {"x"}, "d", {4})
                     .node("Relu", {"d"}, "y", {4})
                     .with_outputs({"y"});
  models::Tensor mask;
  mask.name = "mask";
  mask.shape = {4};
  mask.type = models::ElementType::boolean;
  mask.role = models::Tensor::Role::computed;
  mask.producer = 0;
  network.network.operators[0].outputs.push_back(static_cast<int>(network.network.tensors.size()));
  network.network.tensors.push_back(mask);
  network.values.emplace_back();
  for (const auto precision : {Precision::fp32, Precision::bf16}) {
    auto program = program_of(network, precision);
    EXPECT_EQ(std::ranges::count(program.steps(), "renamed", &Step::implementation), 1);
    program.run({{floats({4}, {-1, 2, -3, 4})}});
    EXPECT_EQ(numbers_of(program.outputs()[0]), (Numbers{0, 2, 0, 4}));
  }
}

TEST(HardwareFusing, IntegersDividedByAConstantAreLookedUp) {
  const auto network = SmallNetwork()
                           .input("x", {8})
                           .weight("w", floats({}, {4}))
                           .node("Div", {"x", "w"}, "y", {8})
                           .with_outputs({"y"});
  auto program = program_of(network, Precision::int8, {{"x", {-127, 127}}, {"y", {-31.75, 31.75}}});
  EXPECT_TRUE(std::ranges::none_of(program.steps(), &Step::emulated));
  program.run({{floats({8}, {-127, -64, -3, 0, 1, 8, 100, 127})}});
  EXPECT_EQ(numbers_of(program.outputs()[0]), (Numbers{-31.75, -16, -0.75, 0, 0.25, 2, 25, 31.75}));
}

}  // namespace
