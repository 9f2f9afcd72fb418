#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "models/precision/convert.h"
#include "tests/models/precision_reference.h"

namespace models {
namespace {

constexpr auto stochastic = Rounding::Mode::stochastic;
constexpr std::size_t draws = 100'000;

std::vector<float> rounded(std::vector<float> values, Precision format, Rounding rounding) {
  const float scale = 0x1p-7f;
  round_to(values, format,
           {.scales = is_integer(format) ? std::span(&scale, 1) : std::span<const float>()},
           rounding);
  return values;
}

const Precision formats[] = {Precision::tf32,     Precision::fp16,     Precision::bf16,
                             Precision::fp8_e4m3, Precision::fp8_e5m2, Precision::mxfp8,
                             Precision::mxint8,   Precision::int16,    Precision::int8,
                             Precision::int4,     integer_of_width(5)};

/// Counts how often x becomes the neighbour farther from zero. With n draws of probability p, the
/// count is within 5 standard deviations of n p but for one case in 1.7 million.
void expect_unbiased(float x, Precision format) {
  const auto results = rounded(std::vector<float>(draws, x), format, {stochastic, 42, 0});
  double low = std::numeric_limits<double>::infinity(), high = -low, sum = 0;
  for (const float y : results) {
    low = std::min(low, static_cast<double>(y));
    high = std::max(high, static_cast<double>(y));
    sum += static_cast<double>(y);
  }
  ASSERT_LT(low, static_cast<double>(x)) << name_of(format) << " " << x;
  ASSERT_GT(high, static_cast<double>(x)) << name_of(format) << " " << x;
  const double p = (static_cast<double>(x) - low) / (high - low);
  const double mean = (sum / draws - low) / (high - low);
  EXPECT_NEAR(mean, p, 5 * std::sqrt(p * (1 - p) / draws)) << name_of(format) << " " << x;
}

TEST(PrecisionStochastic, IsUnbiasedBetweenTheTwoNeighbours) {
  on_every_target([] {
    for (const auto format : formats) {
      expect_unbiased(0.0523459f, format);
      expect_unbiased(-0.0234581f, format);
    }
    // Subnormals, and what is less than the least of them.
    expect_unbiased(3.3e-7f, Precision::fp16);
    expect_unbiased(1.7e-8f, Precision::fp16);
    expect_unbiased(-0.0031f, Precision::fp8_e4m3);
    expect_unbiased(0.0003f, Precision::fp8_e4m3);
    expect_unbiased(4e-6f, Precision::fp8_e5m2);
    expect_unbiased(3e-41f, Precision::bf16);
  });
}

TEST(PrecisionStochastic, WhatTheFormatHoldsStays) {
  for (const auto format : formats) {
    const auto held = rounded(random_floats(2'000, 3), format, {});
    const auto again = rounded(held, format, {stochastic, 9, 0});
    for (std::size_t i = 0; i < held.size(); ++i)
      ASSERT_TRUE(held[i] == again[i] || (std::isnan(held[i]) && std::isnan(again[i])))
          << name_of(format) << " " << std::hexfloat << held[i];
  }
}

std::vector<std::uint32_t> bits_of(std::span<const float> values) {
  std::vector<std::uint32_t> bits;
  for (const float x : values) bits.push_back(std::bit_cast<std::uint32_t>(x));
  return bits;
}

TEST(PrecisionStochastic, TheSeedDecidesEveryBitOnEveryInstructionSet) {
  const auto values = random_floats(3'001, 4);
  for (const auto format : formats) {
    std::vector<std::uint32_t> first;
    on_every_target([&] {
      const auto bits = bits_of(rounded(values, format, {stochastic, 77, 0}));
      if (first.empty()) first = bits;
      EXPECT_EQ(bits, first) << name_of(format);
      EXPECT_NE(bits_of(rounded(values, format, {stochastic, 78, 0})), first) << name_of(format);
    });
  }
}

TEST(PrecisionStochastic, PiecesGetTheBitsOfTheWhole) {
  const auto values = random_floats(1'000, 5);
  // Also across the place where the index needs more than 32 bits.
  for (const std::uint64_t start : {std::uint64_t{0}, (std::uint64_t{1} << 32) - 320}) {
    for (const auto format : formats) {
      const auto whole = rounded(values, format, {stochastic, 5, start});
      for (const std::size_t piece : {32u, 96u, 416u}) {
        std::vector<float> parts;
        for (std::size_t i = 0; i < values.size(); i += piece) {
          const auto end = std::min(i + piece, values.size());
          const std::vector<float> part(values.begin() + static_cast<std::ptrdiff_t>(i),
                                        values.begin() + static_cast<std::ptrdiff_t>(end));
          for (const float x : rounded(part, format, {stochastic, 5, start + i}))
            parts.push_back(x);
        }
        ASSERT_EQ(bits_of(parts), bits_of(whole)) << name_of(format) << " " << piece;
      }
    }
  }
}

TEST(PrecisionStochastic, NeighboursAreDrawnIndependently) {
  // Of half a step, the successes of neighbours agree half the time, within 5 standard deviations.
  const auto results =
      rounded(std::vector<float>(draws, 1.5f * 0x1p-7f), Precision::int8, {stochastic, 6, 0});
  for (const std::size_t distance : {1u, 2u, 16u, 32u, 1024u}) {
    double agree = 0;
    const auto pairs = static_cast<double>(draws - distance);
    for (std::size_t i = distance; i < draws; ++i)
      agree += results[i] == results[i - distance] ? 1 : 0;
    EXPECT_NEAR(agree / pairs, 0.5, 5 * 0.5 / std::sqrt(pairs)) << distance;
  }
}

TEST(PrecisionStochastic, SpecialValuesAreAsInNearest) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> values(40, 0.0f);
  values[1] = -0.0f, values[2] = infinity, values[3] = -infinity;
  values[4] = std::numeric_limits<float>::quiet_NaN();
  for (const auto format : formats)
    EXPECT_EQ(bits_of(rounded(values, format, {stochastic, 1, 0})),
              bits_of(rounded(values, format, {})))
        << name_of(format);
}

}  // namespace
}  // namespace models
