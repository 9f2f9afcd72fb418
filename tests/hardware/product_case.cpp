#include "tests/hardware/product_case.h"

#include <algorithm>
#include <cmath>

#include "hardware/onednn/product.h"

namespace hardware {

using models::at;
using models::ElementType;
using models::Precision;
using models::Random;
using models::Shape;

namespace {

std::string text_of(const models::Attribute& value) {
  if (const auto* sizes = std::get_if<Shape>(&value)) return models::text_of(*sizes);
  if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
  return std::to_string(std::get<std::int64_t>(value));
}

/// All there is to know to try a case again.
std::string described(const NativeCase& native) {
  std::string text = native.op.type + " " + models::name_of(native.precision);
  for (const auto& input : native.inputs)
    if (input)
      text += " " + models::text_of(input->layout.shape) + " of type " +
              std::to_string(static_cast<int>(input->layout.type));
  text += " to type " + std::to_string(static_cast<int>(native.output.type));
  for (const auto& fused : native.fused) text += "+" + fused.type;
  for (const auto& [name, value] : native.op.attributes) text += " " + name + " " + text_of(value);
  const auto kernel = made(native);
  return text + " by " + (kernel ? kernel->implementation : "none");
}

}  // namespace

Layout activation(Random& random, Precision precision, Shape shape) {
  if (precision == Precision::fp32) return {ElementType::float32, std::move(shape)};
  if (precision == Precision::bf16) return {ElementType::bfloat16, std::move(shape)};
  const float scale = 0.004F * static_cast<float>(1 + random.below(5));
  return {random.chance(0.5) ? ElementType::int8 : ElementType::uint8, std::move(shape), false,
          scale};
}

void add_random(NativeCase& native, Random& random, const Layout& layout, bool constant) {
  std::vector<double> values(at(layout.elements()));
  for (auto& value : values) value = 2 * random.unit() - 1;
  native.add(layout, values, constant);
}

void fuse_some(NativeCase& native, Random& random) {
  // The last two are not fused in fp32.
  static const char* const types[] = {"Relu", "LeakyRelu",   "Clip", "Sigmoid",   "Tanh",
                                      "Add",  "Add",         "Mul",  "HardSwish", "Elu",
                                      "Gelu", "HardSigmoid", "Abs",  "Softplus",  "Mish"};
  const auto kinds = native.precision == Precision::fp32 ? 13 : 15;
  for (auto count = random.below(4); count > 0; --count) {
    Fused fused{types[random.below(kinds)], 0.25F, 0.5F, -1};
    if (fused.type == "Clip") fused = {"Clip", -0.5F, 0.75F, -1};
    if (fused.type == "Gelu") fused.alpha = random.chance(0.5) ? 1 : 0;
    if (fused.type == "Add" || fused.type == "Mul") {
      fused.input = static_cast<int>(native.inputs.size());
      auto shape = native.output.shape;
      if (random.chance(0.3)) {
        std::fill(shape.begin(), shape.end(), 1);
        const auto channel = native.op.type.starts_with("Conv") ? 1 : shape.size() - 1;
        shape[channel] = native.output.shape[channel];
        add_random(native, random, {ElementType::float32, shape}, true);
      } else {
        add_random(native, random, activation(random, native.precision, shape));
      }
    }
    native.fused.push_back(fused);
  }
}

std::vector<double> weights_computed_with(const NativeCase& native, const ChannelView& channels) {
  const auto& weights = native.inputs[1]->values;
  std::vector<double> result(weights.size());
  if (native.precision == Precision::fp32) return weights;
  if (native.precision == Precision::bf16) {
    for (std::size_t i = 0; i < result.size(); ++i)
      result[i] = rounded(weights[i], ElementType::bfloat16);
    return result;
  }
  const std::vector<float> reals(weights.begin(), weights.end());
  const int greatest = multiplies_bytes_exactly() ? 127 : 63;
  const auto integers = integer_weights(reals, channels, greatest, 1);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto block = at(channels.channels * channels.after);
    const auto channel = i / at(channels.after) % at(channels.channels);
    const auto group = i / (block * at(channels.before));
    result[i] = integers.values[i] *
                static_cast<double>(integers.scales[group * at(channels.channels) + channel]);
  }
  return result;
}

void expect_close(const std::vector<double>& got, const std::vector<double>& product,
                  const NativeCase& native) {
  const auto& output = native.output;
  const auto expected = chained(native, product);
  ASSERT_EQ(got.size(), expected.size()) << described(native);
  double largest = 1;
  for (const auto x : expected) largest = std::max(largest, std::abs(x));
  for (std::size_t i = 0; i < got.size(); ++i) {
    double wanted = expected[i], room = 2e-5 * largest;
    if (output.type == ElementType::bfloat16) room += std::abs(wanted) / 256;
    if (output.scale > 0) {
      const double scale = static_cast<double>(output.scale);
      const bool is_signed = output.type == ElementType::int8;
      wanted = std::clamp(wanted, (is_signed ? -128 : 0) * scale, (is_signed ? 127 : 255) * scale);
      room += scale * 0.5;
    }
    ASSERT_NEAR(got[i], wanted, room) << described(native) << " at " << i;
  }
}

void check_many(std::uint64_t seed, bool (*check)(Random&, Precision)) {
  Random random(seed);
  for (const auto precision : {Precision::fp32, Precision::bf16, Precision::int8}) {
    int done = 0;
    for (int i = 0; i < 120 && !testing::Test::HasFailure(); ++i) done += check(random, precision);
    EXPECT_GT(done, precision == Precision::fp32 ? 70 : -1);
  }
}

}  // namespace hardware
