#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "models/error.h"
#include "models/precision/convert.h"
#include "models/precision/pack.h"
#include "tests/models/precision_reference.h"

namespace models {
namespace {

std::vector<Precision> every_format() {
  std::vector<Precision> formats;
  for (int i = 0; i < all_formats; ++i) formats.push_back(static_cast<Precision>(i));
  return formats;
}

std::vector<float> normal_values(std::size_t count) {
  Random random(31);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count;) {
    // Marsaglia's polar method.
    const double a = 2 * random.unit() - 1, b = 2 * random.unit() - 1, s = a * a + b * b;
    if (s > 0 && s < 1) values[i++] = static_cast<float>(a * std::sqrt(-2 * std::log(s) / s));
  }
  return values;
}

using Bytes = std::vector<std::byte>;

Bytes as_bytes_of(const std::vector<float>& values) {
  Bytes bytes(values.size() * sizeof(float));
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

Bytes converted(Precision from, const Bytes& bytes, Precision to, std::size_t count,
                const Conversion& how = {}) {
  const auto size = payload(static_cast<std::int64_t>(count), to).count;
  Bytes result(static_cast<std::size_t>(size));
  convert(from, bytes, to, result, static_cast<std::int64_t>(count), how);
  return result;
}

TEST(PrecisionPayload, ATripThroughAFormatIsWhatRoundToMakes) {
  on_every_target([] {
    for (const std::size_t count : {0u, 1u, 31u, 1023u, 2500u}) {
      const auto values = normal_values(count);
      for (const auto format : every_format()) {
        auto rounded = values;
        round_to(rounded, format);
        const auto there = converted(Precision::fp32, as_bytes_of(values), format, count);
        const auto back = converted(format, there, Precision::fp32, count);
        ASSERT_EQ(back, as_bytes_of(rounded)) << name_of(format) << " " << count;
      }
    }
  });
}

TEST(PrecisionPayload, ASecondTripChangesNothing) {
  const auto values = normal_values(700);
  for (const auto format : every_format()) {
    auto once = values;
    const float scale = 0x1p-5f;
    const Quantization how{.scales = is_integer(format) ? std::span(&scale, 1)
                                                        : std::span<const float>()};
    round_to(once, format, how);
    auto twice = once;
    round_to(twice, format, how);
    EXPECT_EQ(once, twice) << name_of(format);
  }
}

TEST(PrecisionPayload, AnyTwoFormatsConvertByWayOfFp32) {
  const auto values = normal_values(333);
  for (const auto from : every_format()) {
    const auto first = converted(Precision::fp32, as_bytes_of(values), from, values.size());
    const auto real = converted(from, first, Precision::fp32, values.size());
    for (const auto to : every_format()) {
      const bool kept =
          is_integer(from) && is_integer(to) && element_bits(to) >= element_bits(from);
      const auto direct = converted(from, first, to, values.size());
      if (!kept && from != to) {
        ASSERT_EQ(direct, converted(Precision::fp32, real, to, values.size()))
            << name_of(from) << " to " << name_of(to);
      }
      if (kept || from == to) {
        ASSERT_EQ(converted(to, direct, Precision::fp32, values.size()), real)
            << name_of(from) << " to " << name_of(to);
      }
    }
  }
}

TEST(PrecisionPayload, IsCodesThenScales) {
  const std::vector<float> values = {1, -2, 3, -7};
  const auto bytes = converted(Precision::fp32, as_bytes_of(values), integer_of_width(5), 4);
  ASSERT_EQ(bytes.size(), 7u);  // 20 bits, filled up, and a scale
  float scale = 0;
  std::memcpy(&scale, bytes.data() + 3, sizeof scale);
  EXPECT_EQ(scale, 7.0f / 15);
  std::vector<std::int32_t> codes(4);
  unpack(std::span(bytes).first(3), 5, std::span(codes));
  EXPECT_EQ(codes, (std::vector<std::int32_t>{2, -4, 6, -15}));
  const auto mx = converted(Precision::fp32, as_bytes_of(values), Precision::mxint8, 4);
  ASSERT_EQ(mx.size(), 5u);
  EXPECT_EQ(mx[4], std::byte{129});
  EXPECT_EQ(mx[3], std::byte{256 - 7 * 16});
}

TEST(PrecisionPayload, ChannelsTravelWithTheirScalesBesideThem) {
  auto values = normal_values(2 * 3 * 700);
  const std::vector<float> scales = {0.01f, 0.1f, 0.5f};
  const Quantization how{.scales = scales, .channels = 3, .inner = 700};
  const auto there =
      converted(Precision::fp32, as_bytes_of(values), Precision::int8, values.size(), {.to = how});
  const auto back =
      converted(Precision::int8, there, Precision::fp32, values.size(), {.from = how});
  round_to(values, Precision::int8, how);
  EXPECT_EQ(back, as_bytes_of(values));
}

TEST(PrecisionPayload, ScalesFromTheDataCanBeOfEveryChannel) {
  std::vector<float> values = {1, 2, 100, 200, 3, -4, -300, 50};
  auto rounded = values;
  round_to(rounded, Precision::int8, {.channels = 2, .inner = 2});
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float scale = i % 4 < 2 ? 4.0f / 127 : 300.0f / 127;
    EXPECT_FLOAT_EQ(
        rounded[i],
        static_cast<float>(reference::quantised(values[i], scale, 0, -128, 127)) * scale);
  }
  EXPECT_THROW(round_to(values, Precision::int8, {.channels = 3, .inner = 2}), InputError);
}

TEST(PrecisionPayload, RefusesPayloadsOfAnotherSizeAndScalesThatAreNone) {
  std::vector<float> values(8);
  Bytes bytes(12);
  const auto as_int8 = [&](std::size_t size, std::int64_t elements) {
    convert(Precision::fp32, as_bytes_of(values), Precision::int8, std::span(bytes).first(size),
            elements);
  };
  EXPECT_NO_THROW(as_int8(12, 8));
  EXPECT_THROW(as_int8(11, 8), std::invalid_argument);
  EXPECT_THROW(as_int8(12, -8), std::invalid_argument);
  const float wrong = -1;
  std::memcpy(bytes.data() + 8, &wrong, sizeof wrong);
  Bytes real(32);
  EXPECT_THROW(convert(Precision::int8, bytes, Precision::fp32, real, 8), InputError);
}

/// Noise-to-signal of round_to on normal values, in dB.
double measured_db(Precision format) {
  auto values = normal_values(200'000);
  // The model leaves out what saturates, beyond 4 sigma.
  if (is_integer(format)) std::erase_if(values, [](float x) { return std::abs(x) > 3.9f; });
  auto rounded = values;
  // noise_to_signal's step.
  const float scale = static_cast<float>(std::ldexp(8.0, -element_bits(format)));
  round_to(rounded, format,
           {.scales = is_integer(format) ? std::span(&scale, 1) : std::span<const float>()});
  double noise = 0, signal = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double x = static_cast<double>(values[i]), error = static_cast<double>(rounded[i]) - x;
    noise += error * error, signal += x * x;
  }
  return 10 * std::log10(signal / noise);
}

TEST(PrecisionPayload, NoiseOfRoundToIsWhatTheModelSays) {
  for (const auto format : every_format()) {
    if (format == Precision::fp32) continue;
    // A quotient in binary32 has no more than 24 bits.
    if (is_integer(format) && element_bits(format) > 20) continue;
    // A step of two sigma is too coarse for the model of uniform noise.
    const double tolerance = element_bits(format) == 2 ? 1.5 : 0.3;
    EXPECT_NEAR(measured_db(format), signal_to_noise_db(format), tolerance) << name_of(format);
  }
}

/// Memory of just this size at an address of any remainder: sanitizers see what is touched outside.
template <class T>
class Exact {
 public:
  Exact(std::size_t count, std::size_t offset)
      : held_(new T[count + offset]), span_(held_.get() + offset, count) {}
  std::span<T> span() const { return span_; }

 private:
  std::unique_ptr<T[]> held_;
  std::span<T> span_;
};

TEST(PrecisionPayload, AnyLengthAtAnyAddressStaysWithinItsArrays) {
  on_every_target([] {
    Random random(41);
    for (int round = 0; round < 400; ++round) {
      const auto count = static_cast<std::size_t>(random.below(round % 10 == 0 ? 5000 : 200));
      const auto from = static_cast<Precision>(random.below(all_formats));
      const auto to = static_cast<Precision>(random.below(all_formats));
      const auto size = [&](Precision format) {
        return static_cast<std::size_t>(payload(static_cast<std::int64_t>(count), format).count);
      };
      const Exact<float> real(count, static_cast<std::size_t>(random.below(17)));
      const auto values = normal_values(count);
      std::copy(values.begin(), values.end(), real.span().begin());
      const Exact<std::byte> first(size(from), static_cast<std::size_t>(random.below(65)));
      const Exact<std::byte> second(size(to), static_cast<std::size_t>(random.below(65)));
      const auto n = static_cast<std::int64_t>(count);
      convert(Precision::fp32, std::as_bytes(real.span()), from, first.span(), n);
      convert(from, first.span(), to, second.span(), n);
      round_to(real.span(), to, {}, {Rounding::Mode::stochastic, 1, 0});
      const Exact<std::uint16_t> halves(count, static_cast<std::size_t>(random.below(33)));
      const Exact<std::uint8_t> bytes(count, static_cast<std::size_t>(random.below(65)));
      to_fp16(real.span(), halves.span());
      from_fp16(halves.span(), real.span());
      to_bf16(real.span(), halves.span());
      from_bf16(halves.span(), real.span());
      to_fp8_e4m3(real.span(), bytes.span());
      from_fp8_e4m3(bytes.span(), real.span());
      to_fp8_e5m2(real.span(), bytes.span());
      from_fp8_e5m2(bytes.span(), real.span());
    }
  });
}

}  // namespace
}  // namespace models
