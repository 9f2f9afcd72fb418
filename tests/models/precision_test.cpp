#include "models/precision/precision.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "models/random.h"

namespace models {
namespace {

/// Approximately normal: the sum of twelve uniform numbers has too thin tails, so by polar
/// rejection.
double normal(Random& random) {
  while (true) {
    const double a = 2 * random.unit() - 1, b = 2 * random.unit() - 1, s = a * a + b * b;
    if (s > 0 && s < 1) return a * std::sqrt(-2 * std::log(s) / s);
  }
}

constexpr int block = 32;
using Block = std::array<double, block>;

double rounded_float(double x, int significand, int least_exponent, double largest) {
  const int exponent = std::max(std::ilogb(x), least_exponent);
  const double step = std::ldexp(1.0, exponent - significand + 1);
  return std::clamp(std::nearbyint(x / step) * step, -largest, largest);
}

/// Noise-to-signal ratio of `quantised` on normal values, in dB.
double measured_db(auto&& quantised) {
  Random random(3);
  double noise = 0, signal = 0;
  for (int i = 0; i < 5'000; ++i) {
    Block values;
    for (double& x : values) x = normal(random);
    const double largest =
        std::abs(*std::max_element(values.begin(), values.end(),
                                   [](double a, double b) { return std::abs(a) < std::abs(b); }));
    for (const double x : values) {
      const double error = quantised(x, largest) - x;
      noise += error * error, signal += x * x;
    }
  }
  return 10 * std::log10(signal / noise);
}

TEST(Precision, NamesAreReadBack) {
  std::set<std::string> names;
  for (int i = 0; i < all_formats; ++i) {
    const auto format = static_cast<Precision>(i);
    EXPECT_TRUE(names.insert(name_of(format)).second);
    EXPECT_EQ(find_precision(name_of(format)), format);
  }
  EXPECT_EQ(name_of(integer_of_width(12)), "int12");
  EXPECT_EQ(find_precision("int8"), Precision::int8);
  for (const auto name : {"int1", "int33", "int04", "fp33", "FP16", ""})
    EXPECT_EQ(find_precision(name), std::nullopt) << name;
  EXPECT_EQ(compute_precision_names(),
            "fp32, tf32, fp16, bf16, fp8_e4m3, fp8_e5m2, mxfp8, mxint8, int16, int8, int4");
}

TEST(Precision, HasAnIntegerOfEveryWidth) {
  for (int bits = 2; bits <= 32; ++bits) {
    EXPECT_EQ(element_bits(integer_of_width(bits)), bits);
    EXPECT_TRUE(is_integer(integer_of_width(bits)));
    EXPECT_EQ(is_compute(integer_of_width(bits)), bits == 4 || bits == 8 || bits == 16);
  }
  EXPECT_THROW(integer_of_width(1), std::out_of_range);
  EXPECT_THROW(integer_of_width(33), std::out_of_range);
  EXPECT_FALSE(is_integer(Precision::mxint8));
}

TEST(Precision, PayloadsCarryTheirScales) {
  EXPECT_EQ(payload_bits(100, Precision::fp32), 3200);
  EXPECT_EQ(payload_bits(100, Precision::tf32), 3200);
  EXPECT_EQ(payload_bits(100, Precision::bf16), 1600);
  EXPECT_EQ(payload_bits(100, Precision::int8), 832);
  EXPECT_EQ(payload_bits(100, Precision::mxint8), 832);
  EXPECT_EQ(payload_bits(96, Precision::mxfp8), 792);
  EXPECT_EQ(payload_bits(0, Precision::int8), 0);
  EXPECT_EQ(payload(3, integer_of_width(5)), Bytes{6});
  EXPECT_EQ(payload_bits(std::int64_t{1} << 40, Precision::fp32), std::int64_t{1} << 45);
}

TEST(Precision, HalvingTheBitsHalvesThePayloadScalesAside) {
  for (const std::int64_t n : {1, 7, 1000}) {
    EXPECT_EQ(payload_bits(n, Precision::fp16) * 2, payload_bits(n, Precision::fp32));
    EXPECT_EQ((payload_bits(n, Precision::int8) - 32) * 2, payload_bits(n, Precision::int16) - 32);
  }
}

TEST(Precision, NoiseIsWhatRoundingNormalValuesMakes) {
  const auto of_float = [](int significand, double largest) {
    return measured_db(
        [=](double x, double) { return rounded_float(x, significand, -40, largest); });
  };
  EXPECT_NEAR(signal_to_noise_db(Precision::fp16), of_float(11, 65504), 0.3);
  EXPECT_NEAR(signal_to_noise_db(Precision::bf16), of_float(8, 1e38), 0.3);
  EXPECT_NEAR(signal_to_noise_db(Precision::fp8_e4m3), of_float(4, 448), 0.3);
  EXPECT_NEAR(signal_to_noise_db(Precision::fp8_e5m2), of_float(3, 57344), 0.3);
  for (const int bits : {4, 6, 8}) {
    const double step = 8 / std::ldexp(1.0, bits);
    EXPECT_NEAR(signal_to_noise_db(integer_of_width(bits)),
                measured_db([&](double x, double) { return std::nearbyint(x / step) * step; }),
                0.3);
  }
  EXPECT_NEAR(signal_to_noise_db(Precision::mxint8), measured_db([](double x, double largest) {
                const double step = std::ldexp(1.0, std::ilogb(largest) - 6);
                return std::clamp(std::nearbyint(x / step), -128.0, 127.0) * step;
              }),
              0.1);
  EXPECT_NEAR(signal_to_noise_db(Precision::mxfp8), measured_db([](double x, double largest) {
                const double scale = std::ldexp(1.0, std::ilogb(largest) - 8);
                return rounded_float(x / scale, 4, -6, 448) * scale;
              }),
              0.1);
}

TEST(Precision, NoiseFallsBySixDecibelsPerBit) {
  for (int bits = 3; bits <= 32; ++bits)
    EXPECT_NEAR(
        signal_to_noise_db(integer_of_width(bits)) - signal_to_noise_db(integer_of_width(bits - 1)),
        6.0206, 1e-4);
  EXPECT_EQ(noise_to_signal(Precision::fp32), 0);
  EXPECT_TRUE(std::isinf(signal_to_noise_db(Precision::fp32)));
}

}  // namespace
}  // namespace models
