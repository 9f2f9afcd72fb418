#pragma once

// The prefixes and units that models/units.h reads and writes.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "models/units.h"

namespace models {

/// A factor of 10^tens x twos; `twos` is a power of two, so that applying it is exact.
struct UnitScale {
  int tens = 0;
  double twos = 1;
};

/// A prefix or a unit, and what it stands for.
struct UnitSymbol {
  std::string_view text;
  UnitScale scale;
};

inline constexpr std::array time_prefixes = {UnitSymbol{"", {0}}, UnitSymbol{"m", {-3}},
                                             UnitSymbol{"u", {-6}}, UnitSymbol{"n", {-9}},
                                             UnitSymbol{"p", {-12}}};
inline constexpr std::array decimal_prefixes = {
    UnitSymbol{"f", {-15}}, UnitSymbol{"p", {-12}}, UnitSymbol{"n", {-9}}, UnitSymbol{"u", {-6}},
    UnitSymbol{"m", {-3}},  UnitSymbol{"", {0}},    UnitSymbol{"k", {3}},  UnitSymbol{"M", {6}},
    UnitSymbol{"G", {9}},   UnitSymbol{"T", {12}},  UnitSymbol{"P", {15}}};
inline constexpr std::array count_prefixes = {UnitSymbol{"", {0}},   UnitSymbol{"k", {3}},
                                              UnitSymbol{"M", {6}},  UnitSymbol{"G", {9}},
                                              UnitSymbol{"T", {12}}, UnitSymbol{"P", {15}}};
inline constexpr std::array data_prefixes = {
    UnitSymbol{"", {0}},           UnitSymbol{"k", {3}},          UnitSymbol{"M", {6}},
    UnitSymbol{"G", {9}},          UnitSymbol{"T", {12}},         UnitSymbol{"P", {15}},
    UnitSymbol{"Ki", {0, 0x1p10}}, UnitSymbol{"Mi", {0, 0x1p20}}, UnitSymbol{"Gi", {0, 0x1p30}},
    UnitSymbol{"Ti", {0, 0x1p40}}};

inline constexpr std::array no_prefixes = {UnitSymbol{"", {0}}};

inline constexpr std::array time_units = {UnitSymbol{"s", {}}};
inline constexpr std::array data_units = {UnitSymbol{"B", {}}, UnitSymbol{"b", {0, 0.125}}};
inline constexpr std::array bandwidth_units = {UnitSymbol{"B/s", {}},
                                               UnitSymbol{"b/s", {0, 0.125}}};
inline constexpr std::array rate_units = {UnitSymbol{"OP/s", {}},  UnitSymbol{"op/s", {}},
                                          UnitSymbol{"OPS", {}},   UnitSymbol{"FLOP/s", {}},
                                          UnitSymbol{"FLOPS", {}}, UnitSymbol{"MAC/s", {0, 2}}};
inline constexpr std::array frequency_units = {UnitSymbol{"/s", {}}, UnitSymbol{"Hz", {}}};
inline constexpr std::array energy_units = {UnitSymbol{"J", {}}};
inline constexpr std::array power_units = {UnitSymbol{"W", {}}};
inline constexpr std::array per_operation_units = {UnitSymbol{"J/op", {}}, UnitSymbol{"J/OP", {}},
                                                   UnitSymbol{"J/FLOP", {}},
                                                   UnitSymbol{"J/MAC", {0, 0.5}}};
inline constexpr std::array per_byte_units = {UnitSymbol{"J/B", {}}, UnitSymbol{"J/b", {0, 8}}};
inline constexpr std::array per_bit_units = {UnitSymbol{"J/b", {}}, UnitSymbol{"J/B", {0, 0.125}}};
inline constexpr std::array area_units = {UnitSymbol{"mm2", {}}, UnitSymbol{"um2", {-6}},
                                          UnitSymbol{"cm2", {2}}};

/// How a kind of quantity is written.
struct Notation {
  std::string_view base;
  std::string_view example;
  std::span<const UnitSymbol> prefixes;
  std::span<const UnitSymbol> units;  ///< the first is written
};

/// In the order of Dimension.
inline constexpr std::array kinds = {
    Notation{"B/s", "25 GB/s", data_prefixes, bandwidth_units},
    Notation{"op/s", "26 TOP/s", count_prefixes, rate_units},
    Notation{"/s", "30 /s", decimal_prefixes, frequency_units},
    Notation{"J", "2 mJ", decimal_prefixes, energy_units},
    Notation{"W", "15 W", decimal_prefixes, power_units},
    Notation{"J/op", "0.2 pJ/op", decimal_prefixes, per_operation_units},
    Notation{"J/B", "20 pJ/B", decimal_prefixes, per_byte_units},
    Notation{"J/b", "0.5 pJ/b", decimal_prefixes, per_bit_units},
    Notation{"mm2", "12 mm2", no_prefixes, area_units},
};
inline constexpr Notation time_kind = {"s", "1.2 ms", time_prefixes, time_units};
inline constexpr Notation data_kind = {"B", "40 GiB", data_prefixes, data_units};

inline const Notation& about(Dimension dimension) {
  return kinds[static_cast<std::size_t>(dimension)];
}

/// The count in a text with a unit; nullopt where it does not fit. Throws InputError like the
/// parsers.
std::optional<std::int64_t> picoseconds_in(std::string_view text);
std::optional<std::int64_t> bytes_in(std::string_view text);

}  // namespace models
