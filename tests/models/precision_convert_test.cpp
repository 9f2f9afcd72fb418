#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "models/precision/convert.h"
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

TEST(PrecisionConvert, EveryCodeMeansWhatTheStandardSays) {
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
    const auto codes = c.encode(values);
    for (std::size_t i = 0; i < values.size(); ++i)
      ASSERT_EQ(codes[i], table.nearest(static_cast<double>(values[i]), c.saturating))
          << c.name << " " << std::hexfloat << values[i];
  }
}

}  // namespace
}  // namespace models
