#include <gtest/gtest.h>

#include "hardware/onednn/product.h"
#include "tests/hardware/product_case.h"
#include "tests/hardware/product_reference.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Precision;
using models::Random;
using models::Shape;

/// A convolution, either way, with all it may have.
struct Convolution {
  NativeCase native;
  Sliding sliding;
  Shape weights;
};

Convolution random_convolution(Random& random, Precision precision, bool transposed) {
  Convolution made;
  auto& native = made.native;
  const auto axes = at(1 + random.below(3));
  const std::int64_t widths[] = {1, 2, 3, 4, 8, 16, 17, 32};
  const bool depthwise = !transposed && random.chance(0.25);
  const std::int64_t groups = depthwise ? widths[3 + random.below(5)] : 1 + random.below(2);
  const auto inputs = depthwise ? 1 : widths[random.below(8)];
  const auto outputs = depthwise ? 1 : widths[random.below(8)];
  Shape input = {1 + random.below(2), groups * inputs};
  Shape output = {input[0], groups * outputs};
  made.weights = transposed ? Shape{input[1], outputs} : Shape{output[1], inputs};
  Shape strides, dilations, pads(2 * axes, 0);
  for (std::size_t i = 0; i < axes; ++i) {
    const auto kernel = 1 + random.below(3);
    made.weights.push_back(kernel);
    strides.push_back(1 + random.below(2));
    dilations.push_back(1 + random.below(2));
    const auto reach = dilations[i] * (kernel - 1) + 1;
    pads[i] = random.below(kernel);
    pads[axes + i] = random.below(kernel);
    const auto size = reach + pads[i] + pads[axes + i] + random.below(6);
    const auto padding = pads[i] + pads[axes + i];
    input.push_back(size);
    output.push_back(transposed ? strides[i] * (size - 1) + reach - padding
                                : (size + padding - reach) / strides[i] + 1);
  }
  native.op.name = "it";
  native.op.type = transposed ? "ConvTranspose" : "Conv";
  native.op.attributes = {
      {"strides", strides}, {"dilations", dilations}, {"pads", pads}, {"group", groups}};
  native.op.inputs = {0, 1, random.chance(0.6) ? 2 : -1};
  native.precision = precision;
  add_random(native, random, activation(random, precision, input));
  const bool constant = precision == Precision::int8 || random.chance(0.8);
  const auto weight_type =
      constant || precision == Precision::fp32 ? ElementType::float32 : ElementType::bfloat16;
  add_random(native, random, {weight_type, made.weights}, constant);
  native.inputs.emplace_back();
  if (native.op.inputs[2] >= 0) {
    native.inputs.pop_back();
    add_random(native, random, {ElementType::float32, {output[1]}}, constant);
  }
  native.output = activation(random, precision, output);
  if (random.chance(0.2)) native.output = {ElementType::float32, output};
  fuse_some(native, random);
  made.sliding = transposed ? transposed_sliding_of(native.op, input, made.weights, output)
                            : sliding_of(native.op, input, made.weights, output);
  return made;
}

/// Whether there is a kernel for it.
bool check(const Convolution& convolution) {
  const auto& [native, sliding, weights] = convolution;
  const auto got = computed(native);
  if (!got) return false;
  const bool transposed = native.op.type == "ConvTranspose";
  const auto area = models::elements_of(sliding.kernel);
  const auto view = transposed
                        ? ChannelView{sliding.groups, weights[0] / sliding.groups, weights[1], area}
                        : ChannelView{1, 1, weights[0], weights[1] * area};
  const auto bias = native.inputs[2] && native.op.inputs[2] >= 0 ? native.inputs[2]->values
                                                                 : std::vector<double>{};
  const auto product = (transposed ? transposed_convolved : convolved)(
      sliding, native.inputs[0]->layout.shape, native.inputs[0]->values, weights,
      weights_computed_with(native, view), bias, native.output.shape);
  expect_close(*got, product, native);
  return true;
}

TEST(NativeProducts, ConvolveAsTheDefinitionSays) {
  check_many(1, [](Random& random, Precision precision) {
    return check(random_convolution(random, precision, false));
  });
}

TEST(NativeProducts, ConvolveBackwardsAsTheDefinitionSays) {
  check_many(2, [](Random& random, Precision precision) {
    return check(random_convolution(random, precision, true));
  });
}

/// A convolution of integers whose scales are powers of two, so that all but the sums is exact.
NativeCase whole_convolution(Random& random, ElementType source, std::int64_t channels) {
  NativeCase native;
  const int greatest = multiplies_bytes_exactly() ? 127 : 63;
  native.op.name = "it";
  native.op.type = "Conv";
  native.op.attributes = {{"pads", Shape(4, 1)}};
  native.precision = Precision::int8;
  const Layout activations{source, {1, channels, 6, 7}, false, 0.25F};
  std::vector<double> values(at(activations.elements()));
  for (auto& value : values)
    value = 0.25 * static_cast<double>(random.below(256) - (source == ElementType::int8 ? 128 : 0));
  native.add(activations, values);
  const Layout weights{ElementType::float32, {24, channels, 3, 3}};
  values.resize(at(weights.elements()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool first = i % at(channels * 9) == 0;
    values[i] =
        0.5 * static_cast<double>(first ? greatest : random.below(2 * greatest + 1) - greatest);
  }
  native.add(weights, values, true);
  native.inputs.emplace_back();
  native.output = {ElementType::float32, {1, 24, 6, 7}};
  return native;
}

TEST(NativeProducts, SumIntegersExactly) {
  Random random(6);
  const Sliding sliding{{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, 1};
  for (const auto source : {ElementType::uint8, ElementType::int8})
    for (const std::int64_t channels : {3, 16, 32, 40}) {
      const auto native = whole_convolution(random, source, channels);
      const auto got = computed(native);
      if (!got) continue;
      EXPECT_EQ(*got, convolved(sliding, native.inputs[0]->layout.shape, native.inputs[0]->values,
                                native.inputs[1]->layout.shape, native.inputs[1]->values, {},
                                native.output.shape))
          << made(native)->implementation << ", " << channels << " channels";
    }
}

TEST(NativeProducts, LeaveToOthersWhatOnlyTheyCanDo) {
  Random random(7);
  const auto there = [](const NativeCase& native) { return made(native).has_value(); };
  auto native = whole_convolution(random, ElementType::uint8, 16);
  auto changing = native;
  changing.inputs[1]->constant = false;
  EXPECT_FALSE(there(changing)) << "weights that change cannot be packed as integers";
  auto emulated = native;
  emulated.precision = Precision::tf32;
  EXPECT_FALSE(there(emulated));
  auto empty = native;
  empty.inputs[0]->layout.shape[0] = empty.output.shape[0] = 0;
  EXPECT_FALSE(there(empty));
  // oneDNN would use the parameters of one for both.
  native.fused = {{"LeakyRelu", 0.5F, 0, -1}, {"LeakyRelu", 0.1F, 0, -1}};
  EXPECT_FALSE(there(native));
}

TEST(NativeProducts, TakeChannelsLastAndPackTheirWeights) {
  Random random(8);
  const auto native = whole_convolution(random, ElementType::uint8, 32);
  const auto kernel = made(native);
  ASSERT_TRUE(kernel);
  EXPECT_TRUE(kernel->channels_last);
  EXPECT_GE(kernel->held, std::size_t{24 * 32 * 9});
}

}  // namespace
}  // namespace hardware
