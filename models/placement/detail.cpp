#include "models/placement/detail.h"

#include <algorithm>
#include <set>

#include "models/index.h"

namespace models {
namespace {

void add_times(const PlacementProblem& problem, const Placement& placement,
               PlacementDetail& detail) {
  for (int n = 0; n < problem.size(); ++n) {
    auto& own = at(detail.devices, at(placement, n));
    const auto& node = at(problem.nodes, n);
    own.compute += problem.duration(n, at(placement, n));
    own.nodes += 1;
    if (problem.is_accelerator(at(placement, n))) own.bytes += node.size;
    std::set<int> others;
    for (const int reader : problem.readers(n)) others.insert(at(placement, reader));
    others.erase(at(placement, n));
    if (!others.empty() && problem.is_accelerator(at(placement, n))) own.moving_out += node.send;
    for (const int other : others)
      if (problem.is_accelerator(other)) at(detail.devices, other).moving_in += node.send;
  }
}

/// Start and end of everything, by going through the nodes in order until nothing changes: sets
/// wait for all their makers.
class Latency {
 public:
  Latency(const PlacementProblem& problem, const Placement& placement, PlacementDetail& detail)
      : problem_(problem),
        placement_(placement),
        detail_(detail),
        steps_(at(problem.size())),
        set_(at(problem.accelerators)) {
    for (int n = 0; n < problem.size(); ++n)
      if (is_set(n)) at(set_, at(placement, n)).push_back(n);
    for (const int n : problem.sorted) settle(n);
    for (bool changed = true; changed;) {
      changed = false;
      for (const int n : problem.sorted) changed = settle(n) || changed;
    }
  }

  void write() {
    for (int n = 0; n < problem_.size(); ++n) {
      auto& device = at(detail_.devices, at(placement_, n));
      const auto& step = at(steps_, n);
      const bool first = device.end == Time{} && device.start == Time{};
      device.start = first ? step.start : std::min(device.start, step.start);
      device.end = std::max(device.end, step.end);
    }
    int last = 0;
    for (int n = 0; n < problem_.size(); ++n)
      if (at(steps_, n).end > at(steps_, last).end) last = n;
    for (int n = last; n >= 0; n = waited_for(n)) detail_.critical.push_back(at(steps_, n));
    std::reverse(detail_.critical.begin(), detail_.critical.end());
  }

 private:
  bool is_set(int n) const { return problem_.is_accelerator(at(placement_, n)); }
  bool apart(int a, int b) const { return at(placement_, a) != at(placement_, b) || !is_set(a); }

  bool settle(int n) {
    const int device = at(placement_, n);
    Time start = is_set(n) ? at(detail_.devices, device).start : Time{};
    for (const int maker : problem_.makers(n))
      if (apart(maker, n)) start = std::max(start, end_of(maker));
    if (is_set(n)) at(detail_.devices, device).start = start;
    const auto length =
        is_set(n) ? at(detail_.devices, device).load() : problem_.duration(n, device);
    const PlacementDetail::Step step{device, is_set(n) ? -1 : n, start, start + length};
    const bool changed = step.end != at(steps_, n).end;
    at(steps_, n) = step;
    return changed;
  }
  Time end_of(int n) const {
    if (!is_set(n)) return at(steps_, n).end;
    const auto& device = at(detail_.devices, at(placement_, n));
    return device.start + device.load();
  }
  /// A node whose end is the start of this one's step; -1 at the beginning.
  int waited_for(int n) const {
    const std::vector<int> alone = {n};
    for (const int member : is_set(n) ? at(set_, at(placement_, n)) : alone)
      for (const int maker : problem_.makers(member))
        if (apart(maker, member) && at(steps_, maker).end == at(steps_, n).start) return maker;
    return -1;
  }

  const PlacementProblem& problem_;
  const Placement& placement_;
  PlacementDetail& detail_;
  std::vector<PlacementDetail::Step> steps_;  // [node] of its set where it is on an accelerator
  std::vector<std::vector<int>> set_;         // [accelerator] nodes
};

}  // namespace

PlacementDetail explain(const PlacementProblem& problem, const Placement& placement) {
  PlacementDetail detail;
  detail.devices.resize(at(problem.devices()));
  add_times(problem, placement, detail);
  // In a circle of sets nothing ever settles.
  if (problem.objective == PlacementProblem::Objective::latency &&
      evaluate(problem, placement).valid)
    Latency(problem, placement, detail).write();
  return detail;
}

std::string device_name(const PlacementProblem& problem, int device) {
  if (problem.is_accelerator(device)) return "accelerator" + std::to_string(device);
  if (problem.objective == PlacementProblem::Objective::latency) return "cpu";
  return "cpu" + std::to_string(device - problem.accelerators);
}

}  // namespace models
