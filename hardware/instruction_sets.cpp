#include "hardware/instruction_sets.h"

#include <algorithm>

#include "hardware/cpu.h"

namespace hardware {

bool has_avx2() {
  // They are named from the least to the most.
  static const bool has = [] {
    const auto names = isa_names();
    const auto avx2 = std::ranges::find(names, "avx2");
    return std::find(avx2, names.end(), isa_in_effect()) != names.end();
  }();
  return has;
}

}  // namespace hardware
