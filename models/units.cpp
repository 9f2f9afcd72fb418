#include "models/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>

#include "models/error.h"

namespace models {
namespace {

/// A factor of 10^tens x twos; `twos` is a power of two, so that applying it is exact.
struct Scale {
  int tens = 0;
  double twos = 1;
};

struct Symbol {
  std::string_view text;
  Scale scale;
};

constexpr std::array time_prefixes = {Symbol{"", {0}}, Symbol{"m", {-3}}, Symbol{"u", {-6}},
                                      Symbol{"n", {-9}}, Symbol{"p", {-12}}};
constexpr std::array decimal_prefixes = {Symbol{"f", {-15}}, Symbol{"p", {-12}}, Symbol{"n", {-9}},
                                         Symbol{"u", {-6}},  Symbol{"m", {-3}},  Symbol{"", {0}},
                                         Symbol{"k", {3}},   Symbol{"M", {6}},   Symbol{"G", {9}},
                                         Symbol{"T", {12}},  Symbol{"P", {15}}};
constexpr std::array count_prefixes = {Symbol{"", {0}},  Symbol{"k", {3}},  Symbol{"M", {6}},
                                       Symbol{"G", {9}}, Symbol{"T", {12}}, Symbol{"P", {15}}};
constexpr std::array data_prefixes = {Symbol{"", {0}},           Symbol{"k", {3}},
                                      Symbol{"M", {6}},          Symbol{"G", {9}},
                                      Symbol{"T", {12}},         Symbol{"P", {15}},
                                      Symbol{"Ki", {0, 0x1p10}}, Symbol{"Mi", {0, 0x1p20}},
                                      Symbol{"Gi", {0, 0x1p30}}, Symbol{"Ti", {0, 0x1p40}}};

constexpr std::array time_units = {Symbol{"s", {}}};
constexpr std::array data_units = {Symbol{"B", {}}, Symbol{"b", {0, 0.125}}};
constexpr std::array bandwidth_units = {Symbol{"B/s", {}}, Symbol{"b/s", {0, 0.125}}};
constexpr std::array rate_units = {Symbol{"OP/s", {}},  Symbol{"op/s", {}},
                                   Symbol{"OPS", {}},   Symbol{"FLOP/s", {}},
                                   Symbol{"FLOPS", {}}, Symbol{"MAC/s", {0, 2}}};
constexpr std::array frequency_units = {Symbol{"/s", {}}, Symbol{"Hz", {}}};
constexpr std::array energy_units = {Symbol{"J", {}}};
constexpr std::array power_units = {Symbol{"W", {}}};
constexpr std::array per_operation_units = {Symbol{"J/op", {}}, Symbol{"J/OP", {}},
                                            Symbol{"J/FLOP", {}}, Symbol{"J/MAC", {0, 0.5}}};
constexpr std::array per_byte_units = {Symbol{"J/B", {}}, Symbol{"J/b", {0, 8}}};
constexpr std::array per_bit_units = {Symbol{"J/b", {}}, Symbol{"J/B", {0, 0.125}}};

struct Kind {
  std::string_view base;
  std::string_view example;
  std::span<const Symbol> prefixes;
  std::span<const Symbol> units;  ///< the first is written
};

/// In the order of Dimension.
constexpr std::array kinds = {
    Kind{"B/s", "25 GB/s", data_prefixes, bandwidth_units},
    Kind{"op/s", "26 TOP/s", count_prefixes, rate_units},
    Kind{"/s", "30 /s", decimal_prefixes, frequency_units},
    Kind{"J", "2 mJ", decimal_prefixes, energy_units},
    Kind{"W", "15 W", decimal_prefixes, power_units},
    Kind{"J/op", "0.2 pJ/op", decimal_prefixes, per_operation_units},
    Kind{"J/B", "20 pJ/B", decimal_prefixes, per_byte_units},
    Kind{"J/b", "0.5 pJ/b", decimal_prefixes, per_bit_units},
};
constexpr Kind time_kind = {"s", "1.2 ms", time_prefixes, time_units};
constexpr Kind data_kind = {"B", "40 GiB", data_prefixes, data_units};

const Kind& about(Dimension dimension) {
  return kinds[static_cast<std::size_t>(dimension)];
}

InputError complaint(std::string_view text, std::string_view why, const Kind& kind) {
  return InputError("'" + std::string(text) + "' " + std::string(why) + "; write it like '" +
                    std::string(kind.example) + "'");
}

std::optional<Scale> scale_of(std::string_view symbol, const Kind& kind) {
  for (const auto& unit : kind.units)
    for (const auto& prefix : kind.prefixes)
      if (symbol.size() == prefix.text.size() + unit.text.size() &&
          symbol.starts_with(prefix.text) && symbol.ends_with(unit.text))
        return Scale{prefix.scale.tens + unit.scale.tens, prefix.scale.twos * unit.scale.twos};
  return std::nullopt;
}

/// "25 GB/s" as its number, "25", and what its unit stands for.
struct Parsed {
  std::string_view number;
  Scale scale;
};

Parsed split(std::string_view text, const Kind& kind) {
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
std::optional<double> scaled(std::string_view number, Scale scale) {
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
std::optional<std::int64_t> whole(std::string_view number, Scale scale) {
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
std::optional<std::int64_t> count_in(std::string_view text, const Kind& kind, int tens_of_one) {
  auto [number, scale] = split(text, kind);
  scale.tens += tens_of_one;
  return whole(number, scale);
}

std::optional<std::int64_t> picoseconds_in(std::string_view text) {
  return count_in(text, time_kind, 12);
}

std::optional<std::int64_t> bytes_in(std::string_view text) {
  return count_in(text, data_kind, 0);
}

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
std::string with_prefix(const Decimal& number, std::span<const Symbol> prefixes,
                        std::string_view unit) {
  const bool zero = number.digits == "0";
  const Symbol* best = nullptr;
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

std::string pretty(double value, const Kind& kind) {
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

Time rounded_up(double seconds) {
  const double picoseconds = seconds * 1e12;
  if (!(picoseconds >= 0)) throw std::range_error("a duration must not be negative");
  if (picoseconds >= 0x1p63) throw std::range_error("a duration is beyond 106 days");
  const auto below = static_cast<std::int64_t>(picoseconds);
  return Time(static_cast<double>(below) < picoseconds ? below + 1 : below);
}

Time transfer_time(Bytes size, Bandwidth bandwidth) {
  return rounded_up(static_cast<double>(size.count) / bandwidth.value);
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

std::string_view example_of(Dimension dimension) {
  return about(dimension).example;
}
std::string_view base_unit(Dimension dimension) {
  return about(dimension).base;
}

}  // namespace models
