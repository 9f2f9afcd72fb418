// Moves of what operators compute in, what tensors travel in, and how wide links are.
#include <algorithm>
#include <cstdlib>

#include "optimizers/mover_call.h"

namespace optimizers {

using What = models::Change::What;

void Mover::collect_type(Call& call, int type) {
  const bool one_device = call.random.chance(0.5);
  const auto device = call.random.below(problem_.devices);
  region_.clear();
  for (const auto op : at(of_type_, type))
    if (!one_device || at(call.plan.device, op) == device) region_.push_back(op);
}

void Mover::set_precision(Call& call, int op, int precision) {
  if (precision == at(call.plan.precision, op) || at(problem_.is_free, op) != 0) return;
  for (const auto option : problem_.options(op))
    if (option.device == at(call.plan.device, op) && option.precision == precision)
      call.add(What::precision, op, precision);
}

void Mover::precision(Call& call, Move move) {
  const int seed = operator_with_choice(call, adjustable_);
  int wanted = static_cast<int>(call.random.below(problem_.compute_formats));
  if (wanted == at(call.plan.precision, seed)) wanted = (wanted + 1) % problem_.compute_formats;
  if (move == Move::precision) region_.assign(1, seed);
  if (move == Move::precision_block) collect_some_block(call, seed);
  if (move == Move::precision_type) collect_type(call, graph_.type(seed));
  if (move == Move::precision_cut) collect_stretch(call);
  for (const auto op : region_) set_precision(call, op, wanted);
}

/// Noise or memory given back in one place pays for the other: what a limit holds tight.
void Mover::precision_swap(Call& call) {
  const auto& order = call.plan.order;
  const auto count = static_cast<std::int64_t>(order.size());
  for (int k = 0; k < Call::tries; ++k) {
    const auto one = call.random.below(count), other = call.random.below(count);
    const int here = at(call.plan.precision, at(order, one));
    const int there = at(call.plan.precision, at(order, other));
    const auto length =
        std::min({call.size(count / 8 + 1), std::abs(one - other), count - std::max(one, other)});
    if (here == there) continue;
    for (std::int64_t p = 0; p < length; ++p) {
      set_precision(call, at(order, one + p), there);
      set_precision(call, at(order, other + p), here);
    }
    return;
  }
}

void Mover::wire(Call& call) {
  const auto entries = static_cast<std::int64_t>(call.plan.wire.size());
  const auto format = at(problem_.wire_option, call.below(problem_.wire_option.size()));
  auto index = call.random.below(entries);
  for (std::int64_t k = 0; k < entries; ++k, index = (index + 1) % entries) {
    const auto tensor = static_cast<int>(index / problem_.devices);
    const auto target = static_cast<int>(index % problem_.devices);
    if (at(problem_.is_fixed, tensor) != 0 || format == at(call.plan.wire, index)) continue;
    if (!travels(problem_, call.plan, tensor, target)) continue;
    call.add(What::wire, index, format);
    return;
  }
}

void Mover::wires(Call& call) {
  const auto target = call.random.below(problem_.devices);
  const auto format = at(problem_.wire_option, call.below(problem_.wire_option.size()));
  for (int tensor = 0; tensor < problem_.tensors; ++tensor) {
    const auto index = tensor * problem_.devices + target;
    if (at(problem_.is_fixed, tensor) == 0 && at(call.plan.wire, index) != format)
      call.add(What::wire, index, format);
  }
}

void Mover::lanes(Call& call) {
  const int link = at(wide_, call.below(wide_.size()));
  const auto begin = at(problem_.lane_begin, link);
  const auto count = at(problem_.lane_begin, link + 1) - begin;
  const auto drawn = at(problem_.lane_option, begin + call.random.below(count));
  if (drawn != at(call.plan.lanes, link)) call.add(What::lanes, link, drawn);
}

}  // namespace optimizers
