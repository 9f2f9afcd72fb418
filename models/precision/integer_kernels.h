#pragma once

#include <cstddef>
#include <cstdint>

#include "models/precision/small_float.h"

namespace models {

/// How the elements of one channel become codes.
struct Linear {
  float scale = 1;
  std::int32_t zero = 0;  ///< not 0 only where low and high have 17 bits at most
  std::int32_t low = 0;   ///< least and largest code
  std::int32_t high = 0;
};

/// Conversions to and from codes of one type.
template <class Code>
struct CodeKernels {
  void (*nearest)(const float*, Code*, std::size_t, const Linear&);
  void (*stochastic)(const float*, Code*, std::size_t, const Linear&, StochasticRun);
  void (*values)(const Code*, float*, std::size_t, float scale, std::int32_t zero);
};

/// Conversions to and from integers for one instruction set.
struct IntegerKernels {
  CodeKernels<std::int8_t> int8;
  CodeKernels<std::uint8_t> uint8;
  CodeKernels<std::int16_t> int16;
  CodeKernels<std::uint16_t> uint16;
  CodeKernels<std::int32_t> int32;
  /// Least and largest finite value are taken into low and high.
  void (*range)(const float*, std::size_t, float& low, float& high);
};

/// Those of the instruction set in use.
const IntegerKernels& integer_kernels();

}  // namespace models
