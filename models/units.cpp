#include "models/units.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "models/error.h"
#include "models/unit_symbols.h"

namespace models {
namespace {

InputError complaint(std::string_view text, std::string_view why, const Notation& kind) {
  return InputError("'" + std::string(text) + "' " + std::string(why) + "; write it like '" +
                    std::string(kind.example) + "'");
}

std::optional<UnitScale> scale_of(std::string_view symbol, const Notation& kind) {
  for (const auto& unit : kind.units)
    for (const auto& prefix : kind.prefixes)
      if (symbol.size() == prefix.text.size() + unit.text.size() &&
          symbol.starts_with(prefix.text) && symbol.ends_with(unit.text))
        return UnitScale{prefix.scale.tens + unit.scale.tens, prefix.scale.twos * unit.scale.twos};
  return std::nullopt;
}

/// "25 GB/s" as its number, "25", and what its unit stands for.
struct Parsed {
  std::string_view number;
  UnitScale scale;
};

Parsed split(std::string_view text, const Notation& kind) {
  double value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // A number that a double cannot hold is refused later, where its unit is known.
  const bool readable = error == std::errc{} || error == std::errc::result_out_of_range;
  if (!readable || !std::isfinite(value))
    throw complaint(text, "does not start with a number", kind);

  const auto length = static_cast<std::size_t>(rest - text.data());
  auto symbol = text.substr(length);
  symbol.remove_prefix(std::min(symbol.find_first_not_of(' '), symbol.size()));
  if (symbol.empty()) throw complaint(text, "has no unit", kind);
  const auto scale = scale_of(symbol, kind);
  if (!scale) throw complaint(text, "has an unknown unit", kind);
  return {text.substr(0, length), *scale};
}

/// Number x 10^tens x twos. The power of ten goes into the decimal text, so that there is one
/// rounding only, and what to_text writes is read back exactly. nullopt beyond the range of double.
std::optional<double> scaled(std::string_view number, UnitScale scale) {
  const auto e = number.find_first_of("eE");
  int tens = scale.tens;
  if (e != std::string_view::npos) {
    auto digits = number.substr(e + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    int given = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), given);
    if (error != std::errc{} || std::abs(given) > 9999) return std::nullopt;
    tens += given;
  }
  const std::string whole = std::string(number.substr(0, e)) + "e" + std::to_string(tens);
  double value = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), value);
  value *= scale.twos;
  if (error != std::errc{} || !std::isfinite(value)) return std::nullopt;
  return value;
}

constexpr std::int64_t power_of_ten(int tens) {
  std::int64_t power = 1;
  for (; tens > 0; --tens) power *= 10;
  return power;
}

/// Whole numbers of a whole unit are kept exactly to the end of the range, others go through
/// double.
std::optional<std::int64_t> whole(std::string_view number, UnitScale scale) {
  std::int64_t count = 0;
  const auto end = number.data() + number.size();
  const auto [rest, error] = std::from_chars(number.data(), end, count);
  if (error == std::errc{} && rest == end && scale.tens >= 0 && scale.twos >= 1) {
    const auto factor = power_of_ten(scale.tens) * static_cast<std::int64_t>(scale.twos);
    std::int64_t product = 0;
    if (__builtin_mul_overflow(count, factor, &product)) return std::nullopt;
    return product;
  }
  const auto value = scaled(number, scale);
  if (!value || *value >= 0x1p63 || *value < -0x1p63) return std::nullopt;
  return std::llround(*value);
}

/// nullopt where the count of picoseconds or bytes does not fit.
std::optional<std::int64_t> count_in(std::string_view text, const Notation& kind, int tens_of_one) {
  auto [number, scale] = split(text, kind);
  scale.tens += tens_of_one;
  return whole(number, scale);
}

}  // namespace

std::optional<std::int64_t> picoseconds_in(std::string_view text) {
  return count_in(text, time_kind, 12);
}

std::optional<std::int64_t> bytes_in(std::string_view text) {
  return count_in(text, data_kind, 0);
}

void refuse_duration(double picoseconds) {
  if (!(picoseconds >= 0)) throw std::range_error("a duration must not be negative");
  throw std::range_error("a duration is beyond 106 days");
}

Time parse_time(std::string_view text) {
  if (const auto count = picoseconds_in(text)) return Time(*count);
  throw complaint(text, "is beyond 106 days", time_kind);
}

Bytes parse_bytes(std::string_view text) {
  if (const auto count = bytes_in(text)) return {*count};
  throw complaint(text, "is too large", data_kind);
}

double parse_quantity(std::string_view text, Dimension dimension) {
  const auto& kind = about(dimension);
  const auto [number, scale] = split(text, kind);
  if (const auto value = scaled(number, scale)) return *value;
  throw complaint(text, "is out of range", kind);
}

std::string_view example_of(Dimension dimension) {
  return about(dimension).example;
}
std::string_view base_unit(Dimension dimension) {
  return about(dimension).base;
}

}  // namespace models
