// Activations fused to a product that hands them any number there is.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "hardware/cpu.h"
#include "tests/hardware/native_case.h"

namespace hardware {
namespace {

using models::ElementType;

constexpr std::int64_t channels = 16;

/// The numbers in the first of the channels, the others 0, times the unit matrix.
NativeCase passing(const std::string& type, const std::vector<double>& numbers,
                   const Fused& fused) {
  const auto count = std::ssize(numbers);
  const bool is_conv = type == "Conv";
  NativeCase native;
  native.op.name = "it";
  native.op.type = type;
  native.op.inputs = {0, 1};
  native.output.shape = is_conv ? models::Shape{count, channels, 1, 1}  //
                                : models::Shape{count, channels};
  std::vector<double> x(numbers.size() * channels), unit(channels * channels);
  for (std::size_t i = 0; i < numbers.size(); ++i) x[i * channels] = numbers[i];
  for (std::size_t i = 0; i < channels; ++i) unit[i * channels + i] = 1;
  native.add({ElementType::float32, native.output.shape}, x);
  const auto weights = is_conv ? models::Shape{channels, channels, 1, 1}  //
                               : models::Shape{channels, channels};
  native.add({ElementType::float32, weights}, unit, true);
  native.fused = {fused};
  return native;
}

/// The first of the channels.
std::vector<double> first_of(const std::vector<double>& values) {
  std::vector<double> result;
  for (std::size_t i = 0; i < values.size(); i += channels) result.push_back(values[i]);
  return result;
}

const Fused activations[] = {
    {"Relu"},      {"LeakyRelu", 0.1F},         {"Clip", -1, 3}, {"Sigmoid"}, {"Tanh"},    {"Abs"},
    {"HardSwish"}, {"HardSigmoid", 0.2F, 0.5F}, {"Elu", 0.5F},   {"Gelu"},    {"Gelu", 1}, {"Mish"},
    {"Softplus"}};

TEST(NativeFused, ActivationsHaveTheDigitsOfFp32OrAreLeftToOthers) {
  // Without AVX2 Gelu is a little less exact.
  const double least = isa_in_effect() == "sse41" ? 2e-7 : 1e-7;
  std::vector<double> numbers = {0, 1e10, 3e38};
  for (double x = -80; x <= 80; x += 0.0625) numbers.push_back(x);
  for (double x = 1e-8; x < 1; x *= 1.3) numbers.insert(numbers.end(), {x, -x});
  for (const std::string type : {"Conv", "MatMul"})
    for (const auto& fused : activations) {
      const auto native = passing(type, numbers, fused);
      const auto got = computed(native);
      const bool left = fused.type == "Mish" || fused.type == "Softplus";
      EXPECT_FALSE(left && got) << fused.type;
      if (!got) continue;
      const auto results = first_of(*got);
      const auto given = first_of(native.inputs[0]->values);
      auto wanted = native;
      for (std::size_t i = 0; i < given.size(); ++i) {
        const double want = chained(native, {given[i]})[0];
        ASSERT_NEAR(results[i], want, least + 1e-3 * std::abs(want))
            << fused.type << " of " << given[i];
      }
    }
}

TEST(NativeFused, OnlyReluClipAndHardSigmoidLoseNan) {
  for (const std::string type : {"Conv", "MatMul"})
    for (const auto& fused : activations) {
      const auto got = computed(passing(type, {NAN}, fused));
      if (!got) continue;
      const bool loses =
          fused.type == "Relu" || fused.type == "Clip" || fused.type == "HardSigmoid";
      EXPECT_EQ(std::isnan(got->front()), !loses) << type << " and " << fused.type;
    }
}

TEST(NativeFused, ActivationsOfInfinityAndOfMinusNought) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  for (const std::string type : {"Conv", "MatMul"})
    for (const auto& fused : activations) {
      const auto got = computed(passing(type, {infinite, -0.0}, fused));
      if (!got) continue;
      const bool bounded = fused.type == "Sigmoid" || fused.type == "Tanh" ||
                           fused.type == "HardSigmoid" || fused.type == "Clip";
      const double bound = fused.type == "Clip" ? 3 : 1;
      EXPECT_EQ(got->front(), bounded ? bound : infinite) << type << " and " << fused.type;
      EXPECT_NEAR(got->at(channels), fused.type.ends_with("igmoid") ? 0.5 : 0, 1e-7) << fused.type;
    }
}

}  // namespace
}  // namespace hardware
