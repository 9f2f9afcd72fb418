#include "optimizers/beam_search.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <unordered_set>

namespace optimizers {

namespace {

std::vector<std::int32_t> network_order(const models::Problem& problem) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(problem.operators));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

}  // namespace

BeamSearch::BeamSearch(const models::Problem& problem, const Graph& graph, const Policy& policy,
                       Rank rank, int width)
    : problem_(problem),
      graph_(graph),
      layout_(problem, network_order(problem), policy),
      rank_(rank),
      most_ready_(std::clamp(width / 8, 4, 64)) {
  const double children = most_ready_ * (layout_.classes() + 1.0);
  const double each =
      300 + 40 * children + problem.operators / 64.0 + problem.devices + problem.channels;
  width_ = static_cast<int>(
      std::clamp(most_work / (each * std::max(1, problem.operators)), 1.0, double(width)));
  measure();
  measure_tails();
  models::Plan plan;
  plan.lanes.resize(static_cast<std::size_t>(problem.links));
  set_width(problem, policy.width, plan);
  for (int channel = 0; channel < problem.channels; ++channel) {
    const auto link = at(problem.channel_link, channel);
    per_byte_.push_back(1e12 / (at(plan.lanes, link) * at(problem.lane_bandwidth, link)));
  }
  const auto format =
      policy.precision == Policy::any ? int{problem.input_format} : policy.precision;
  for (int tensor = 0; tensor < problem.tensors; ++tensor)
    bytes_.push_back(static_cast<double>(at(problem.bytes, tensor * problem.formats + format)));
}

/// Times in a device's work: with two slots an operator takes half.
void BeamSearch::measure() {
  least_.assign(models::at(problem_.operators), std::numeric_limits<double>::infinity());
  std::vector<double> sums;
  for (int cls = 0; cls < layout_.classes(); ++cls) {
    double sum = 0;
    for (int op = 0; op < problem_.operators; ++op) {
      time_.push_back(layout_.time(cls, op, op + 1));
      sum += time_.back();
      const double each = rank_ == Rank::sum ? layout_.cost(cls, op) : time_.back();
      at(least_, op) = std::min(at(least_, op), each);
    }
    sums.push_back(sum);
  }
  const double least = *std::min_element(sums.begin(), sums.end());
  for (const double sum : sums) speed_.push_back(sum > 0 ? least / sum : 1);
}

void BeamSearch::measure_tails() {
  tail_.assign(models::at(problem_.operators), 0);
  for (int op = problem_.operators - 1; op >= 0; --op)
    for (const auto reader : graph_.readers(op))
      at(tail_, op) = std::max(at(tail_, op), at(tail_, reader) + at(least_, reader));
}

std::vector<BeamSearch::Found> BeamSearch::run(int most, double margin) {
  margin_ = rank_ == Rank::load ? margin : 1;
  std::vector<State> beam;
  beam.push_back(first());
  for (placed_ = 0; placed_ < problem_.operators; ++placed_) {
    children_.clear();
    for (int k = 0; k < static_cast<int>(beam.size()); ++k) extend(at(beam, k), k);
    choose(beam);
  }
  std::vector<Found> found;
  for (const auto& state : beam)
    if (static_cast<int>(found.size()) < most) found.push_back(trace(state));
  return found;
}

BeamSearch::State BeamSearch::first() {
  State state;
  const auto devices = static_cast<std::size_t>(problem_.devices);
  state.spots = Pages<Spot>(problem_.operators, Spot{});
  state.load.assign(devices, 0);
  state.channel.assign(models::at(problem_.channels), 0);
  state.weights.assign(devices, 0);
  state.used.assign(devices, 0);
  cells_.clear();
  steps_.clear();
  for (int op = problem_.operators - 1; op >= 0; --op)
    if (graph_.makers(op).empty()) {
      cells_.push_back({op, state.ready});
      state.ready = static_cast<std::int32_t>(cells_.size()) - 1;
    }
  state.sums.left = std::accumulate(least_.begin(), least_.end(), 0.0);
  for (int device = 0; device < problem_.devices; ++device) state.sums.open_speed += speed(device);
  return state;
}

void BeamSearch::extend(const State& state, int index) {
  const auto before = children_.size();
  find_starts(state);
  int cell = state.ready;
  for (int place = 0; place < most_ready_ && cell >= 0; ++place, cell = at(cells_, cell).next)
    for (const auto device : starts_)
      if (fits(state, at(cells_, cell).op, device))
        add_child(state, index, at(cells_, cell).op, place, device);
  if (children_.size() > before) return;
  const int op = at(cells_, state.ready).op;
  add_child(state, index, op, 0, roomiest(state, op));
}

/// The device whose piece grows, and of each class the nearest that is unused, or by the other
/// ranks the nearest and the one that is free first.
void BeamSearch::find_starts(const State& state) {
  starts_.clear();
  const int here = state.sums.current;
  if (here >= 0) starts_.push_back(here);
  const int from = here >= 0 ? here : problem_.streams.front().source;
  const auto add_best = [&](int cls, auto worth) {
    int best = -1;
    double least = std::numeric_limits<double>::infinity();
    for (const auto device : layout_.members(cls)) {
      if (device == here || (rank_ == Rank::load && at(state.used, device) != 0)) continue;
      const double each = worth(device);
      if (best >= 0 && each >= least) continue;
      best = device;
      least = each;
    }
    if (best >= 0 && std::find(starts_.begin(), starts_.end(), best) == starts_.end())
      starts_.push_back(best);
  };
  for (int cls = 0; cls < layout_.classes(); ++cls) {
    add_best(cls, [&](int device) { return layout_.transfer(from, device, 1e6); });
    if (rank_ == Rank::end) add_best(cls, [&](int device) { return at(state.load, device); });
  }
}

int BeamSearch::roomiest(const State& state, int op) const {
  int best = 0;
  auto most = std::numeric_limits<std::int64_t>::min();
  for (int device = 0; device < problem_.devices; ++device) {
    const auto left =
        layout_.room(layout_.class_of(device)) - at(state.weights, device) - weights(op, device);
    if (left <= most) continue;
    best = device;
    most = left;
  }
  return best;
}

void BeamSearch::add_child(const State& state, int index, int op, int place, int device) {
  const auto sums = after(state, op, device);
  children_.push_back({rank(sums), key(sums), index, op, device, place});
}

/// Replaces the beam by the best of its children.
void BeamSearch::choose(std::vector<State>& beam) {
  const auto before = [](const Child& a, const Child& b) {
    if (a.rank != b.rank) return a.rank < b.rank;
    if (a.state != b.state) return a.state < b.state;
    return a.place != b.place ? a.place < b.place : a.device < b.device;
  };
  const auto looked_at = static_cast<std::ptrdiff_t>(width_) * 8;
  if (std::ssize(children_) > looked_at) {
    std::nth_element(children_.begin(), children_.begin() + looked_at, children_.end(), before);
    children_.resize(static_cast<std::size_t>(looked_at));
  }
  std::sort(children_.begin(), children_.end(), before);
  std::unordered_set<std::uint64_t> seen;
  std::vector<int> heirs(beam.size(), 0);
  std::size_t kept = 0;
  for (const auto& child : children_) {
    if (static_cast<int>(kept) == width_) break;
    if (!seen.insert(child.key).second) continue;
    ++at(heirs, child.state);
    children_[kept++] = child;
  }
  children_.resize(kept);
  std::vector<State> next;
  next.reserve(kept);
  for (const auto& child : children_) {
    auto& parent = at(beam, child.state);
    if (--at(heirs, child.state) == 0)
      next.push_back(std::move(parent));
    else
      next.push_back(parent);
    grow(next.back(), child);
  }
  beam = std::move(next);
}

void BeamSearch::grow(State& state, const Child& child) {
  state.sums = after(state, child.op, child.device);
  for (const auto& [channel, load] : sent_) at(state.channel, channel) = load;
  at(state.load, child.device) = state.sums.load;
  at(state.weights, child.device) += weights(child.op, child.device);
  at(state.used, child.device) = 1;
  state.spots.set(child.op, {static_cast<float>(state.sums.end), child.device});
  take_from_ready(state, child.op, child.place);
  steps_.push_back({state.step, child.op, child.device});
  state.step = static_cast<std::int32_t>(steps_.size()) - 1;
}

/// Lists are shared: what stood before the operator is listed once more.
void BeamSearch::take_from_ready(State& state, int op, int place) {
  std::vector<std::int32_t> ready;
  int cell = state.ready;
  for (int k = 0; k < place; ++k, cell = at(cells_, cell).next)
    ready.push_back(at(cells_, cell).op);
  state.ready = at(cells_, cell).next;
  const auto add = [&](std::int32_t each) {
    cells_.push_back({each, state.ready});
    state.ready = static_cast<std::int32_t>(cells_.size()) - 1;
  };
  for (auto k = std::ssize(ready) - 1; k >= 0; --k) add(at(ready, k));
  const auto readers = graph_.readers(op);
  for (auto k = std::ssize(readers) - 1; k >= 0; --k) {
    const auto reader = readers[static_cast<std::size_t>(k)];
    const auto makers = graph_.makers(reader);
    if (std::all_of(makers.begin(), makers.end(),
                    [&](auto maker) { return state.spots[maker].device >= 0; }))
      add(reader);
  }
}

BeamSearch::Found BeamSearch::trace(const State& state) const {
  Found found;
  found.value = rank_ == Rank::sum ? state.sums.cost : state.sums.largest;
  for (int step = state.step; step >= 0; step = at(steps_, step).parent) {
    found.order.push_back(at(steps_, step).op);
    found.device.push_back(at(steps_, step).device);
  }
  std::reverse(found.order.begin(), found.order.end());
  std::reverse(found.device.begin(), found.device.end());
  return found;
}

}  // namespace optimizers
