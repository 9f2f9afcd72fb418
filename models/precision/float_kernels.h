#pragma once

#include <cstddef>
#include <cstdint>

#include "models/precision/small_float.h"

namespace models {

/// Conversions of small floats for one instruction set.
struct FloatKernels {
  void (*to_fp16)(const float*, std::uint16_t*, std::size_t);
  void (*from_fp16)(const std::uint16_t*, float*, std::size_t);
  void (*to_bf16)(const float*, std::uint16_t*, std::size_t);
  void (*from_bf16)(const std::uint16_t*, float*, std::size_t);
  void (*to_tf32)(const float*, float*, std::size_t);
  void (*to_e4m3)(const float*, std::uint8_t*, std::size_t);          ///< saturating
  void (*to_e4m3_special)(const float*, std::uint8_t*, std::size_t);  ///< overflow to NaN
  void (*from_e4m3)(const std::uint8_t*, float*, std::size_t);
  void (*to_e5m2)(const float*, std::uint8_t*, std::size_t);
  void (*to_e5m2_special)(const float*, std::uint8_t*, std::size_t);
  void (*from_e5m2)(const std::uint8_t*, float*, std::size_t);
  void (*stochastic_16)(const float*, std::uint16_t*, std::size_t, SmallFloat, Overflow,
                        StochasticRun);
  void (*stochastic_8)(const float*, std::uint8_t*, std::size_t, SmallFloat, Overflow,
                       StochasticRun);
  void (*stochastic_tf32)(const float*, float*, std::size_t, StochasticRun);
  /// Copies past the caches; the destination may have any address.
  void (*stream)(const std::byte*, std::byte*, std::size_t);
};

/// Those of the instruction set in use.
const FloatKernels& float_kernels();

}  // namespace models
