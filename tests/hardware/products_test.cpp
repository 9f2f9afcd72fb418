#include <gtest/gtest.h>

#include "hardware/attributes.h"
#include "tests/hardware/plain_case.h"
#include "tests/hardware/product_reference.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Random;
using models::Shape;

constexpr ElementType reals[] = {ElementType::float32, ElementType::float64, ElementType::float16,
                                 ElementType::bfloat16};

/// Relative to the largest result: of fp32 sums, or of the rounding of the result.
double tolerance(ElementType type) {
  if (type == ElementType::float64) return 1e-14;
  if (type == ElementType::float16) return 0x1p-11 + 1e-5;
  if (type == ElementType::bfloat16) return 0x1p-8 + 1e-5;
  return 1e-5;
}

/// A convolution, either way, of up to four spatial axes, sometimes of nothing.
PlainCase random_convolution(Random& random, ElementType type, bool transposed) {
  PlainCase made;
  const auto axes = at(1 + random.below(type == ElementType::float64 ? 4 : 3));
  const std::int64_t groups = 1 + random.below(3), inputs = 1 + random.below(4),
                     outputs = 1 + random.below(4);
  Shape input = {random.below(8) == 0 ? 0 : 1 + random.below(2), groups * inputs};
  Shape output = {input[0], groups * outputs};
  Shape weights = transposed ? Shape{input[1], outputs} : Shape{output[1], inputs};
  Shape strides, dilations, pads(2 * axes, 0), extra;
  for (std::size_t i = 0; i < axes; ++i) {
    const auto kernel = 1 + random.below(3);
    weights.push_back(kernel);
    strides.push_back(1 + random.below(3));
    dilations.push_back(1 + random.below(2));
    extra.push_back(transposed ? random.below(strides[i]) : 0);
    const auto reach = dilations[i] * (kernel - 1) + 1;
    pads[i] = random.below(kernel);
    pads[axes + i] = random.below(kernel);
    const auto padding = pads[i] + pads[axes + i];
    const auto size = reach + padding + random.below(4);
    input.push_back(size);
    output.push_back(transposed ? strides[i] * (size - 1) + reach - padding + extra[i]
                                : (size + padding - reach) / strides[i] + 1);
  }
  made.type = transposed ? "ConvTranspose" : "Conv";
  made.attributes = {
      {"strides", strides}, {"dilations", dilations}, {"pads", pads}, {"group", groups}};
  if (transposed) made.attributes["output_padding"] = extra;
  made.inputs = {random_array(random, input, type), random_array(random, weights, type)};
  if (random.chance(0.5)) made.inputs.push_back(random_array(random, {output[1]}, type));
  made.outputs = {Array{output, {}, type}};
  return made;
}

std::vector<double> expected(const PlainCase& plain) {
  const auto& x = *plain.inputs[0];
  const auto& w = *plain.inputs[1];
  const auto& output = plain.outputs[0]->shape;
  const auto bias = plain.inputs.size() > 2 ? plain.inputs[2]->values : std::vector<double>{};
  models::Operator op;
  op.attributes = plain.attributes;
  if (plain.type == "Conv")
    return convolved(sliding_of(op, x.shape, w.shape, output), x.shape, x.values, w.shape, w.values,
                     bias, output);
  return transposed_convolved(transposed_sliding_of(op, x.shape, w.shape, output), x.shape,
                              x.values, w.shape, w.values, bias, output);
}

TEST(Products, ConvolveBothWaysInEveryType) {
  Random random(11);
  for (const auto type : reals)
    for (int i = 0; i < 60; ++i) {
      const auto plain = random_convolution(random, type, i % 2 == 0);
      const auto results = computed(plain);
      expect_near(*results[0], expected(plain), tolerance(type),
                  plain.type + " of type " + std::to_string(static_cast<int>(type)));
    }
}

PlainCase convolution(Shape input, Shape weights, Shape output) {
  Random random(5);
  PlainCase plain{"Conv", {}, {}, {}};
  plain.inputs = {random_array(random, std::move(input)), random_array(random, std::move(weights))};
  plain.outputs = {Array{std::move(output), {}}};
  return plain;
}

TEST(Products, PadMoreAtTheEndThatTheNetworkNames) {
  auto upper = convolution({1, 1, 4}, {1, 1, 2}, {1, 1, 4});
  auto lower = upper, padded = upper;
  upper.attributes["auto_pad"] = "SAME_UPPER";
  lower.attributes["auto_pad"] = "SAME_LOWER";
  padded.attributes["pads"] = Shape{0, 1};
  EXPECT_EQ(computed(upper)[0]->values, computed(padded)[0]->values);
  padded.attributes["pads"] = Shape{1, 0};
  EXPECT_EQ(computed(lower)[0]->values, computed(padded)[0]->values);
}

TEST(Products, SayWhatDoesNotFit) {
  auto wrong = convolution({1, 3, 4}, {1, 2, 2}, {1, 1, 3});
  wrong.inputs[0]->type = wrong.inputs[1]->type = wrong.outputs[0]->type = ElementType::float64;
  EXPECT_EQ(complaint(wrong),
            "operator 'it' (Conv): its weight of shape 1x2x2 does not fit an input of shape 1x3x4 "
            "in 1 groups");
  wrong.attributes["strides"] = Shape{1, 1};
  EXPECT_EQ(complaint(wrong),
            "operator 'it' (Conv): its attribute 'strides' has 2 entries; its input has 1 spatial "
            "axes");
  wrong.attributes["strides"] = Shape{0};
  EXPECT_EQ(complaint(wrong),
            "operator 'it' (Conv): its strides, dilations and group must be 1 or more");
}

/// Whole numbers small enough for products to be exact in every type.
Array whole(Random& random, Shape shape, ElementType type) {
  Array array{std::move(shape), {}, type};
  const bool negative = type != ElementType::uint32 && type != ElementType::uint64;
  for (auto count = models::elements_of(array.shape); count > 0; --count)
    array.values.push_back(static_cast<double>(random.below(7) - (negative ? 3 : 0)));
  return array;
}

TEST(Products, MultiplyManyMatricesInEveryType) {
  Random random(12);
  struct Shapes {
    Shape left, right, result;
  };
  const Shapes shapes[] = {{{3, 4}, {4, 5}, {3, 5}},
                           {{4}, {4, 5}, {5}},
                           {{3, 4}, {4}, {3}},
                           {{4}, {4}, {}},
                           {{2, 1, 3, 4}, {5, 4, 2}, {2, 5, 3, 2}},
                           {{0, 4}, {4, 5}, {0, 5}},
                           {{3, 0}, {0, 5}, {3, 5}},
                           {{2, 3, 4}, {4, 5}, {2, 3, 5}}};
  for (const auto type : {ElementType::float32, ElementType::float64, ElementType::float16,
                          ElementType::int32, ElementType::int64})
    for (const auto& [left, right, result] : shapes) {
      PlainCase plain{"MatMul", {}, {whole(random, left, type), whole(random, right, type)}, {}};
      plain.outputs = {Array{result, {}, type}};
      EXPECT_EQ(computed(plain)[0]->values,
                multiplied(left, plain.inputs[0]->values, right, plain.inputs[1]->values, result))
          << models::text_of(left) << " by " << models::text_of(right);
    }
}

std::vector<double> transposed(const Array& array) {
  std::vector<double> result(array.values.size());
  const auto rows = at(array.shape[0]), columns = at(array.shape[1]);
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i % columns * rows + i / columns] = array.values[i];
  return result;
}

TEST(Products, GeneralOnesScaleAndAdd) {
  Random random(13);
  const Shape addends[] = {{}, {1}, {5}, {1, 5}, {3, 1}, {3, 5}};
  for (const auto type : {ElementType::float32, ElementType::float64, ElementType::int32})
    for (int i = 0; i < 24; ++i) {
      const bool a = i % 2 == 1, b = i % 4 >= 2;
      PlainCase plain{"Gemm", {}, {}, {}};
      plain.attributes = {
          {"transA", std::int64_t{a}}, {"transB", std::int64_t{b}}, {"alpha", 2.0}, {"beta", 3.0}};
      plain.inputs = {whole(random, a ? Shape{4, 3} : Shape{3, 4}, type),
                      whole(random, b ? Shape{5, 4} : Shape{4, 5}, type),
                      whole(random, addends[i % 6], type)};
      plain.outputs = {Array{{3, 5}, {}, type}};
      const auto& left = *plain.inputs[0];
      const auto& right = *plain.inputs[1];
      auto wanted = multiplied({3, 4}, a ? transposed(left) : left.values, {4, 5},
                               b ? transposed(right) : right.values, {3, 5});
      const auto& addend = *plain.inputs[2];
      for (std::size_t k = 0; k < wanted.size(); ++k) {
        const auto last = addend.shape.empty() ? 1 : at(addend.shape.back());
        const auto row = addend.values.size() / last > 1 ? k / 5 : 0;
        wanted[k] = 2 * wanted[k] + 3 * addend.values[row * last + (last > 1 ? k % 5 : 0)];
      }
      EXPECT_EQ(computed(plain)[0]->values, wanted) << "case " << i;
    }
}

}  // namespace
}  // namespace hardware
