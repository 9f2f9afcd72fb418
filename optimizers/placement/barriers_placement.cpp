#include <algorithm>
#include <limits>

#include "models/index.h"
#include "optimizers/placement/barriers.h"

namespace optimizers {

using models::at;

models::Placement Barriers::placement() {
  models::Placement placement(problem_.nodes.size(), problem_.accelerators);
  State state{blocks_.size() - 1, blocks_.back().ideals() - 1, 0};
  const auto& last = settled_.back().back();
  state.used = static_cast<std::size_t>(std::min_element(last.begin(), last.end()) - last.begin());
  do trace_region(state, placement);
  while (trace_barrier(state, placement));
  return placement;
}

/// Slots beyond those there are stay on CPUs.
void Barriers::put(const std::vector<int>& nodes, models::Placement& placement) {
  if (slots_ == problem_.accelerators) return;
  for (const int n : nodes) at(placement, n) = slots_;
  ++slots_;
}

/// Back to the barrier before the down-set, over what is in between.
void Barriers::trace_region(State& state, models::Placement& placement) {
  const auto end = settled_[state.block][at(state.ideal)][state.used];
  for (int taken = 0; taken <= state.ideal; ++taken) {
    const auto& before = end_[state.block][at(taken)];
    if (*std::min_element(before.begin(), before.end()) >= RegionChain::never) continue;
    if (!find_region(state.block, taken, state.ideal)) continue;
    const auto time = time_of_region(std::numeric_limits<std::int64_t>::max());
    for (std::size_t more = 0; more < std::min(time.size(), state.used + 1); ++more) {
      if (before[state.used - more] + time[more] != end) continue;
      for (const auto& slot : chain_.slots(more)) put(slot, placement);
      state.ideal = taken;
      state.used -= more;
      return;
    }
  }
}

/// Back to the down-set before the barrier; false at the beginning.
bool Barriers::trace_barrier(State& state, models::Placement& placement) {
  if (state.block == 0) return false;
  const auto end = end_[state.block][at(state.ideal)][state.used];
  const auto before = state.block - 1;
  if (state.ideal == 0 && problem_.cpus > 0 &&
      settled_[before].back()[state.used] + node(barriers_[before]).cpu.count() == end) {
    state = {before, blocks_[before].ideals() - 1, state.used};
    return true;
  }
  if (state.used == 0) return false;
  for (auto b = state.block; b-- > 0;)
    for (int ideal = 0; ideal < blocks_[b].ideals(); ++ideal) {
      const State from{b, ideal, state.used - 1};
      const bool found = is_slot(from, state);
      if (found) put(members_, placement);
      while (!members_.empty()) take_back();
      if (!found) continue;
      state = from;
      return true;
    }
  return false;
}

/// Whether one slot leads from the one to the other; members_ are its nodes.
bool Barriers::is_slot(const State& before, const State& state) {
  bool fits = true;
  for (std::size_t b = before.block; b <= state.block && fits; ++b) {
    const auto& block = blocks_[b];
    for (std::size_t i = 0; i < block.nodes.size(); ++i) {
      const bool in = (b > before.block || !block.holds(before.ideal, i)) &&
                      (b < state.block || block.holds(state.ideal, i));
      if (in) fits = add(block.nodes[i]) && fits;
    }
    if (b < state.block) fits = add(barriers_[b]) && fits;
  }
  return fits && settled_[before.block][at(before.ideal)][before.used] + time_of_slot() ==
                     end_[state.block][at(state.ideal)][state.used];
}

}  // namespace optimizers
