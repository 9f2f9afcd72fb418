#pragma once

#include <cstddef>
#include <cstdint>

namespace models {

/// Packing for one instruction set.
struct PackKernels {
  /// Puts together the lower `width` bits of every 8, 4 or 2 codes, as they fill 64 bits: so many
  /// groups.
  void (*gather_8)(const std::uint8_t*, int width, std::uint64_t*, std::size_t groups);
  void (*gather_16)(const std::uint16_t*, int width, std::uint64_t*, std::size_t groups);
  void (*gather_32)(const std::uint32_t*, int width, std::uint64_t*, std::size_t groups);
  /// Takes codes out of `bytes` bytes as far as whole vectors can be read, and says how many: a
  /// multiple of 8. What is above the code is `sign` or zero: (code ^ sign) - sign.
  std::size_t (*spread)(const std::byte*, std::size_t bytes, int width, std::uint32_t sign,
                        std::uint32_t*, std::size_t codes);
};

/// Those of the instruction set in use.
const PackKernels& pack_kernels();

}  // namespace models
