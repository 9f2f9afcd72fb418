#include "sim/lane_base.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "models/index.h"
#include "sim/walk.h"

namespace sim {

using models::at;

LaneBase::LaneBase(const WalkTables& of)
    : tables(of),
      ops(of.operators + 1),
      boundaries((of.operators + 64) / 64),
      sequences(at(of.problem.devices)),
      places(of.operators),
      before(of.operators + at(of.problem.devices)),
      precisions(of.operators),
      energy(of.operators + 1),
      noise(of.operators + 1),
      give(of.edges),
      walk_(of),
      from_afar_(of.edges),
      listed_from_afar_(of.edges) {
  most_.resize(at(std::bit_width(of.operators)));
  for (auto& level : most_) level.resize(of.operators);
}

void LaneBase::compile(const models::Plan& plan) {
  walk_.begin(plan, 0);
  auto& state = walk_.state;
  log_.clear();
  tasks.clear();
  ins.clear();
  outs.clear();
  converted.clear();
  sent.clear();
  carried.clear();
  std::ranges::fill(boundaries, 0);
  std::ranges::fill(from_afar_, 0);
  std::ranges::fill(listed_from_afar_, 0);

  // What one operator does to its device's memory shows when the peak starts anew.
  const auto watched = [&](std::uint32_t place, std::uint32_t d, auto&& run) {
    auto& device = state.devices[d];
    const auto peak = device.peak.at[0], held = device.held.at[0];
    const auto work = device.work.at[0], switches = device.switches.at[0];
    device.peak.at[0] = std::numeric_limits<std::int64_t>::min();
    const auto first_task = log_.task_count;
    run();
    auto& op = ops[place];
    op = {};
    op.up = device.peak.at[0] - held;
    op.net = device.held.at[0] - held;
    op.work = device.work.at[0] - work;
    op.switched = device.switches.at[0] != switches;
    device.peak.at[0] = std::max(peak, device.peak.at[0]);
    list_op(place, d, first_task);
  };
  double ignored = 0;
  watched(0, static_cast<std::uint32_t>(tables.stream.source), [&] { walk_.start(0, log_); });
  for (std::size_t k = 0; k < tables.operators; ++k) {
    const auto op = tables.order[k];
    const auto& row = tables.rows[at(op)];
    for (auto e = row.first_edge; e < row.end_edge; ++e) give[e] = walk_.give(e, 0);
    watched(static_cast<std::uint32_t>(k + 1), plan.device[at(op)],
            [&] { walk_.step(op, 0, log_, ignored, ignored); });
  }
  supported = state.sums.unsupported.at[0] == 0;
  list_sequences();
}

/// Takes over the tasks of an operator, if it is a boundary; else what they add up to.
void LaneBase::list_op(std::uint32_t place, std::uint32_t device, std::size_t first_log) {
  auto& op = ops[place];
  op.device = device;
  op.first_task = static_cast<std::uint32_t>(tasks.size());
  const auto edges = static_cast<std::uint32_t>(tables.edges);
  bool boundary = place == 0;
  energy[place] = noise[place] = 0;
  for (auto i = first_log; i < log_.task_count; ++i) {
    const auto& logged = log_.tasks[i];
    const auto& detail = log_.details[i];
    const bool transfer = logged.kind == Kind::transfer;
    boundary |= transfer || logged.at_sink;
    for (auto s = logged.first_in; s < std::min(logged.end_in, edges); ++s)
      boundary |= from_afar_[s] != 0;
    for (auto o = logged.first_out; o < logged.end_out; ++o)
      if (log_.outs[o] < edges) from_afar_[log_.outs[o]] = transfer;
    if (logged.kind == Kind::compute) {
      op.precision = detail.precision;
      energy[place] = detail.energy;
      noise[place] = tables.noise[detail.format * tables.operators + at(tables.order[place - 1])];
    }
    if (!transfer) op.busy += logged.busy;
    if (logged.kind == Kind::convert && detail.energy != 0)
      converted.push_back({place, detail.energy});
    if (transfer && detail.energy != 0) sent.push_back({place, detail.energy});
    if (detail.noise != 0) carried.push_back({place, detail.noise});
  }
  if (boundary) {
    boundaries[place / 64] |= std::uint64_t{1} << (place % 64);
    for (auto i = first_log; i < log_.task_count; ++i) list_task(i);
  }
  op.end_task = static_cast<std::uint32_t>(tasks.size());
}

void LaneBase::list_task(std::size_t number) {
  const auto& logged = log_.tasks[number];
  const auto& detail = log_.details[number];
  const auto edges = static_cast<std::uint32_t>(tables.edges);
  const bool transfer = logged.kind == Kind::transfer;
  Task task;
  task.busy = logged.busy;
  task.bytes = detail.bytes;
  task.size = detail.size;
  task.resource = logged.resource;
  task.target = detail.target;
  task.kind = logged.kind;
  task.at_sink = logged.at_sink;
  task.first_in = static_cast<std::uint32_t>(ins.size());
  task.first_out = static_cast<std::uint32_t>(outs.size());
  for (auto s = logged.first_in; s < logged.end_in; ++s)
    if (transfer || (s < edges && listed_from_afar_[s])) ins.push_back(s);
  for (auto o = logged.first_out; o < logged.end_out; ++o) {
    const auto slot = log_.outs[o];
    if (slot < edges) listed_from_afar_[slot] = transfer;
    if (slot >= edges || transfer) outs.push_back(slot);
  }
  task.end_in = static_cast<std::uint32_t>(ins.size());
  task.end_out = static_cast<std::uint32_t>(outs.size());
  if (task.kind != Kind::copy || task.end_out > task.first_out) tasks.push_back(task);
}

void LaneBase::list_sequences() {
  for (auto& each : sequences) each = {};
  for (std::size_t p = 1; p < ops.size(); ++p) ops[p].index = sequences[ops[p].device].count++;
  std::uint32_t first = 0, device = 0;
  for (auto& each : sequences) {
    each.first = first;
    each.sums = first + device++;
    first += each.count;
    before[each.sums] = {};
  }
  for (std::size_t p = 1; p < ops.size(); ++p) {
    const auto& op = ops[p];
    auto& sequence = sequences[op.device];
    const auto i = sequence.first + op.index;
    places[i] = static_cast<std::uint32_t>(p);
    precisions[i] = op.precision;
    const auto& last = before[sequence.sums + op.index];
    auto& next = before[sequence.sums + op.index + 1];
    next = {last.busy + op.busy, last.net + op.net, last.last_of_precision};
    if (op.precision != models::Totals::no_precision) {
      next.last_of_precision = static_cast<std::int32_t>(op.index);
      if (last.last_of_precision < 0) sequence.first_of_precision = op.index;
    }
    most_[0][i] = last.net + op.up;
  }
  for (std::size_t level = 1; level < most_.size(); ++level) {
    const auto half = std::size_t{1} << (level - 1);
    const auto& from = most_[level - 1];
    auto& to = most_[level];
    for (std::size_t i = 0; i + 2 * half <= to.size(); ++i)
      to[i] = std::max(from[i], from[i + half]);
  }
}

std::uint32_t LaneBase::index_at(std::uint32_t device, std::uint32_t place) const {
  const auto& sequence = sequences[device];
  const auto first = places.begin() + sequence.first;
  return static_cast<std::uint32_t>(std::lower_bound(first, first + sequence.count, place) - first);
}

std::int64_t LaneBase::rise(const Sequence& sequence, std::uint32_t from, std::uint32_t end) const {
  const auto level = at(std::bit_width(end - from)) - 1;
  const auto& most = most_[level];
  const auto i = sequence.first + from;
  return std::max(most[i], most[sequence.first + end - (std::uint32_t{1} << level)]) -
         before[sequence.sums + from].net;
}

}  // namespace sim
