#include <algorithm>

#include "optimizers/mover_call.h"

namespace optimizers {

using models::Change;
using models::Plan;
using models::Problem;
using models::Random;
using What = models::Change::What;

Mover::Mover(const Problem& problem, const Graph& graph) : problem_(problem), graph_(graph) {
  for (int op = 0; op < problem.operators; ++op) {
    const auto options = problem.options(op);
    if (options.front().device != options.back().device) movable_.push_back(op);
    const bool formats = std::any_of(options.begin(), options.end(), [&](const auto& option) {
      return option.precision != options.front().precision;
    });
    if (formats && at(problem.is_free, op) == 0) adjustable_.push_back(op);
  }
  for (int link = 0; link < problem.links; ++link)
    if (at(problem.lane_begin, link + 1) - at(problem.lane_begin, link) > 1) wide_.push_back(link);
  of_type_.resize(static_cast<std::size_t>(graph.types()));
  for (const auto op : adjustable_) at(of_type_, graph.type(op)).push_back(op);
  seen_.assign(static_cast<std::size_t>(problem.operators), 0);
  note_possible();
}

void Mover::note_possible() {
  possible_.assign(move_kinds, 0);
  const auto set = [this](Move move, bool value) {
    at(possible_, static_cast<int>(move)) = value ? 1 : 0;
  };
  const bool placement = !movable_.empty(), formats = !adjustable_.empty();
  const bool travel = placement || problem_.devices > 1;
  set(Move::single, placement || formats);
  set(Move::follow, placement || formats);
  for (const auto move : {Move::block, Move::cut, Move::boundary, Move::swap, Move::relieve_swap,
                          Move::piece_swap, Move::piece_shift})
    set(move, placement);
  for (const auto move : {Move::precision, Move::precision_block, Move::precision_type,
                          Move::precision_cut, Move::precision_swap})
    set(move, formats);
  set(Move::rank, problem_.choices.rank && problem_.operators > 1);
  set(Move::wire, problem_.wire_option.size() > 1 && travel);
  set(Move::wires, problem_.wire_option.size() > 1 && travel);
  set(Move::lanes, !wide_.empty());
  set(Move::relieve, placement || formats);
}

bool Mover::draw(Move move, const Base& base, Random& random, std::vector<Change>& changes) {
  if (!possible(move)) return false;
  const auto before = changes.size();
  Call call{base.plan, base.position, base.bottleneck, random, changes};
  switch (move) {
    case Move::single:
      single(call);
      break;
    case Move::follow:
      follow(call);
      break;
    case Move::block:
      block(call);
      break;
    case Move::cut:
      cut(call);
      break;
    case Move::boundary:
      boundary(call);
      break;
    case Move::swap:
      swap(call);
      break;
    case Move::rank:
      rank(call);
      break;
    case Move::precision:
    case Move::precision_block:
    case Move::precision_type:
    case Move::precision_cut:
      precision(call, move);
      break;
    case Move::precision_swap:
      precision_swap(call);
      break;
    case Move::wire:
      wire(call);
      break;
    case Move::wires:
      wires(call);
      break;
    case Move::lanes:
      lanes(call);
      break;
    case Move::relieve:
      relieve(call);
      break;
    case Move::relieve_swap:
      relieve_swap(call);
      break;
    case Move::piece_swap:
      piece_swap(call);
      break;
    case Move::piece_shift:
      piece_shift(call);
      break;
    case Move::count_:
      break;
  }
  return changes.size() > before;
}

void Mover::collect_block(Call& call, int seed, std::int64_t size, bool same_device) {
  region_.assign(1, seed);
  ++stamp_;
  at(seen_, seed) = stamp_;
  const auto visit = [&](std::span<const std::int32_t> neighbours) {
    for (const auto op : neighbours) {
      if (static_cast<std::int64_t>(region_.size()) >= size) return;
      if (at(seen_, op) == stamp_) continue;
      if (same_device && at(call.plan.device, op) != at(call.plan.device, seed)) continue;
      at(seen_, op) = stamp_;
      region_.push_back(op);
    }
  };
  for (std::size_t k = 0; k < region_.size(); ++k) {
    const int op = region_[k];
    const bool forward = call.random.chance(0.5);
    visit(forward ? graph_.readers(op) : graph_.makers(op));
    visit(forward ? graph_.makers(op) : graph_.readers(op));
  }
}

void Mover::collect_stretch(Call& call) {
  const auto& order = call.plan.order;
  const auto count = static_cast<std::int64_t>(order.size());
  constexpr std::int64_t large = 1000;  // where half of everything is too much to be of use
  std::int64_t begin = 0, end = count;
  const auto shape = call.random.below(4);
  if (shape < 2) {
    const auto length = count > large ? call.size(count) : 1 + call.random.below(count);
    (shape == 0 ? end : begin) = shape == 0 ? length : count - length;
  } else {
    const auto length = call.size(count);
    begin = call.random.below(count - length + 1);
    end = begin + length;
  }
  region_.assign(order.begin() + begin, order.begin() + end);
}

/// Two draws in two statements: compilers may evaluate arguments in any order.
void Mover::collect_some_block(Call& call, int seed) {
  const bool same_device = call.random.chance(Call::mostly);
  const auto size = 1 + call.size(std::max(2, problem_.operators / 3));
  collect_block(call, seed, size, same_device);
}

void Mover::move_to(Call& call, int op, int device, int wanted_precision) {
  const int now = at(call.plan.precision, op);
  const int wanted =
      wanted_precision == Call::keep || at(problem_.is_free, op) != 0 ? now : wanted_precision;
  const Problem::Option* chosen = nullptr;
  int candidates = 0;
  const auto options = problem_.options(op);  // by device
  for (auto option = std::ranges::lower_bound(options, device, {}, &Problem::Option::device);
       option != options.end() && option->device == device; ++option) {
    if (option->precision == wanted) {
      chosen = &*option;
      break;
    }
    if (call.random.below(++candidates) == 0) chosen = &*option;
  }
  if (chosen == nullptr) return;
  if (chosen->device != at(call.plan.device, op)) call.add(What::device, op, device);
  if (chosen->precision != now) call.add(What::precision, op, chosen->precision);
}

int Mover::other_device(Call& call, int op) {
  const auto options = problem_.options(op);
  int chosen = -1, candidates = 0, last = -1;
  for (const auto option : options) {
    if (option.device == at(call.plan.device, op) || option.device == last) continue;
    last = option.device;
    if (call.random.below(++candidates) == 0) chosen = last;
  }
  return chosen;
}

int Mover::drawn_precision(Call& call) {
  if (adjustable_.empty() || call.random.chance(Call::mostly)) return Call::keep;
  return static_cast<int>(call.random.below(problem_.compute_formats));
}

int Mover::operator_with_choice(Call& call, const std::vector<std::int32_t>& pool) {
  return at(pool, call.below(pool.size()));
}

void Mover::single(Call& call) {
  const auto& pool = movable_.empty() ? adjustable_ : movable_;
  const int op = operator_with_choice(call, pool);
  const auto options = problem_.options(op);
  for (int k = 0; k < Call::tries; ++k) {
    const auto option = at(options, call.below(options.size()));
    const bool same_device = option.device == at(call.plan.device, op);
    if (same_device &&
        (option.precision == at(call.plan.precision, op) || at(problem_.is_free, op)))
      continue;
    move_to(call, op, option.device, option.precision);
    return;
  }
}

void Mover::follow(Call& call) {
  const auto edges = graph_.edges();
  if (edges.empty()) return;
  for (int k = 0; k < 4 * Call::tries; ++k) {
    const auto& edge = at(edges, call.below(edges.size()));
    const bool forward = call.random.chance(0.5);
    const int mover = forward ? edge.reader : edge.maker;
    const int leader = forward ? edge.maker : edge.reader;
    const int device = at(call.plan.device, leader), format = at(call.plan.precision, leader);
    const bool same_device = device == at(call.plan.device, mover);
    if (same_device && (format == at(call.plan.precision, mover) || at(problem_.is_free, mover)))
      continue;
    collect_block(call, mover, call.size(8), true);
    const bool adopts = same_device || call.random.chance(0.5);
    for (const auto op : region_) move_to(call, op, device, adopts ? format : Call::keep);
    return;
  }
}

void Mover::block(Call& call) {
  const int seed = operator_with_choice(call, movable_);
  const int device = other_device(call, seed);
  if (device < 0) return;
  collect_some_block(call, seed);
  const int precision = drawn_precision(call);
  for (const auto op : region_) move_to(call, op, device, precision);
}

void Mover::cut(Call& call) {
  collect_stretch(call);
  const auto device = static_cast<int>(call.random.below(problem_.devices));
  const int precision = drawn_precision(call);
  for (const auto op : region_) move_to(call, op, device, precision);
}

void Mover::boundary(Call& call) {
  const auto& order = call.plan.order;
  const auto count = static_cast<std::int64_t>(order.size());
  if (count < 2) return;
  std::int64_t left = call.random.below(count - 1);
  for (std::int64_t k = 0; k < count; ++k, left = (left + 1) % (count - 1)) {
    const int before = at(call.plan.device, at(order, left));
    const int after = at(call.plan.device, at(order, left + 1));
    if (before == after) continue;
    const bool grows = call.random.chance(0.5);
    const auto length = call.size(count / 4 + 1);
    const auto begin = grows ? left + 1 : std::max<std::int64_t>(0, left + 1 - length);
    const auto end = grows ? std::min(count, left + 1 + length) : left + 1;
    const int precision = drawn_precision(call);
    for (auto p = begin; p < end; ++p)
      move_to(call, at(order, p), grows ? before : after, precision);
    return;
  }
}

void Mover::swap(Call& call) {
  const int one = operator_with_choice(call, movable_);
  for (int k = 0; k < Call::tries; ++k) {
    const int other = operator_with_choice(call, movable_);
    const int here = at(call.plan.device, one), there = at(call.plan.device, other);
    if (here == there) continue;
    move_to(call, one, there, Call::keep);
    move_to(call, other, here, Call::keep);
    return;
  }
}

void Mover::rank(Call& call) {
  for (int k = 0; k < Call::tries; ++k) {
    const auto op = static_cast<int>(call.random.below(problem_.operators));
    std::int64_t first = 0, last = problem_.operators - 1;
    for (const auto maker : graph_.makers(op))
      first = std::max<std::int64_t>(first, at(call.position, maker) + 1);
    for (const auto reader : graph_.readers(op))
      last = std::min<std::int64_t>(last, at(call.position, reader) - 1);
    if (first == last) continue;
    auto to = first + call.random.below(last - first);
    if (to >= at(call.position, op)) ++to;
    call.add(What::rank, at(call.position, op), to);
    return;
  }
}

}  // namespace optimizers
