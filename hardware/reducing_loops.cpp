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
  struct Group {
    std::int64_t size;
    bool reduced;
  };
  std::vector<Group> groups;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    (is_reduced[axis] ? count : results) *= shape[axis];
    if (shape[axis] == 1) continue;
    if (!groups.empty() && groups.back().reduced == is_reduced[axis])
      groups.back().size *= shape[axis];
    else
      groups.push_back({shape[axis], is_reduced[axis]});
  }
  if (groups.empty()) groups.push_back({1, true});
  inner = groups.back().size;
  inner_reduced = groups.back().reduced;
  std::int64_t stride = inner;
  for (std::size_t i = groups.size() - 1; i-- > 0;) {
    auto& axes = groups[i].reduced ? reduced : kept;
    axes.insert(axes.begin(), {groups[i].size, stride});
    stride *= groups[i].size;
  }
  kept_index.assign(kept.size(), 0);
  reduced_index.assign(reduced.size(), 0);
}

Reducer find_reducer(std::string_view type, models::ElementType type_of_elements) {
  return has_avx2() ? find_reducer_of_avx2(type, type_of_elements) : found(type, type_of_elements);
}

}  // namespace hardware
