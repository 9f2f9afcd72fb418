#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "hardware/elementwise.h"
#include "hardware/instruction_sets.h"

namespace hardware {
namespace {
#include "hardware/elementwise_unary_loops.h"

bool is_of_eigen(std::string_view type) {
  return type == "Tanh" || type == "Erf" || type == "Sin" || type == "Cos";
}
}  // namespace

Loops unary_loops(std::string_view type) {
  if (is_of_eigen(type)) return array_loops(type);
  return has_avx2() ? unary_loops_of_avx2(type) : found(type);
}

}  // namespace hardware
