// Networks whose real numbers are not of float32.
#include <gtest/gtest.h>

#include <algorithm>

#include "hardware/program.h"
#include "models/error.h"
#include "scenarios/random_values.h"
#include "tests/hardware/running.h"
#include "tests/hardware/small_network.h"

namespace {

using hardware::Program;
using hardware::Step;
using hardware::uniform_recipe;
using models::ElementType;
using models::Precision;
using models::ValuedNetwork;

/// y = x w of that type.
ValuedNetwork product(ElementType type) {
  return SmallNetwork()
      .input("x", {1, 2}, type)
      .weight("w", value_of(type, {2, 1}, {1.125, 3}))
      .node("MatMul", {"x", "w"}, "y", {1, 1}, {}, type)
      .with_outputs({"y"});
}

Program program_of(const ValuedNetwork& network, Precision precision) {
  return {network, uniform_recipe(network.network, precision)};
}

std::string refusal(ElementType type, Precision precision) {
  try {
    program_of(product(type), precision);
  } catch (const models::InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ProgramTypes, OtherFormatsThanTheFilesAreRefused) {
  EXPECT_EQ(refusal(ElementType::float16, Precision::fp8_e4m3),
            "operator 'make y' computes in float16, the type of the file, and cannot in fp8_e4m3; "
            "--precision and plans apply to float32 networks; convert the model, or keep the "
            "operator in fp32");
  for (const auto type : {ElementType::float16, ElementType::bfloat16, ElementType::float64}) {
    EXPECT_NE(refusal(type, Precision::int8), "no error") << name_of(type);
    EXPECT_NE(refusal(type, Precision::tf32), "no error") << name_of(type);
    EXPECT_EQ(refusal(type, Precision::fp32), "no error") << name_of(type);
  }
  EXPECT_NE(refusal(ElementType::bfloat16, Precision::fp16), "no error");
  EXPECT_NE(refusal(ElementType::float64, Precision::bf16), "no error");
}

TEST(ProgramTypes, TheFilesOwnFormatIsAsInTheFile) {
  for (const auto& [type, own] : {std::pair{ElementType::float16, Precision::fp16},
                                  {ElementType::bfloat16, Precision::bf16}}) {
    auto program = program_of(product(type), own);
    program.run({{value_of(type, {1, 2}, {2, 1})}});
    EXPECT_EQ(numbers_of(program.outputs()[0]), (std::vector<double>{5.25}));
    EXPECT_EQ(program.steps().size(), 1U) << "nothing is converted";
    EXPECT_TRUE(program.steps()[0].emulated);
  }
}

TEST(ProgramTypes, WhatOnlyMovesAndCastsIsNoMatter) {
  const auto network =
      SmallNetwork()
          .input("x", {1, 2}, ElementType::float16)
          .node("Transpose", {"x"}, "t", {2, 1}, {}, ElementType::float16)
          .node("Cast", {"t"}, "c", {2, 1}, {{"to", std::int64_t{1}}})
          .node("Relu", {"c"}, "r", {2, 1})
          .node("Cast", {"r"}, "y", {2, 1}, {{"to", std::int64_t{11}}}, ElementType::float64)
          .with_outputs({"y"});
  auto program = program_of(network, Precision::bf16);
  program.run({{value_of(ElementType::float16, {1, 2}, {-1, 1.5})}});
  EXPECT_EQ(numbers_of(program.outputs()[0]), (std::vector<double>{0, 1.5}));
  EXPECT_EQ(std::ranges::count(program.steps(), Step::Kind::convert, &Step::kind), 0);
}

TEST(ProgramTypes, ANetworkMayHaveNoElements) {
  const auto network =
      SmallNetwork().input("x", {0, 3}).node("Identity", {"x"}, "y", {0, 3}).with_outputs({"y"});
  auto program = program_of(network, Precision::fp32);
  program.run({{floats({0, 3}, {})}});
  EXPECT_EQ(program.outputs()[0].shape, (models::Shape{0, 3}));
}

TEST(RandomValues, FillRealNumbersOfEveryType) {
  const auto expected = numbers_of(scenarios::random_value(ElementType::float64, {64}, 3));
  for (const auto& [type, digits] : {std::pair{ElementType::float32, 1e-7},
                                     {ElementType::float16, 1e-3},
                                     {ElementType::bfloat16, 1e-2}}) {
    const auto numbers = numbers_of(scenarios::random_value(type, {64}, 3));
    for (std::size_t i = 0; i < numbers.size(); ++i)
      EXPECT_TRUE(close_to(numbers[i], expected[i], digits)) << name_of(type) << " " << i;
  }
  for (const auto number : numbers_of(scenarios::random_value(ElementType::int8, {64}, 3)))
    EXPECT_EQ(number, 0);
}

}  // namespace
