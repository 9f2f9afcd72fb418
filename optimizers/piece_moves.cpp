// Moves of whole pieces: stretches of the order whose operators share a device. What single
// operators would have to cross a range of bad plans for is one step here: two pieces change places
// along the network, or a piece sheds load that every piece between it and another passes on.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "optimizers/mover_call.h"

namespace optimizers {

using models::Problem;

namespace {

constexpr std::int64_t most_more = 8;  ///< pieces beside the first
/// Operators of others that a piece may have between two of its own.
constexpr std::array<std::int64_t, 4> gaps = {0, 0, 4, 16};

}  // namespace

/// Of an operator of the plan if it were on a device, in its precision if that can be.
std::int64_t Mover::duration_on(const Call& call, int op, int device) const {
  const int precision = at(call.plan.precision, op);
  if (at(call.plan.device, op) == device)
    return problem_.duration[problem_.cost_index(op, device, precision)];
  const Problem::Option* chosen = nullptr;
  const auto options = problem_.options(op);  // by device
  for (auto option = std::ranges::lower_bound(options, device, {}, &Problem::Option::device);
       option != options.end() && option->device == device; ++option)
    if (chosen == nullptr || option->precision == precision) chosen = &*option;
  if (chosen == nullptr) return 0;
  return problem_.duration[problem_.cost_index(op, device, chosen->precision)];
}

/// Where the piece that position p belongs to ends, going forward (step 1) or back (step -1): not
/// where a few operators of others stand between its own, as they do where branches run side by
/// side.
std::int64_t Mover::piece_end(const Call& call, std::int64_t p, int step, std::int64_t gap) const {
  const auto count = static_cast<std::int64_t>(call.plan.order.size());
  const auto device = [&](std::int64_t q) { return at(call.plan.device, at(call.plan.order, q)); };
  const int own = device(p);
  auto last = p;
  for (auto q = p + step; q >= 0 && q < count && std::abs(q - last) <= gap + 1; q += step)
    if (device(q) == own) last = q;
  return last + step;
}

/// The stretch from the piece around `seed` over some more pieces, forward or back.
Mover::Stretch Mover::collect_pieces(Call& call, std::int64_t seed) {
  const auto& order = call.plan.order;
  const auto count = static_cast<std::int64_t>(order.size());
  const auto device = [&](std::int64_t p) { return at(call.plan.device, at(order, p)); };
  const auto gap = at(gaps, call.below(gaps.size()));
  const bool forward = call.random.chance(0.5);
  Stretch stretch{piece_end(call, seed, -1, gap) + 1, piece_end(call, seed, 1, gap), forward};
  pieces_.assign(1, {device(seed), 0, stretch.begin, stretch.end});
  for (auto more = call.size(most_more); more > 0; --more) {
    const auto next = forward ? stretch.end : stretch.begin - 1;
    if (next < 0 || next >= count) break;
    const auto end = piece_end(call, next, forward ? 1 : -1, gap);
    const Piece piece{device(next), 0, forward ? next : end + 1, forward ? end : next + 1};
    (forward ? stretch.end : stretch.begin) = end + (forward ? 0 : 1);
    pieces_.insert(forward ? pieces_.end() : pieces_.begin(), piece);
  }
  weigh_pieces(call);
  return stretch;
}

/// Operators of others between those of a piece count for the nearest piece of theirs.
void Mover::weigh_pieces(const Call& call) {
  for (std::size_t k = 0; k < pieces_.size(); ++k)
    for (auto p = pieces_[k].begin; p < pieces_[k].end; ++p) {
      const int op = at(call.plan.order, p), device = at(call.plan.device, op);
      auto* owner = &pieces_[k];
      for (std::size_t away = 1; owner->device != device && away < pieces_.size(); ++away) {
        if (k + away < pieces_.size() && pieces_[k + away].device == device)
          owner = &pieces_[k + away];
        else if (away <= k && pieces_[k - away].device == device)
          owner = &pieces_[k - away];
      }
      owner->load += duration_on(call, op, owner->device);
    }
}

/// Lays the pieces over the stretch one after the other, each as long as its load allows, the last
/// one to the end.
void Mover::lay_pieces(Call& call, Stretch stretch) {
  auto p = stretch.begin;
  for (std::size_t k = 0; k < pieces_.size(); ++k) {
    const auto& piece = pieces_[k];
    const bool is_last = k + 1 == pieces_.size();
    for (std::int64_t load = 0; p < stretch.end; ++p) {
      const int op = at(call.plan.order, p);
      if (!is_last) {
        const auto adds = duration_on(call, op, piece.device);
        if (load + adds / 2 >= piece.load) break;
        load += adds;
      }
      if (at(call.plan.device, op) != piece.device) move_to(call, op, piece.device, Call::keep);
    }
  }
}

void Mover::piece_swap(Call& call) {
  const auto seed = call.below(call.plan.order.size());
  const auto stretch = collect_pieces(call, seed);
  if (pieces_.size() < 2) return;
  std::swap(pieces_.front(), pieces_.back());
  lay_pieces(call, stretch);
}

/// From a piece of the bottleneck, if that is a device.
void Mover::piece_shift(Call& call) {
  auto seed = call.below(call.plan.order.size());
  if (call.bottleneck.kind == models::Resource::Kind::device && call.random.chance(Call::mostly))
    if (const int op = operator_on(call, call.bottleneck.index); op >= 0)
      seed = at(call.position, op);
  const auto stretch = collect_pieces(call, seed);
  if (pieces_.size() < 2) return;
  auto& from = stretch.begins_at_seed ? pieces_.front() : pieces_.back();
  auto& to = stretch.begins_at_seed ? pieces_.back() : pieces_.front();
  const double part = call.random.unit();
  const auto shed = static_cast<std::int64_t>(0.5 * part * part * static_cast<double>(from.load));
  from.load -= shed;
  to.load += shed;
  lay_pieces(call, stretch);
}

}  // namespace optimizers
