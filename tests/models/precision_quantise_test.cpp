#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "models/error.h"
#include "models/precision/convert.h"
#include "tests/models/precision_reference.h"

namespace models {
namespace {

const float infinity = std::numeric_limits<float>::infinity();

/// Numbers about every border between codes, and a few that are none.
std::vector<float> borders(float scale, int from, int to) {
  std::vector<float> found = {0.0f,  -0.0f,  infinity, -infinity,
                              3e38f, -3e38f, 1e-45f,   std::numeric_limits<float>::quiet_NaN()};
  for (int code = from; code <= to; ++code) {
    float x = (static_cast<float>(code) + 0.5f) * scale;
    for (int i = 0; i < 3; ++i) x = std::nextafter(x, -infinity);
    for (int i = 0; i < 7; ++i, x = std::nextafter(x, infinity)) found.push_back(x);
  }
  return found;
}

template <class Code>
void expect_codes_as_defined(float scale, std::int32_t zero, int from, int to) {
  using Limits = std::numeric_limits<Code>;
  const auto values = borders(scale, from, to);
  std::vector<Code> codes(values.size());
  quantise(values, codes, {.scales = {&scale, 1}, .zero_points = {&zero, 1}});
  for (std::size_t i = 0; i < values.size(); ++i)
    ASSERT_EQ(std::int64_t{codes[i]},
              reference::quantised(values[i], scale, zero, Limits::min(), Limits::max()))
        << std::hexfloat << values[i] << " / " << scale << " + " << std::dec << zero;
}

TEST(PrecisionQuantise, CodesAreTheRoundedQuotientAtEveryBorder) {
  on_every_target([] {
    for (const float scale : {1.0f, 0.25f, 0.1f, 0.0078431377f, 3.3333333f, 1e-30f, 1e-37f, 1e30f,
                              std::numeric_limits<float>::denorm_min()}) {
      for (const std::int32_t zero : {0, 1, -128, 127})
        expect_codes_as_defined<std::int8_t>(scale, zero, -300, 300);
      for (const std::int32_t zero : {0, 3, 128, 255})
        expect_codes_as_defined<std::uint8_t>(scale, zero, -300, 300);
      expect_codes_as_defined<std::int16_t>(scale, 5, -40, 40);
      expect_codes_as_defined<std::int16_t>(scale, 0, 32'700, 32'800);
      expect_codes_as_defined<std::uint16_t>(scale, 40'001, -200, 200);
    }
  });
}

TEST(PrecisionQuantise, EveryWidthSaturates) {
  on_every_target([] {
    for (int bits = 2; bits <= 32; ++bits) {
      const double high = std::ldexp(1.0, bits - 1) - 1;
      for (const float scale : {1.0f, 0.3f}) {
        auto values = borders(scale, -20, 20);
        for (const double x : {high, high + 1, high * 0.75, -high, -high - 1, -high - 3})
          values.push_back(static_cast<float>(x) * scale);
        std::vector<std::int32_t> codes(values.size());
        quantise(values, codes, bits, {.scales = {&scale, 1}});
        for (std::size_t i = 0; i < values.size(); ++i)
          ASSERT_EQ(codes[i], reference::quantised(values[i], scale, 0, -high - 1, high))
              << bits << " bits, " << values[i];
      }
    }
  });
}

TEST(PrecisionQuantise, Int4LiesInEightBits) {
  const float scale = 0.5f;
  const std::int32_t zero = 1;
  const std::vector<float> values = {-9, -4.5f, -4.25f, 0, 0.25f, 3, 3.5f, 100};
  std::vector<std::int8_t> codes(values.size());
  quantise_int4(values, codes, {.scales = {&scale, 1}, .zero_points = {&zero, 1}});
  EXPECT_EQ(codes, (std::vector<std::int8_t>{-8, -8, -7, 1, 1, 7, 7, 7}));
}

TEST(PrecisionQuantise, ValuesAreScaledDifferences) {
  on_every_target([] {
    const float scale = 0.1f;
    const std::int32_t zero = 7;
    std::vector<std::int8_t> codes(256);
    for (int i = 0; i < 256; ++i) codes[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i);
    std::vector<float> values(codes.size());
    dequantise(std::span<const std::int8_t>(codes), values,
               {.scales = {&scale, 1}, .zero_points = {&zero, 1}});
    for (std::size_t i = 0; i < codes.size(); ++i)
      ASSERT_EQ(values[i], static_cast<float>(codes[i] - zero) * scale);
    std::vector<std::int8_t> again(codes.size());
    quantise(values, again, {.scales = {&scale, 1}, .zero_points = {&zero, 1}});
    EXPECT_EQ(again, codes);
    const std::vector<std::int32_t> wide = {std::numeric_limits<std::int32_t>::min(), -1, 1 << 30};
    dequantise(std::span<const std::int32_t>(wide), std::span(values).first(3),
               {.scales = {&scale, 1}});
    EXPECT_EQ(values[0], -0x1p31f * scale);
    EXPECT_EQ(values[2], 0x1p30f * scale);
  });
}

TEST(PrecisionQuantise, EveryChannelHasItsScale) {
  const std::vector<float> scales = {1, 0.5f, 0.1f};
  const std::vector<std::int32_t> zeros = {0, 10, -3};
  for (const std::int64_t inner : {1, 5, 67}) {
    const Quantization how{.scales = scales, .zero_points = zeros, .channels = 3, .inner = inner};
    std::vector<float> values(static_cast<std::size_t>(4 * 3 * inner));
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>(i % 23) * 0.37f - 4;
    on_every_target([&] {
      std::vector<std::int8_t> codes(values.size());
      quantise(values, codes, how);
      std::vector<float> back(values.size());
      dequantise(std::span<const std::int8_t>(codes), back, how);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const auto channel = i / static_cast<std::size_t>(inner) % 3;
        ASSERT_EQ(codes[i],
                  reference::quantised(values[i], scales[channel], zeros[channel], -128, 127));
        ASSERT_EQ(back[i], static_cast<float>(codes[i] - zeros[channel]) * scales[channel]);
      }
    });
  }
}

std::string refusal(const Quantization& how, std::size_t count, int bits = 8) {
  std::vector<float> values(count);
  std::vector<std::int32_t> codes(count);
  try {
    quantise(values, codes, bits, how);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(PrecisionQuantise, RefusesWhatDoesNotFit) {
  const std::vector<float> two = {1, 2};
  const std::vector<std::int32_t> big = {128, 0};
  const std::span<const float> one = std::span(two).first(1);
  EXPECT_EQ(refusal({.scales = two}, 4),
            "quantisation needs one scale per channel, and as many zero points or none");
  EXPECT_EQ(refusal({.scales = one, .zero_points = big}, 4),
            "quantisation needs one scale per channel, and as many zero points or none");
  EXPECT_EQ(refusal({.scales = two, .channels = 2, .inner = 3}, 8),
            "the tensor does not divide into the channels of its quantisation");
  EXPECT_EQ(refusal({.scales = two, .zero_points = big, .channels = 2, .inner = 2}, 8),
            "a zero point must be one of the format's codes");
  EXPECT_EQ(refusal({.scales = two, .zero_points = big, .channels = 2, .inner = 2}, 8, 20),
            "zero points are for integers of at most 16 bits");
  for (const float wrong : {0.0f, -1.0f, infinity, std::numeric_limits<float>::quiet_NaN()})
    EXPECT_EQ(refusal({.scales = {&wrong, 1}}, 4),
              "a quantisation scale must be positive and finite");
  EXPECT_EQ(refusal({.scales = one}, 4), "");
}

TEST(PrecisionQuantise, RangesPassOverWhatIsNotFinite) {
  on_every_target([] {
    for (std::size_t count = 0; count < 70; ++count) {
      std::vector<float> values(count, std::numeric_limits<float>::quiet_NaN());
      EXPECT_EQ(range_of(values).high, 0);
      if (count < 3) continue;
      values[0] = infinity, values[count - 1] = 2, values[count / 2] = -5;
      EXPECT_EQ(range_of(values).low, -5);
      EXPECT_EQ(range_of(values).high, 2);
    }
  });
}

TEST(PrecisionQuantise, SymmetricScalesReachTheLargerEnd) {
  EXPECT_EQ(symmetric({-2, 1}, 8).scale, 2.0f / 127);
  EXPECT_EQ(symmetric({-2, 14}, 4).scale, 2.0f);
  EXPECT_EQ(symmetric({0, 0}, 8).scale, 1);
  EXPECT_EQ(symmetric({0, 1e-45f}, 8).scale, std::numeric_limits<float>::min());
  EXPECT_THROW(symmetric({0, 1}, 33), std::invalid_argument);
}

TEST(PrecisionQuantise, AffineRangesHoldZeroExactly) {
  EXPECT_EQ(affine({-1, 1}, 8, false).zero_point, 127);  // 1 / binary32(2 / 255) is below 127.5
  EXPECT_EQ(affine({0, 2.55f}, 8, false).zero_point, 0);
  EXPECT_EQ(affine({0, 2.55f}, 8, true).zero_point, -128);
  EXPECT_EQ(affine({-3, -1}, 8, false).zero_point, 255);
  EXPECT_EQ(affine({0, 0}, 8, false).scale, 1);
  // The DynamicQuantizeLinear example of ONNX.
  const auto example = affine({-3, 2}, 8, false);
  EXPECT_FLOAT_EQ(example.scale, 0.0196078438f);
  EXPECT_EQ(example.zero_point, 153);
  EXPECT_THROW(affine({0, 1}, 17, true), std::invalid_argument);
}

}  // namespace
}  // namespace models
