#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/hardware/window_case.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Precision;
using models::Random;
using models::Shape;
using Integers = std::vector<std::int64_t>;
using Attributes = std::map<std::string, models::Attribute>;

constexpr std::array precisions = {Precision::fp32, Precision::bf16, Precision::int8};

PlainCase plain_of(const std::string& type, Attributes attributes,
                   std::vector<std::optional<Array>> inputs, Shape output, int opset = 17) {
  PlainCase plain{type, std::move(attributes), std::move(inputs), {}, opset};
  plain.outputs = {Array{std::move(output), {}}};
  return plain;
}

/// A pooling whose windows all touch the input.
PlainCase random_pool(Random& random, const std::string& type) {
  const auto axes = 1 + random.below(3);
  Shape input = {1 + random.below(2), 1 + random.below(40)}, output = input;
  Integers kernel, strides, begins, ends;
  for (std::int64_t i = 0; i < axes; ++i) {
    kernel.push_back(1 + random.below(3)), strides.push_back(1 + random.below(2));
    begins.push_back(random.below(kernel.back())), ends.push_back(random.below(kernel.back()));
    input.push_back(4 + random.below(5));
    output.push_back((input.back() + begins.back() + ends.back() - kernel.back()) / strides.back() +
                     1);
  }
  auto pads = begins;
  pads.insert(pads.end(), ends.begin(), ends.end());
  Attributes attributes = {{"kernel_shape", kernel}, {"strides", strides}, {"pads", pads}};
  if (type == "AveragePool") attributes["count_include_pad"] = random.below(2);
  return plain_of(type, attributes, {random_array(random, input)}, output);
}

TEST(NativeWindows, PoolAsThePlainKernels) {
  Random random(31);
  for (const std::string type : {"MaxPool", "AveragePool"})
    for (const auto precision : precisions) {
      int found = 0;
      for (int round = 0; round < 40; ++round)
        found += agrees(case_of(random_pool(random, type), precision));
      EXPECT_GE(found, has_all_kernels() ? 30 : 0) << type << " at " << models::name_of(precision);
    }
}

TEST(NativeWindows, LoseNeitherNanNorInfinity) {
  constexpr double infinite = std::numeric_limits<double>::infinity(), nan = NAN;
  const Array input{{1, 4, 2, 2},
                    {1, nan, 2, 3, -infinite, -infinite, -infinite, -infinite,  //
                     -infinite, -5, 1, infinite, nan, nan, nan, nan}};
  for (const std::string type : {"MaxPool", "GlobalMaxPool"}) {
    Attributes attributes;
    if (type == "MaxPool") attributes = {{"kernel_shape", Integers{2, 2}}};
    const auto made =
        native(case_of(plain_of(type, attributes, {input}, {1, 4, 1, 1}), Precision::fp32));
    ASSERT_TRUE(made) << type;
    const auto& y = made->at(0);
    EXPECT_TRUE(std::isnan(y[0])) << type;
    EXPECT_EQ(y[1], -infinite) << type;
    EXPECT_EQ(y[2], infinite) << type;
    EXPECT_TRUE(std::isnan(y[3])) << type;
  }
}

TEST(NativeWindows, SoftmaxIsNanWhereThereIsNone) {
  constexpr double infinite = std::numeric_limits<double>::infinity(), nan = NAN;
  const Array input{{5, 3},
                    {1, nan, 2, -infinite, -infinite, -infinite, 1, infinite, 2,  //
                     0, -infinite, 0, 0, 0, 0}};
  for (const std::string type : {"Softmax", "LogSoftmax"}) {
    const auto made = native(case_of(plain_of(type, {}, {input}, {5, 3}), Precision::fp32));
    ASSERT_TRUE(made || !has_all_kernels()) << type;
    if (!made) continue;
    const auto& y = made->at(0);
    for (std::size_t i = 0; i < 9; ++i) EXPECT_TRUE(std::isnan(y[i])) << type << " at " << i;
    for (std::size_t i = 9; i < 15; ++i) EXPECT_FALSE(std::isnan(y[i])) << type << " at " << i;
    EXPECT_EQ(y[10], type == "Softmax" ? 0 : -infinite);
  }
}

TEST(NativeWindows, PoolWithCeilModeAndDilation) {
  Random random(32);
  const auto input = random_array(random, {1, 16, 8, 8});
  const Integers three = {3, 3}, two = {2, 2};
  for (const std::string type : {"MaxPool", "AveragePool"}) {
    Attributes attributes = {
        {"kernel_shape", three}, {"strides", two}, {"ceil_mode", std::int64_t{1}}};
    EXPECT_TRUE(agrees_if_any(
        case_of(plain_of(type, attributes, {input}, {1, 16, 4, 4}), Precision::fp32)));
    attributes = {{"kernel_shape", three}, {"dilations", two}};
    agrees(case_of(plain_of(type, attributes, {input}, {1, 16, 4, 4}, 19), Precision::fp32));
  }
  // Padding that only ceil_mode adds does not count, which oneDNN cannot be told.
  const auto padded = plain_of("AveragePool",
                               {{"kernel_shape", three},
                                {"strides", two},
                                {"ceil_mode", std::int64_t{1}},
                                {"count_include_pad", std::int64_t{1}}},
                               {input}, {1, 16, 4, 4});
  EXPECT_FALSE(native(case_of(padded, Precision::fp32)));
}

TEST(NativeWindows, StoreIntegersWithAnotherScaleTypeOrAsReals) {
  Random random(33);
  for (const std::string type : {"MaxPool", "AveragePool", "GlobalAveragePool"}) {
    auto plain = type == "GlobalAveragePool"
                     ? plain_of(type, {}, {random_array(random, {2, 20, 5, 5})}, {2, 20, 1, 1})
                     : random_pool(random, type);
    for (const auto output : {ElementType::int8, ElementType::uint8, ElementType::float32})
      for (const auto input : {ElementType::int8, ElementType::uint8}) {
        auto window = case_of(plain, Precision::int8);
        window.input.type = input;
        window.output.type = output;
        window.output.scale = output == ElementType::float32 ? 0.F : 0.03F;
        EXPECT_TRUE(agrees_if_any(window)) << type;
      }
  }
}

TEST(NativeWindows, PoolGloballyAndReduceSpatialAxes) {
  Random random(34);
  for (const auto precision : precisions) {
    const auto x = random_array(random, {2, 20, 7, 6});
    EXPECT_TRUE(
        agrees_if_any(case_of(plain_of("GlobalAveragePool", {}, {x}, {2, 20, 1, 1}), precision)));
    EXPECT_TRUE(
        agrees_if_any(case_of(plain_of("GlobalMaxPool", {}, {x}, {2, 20, 1, 1}), precision)));
    const Integers spatial = {-1, 2};
    const auto kept = plain_of("ReduceMean", {{"axes", spatial}}, {x}, {2, 20, 1, 1});
    EXPECT_TRUE(agrees_if_any(case_of(kept, precision)));
    const auto gone =
        plain_of("ReduceMean", {{"axes", spatial}, {"keepdims", std::int64_t{0}}}, {x}, {2, 20});
    EXPECT_TRUE(agrees_if_any(case_of(gone, precision)));
    auto given =
        plain_of("ReduceMean", {}, {x, Array{{2}, {2, 3}, ElementType::int64}}, {2, 20, 1, 1}, 18);
    auto window = case_of(given, precision);
    EXPECT_FALSE(native(window));
    window.constants = {1};
    EXPECT_TRUE(agrees_if_any(window));
    const auto other = plain_of("ReduceMean", {{"axes", Integers{1}}}, {x}, {2, 1, 7, 6});
    EXPECT_FALSE(native(case_of(other, precision)));
  }
}

TEST(NativeWindows, LeaveIndicesAndOtherTypesToPlainKernels) {
  Random random(35);
  auto window = case_of(random_pool(random, "MaxPool"), Precision::fp32);
  window.plain.outputs.emplace_back(Array{window.plain.outputs[0]->shape, {}, ElementType::int64});
  EXPECT_FALSE(native(window));
  window.plain.outputs.pop_back();
  window.input.type = window.output.type = ElementType::float64;
  EXPECT_FALSE(native(window));
}

TEST(NativeWindows, Normalise) {
  Random random(36);
  for (const auto precision : {Precision::fp32, Precision::bf16}) {
    const auto x = random_array(random, {2, 32, 5, 4});
    auto variance = random_array(random, {32});
    for (double& v : variance.values) v = std::abs(v) + 0.5;
    const auto channels = [&] { return random_array(random, {32}); };
    EXPECT_TRUE(
        agrees_if_any(case_of(plain_of("BatchNormalization", {{"epsilon", 1e-3}},
                                       {x, channels(), channels(), channels(), variance}, x.shape),
                              precision)));
    const auto scale = random_array(random, {5, 4}), shift = random_array(random, {5, 4});
    const Attributes axis = {{"axis", std::int64_t{2}}};
    EXPECT_TRUE(agrees_if_any(
        case_of(plain_of("LayerNormalization", axis, {x, scale, shift}, x.shape), precision)));
    EXPECT_TRUE(agrees_if_any(
        case_of(plain_of("LayerNormalization", axis, {x, scale}, x.shape), precision)));
    EXPECT_TRUE(agrees_if_any(case_of(
        plain_of("LRN", {{"size", std::int64_t{5}}, {"alpha", 0.5}}, {x}, x.shape), precision)));
    EXPECT_FALSE(
        native(case_of(plain_of("LRN", {{"size", std::int64_t{4}}}, {x}, x.shape), precision)));
  }
}

TEST(NativeWindows, SoftenAlongTheLastAxisAndAlongChannels) {
  Random random(37);
  for (const auto precision : {Precision::fp32, Precision::bf16})
    for (const std::string type : {"Softmax", "LogSoftmax"}) {
      const auto x = random_array(random, {2, 19, 5, 7}, ElementType::float32, 4);
      const auto of = [&](std::int64_t axis, int opset) {
        return case_of(plain_of(type, {{"axis", axis}}, {x}, x.shape, opset), precision);
      };
      EXPECT_TRUE(agrees_if_any(of(-1, 13)));
      EXPECT_TRUE(agrees_if_any(of(1, 13)));
      EXPECT_TRUE(agrees_if_any(of(1, 11)));
      EXPECT_FALSE(native(of(2, 13)));
      auto real = of(-1, 13);
      real.output.type = ElementType::float32;
      EXPECT_TRUE(agrees_if_any(real));
    }
}

/// A Resize to that shape.
WindowCase resized(const Array& x, Attributes attributes, const std::vector<double>& scales,
                   Precision precision) {
  Shape shape = x.shape;
  for (std::size_t i = 0; i < shape.size(); ++i)
    shape[i] = static_cast<std::int64_t>(std::floor(static_cast<double>(shape[i]) * scales[i]));
  auto window = case_of(plain_of("Resize", std::move(attributes),
                                 {x, std::nullopt, Array{{std::ssize(scales)}, scales}}, shape),
                        precision);
  window.constants = {2};
  return window;
}

/// Of planes of 4 x 6, between the four elements around a place.
double between(const std::vector<double>& values, std::size_t plane, double row, double column) {
  double sum = 0;
  for (std::size_t r = 0; r < 4; ++r)
    for (std::size_t c = 0; c < 6; ++c)
      sum += values[plane * 24 + r * 6 + c] *
             std::max(0.0, 1 - std::abs(row - static_cast<double>(r))) *
             std::max(0.0, 1 - std::abs(column - static_cast<double>(c)));
  return sum;
}

TEST(NativeWindows, ResizeWhereOneDnnMeansTheSame) {
  Random random(38);
  const auto x = random_array(random, {1, 16, 4, 6});
  const auto mode = [](const char* how, const char* coordinate) {
    return Attributes{{"mode", std::string(how)},
                      {"coordinate_transformation_mode", std::string(coordinate)},
                      {"nearest_mode", std::string("floor")}};
  };
  for (const auto precision : precisions) {
    const auto twice = resized(x, mode("nearest", "asymmetric"), {1, 1, 2, 2}, precision);
    const auto made = native(twice);
    if (!made && !has_all_kernels()) continue;
    ASSERT_TRUE(made);
    const auto values = codes_of(x.values, twice.input).values;
    for (std::size_t i = 0; i < (*made)[0].size(); ++i) {
      const auto row = i / 12 % 8 / 2, column = i % 12 / 2, plane = i / 96;
      EXPECT_FLOAT_EQ(
          static_cast<float>((*made)[0][i]),
          static_cast<float>(values[plane * 24 + row * 6 + column] * step_of(twice.input)));
    }
  }
  const auto linear =
      native(resized(x, mode("linear", "half_pixel"), {1, 1, 2, 1.5}, Precision::fp32));
  ASSERT_TRUE(linear);
  for (std::size_t i = 0; i < (*linear)[0].size(); ++i) {
    const double row = std::clamp((static_cast<double>(i / 9 % 8) + 0.5) / 2 - 0.5, 0.0, 3.0);
    const double column = std::clamp((static_cast<double>(i % 9) + 0.5) / 1.5 - 0.5, 0.0, 5.0);
    EXPECT_NEAR((*linear)[0][i], between(x.values, i / 72, row, column), 1e-5);
  }
  EXPECT_FALSE(native(resized(x, mode("linear", "asymmetric"), {1, 1, 2, 2}, Precision::fp32)));
  EXPECT_FALSE(native(resized(x, mode("linear", "align_corners"), {1, 1, 2, 2}, Precision::fp32)));
  EXPECT_FALSE(native(resized(x, mode("cubic", "half_pixel"), {1, 1, 2, 2}, Precision::fp32)));
  EXPECT_FALSE(native(resized(x, mode("nearest", "asymmetric"), {1, 2, 2, 2}, Precision::fp32)));
}

PlainCase random_lstm(Random& random) {
  const auto d = 1 + random.below(2), steps = 1 + random.below(5), batch = 1 + random.below(3);
  const auto width = 1 + random.below(20), hidden = 1 + random.below(40);
  PlainCase plain;
  plain.type = "LSTM";
  const std::string one = random.chance(0.5) ? "reverse" : "forward";
  plain.attributes["direction"] = d == 2 ? "bidirectional" : one;
  const auto draw = [&](Shape shape) {
    return random_array(random, std::move(shape), ElementType::float32, 0.7);
  };
  plain.inputs = {draw({steps, batch, width}), draw({d, 4 * hidden, width}),
                  draw({d, 4 * hidden, hidden})};
  plain.inputs.resize(7);
  if (random.chance(0.7)) plain.inputs[3] = draw({d, 8 * hidden});
  if (random.chance(0.5))
    for (const auto i : std::initializer_list<std::size_t>{5, 6})
      plain.inputs[i] = draw({d, batch, hidden});
  const Array last{{d, batch, hidden}, {}};
  plain.outputs = {Array{{steps, d, batch, hidden}, {}}, last, last};
  return plain;
}

TEST(NativeWindows, ComputeLstm) {
  Random random(39);
  for (int round = 0; round < 30; ++round) {
    auto window = case_of(random_lstm(random), Precision::fp32);
    window.constants = {1, 2, 3};
    if (round % 3 == 1) window.plain.outputs[0].reset();
    // What comes in another layout must be asked for row by row.
    window.input.channels_last = round % 2 == 0;
    EXPECT_TRUE(agrees_if_any(window));
  }
}

TEST(NativeWindows, RefuseCellsWithOptionsThatOneDnnLacks) {
  Random random(40);
  auto window = case_of(random_lstm(random), Precision::fp32);
  window.constants = {1, 2, 3};
  window.plain.attributes["clip"] = 0.5;
  EXPECT_FALSE(native(window));
  window.plain.attributes.erase("clip");
  window.constants = {};
  EXPECT_FALSE(native(window));
}

}  // namespace
}  // namespace hardware
