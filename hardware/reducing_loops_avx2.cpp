#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

#include "hardware/elementwise.h"
#include "hardware/instruction_sets.h"
#include "hardware/reducing.h"

namespace hardware {
namespace {
PARTWISE_BEGIN_AVX2
#include "hardware/reducing_loops.h"
PARTWISE_END_AVX2
}  // namespace

Reducer find_reducer_of_avx2(std::string_view type, models::ElementType type_of_elements) {
  return found(type, type_of_elements);
}

}  // namespace hardware
