#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "hardware/elementwise.h"
#include "hardware/instruction_sets.h"

namespace hardware {
namespace {
#include "hardware/elementwise_arithmetic_loops.h"

template <class T>
void select(const void* const* operands, void* result, std::int64_t count, const Reals&) {
  const auto* condition = static_cast<const Byte*>(operands[0]);
  const auto* a = static_cast<const T*>(operands[1]);
  const auto* b = static_cast<const T*>(operands[2]);
  auto* c = static_cast<T*>(result);
  for (std::int64_t i = 0; i < count; ++i) c[i] = condition[i] != 0 ? a[i] : b[i];
}

}  // namespace

Loops binary_loops(std::string_view type) {
  return has_avx2() ? binary_loops_of_avx2(type) : found(type);
}

Loop selecting_loop(std::size_t bytes) {
  if (bytes == 1) return select<std::uint8_t>;
  if (bytes == 2) return select<std::uint16_t>;
  if (bytes == 4) return select<std::uint32_t>;
  return select<std::uint64_t>;
}

}  // namespace hardware
