#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "models/precision/convert.h"
#include "tests/models/precision_reference.h"

namespace models {
namespace {

const float infinity = std::numeric_limits<float>::infinity();
const float nan = std::numeric_limits<float>::quiet_NaN();

/// OCP MX v1.0 6.3, step 1: the largest power of two not above the largest magnitude, divided by
/// that of the element format; as an E8M0 code (5.4.1: bias 127), within its range.
int scale_code(std::span<const float> block, int emax) {
  double largest = 0;
  for (const float x : block)
    if (std::isfinite(x)) largest = std::max(largest, std::abs(static_cast<double>(x)));
  if (largest == 0) return 0;
  return std::clamp(std::ilogb(largest) - emax + 127, 0, 254);
}

/// Every kind of block: of all sizes of numbers, with zeros, subnormals, one large number.
std::vector<float> blocks(std::size_t count) {
  auto values = random_floats(count * mx_block, 21);
  for (auto& x : values)
    if (!std::isfinite(x)) x = 1;
  Random random(22);
  for (std::size_t b = 0; b < count; ++b) {
    const auto exponent = static_cast<int>(random.below(277)) - 149;
    for (std::size_t i = 0; i < mx_block; ++i) {
      auto& x = values[b * mx_block + i];
      if (b % 4 == 1) x = static_cast<float>(std::ldexp(2 * random.unit() - 1, exponent));
      if (b % 4 == 2)
        x = static_cast<float>(
            std::ldexp(static_cast<double>(random.below(1025)) - 512, exponent - 9));
      if (b % 8 == 7) x = 0;
      if (b % 16 == 7 && i == 13) x = std::numeric_limits<float>::denorm_min();
    }
  }
  return values;
}

TEST(PrecisionMx, Fp8ElementsAreRoundedQuotientsByTheBlocksScale) {
  const auto values = blocks(600);
  const reference::Table table(reference::e4m3);
  on_every_target([&] {
    std::vector<std::uint8_t> codes(values.size()), scales(mx_scales(values.size()));
    to_mxfp8(values, codes, scales);
    std::vector<float> back(values.size());
    from_mxfp8(codes, scales, back);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto b = i / mx_block;
      const int scale = scale_code(std::span(values).subspan(b * mx_block, mx_block), 8);
      ASSERT_EQ(scales[b], scale);
      const double quotient = std::ldexp(static_cast<double>(values[i]), 127 - scale);
      ASSERT_EQ(codes[i], table.nearest(quotient, true)) << std::hexfloat << values[i];
      ASSERT_EQ(static_cast<double>(back[i]),
                std::ldexp(reference::value_of(codes[i], reference::e4m3), scale - 127));
    }
  });
}

TEST(PrecisionMx, Int8ElementsAreRoundedQuotientsByTheBlocksScale) {
  const auto values = blocks(600);
  on_every_target([&] {
    std::vector<std::int8_t> codes(values.size());
    std::vector<std::uint8_t> scales(mx_scales(values.size()));
    to_mxint8(values, codes, scales);
    std::vector<float> back(values.size());
    from_mxint8(codes, scales, back);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto b = i / mx_block;
      const int scale = scale_code(std::span(values).subspan(b * mx_block, mx_block), 0);
      ASSERT_EQ(scales[b], scale);
      // 5.3.4: INT8 has an implicit scale of 2^-6.
      const double quotient = std::ldexp(static_cast<double>(values[i]), 127 + 6 - scale);
      ASSERT_EQ(codes[i], std::clamp(reference::nearest_whole(quotient), -128.0, 127.0))
          << std::hexfloat << values[i];
      ASSERT_EQ(static_cast<double>(back[i]), std::ldexp(codes[i], scale - 127 - 6));
    }
  });
}

TEST(PrecisionMx, WhatIsNotFiniteLeavesOtherBlocksAlone) {
  on_every_target([] {
    std::vector<float> values(100, 3.0f);
    values[5] = infinity, values[6] = -infinity, values[7] = nan;
    auto fp8 = values, int8 = values;
    round_to(fp8, Precision::mxfp8);
    EXPECT_EQ(fp8[4], 3);
    EXPECT_EQ(fp8[5], 448 * std::ldexp(1.0f, 1 - 8));
    EXPECT_EQ(fp8[6], -fp8[5]);
    EXPECT_TRUE(std::isnan(fp8[7]));
    round_to(int8, Precision::mxint8);
    for (std::size_t i = 0; i < 32; ++i) EXPECT_TRUE(std::isnan(int8[i]));
    for (std::size_t i = 32; i < 100; ++i) EXPECT_EQ(int8[i], 3);
  });
}

TEST(PrecisionMx, TheScaleNanMakesTheBlockNan) {
  const std::vector<std::uint8_t> codes(40, 0x38), scales = {0xff, 127};
  on_every_target([&] {
    std::vector<float> values(40);
    from_mxfp8(codes, scales, values);
    EXPECT_TRUE(std::isnan(values[31]));
    EXPECT_EQ(values[32], 1);
  });
}

TEST(PrecisionMx, AnIncompleteBlockIsABlockOfItsOwn) {
  on_every_target([] {
    for (std::size_t count = 0; count < 100; ++count) {
      std::vector<float> values(count, 0.75f);
      if (count > 32) values[32] = 1000;
      std::vector<std::uint8_t> codes(count), scales(mx_scales(count));
      to_mxfp8(values, codes, scales);
      std::vector<float> back(count);
      from_mxfp8(codes, scales, back);
      for (std::size_t i = 0; i < count; ++i)
        if (i != 32) {
          ASSERT_EQ(back[i], i / 32 == 1 ? 0.75f : values[i]);
        }
    }
  });
  std::vector<float> values(33);
  std::vector<std::uint8_t> codes(33), scales(1);
  EXPECT_THROW(to_mxfp8(values, codes, scales), std::invalid_argument);
}

}  // namespace
}  // namespace models
