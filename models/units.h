#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <ratio>
#include <string>
#include <string_view>

namespace models {

/// Simulated time. A whole number of picoseconds, so that events compare exactly and a run
/// repeats itself on every machine. The range is plus or minus 106 days.
using Time = std::chrono::duration<std::int64_t, std::pico>;

/// An amount of data.
struct Bytes {
  std::int64_t count = 0;
  friend auto operator<=>(Bytes, Bytes) = default;
};

/// A physical quantity held as a double in its SI base unit (`B/s`, `J`, `W`, `op/s`, ...; areas in
/// `mm2`).
/// The tag keeps quantities of different kinds apart.
template <class Tag>
struct Quantity {
  double value = 0;
  friend auto operator<=>(Quantity, Quantity) = default;
};

using Bandwidth = Quantity<struct BandwidthTag>;                    ///< bytes per second
using OperationRate = Quantity<struct OperationRateTag>;            ///< operations per second
using Frequency = Quantity<struct FrequencyTag>;                    ///< events per second
using Energy = Quantity<struct EnergyTag>;                          ///< joules
using Power = Quantity<struct PowerTag>;                            ///< watts
using EnergyPerOperation = Quantity<struct EnergyPerOperationTag>;  ///< joules per operation
using EnergyPerByte = Quantity<struct EnergyPerByteTag>;            ///< joules per byte
using EnergyPerBit = Quantity<struct EnergyPerBitTag>;              ///< joules per bit
using Area = Quantity<struct AreaTag>;                              ///< square millimetres

/// The kinds of quantity that a file can hold; each knows its units and how to be written.
enum class Dimension {
  bandwidth,
  operation_rate,
  frequency,
  energy,
  power,
  energy_per_operation,
  energy_per_byte,
  energy_per_bit,
  area
};

template <class Q>
inline constexpr Dimension dimension_of = Dimension::bandwidth;
template <>
inline constexpr Dimension dimension_of<OperationRate> = Dimension::operation_rate;
template <>
inline constexpr Dimension dimension_of<Frequency> = Dimension::frequency;
template <>
inline constexpr Dimension dimension_of<Energy> = Dimension::energy;
template <>
inline constexpr Dimension dimension_of<Power> = Dimension::power;
template <>
inline constexpr Dimension dimension_of<EnergyPerOperation> = Dimension::energy_per_operation;
template <>
inline constexpr Dimension dimension_of<EnergyPerByte> = Dimension::energy_per_byte;
template <>
inline constexpr Dimension dimension_of<EnergyPerBit> = Dimension::energy_per_bit;
template <>
inline constexpr Dimension dimension_of<Area> = Dimension::area;

[[noreturn]] void refuse_duration(double picoseconds);

/// The one place where a duration becomes whole: `seconds` (times 1e12, as a double) rounded up to
/// picoseconds without libm. Negative, NaN and too large (over 106 days) throw std::range_error.
inline Time rounded_up(double seconds) {
  const double picoseconds = seconds * 1e12;
  if (!(picoseconds >= 0 && picoseconds < 0x1p63)) [[unlikely]]
    refuse_duration(picoseconds);
  const auto below = static_cast<std::int64_t>(picoseconds);
  return Time(static_cast<double>(below) < picoseconds ? below + 1 : below);
}

/// How long `size` keeps a link of the given bandwidth busy: rounded_up(size / bandwidth).
inline Time transfer_time(Bytes size, Bandwidth bandwidth) {
  return rounded_up(static_cast<double>(size.count) / bandwidth.value);
}

inline double seconds(Time time) {
  return static_cast<double>(time.count()) * 1e-12;
}

/// Reads "1.2 ms", to the nearest picosecond. Units: s, ms, us, ns, ps. All parsers take negative
/// numbers and throw InputError (without a place) on what they cannot read or hold.
Time parse_time(std::string_view text);

/// Reads "40 GB" (a thousand millions) or "40 GiB" (2^30). Units: B and b, where 8 b = 1 B.
Bytes parse_bytes(std::string_view text);

/// Reads a quantity in SI or binary prefixes: "25 GB/s", "200 Gb/s", "26 TOP/s", "8 TFLOP/s",
/// "4 TMAC/s" (two operations each), "0.5 pJ/b", "20 pJ/B", "0.2 pJ/op", "15 W", "30 /s", "2 mJ",
/// "12 mm2".
double parse_quantity(std::string_view text, Dimension dimension);

/// A short text that the parsers read back as exactly the same value: "1.2 ms", "25 GB/s", "8 MiB".
std::string to_text(Time time);
std::string to_text(Bytes bytes);
std::string to_text(double value, Dimension dimension);
template <class Tag>
std::string to_text(Quantity<Tag> quantity) {
  return to_text(quantity.value, dimension_of<Quantity<Tag>>);
}

/// What a person wants to read: three or four significant digits and a fitting prefix,
/// "12.35 ms", "1.21 GiB", "3.4 mJ". Not meant to be read back.
std::string pretty(Time time);
std::string pretty(Bytes bytes);
std::string pretty(double value, Dimension dimension);

/// A number without a unit, four significant digits.
std::string pretty(double value);

/// The shortest decimal that reads back as the same double, with no locale; whole numbers below
/// 10^15 without an exponent.
std::string shortest(double value);

/// What a user should write: "25 GB/s" for a bandwidth. Used in error messages and the schema.
std::string_view example_of(Dimension dimension);
/// The base unit: "B/s", "op/s", "/s", "J", "W", "J/op", "J/B", "J/b", "mm2".
std::string_view base_unit(Dimension dimension);

}  // namespace models
