#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "hardware/elementwise.h"
#include "hardware/instruction_sets.h"

namespace hardware {
namespace {
PARTWISE_BEGIN_AVX2
#include "hardware/elementwise_arithmetic_loops.h"
PARTWISE_END_AVX2
}  // namespace

Loops binary_loops_of_avx2(std::string_view type) {
  return found(type);
}

}  // namespace hardware
