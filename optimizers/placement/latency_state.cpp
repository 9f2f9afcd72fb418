#include "optimizers/placement/latency_state.h"

#include <algorithm>

#include "models/index.h"

namespace optimizers {

using models::at;

LatencyState::LatencyState(const models::PlacementProblem& problem, const PlacementNets& nets)
    : problem_(problem),
      loads_(problem, nets),
      makers_(at(problem.size())),
      unit_(at(problem.size())),
      waiting_(at(problem.size() + problem.devices())),
      ready_(waiting_.size()),
      slot_begin_(at(problem.accelerators + 2)),
      slot_node_(at(problem.size())),
      start_(waiting_.size()) {
  for (int node = 0; node < problem.size(); ++node)
    at(makers_, node) = static_cast<int>(problem.makers(node).size());
}

void LatencyState::set(std::span<const int> device_of_group) {
  loads_.set(device_of_group);
}

/// Sorts the nodes of slots by slot, and counts what every unit waits for.
void LatencyState::prepare() {
  const int nodes = problem_.size();
  std::copy(makers_.begin(), makers_.end(), waiting_.begin());
  std::fill(waiting_.begin() + nodes, waiting_.end(), 0);
  std::fill(slot_begin_.begin(), slot_begin_.end(), 0);
  std::fill(start_.begin(), start_.end(), 0);
  units_ = nodes;
  for (int node = 0; node < nodes; ++node) {
    const int unit = at(unit_, node) = unit_of(node);
    if (unit == node) continue;
    --units_;
    if (at(slot_begin_, unit - nodes + 2)++ == 0) ++units_;
  }
  for (std::size_t i = 2; i < slot_begin_.size(); ++i) slot_begin_[i] += slot_begin_[i - 1];
  for (int node = 0; node < nodes; ++node) {
    const int unit = at(unit_, node);
    if (unit == node) continue;
    at(slot_node_, at(slot_begin_, unit - nodes + 1)++) = node;
    for (const int maker : problem_.makers(node)) at(waiting_, unit) += at(unit_, maker) != unit;
  }
}

bool LatencyState::walk() {
  prepare();
  const int nodes = problem_.size();
  int ready = 0;
  for (int node = 0; node < nodes; ++node)
    if (at(unit_, node) == node && at(waiting_, node) == 0) at(ready_, ready++) = node;
  for (int slot = 0; slot < problem_.accelerators; ++slot)
    if (at(slot_begin_, slot) < at(slot_begin_, slot + 1) && at(waiting_, nodes + slot) == 0)
      at(ready_, ready++) = nodes + slot;
  value_ = 0;
  double ends = 0;
  int next = 0;
  const auto release = [&](int node, int unit, std::int64_t end) {
    for (const int reader : problem_.readers(node)) {
      const int to = at(unit_, reader);
      if (to == unit) continue;
      at(start_, to) = std::max(at(start_, to), end);
      if (--at(waiting_, to) == 0) at(ready_, ready++) = to;
    }
  };
  for (; next < ready; ++next) {
    const int unit = at(ready_, next);
    std::int64_t end = at(start_, unit);
    if (unit < nodes) {
      end += at(problem_.nodes, unit).cpu.count();
      ends += static_cast<double>(end);
      release(unit, unit, end);
    } else {
      const int slot = unit - nodes;
      end += loads_.load(slot);
      const int from = at(slot_begin_, slot), to = at(slot_begin_, slot + 1);
      ends += static_cast<double>(end) * (to - from);
      for (int i = from; i < to; ++i) release(at(slot_node_, i), unit, end);
    }
    value_ = std::max(value_, end);
  }
  mean_end_ = ends / nodes;
  return next == units_;
}

}  // namespace optimizers
