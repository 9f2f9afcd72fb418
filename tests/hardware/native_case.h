#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hardware/kernel.h"
#include "tests/hardware/plain_case.h"

namespace hardware {

/// Where an element of a tensor lies, counted in elements, by its place row by row.
std::size_t place_of(const Layout& layout, std::size_t index);

/// Values row by row as the bytes of the layout, rounded and saturated; and back, times the scale.
std::vector<std::byte> stored(const std::vector<double>& values, const Layout& layout);
std::vector<double> read(std::span<const std::byte> bytes, const Layout& layout);

/// An operator for a native kernel; of all tensors the layouts as the network would have them.
struct NativeCase {
  struct Input {
    Layout layout;
    std::vector<double> values;  ///< row by row; representable
    bool constant = false;
  };
  models::Operator op;
  std::vector<std::optional<Input>> inputs;
  Layout output;
  models::Precision precision = models::Precision::fp32;
  std::vector<Fused> fused;

  void add(Layout layout, std::vector<double> values, bool constant = false);
};

/// What the native kernel makes of it, row by row; nullopt where there is none. Runs it twice, the
/// second time in place where it allows that, and expects the same.
std::optional<std::vector<double>> computed(const NativeCase& native);

/// How the kernel of the last `computed` was made.
struct Made {
  std::string implementation;
  bool channels_last = false;
  int in_place = -1;
  std::size_t held = 0;
};
std::optional<Made> made(const NativeCase& native);

/// What the operations fused to it make of real values; `read` gives what operands hold.
std::vector<double> chained(const NativeCase& native, std::vector<double> values);

/// The element of an operand, broadcast, that meets an element of the output.
double met(const NativeCase::Input& operand, const models::Shape& output, std::size_t index);

}  // namespace hardware
