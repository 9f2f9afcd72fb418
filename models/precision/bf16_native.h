#pragma once

#include <cstddef>
#include <cstdint>

namespace models {

/// fp32 to bf16 by the AVX512-BF16 instructions, which take subnormals for zero: those lanes are
/// rounded otherwise. nullptr where the processor has none.
using ToBf16Native = void (*)(const float*, std::uint16_t*, std::size_t);
ToBf16Native to_bf16_native();

}  // namespace models
