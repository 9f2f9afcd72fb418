#pragma once

#include <cstddef>
#include <cstdint>

#include "models/precision/small_float.h"

namespace models {

/// Blocks of 32 elements with a common scale, for one instruction set. Stochastic where `run` is
/// given, which is of the first block's first element.
struct MxKernels {
  void (*to_mxfp8)(const float*, std::uint8_t*, std::uint8_t* scales, std::size_t blocks,
                   const StochasticRun* run);
  void (*from_mxfp8)(const std::uint8_t*, const std::uint8_t* scales, float*, std::size_t blocks);
  void (*to_mxint8)(const float*, std::int8_t*, std::uint8_t* scales, std::size_t blocks,
                    const StochasticRun* run);
  void (*from_mxint8)(const std::int8_t*, const std::uint8_t* scales, float*, std::size_t blocks);
};

/// Those of the instruction set in use.
const MxKernels& mx_kernels();

}  // namespace models
