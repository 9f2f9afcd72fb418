// Moves that take work off the resource that binds, after Aceso (Liu and others, EuroSys 2024).
#include <algorithm>

#include "optimizers/mover_call.h"

namespace optimizers {

using What = models::Change::What;

void Mover::relieve(Call& call) {
  using Kind = models::Resource::Kind;
  if (call.bottleneck.kind == Kind::device) relieve_device(call, call.bottleneck.index);
  if (call.bottleneck.kind == Kind::channel) relieve_channel(call, call.bottleneck.index);
}

/// Of operators that are on the device, one at random; -1 if not found soon.
int Mover::operator_on(Call& call, int device) {
  for (int k = 0; k < Call::tries * problem_.devices; ++k) {
    const auto op = static_cast<int>(call.random.below(problem_.operators));
    if (at(call.plan.device, op) == device) return op;
  }
  return -1;
}

void Mover::relieve_device(Call& call, int device) {
  const int op = operator_on(call, device);
  if (op < 0) return;
  if (call.random.chance(0.5)) {
    const auto options = problem_.options(op);
    const auto option = at(options, call.below(options.size()));
    move_to(call, op, option.device, option.precision);
    return;
  }
  // To where a neighbour is, so that nothing new has to travel.
  const auto near = call.random.chance(0.5) ? graph_.readers(op) : graph_.makers(op);
  const int to = near.empty() ? other_device(call, op)
                              : at(call.plan.device, at(near, call.below(near.size())));
  if (to < 0 || to == device) return;
  collect_block(call, op, call.size(8), true);
  for (const auto each : region_) move_to(call, each, to, Call::keep);
}

bool Mover::passes(int from, int to, int channel) const {
  const auto route = from * problem_.devices + to;
  const auto channels = std::span(problem_.route_channel)
                            .subspan(static_cast<std::size_t>(at(problem_.route_begin, route)),
                                     static_cast<std::size_t>(at(problem_.route_begin, route + 1) -
                                                              at(problem_.route_begin, route)));
  return std::find(channels.begin(), channels.end(), channel) != channels.end();
}

/// The link as wide as it can be, or what passes there less of it.
void Mover::relieve_channel(Call& call, int channel) {
  const int link = at(problem_.channel_link, channel);
  const auto widest = at(problem_.lane_option, at(problem_.lane_begin, link + 1) - 1);
  if (widest != at(call.plan.lanes, link) && call.random.chance(0.3)) {
    call.add(What::lanes, link, widest);
    return;
  }
  const auto edges = graph_.edges();
  for (int k = 0; !edges.empty() && k < Call::tries * problem_.devices; ++k) {
    const auto& edge = at(edges, call.below(edges.size()));
    const int from = at(call.plan.device, edge.maker), to = at(call.plan.device, edge.reader);
    if (from == to || !passes(from, to, channel)) continue;
    relieve_edge(call, edge);
    return;
  }
}

/// Its tensor travels in another format, or maker and reader come together.
void Mover::relieve_edge(Call& call, const Graph::Edge& edge) {
  const int from = at(call.plan.device, edge.maker), to = at(call.plan.device, edge.reader);
  if (problem_.wire_option.size() > 1 && at(problem_.is_fixed, edge.tensor) == 0 &&
      call.random.chance(0.3)) {
    const auto entry = edge.tensor * problem_.devices + to;
    const auto format = at(problem_.wire_option, call.below(problem_.wire_option.size()));
    if (format != at(call.plan.wire, entry)) call.add(What::wire, entry, format);
    return;
  }
  const bool forward = call.random.chance(0.5);
  collect_block(call, forward ? edge.maker : edge.reader, call.size(8), true);
  for (const auto op : region_) move_to(call, op, forward ? to : from, Call::keep);
}

void Mover::relieve_swap(Call& call) {
  if (call.bottleneck.kind != models::Resource::Kind::device) return;
  const int one = operator_on(call, call.bottleneck.index);
  const int other = operator_with_choice(call, movable_);
  const int there = at(call.plan.device, other);
  if (one < 0 || there == call.bottleneck.index) return;
  move_to(call, one, there, Call::keep);
  move_to(call, other, call.bottleneck.index, Call::keep);
}

}  // namespace optimizers
