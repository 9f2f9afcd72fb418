#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/error.h"
#include "models/precision/convert.h"
#include "models/precision/vectors.h"
#include "tests/models/precision_reference.h"

namespace models {
namespace {

/// A format under test: how it is converted here, and how the standard defines it.
struct Case {
  const char* name;
  reference::Format format;
  bool saturating;
  std::vector<std::uint32_t> (*encode)(std::span<const float>);
  std::vector<float> (*decode)(std::span<const std::uint32_t>);
};

template <class Code>
std::vector<std::uint32_t> encoded(std::span<const float> from, auto&& to) {
  std::vector<Code> codes(from.size());
  to(from, std::span(codes));
  return {codes.begin(), codes.end()};
}

template <class Code>
std::vector<float> decoded(std::span<const std::uint32_t> from, auto&& to) {
  std::vector<Code> codes;
  for (const auto code : from) codes.push_back(static_cast<Code>(code));
  std::vector<float> values(from.size());
  to(std::span<const Code>(codes), std::span(values));
  return values;
}

using Floats = std::span<const float>;
using Codes = std::span<const std::uint32_t>;

const Case cases[] = {
    {"fp16", reference::fp16, false,
     [](Floats x) { return encoded<std::uint16_t>(x, [](auto a, auto b) { to_fp16(a, b); }); },
     [](Codes x) { return decoded<std::uint16_t>(x, from_fp16); }},
    {"bf16", reference::bf16, false,
     [](Floats x) { return encoded<std::uint16_t>(x, [](auto a, auto b) { to_bf16(a, b); }); },
     [](Codes x) { return decoded<std::uint16_t>(x, from_bf16); }},
    {"fp8_e4m3", reference::e4m3, true,
     [](Floats x) { return encoded<std::uint8_t>(x, [](auto a, auto b) { to_fp8_e4m3(a, b); }); },
     [](Codes x) { return decoded<std::uint8_t>(x, from_fp8_e4m3); }},
    {"fp8_e4m3 special", reference::e4m3, false,
     [](Floats x) {
       return encoded<std::uint8_t>(x,
                                    [](auto a, auto b) { to_fp8_e4m3(a, b, Overflow::special); });
     },
     [](Codes x) { return decoded<std::uint8_t>(x, from_fp8_e4m3); }},
    {"fp8_e5m2", reference::e5m2, true,
     [](Floats x) { return encoded<std::uint8_t>(x, [](auto a, auto b) { to_fp8_e5m2(a, b); }); },
     [](Codes x) { return decoded<std::uint8_t>(x, from_fp8_e5m2); }},
    {"fp8_e5m2 special", reference::e5m2, false,
     [](Floats x) {
       return encoded<std::uint8_t>(x,
                                    [](auto a, auto b) { to_fp8_e5m2(a, b, Overflow::special); });
     },
     [](Codes x) { return decoded<std::uint8_t>(x, from_fp8_e5m2); }},
};

void expect_codes_to_mean_what_the_standard_says() {
  for (const auto& c : cases) {
    std::vector<std::uint32_t> codes(c.format.codes());
    for (std::uint32_t i = 0; i < codes.size(); ++i) codes[i] = i;
    const auto values = c.decode(codes);
    const auto again = c.encode(values);
    for (const auto code : codes) {
      const double expected = reference::value_of(code, c.format);
      const double got = static_cast<double>(values[code]);
      ASSERT_EQ(std::signbit(got), (code & (c.format.codes() / 2)) != 0) << c.name << " " << code;
      if (std::isnan(expected)) {
        ASSERT_TRUE(std::isnan(got)) << c.name << " " << code;
        ASSERT_TRUE(std::isnan(reference::value_of(again[code], c.format))) << c.name;
        continue;
      }
      ASSERT_EQ(got, expected) << c.name << " " << code;
      if (std::isfinite(expected) || !c.saturating) {
        ASSERT_EQ(again[code], code) << c.name;
      }
    }
  }
}

TEST(PrecisionConvert, EveryCodeMeansWhatTheStandardSays) {
  on_every_target(expect_codes_to_mean_what_the_standard_says);
}

/// Every value, every midpoint between neighbours, their neighbours in binary32, in both signs.
std::vector<float> boundaries(const reference::Table& table) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> found = {infinity, std::numeric_limits<float>::max(),
                              std::numeric_limits<float>::min(),
                              std::numeric_limits<float>::denorm_min(), 0x1.fffffcp-127f};
  for (std::uint32_t code = 0; code <= table.largest(); ++code) {
    const double value = table.value(code);
    for (const double at : {value, (value + table.value(code + 1)) / 2}) {
      const auto x = static_cast<float>(at);
      for (const float y : {x, std::nextafter(x, infinity), std::nextafter(x, -infinity)})
        found.push_back(y);
    }
  }
  found.push_back(static_cast<float>(table.value(table.largest() + 1)));
  const auto count = found.size();
  for (std::size_t i = 0; i < count; ++i) found.push_back(-found[i]);
  return found;
}

TEST(PrecisionConvert, RoundsToNearestEvenAtEveryBoundary) {
  for (const auto& c : cases) {
    const reference::Table table(c.format);
    const auto values = boundaries(table);
    std::vector<std::uint32_t> expected;
    for (const float x : values)
      expected.push_back(table.nearest(static_cast<double>(x), c.saturating));
    on_every_target([&] {
      const auto codes = c.encode(values);
      for (std::size_t i = 0; i < values.size(); ++i)
        ASSERT_EQ(codes[i], expected[i]) << c.name << " " << std::hexfloat << values[i];
    });
  }
}

TEST(PrecisionConvert, RoundsAnyNumberToTheNearest) {
  const auto values = random_floats(50'000, 5);
  for (const auto& c : cases) {
    const reference::Table table(c.format);
    on_every_target([&] {
      const auto codes = c.encode(values);
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) continue;
        ASSERT_EQ(codes[i], table.nearest(static_cast<double>(values[i]), c.saturating))
            << c.name << " " << std::hexfloat << values[i];
      }
    });
  }
}

TEST(PrecisionConvert, Tf32IsATenBitFraction) {
  const reference::Table table({8, 10, true});
  auto values = random_floats(50'000, 6);
  for (std::uint32_t code = 0; code < table.largest(); code += 997) {
    const double at = (table.value(code) + table.value(code + 1)) / 2;
    for (const float towards : {-1e38f, 0.0f, 1e38f}) {
      const auto x = static_cast<float>(at);
      values.push_back(std::nextafter(x, towards == 0 ? x : towards));
      values.push_back(-values.back());
    }
  }
  on_every_target([&] {
    std::vector<float> rounded(values.size());
    to_tf32(values, rounded);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto bits = std::bit_cast<std::uint32_t>(rounded[i]);
      if (std::isnan(values[i])) {
        ASSERT_TRUE(std::isnan(rounded[i]));
        ASSERT_EQ(bits, (std::bit_cast<std::uint32_t>(values[i]) & 0xffffe000) | 0x00400000);
        continue;
      }
      ASSERT_EQ(bits, table.nearest(static_cast<double>(values[i]), false) << 13)
          << std::hexfloat << values[i];
    }
  });
}

/// NaN, signalling ones too, of both signs, between ordinary numbers at every place of a vector.
TEST(PrecisionConvert, NanKeepsSignAndPayloadAndBecomesQuiet) {
  for (const std::uint32_t nan :
       {0x7f800001u, 0x7f801fffu, 0x7f80ffffu, 0x7f812345u, 0x7fbfffffu, 0x7fc00000u, 0x7fc12345u,
        0x7fffffffu, 0xff800001u, 0xffffffffu}) {
    const std::uint32_t sign = nan >> 31, fraction = nan & 0x007fffff;
    on_every_target([&] {
      for (std::size_t at = 0; at < 70; ++at) {
        std::vector<float> values(70, 0.3f);
        values[at] = std::bit_cast<float>(nan);
        const auto code = [&](const Case& c) { return c.encode(values)[at]; };
        ASSERT_EQ(code(cases[0]), sign << 15 | 0x7e00 | fraction >> 13) << std::hex << nan;
        ASSERT_EQ(code(cases[1]), sign << 15 | 0x7fc0 | fraction >> 16) << std::hex << nan;
        for (const auto e4m3 : {2, 3}) ASSERT_EQ(code(cases[e4m3]), sign << 7 | 0x7f);
        for (const auto e5m2 : {4, 5})
          ASSERT_EQ(code(cases[e5m2]), sign << 7 | 0x7e | fraction >> 21);
        ASSERT_EQ(cases[0].encode(values)[at == 0 ? 1 : 0], 0x34cdu);
        ASSERT_EQ(cases[1].encode(values)[at == 0 ? 1 : 0], 0x3e9au);
      }
    });
  }
}

TEST(PrecisionConvert, ASecondTripChangesNothing) {
  const auto values = random_floats(5'000, 7);
  on_every_target([&] {
    for (const auto& c : cases) {
      const auto once = c.encode(values);
      EXPECT_EQ(c.encode(c.decode(once)), once) << c.name;
    }
  });
}

TEST(PrecisionConvert, EveryInstructionSetGivesTheSameBitsOfValues) {
  for (const auto& c : cases) {
    std::vector<std::uint32_t> codes(c.format.codes());
    for (std::uint32_t i = 0; i < codes.size(); ++i) codes[i] = i;
    std::vector<std::uint32_t> first;
    on_every_target([&] {
      std::vector<std::uint32_t> bits;
      for (const float x : c.decode(codes)) bits.push_back(std::bit_cast<std::uint32_t>(x));
      if (first.empty()) first = bits;
      EXPECT_EQ(bits, first) << c.name;
    });
  }
}

TEST(PrecisionConvert, LargeArraysGetTheBitsOfSmallOnes) {
  // Large ones are converted block by block, past the caches.
  constexpr std::size_t count = 1'500'001;
  const auto values = random_floats(count, 8);
  on_every_target([&] {
    std::vector<std::uint8_t> codes(count + 3), piece(1);
    to_fp8_e4m3(values, std::span(codes).subspan(3));
    std::vector<float> back(count + 1);
    from_fp8_e4m3(std::span<const std::uint8_t>(codes).subspan(3), std::span(back).subspan(1));
    for (std::size_t i = 0; i < count; i += 101) {
      to_fp8_e4m3(std::span(values).subspan(i, 1), piece);
      ASSERT_EQ(codes[i + 3], piece[0]) << i;
      float value = 0;
      from_fp8_e4m3(piece, {&value, 1});
      ASSERT_EQ(std::bit_cast<std::uint32_t>(back[i + 1]), std::bit_cast<std::uint32_t>(value));
    }
  });
}

TEST(PrecisionConvert, RefusesDestinationsOfAnotherSize) {
  std::vector<float> values(3);
  std::vector<std::uint16_t> codes(4);
  EXPECT_THROW(to_fp16(values, codes), std::invalid_argument);
  EXPECT_THROW(from_bf16(codes, values), std::invalid_argument);
  EXPECT_THROW(to_tf32(values, std::span(values).first(2)), std::invalid_argument);
}

TEST(PrecisionConvert, InstructionSetsAreChosenByName) {
  try {
    use_format_target("AVX9");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_TRUE(std::string(error.what())
                    .starts_with("there is no vector code 'AVX9' of number formats for this "
                                 "machine; there is: "))
        << error.what();
  }
  EXPECT_FALSE(format_targets().empty());
}

}  // namespace
}  // namespace models
