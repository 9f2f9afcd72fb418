#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

#include "models/unit_symbols.h"
#include "models/units.h"

namespace models {
namespace {

/// A number as its sign, its digits without a point, and the power of ten of the first digit.
struct Decimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

Decimal decimal(std::string_view scientific) {
  Decimal result{.negative = scientific.starts_with('-'), .digits = "", .exponent = 0};
  if (result.negative) scientific.remove_prefix(1);
  const auto e = scientific.find('e');
  for (const char c : scientific.substr(0, e))
    if (c != '.') result.digits += c;
  auto exponent = scientific.substr(e + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), result.exponent);
  while (result.digits.size() > 1 && result.digits.back() == '0') result.digits.pop_back();
  return result;
}

std::string plain(const Decimal& number, int shift) {
  std::string text = number.digits;
  if (shift < 0) {
    text.insert(0, static_cast<std::size_t>(-shift), '0');
    shift = 0;
  }
  const auto point = static_cast<std::size_t>(shift) + 1;
  if (text.size() < point) text.append(point - text.size(), '0');
  if (text.size() > point) text.insert(point, ".");
  return (number.negative ? "-" : "") + text;
}

/// With the prefix that leaves one to three digits before the point, as far as there is one.
std::string with_prefix(const Decimal& number, std::span<const UnitSymbol> prefixes,
                        std::string_view unit) {
  const bool zero = number.digits == "0";
  const UnitSymbol* best = nullptr;
  for (const auto& prefix : prefixes) {
    if (prefix.scale.twos != 1) continue;
    const int tens = prefix.scale.tens;
    const auto misfit = [&](int t) {
      const int shift = (zero ? 0 : number.exponent) - t;
      return shift < 0 ? -shift * 2 : std::max(0, shift - 2);
    };
    if (zero ? tens == 0 : !best || misfit(tens) < misfit(best->scale.tens)) best = &prefix;
  }
  const int shift = zero ? 0 : number.exponent - best->scale.tens;
  const std::string text = shift < -6 || shift > 20 ? plain(number, 0) + "e" + std::to_string(shift)
                                                    : plain(number, shift);
  return text + " " + std::string(best->text) + std::string(unit);
}

std::string scientific(double value) {
  std::array<char, 64> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
  return {text.data(), end.ptr};
}

std::string scientific(double value, int digits) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                 std::chars_format::scientific, digits - 1);
  return {text.data(), end.ptr};
}

constexpr int pretty_digits = 4;

std::string pretty(double value, const Notation& kind) {
  const auto unit = kind.units.front().text;
  if (!std::isfinite(value)) return shortest(value) + " " + std::string(unit);
  return with_prefix(decimal(scientific(value, pretty_digits)), kind.prefixes, unit);
}

/// All digits of a whole number, as a decimal.
Decimal decimal(std::int64_t count) {
  std::string digits = std::to_string(count);
  const bool negative = digits.starts_with('-');
  if (negative) digits.erase(0, 1);
  const int exponent = static_cast<int>(digits.size()) - 1;
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  return {negative, digits, exponent};
}

}  // namespace

std::string to_text(Time time) {
  Decimal number = decimal(time.count());
  number.exponent -= 12;
  const auto text = with_prefix(number, time_prefixes, "s");
  // Above 2^53 ps a fraction can be lost on reading; whole picoseconds never are.
  return picoseconds_in(text) == time.count() ? text : std::to_string(time.count()) + " ps";
}

std::string to_text(Bytes bytes) {
  std::string best = std::to_string(bytes.count) + " B";
  if (bytes.count == 0) return best;
  const auto consider = [&](const std::string& text) {
    if (text.size() < best.size() && bytes_in(text) == bytes.count) best = text;
  };
  consider(with_prefix(decimal(bytes.count), data_prefixes, "B"));
  for (const auto& prefix : data_prefixes)
    if (prefix.scale.twos > 1)
      consider(shortest(static_cast<double>(bytes.count) / prefix.scale.twos) + " " +
               std::string(prefix.text) + "B");
  return best;
}

std::string to_text(double value, Dimension dimension) {
  const auto& kind = about(dimension);
  const auto unit = kind.units.front().text;
  if (!std::isfinite(value)) return shortest(value) + " " + std::string(unit);
  return with_prefix(decimal(scientific(value)), kind.prefixes, unit);
}

std::string pretty(Time time) {
  return pretty(seconds(time), time_kind);
}

std::string pretty(Bytes bytes) {
  double value = static_cast<double>(bytes.count);
  std::string_view prefix;
  // 1023.95 would be shown as 1024.
  for (const auto larger : {"Ki", "Mi", "Gi", "Ti"}) {
    if (std::abs(value) < 1023.95) break;
    value /= 1024;
    prefix = larger;
  }
  return pretty(value) + " " + std::string(prefix) + "B";
}

std::string pretty(double value) {
  std::array<char, 64> text{};
  const int digits = std::abs(value) < 1e4 ? pretty_digits : 6;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                 std::chars_format::general, digits);
  return {text.data(), end.ptr};
}

std::string pretty(double value, Dimension dimension) {
  return pretty(value, about(dimension));
}

std::string shortest(double value) {
  std::array<char, 64> text{};
  const auto end = text.data() + text.size();
  const bool whole = std::abs(value) < 1e15 && value == std::trunc(value);
  return {text.data(), whole ? std::to_chars(text.data(), end, value, std::chars_format::fixed).ptr
                             : std::to_chars(text.data(), end, value).ptr};
}

}  // namespace models
