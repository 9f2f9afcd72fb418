#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/hardware/plain_case.h"

namespace hardware {

/// A plain case of float32 to be computed natively: `input` and `output` say of what type and scale
/// the first of them are.
struct WindowCase {
  PlainCase plain;
  models::Precision precision = models::Precision::fp32;
  Layout input, output;
  std::set<std::size_t> constants;
};

/// At int8 in steps of a sixteenth.
WindowCase case_of(PlainCase plain, models::Precision precision);

/// One list of values per output, row by row; nullopt without a native kernel. Run twice, in memory
/// full of rubbish.
using Results = std::vector<std::vector<double>>;
std::optional<Results> native(const WindowCase& window, std::string* implementation = nullptr);

/// What the layout can hold of the values, in steps of its scale and in its order.
Array codes_of(const std::vector<double>& values, const Layout& layout);
double step_of(const Layout& layout);

/// With narrower vectors oneDNN has fewer kernels.
bool has_all_kernels();
/// Whether there was a kernel; if so, it is expected to agree with the plain one in double
/// precision.
bool agrees(const WindowCase& window);
/// Whether there was a right kernel, or need not be one on this machine.
bool agrees_if_any(const WindowCase& window);

}  // namespace hardware
