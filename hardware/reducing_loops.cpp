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
#include "hardware/reducing_loops.h"
}  // namespace

ReductionPlan::ReductionPlan(const models::Shape& shape, const std::vector<bool>& is_reduced) {
  kept.reserve(shape.size());
  reduced.reserve(shape.size());
  kept_index.reserve(shape.size());
  reduced_index.reserve(shape.size());
  set(shape, is_reduced);
}

void ReductionPlan::set(const models::Shape& shape, const std::vector<bool>& is_reduced) {
  kept.clear();
  reduced.clear();
  inner = results = count = 1;
  inner_reduced = true;
  std::int64_t stride = 1;
  auto* size = &inner;  // of the neighbours that are one axis
  bool fresh = true, last = true;
  for (auto axis = shape.size(); axis-- > 0;) {
    const bool now = is_reduced[axis];
    (now ? count : results) *= shape[axis];
    if (shape[axis] == 1) continue;
    auto& axes = now ? reduced : kept;
    if (fresh)
      inner_reduced = now;
    else if (now != last)
      size = &axes.emplace_back(Axis{1, stride}).size;
    *size *= shape[axis];
    stride *= shape[axis];
    last = now;
    fresh = false;
  }
  std::ranges::reverse(kept);
  std::ranges::reverse(reduced);
  kept_index.assign(kept.size(), 0);
  reduced_index.assign(reduced.size(), 0);
}

Reducer find_reducer(std::string_view type, models::ElementType type_of_elements) {
  return has_avx2() ? find_reducer_of_avx2(type, type_of_elements) : found(type, type_of_elements);
}

}  // namespace hardware
