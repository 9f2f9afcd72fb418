#include "models/period_delta.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "models/totals.h"

namespace models {

PeriodDelta::PeriodDelta(const Problem& problem)
    : problem_(problem),
      words_((at(problem.operators) + 63) / 64),
      rows_(at(problem.operators)),
      bandwidth_(at(problem.channels)),
      loads_(at(problem.devices + problem.channels)),
      formats_at_(at(problem.devices)),
      is_target_(at(problem.devices)) {
  for (std::size_t d = 0; d < at(problem.devices); ++d) loads_[d].slots = problem.slots[d];
  for (std::int32_t t = 0; t < problem.tensors; ++t) {
    const auto first = problem.reader_begin[at(t)], end = problem.reader_begin[at(t) + 1];
    const bool inner = t >= problem.inputs && !problem.is_output[at(t)];
    const bool plain = inner && end - first == 1;
    tensors_.push_back(
        {problem.producer[at(t)], first, end, problem.is_fixed[at(t)] != 0, inner, plain});
  }
  for (std::int32_t o = 0; o < problem.operators; ++o) {
    auto& row = rows_[at(o)];
    row.counts_switches = !problem.is_free[at(o)];
    row.first_tensor = static_cast<std::int32_t>(touched_by_.size());
    for (auto i = problem.input_begin[at(o)]; i < problem.input_begin[at(o) + 1]; ++i)
      touched_by_.push_back(problem.input_tensor[at(i)]);
    for (auto t = problem.output_begin[at(o)]; t < problem.output_begin[at(o) + 1]; ++t)
      touched_by_.push_back(t);
    row.end_tensor = static_cast<std::int32_t>(touched_by_.size());
  }
  const auto takes_time = [](std::int64_t time) { return time != 0; };
  switches_ = problem.compute_formats > 1 && std::ranges::any_of(problem.switch_time, takes_time);
  constexpr int small_platform = 64;
  if (problem.devices <= small_platform) held_.resize(at(problem.devices) * at(problem.devices));
  if (switches_) placed_.resize(at(problem.devices) * words_);
}

void PeriodDelta::start(const Plan& plan) {
  strict_ = plan.discipline == Plan::Discipline::strict;
  order_ = plan.order;
  wire_ = plan.wire;
  lanes_ = plan.lanes;
  std::ranges::fill(held_, Held{});
  for (std::size_t c = 0; c < bandwidth_.size(); ++c) {
    const auto link = at(problem_.channel_link[c]);
    bandwidth_[c] = static_cast<double>(lanes_[link]) * problem_.lane_bandwidth[link];
  }
  for (auto& load : loads_) load.work = load.per_slot = 0;
  std::ranges::fill(placed_, 0);
  for (std::size_t k = 0; k < order_.size(); ++k) {
    auto& row = rows_[at(order_[k])];
    row.position = static_cast<std::int32_t>(k);
    row.home = home(plan.device[at(order_[k])], plan.precision[at(order_[k])]);
  }
  for (const auto op : order_) {
    add_operator(op, 1);
    if (!switches_ || !strict_ || !rows_[at(op)].counts_switches) continue;
    // Those before it are all there already, those behind not yet.
    add_switches(op, 1);
    place(op, true);
  }
  for (std::int32_t t = 0; t < problem_.tensors; ++t) add_tensor(t, 1);
  last_.clear();
  moved_ = -1;
  undo_ = {};
}

PeriodDelta::Bound PeriodDelta::bound() const {
  const auto* const loads = loads_.data();
  std::int64_t largest = 0;
  std::size_t first = 0;
  for (std::size_t i = 0, count = loads_.size(); i < count; ++i) {
    const bool more = loads[i].per_slot > largest;
    largest = more ? loads[i].per_slot : largest;
    first = more ? i : first;
  }
  if (largest == 0) return {};
  using Kind = Resource::Kind;
  const auto number = static_cast<int>(first);
  if (number < problem_.devices) return {Time(largest), {Kind::device, number}};
  return {Time(largest), {Kind::channel, number - problem_.devices}};
}

void PeriodDelta::make(const Change& change) {
  const auto [what, index, value] = change;
  switch (what) {
    case Change::What::device:
      return make_move(index, value, static_cast<std::uint8_t>(rows_[at(index)].home));
    case Change::What::precision:
      return make_move(index, static_cast<int>(rows_[at(index)].home >> 8), value);
    case Change::What::wire: {
      last_.clear();
      moved_ = -1;
      const auto tensor = static_cast<std::int32_t>(at(index) / at(problem_.devices));
      undo_ = {what, index, wire_[at(index)]};
      add_tensor(tensor, -1);
      wire_[at(index)] = static_cast<std::uint8_t>(value);
      add_tensor(tensor, 1);
      return;
    }
    case Change::What::lanes:
      last_.clear();
      moved_ = -1;
      undo_ = {what, index, lanes_[at(index)]};
      return set_lanes(index, value);
    case Change::What::rank:
      last_.clear();
      moved_ = -1;
      undo_ = {what, value, index};
      if (switches_ && strict_) move_rank(index, value);
      return;
  }
}

void PeriodDelta::make_move(std::int32_t op, int device, int precision) {
  last_.clear();
  moved_ = op;
  moved_from_ = rows_[at(op)].home;
  const auto to = home(static_cast<std::uint32_t>(device), static_cast<std::uint32_t>(precision));
  if (to != moved_from_) move(op, to);
}

void PeriodDelta::take_back() {
  if (moved_ < 0 && undo_.what == Change::What::rank) {
    if (switches_ && strict_) move_rank(undo_.index, undo_.value);
    last_.clear();
    undo_ = {};
    return;
  }
  // Last first: a resource may have been touched several times.
  for (std::size_t k = last_.size(); k-- > 0;) {
    loads_[last_[k].resource].work = last_[k].work;
    loads_[last_[k].resource].per_slot = last_[k].load;
  }
  last_.clear();
  if (moved_ >= 0) {
    const bool ordered = switches_ && strict_ && rows_[at(moved_)].counts_switches;
    if (ordered) place(moved_, false);
    rows_[at(moved_)].home = moved_from_;
    if (ordered) place(moved_, true);
  } else if (undo_.what == Change::What::wire) {
    wire_[at(undo_.index)] = static_cast<std::uint8_t>(undo_.value);
  } else if (undo_.what == Change::What::lanes) {
    lanes_[at(undo_.index)] = static_cast<std::uint16_t>(undo_.value);
    set_bandwidth(undo_.index, undo_.value);
  }
  moved_ = -1;
  undo_ = {};
}

void PeriodDelta::move(std::int32_t op, Home to) {
  auto& row = rows_[at(op)];
  const bool ordered = switches_ && strict_ && row.counts_switches;
  add_operator(op, -1);
  for (auto k = row.first_tensor; k < row.end_tensor; ++k)
    if (!stays(touched_by_[at(k)])) add_tensor(touched_by_[at(k)], -1);
  if (ordered) {
    place(op, false);
    add_switches(op, -1);
  }
  row.home = to;
  add_operator(op, 1);
  for (auto k = row.first_tensor; k < row.end_tensor; ++k)
    if (!stays(touched_by_[at(k)])) add_tensor(touched_by_[at(k)], 1);
  if (ordered) {
    add_switches(op, 1);
    place(op, true);
  }
}

void PeriodDelta::add_operator(std::int32_t op, int sign) {
  const auto here = rows_[at(op)].home;
  const auto cell =
      problem_.cost_index(op, static_cast<int>(here >> 8), static_cast<std::uint8_t>(here));
  add(here >> 8, sign * std::max<std::int64_t>(0, problem_.duration[cell]));
}

void PeriodDelta::place(std::int32_t op, bool present) {
  const auto& row = rows_[at(op)];
  auto& word = placed_[at(row.home >> 8) * words_ + at(row.position) / 64];
  const auto bit = std::uint64_t{1} << (row.position % 64);
  word = present ? word | bit : word & ~bit;
}

std::uint8_t PeriodDelta::precision_before(int device, std::int32_t position) const {
  const auto* const words = placed_.data() + at(device) * words_;
  auto w = at(position) / 64;
  auto bits = words[w] & ((std::uint64_t{1} << (position % 64)) - 1);
  while (bits == 0 && w > 0) bits = words[--w];
  if (bits == 0) return Totals::no_precision;
  const auto found = w * 64 + 63 - at(std::countl_zero(bits));
  return static_cast<std::uint8_t>(rows_[at(order_[found])].home);
}

std::uint8_t PeriodDelta::precision_behind(int device, std::int32_t position) const {
  const auto* const words = placed_.data() + at(device) * words_;
  auto w = at(position) / 64;
  auto bits = words[w] & ~((std::uint64_t{2} << (position % 64)) - 1);
  while (bits == 0 && w + 1 < words_) bits = words[++w];
  if (bits == 0) return Totals::no_precision;
  const auto found = w * 64 + at(std::countr_zero(bits));
  return static_cast<std::uint8_t>(rows_[at(order_[found])].home);
}

/// Positions matter to nothing but switches.
void PeriodDelta::move_rank(std::int32_t from, std::int32_t to) {
  const auto op = order_[at(from)];
  const bool counts = rows_[at(op)].counts_switches;
  if (counts) {
    place(op, false);
    add_switches(op, -1);
  }
  const std::int32_t step = from < to ? 1 : -1;
  for (auto k = from; k != to; k += step) {
    const auto other = order_[at(k + step)];
    const bool is_placed = rows_[at(other)].counts_switches;
    if (is_placed) place(other, false);
    order_[at(k)] = other;
    rows_[at(other)].position = k;
    if (is_placed) place(other, true);
  }
  order_[at(to)] = op;
  rows_[at(op)].position = to;
  if (!counts) return;
  add_switches(op, 1);
  place(op, true);
}

/// How many switches more (or less) there are with the operator between its neighbours on the
/// device than without; it must not be placed.
void PeriodDelta::add_switches(std::int32_t op, int sign) {
  const auto& row = rows_[at(op)];
  const auto device = static_cast<int>(row.home >> 8);
  const auto own = static_cast<std::uint8_t>(row.home);
  const auto before = precision_before(device, row.position);
  const auto behind = precision_behind(device, row.position);
  const auto differ = [](std::uint8_t a, std::uint8_t b) {
    return a != Totals::no_precision && b != Totals::no_precision && a != b ? 1 : 0;
  };
  const int more = differ(before, own) + differ(own, behind) - differ(before, behind);
  if (more != 0) add(at(device), sign * more * problem_.switch_time[at(device)]);
}

/// The same as add_tensor where one operator reads it, elsewhere or in another format.
void PeriodDelta::add_plain(std::int32_t tensor, Home from, Home to, std::int64_t sign) {
  const bool fixed = tensors_[at(tensor)].fixed;
  const auto device = static_cast<int>(from >> 8), target = static_cast<int>(to >> 8);
  const auto made_in = static_cast<std::uint8_t>(from), read_in = static_cast<std::uint8_t>(to);
  if (device == target)
    return add_conversions(tensor, device, made_in, std::uint64_t{1} << read_in, sign);
  auto wire = wire_[at(tensor) * at(problem_.devices) + at(target)];
  if (wire == Plan::as_produced || fixed) wire = made_in;
  add_transfer(tensor, device, target, wire, sign);
  if (fixed) return;
  if (wire != made_in) add_conversions(tensor, device, made_in, std::uint64_t{1} << wire, sign);
  if (read_in != wire) add_conversions(tensor, target, wire, std::uint64_t{1} << read_in, sign);
}

/// The conversions and transfers of one tensor.
void PeriodDelta::add_tensor(std::int32_t tensor, std::int64_t sign) {
  const auto& row = tensors_[at(tensor)];
  const auto made_at = row.producer < 0
                           ? home(static_cast<std::uint32_t>(problem_.stream_with(tensor).source),
                                  problem_.input_format)
                           : rows_[at(row.producer)].home;
  const auto* const readers = problem_.reader.data();
  if (row.plain) {
    const auto there = rows_[at(readers[row.first_reader])].home;
    if (there == made_at || (row.fixed && there >> 8 == made_at >> 8)) return;
    return add_plain(tensor, made_at, there, sign);
  }
  const auto device = static_cast<int>(made_at >> 8);
  const auto made_in = static_cast<std::uint8_t>(made_at);
  std::uint64_t local = 0;  // formats to be made where the tensor is made
  targets_.clear();
  const auto note_target = [&](int there) {
    if (!is_target_[at(there)]) targets_.push_back(there);
    is_target_[at(there)] = 1;
  };
  for (auto r = row.first_reader; r < row.end_reader; ++r) {
    const auto there = rows_[at(readers[r])].home;
    const auto bit = std::uint64_t{1} << static_cast<std::uint8_t>(there);
    if (static_cast<int>(there >> 8) == device) {
      local |= bit;
      continue;
    }
    note_target(static_cast<int>(there >> 8));
    formats_at_[there >> 8] |= bit;
  }
  if (const int sink = problem_.stream_with(tensor).sink;
      problem_.is_output[at(tensor)] && sink != device)
    note_target(sink);
  for (const int target : targets_) {
    auto wire = wire_[at(tensor) * at(problem_.devices) + at(target)];
    if (wire == Plan::as_produced || row.fixed) wire = made_in;
    add_transfer(tensor, device, target, wire, sign);
    if (!row.fixed) {
      local |= std::uint64_t{1} << wire;
      add_conversions(tensor, target, wire, formats_at_[at(target)], sign);
    }
    formats_at_[at(target)] = is_target_[at(target)] = 0;
  }
  if (!row.fixed) add_conversions(tensor, device, made_in, local, sign);
}

void PeriodDelta::add_transfer(std::int32_t tensor, int from, int to, int format,
                               std::int64_t sign) {
  const auto route = at(from) * at(problem_.devices) + at(to);
  const auto size = problem_.bytes[at(tensor) * at(problem_.formats) + at(format)];
  const auto bytes = in_packets(size, problem_.route_packet[route]);
  const auto begin = at(problem_.route_begin[route]), end = at(problem_.route_begin[route + 1]);
  const auto* const channels = problem_.route_channel.data();
  const auto bandwidth = [&](std::size_t k) { return bandwidth_[at(channels[k])]; };
  const auto first = at(problem_.devices);  // channels follow devices
  if (problem_.route_fair[route]) {
    for (auto k = begin; k < end; ++k)
      add(first + at(channels[k]), sign * fair_work(bytes, bandwidth(k)));
    return;
  }
  const auto duration = held(route, bytes);
  for (auto k = begin; k < end; ++k) add(first + at(channels[k]), sign * duration);
}

/// How long a fifo transfer holds its links. Tensors of one size often follow each other.
std::int64_t PeriodDelta::held(std::size_t route, std::int64_t bytes) {
  if (!held_.empty() && held_[route].bytes == bytes) return held_[route].duration;
  double narrowest = std::numeric_limits<double>::infinity();
  for (auto k = problem_.route_begin[route]; k < problem_.route_begin[route + 1]; ++k)
    narrowest = std::min(narrowest, bandwidth_[at(problem_.route_channel[at(k)])]);
  const auto duration = transfer_time({bytes}, {narrowest}).count();
  if (!held_.empty()) held_[route] = {bytes, duration};
  return duration;
}

/// On `device` from the format `from` to each of a set of formats but itself.
void PeriodDelta::add_conversions(std::int32_t tensor, int device, int from, std::uint64_t to,
                                  std::int64_t sign) {
  const auto d = at(device);
  to &= ~(std::uint64_t{1} << from);
  const auto* const sizes = problem_.bytes.data() + at(tensor) * at(problem_.formats);
  for (; to != 0; to &= to - 1) {
    const auto touched = static_cast<double>(sizes[at(std::countr_zero(to))] + sizes[at(from)]);
    const auto seconds = problem_.convert_overhead[d] + touched / problem_.convert_bandwidth[d];
    add(d, sign * rounded_up(seconds).count());
  }
}

void PeriodDelta::set_bandwidth(std::int32_t link, int lanes) {
  std::ranges::fill(held_, Held{});
  for (std::size_t c = 0; c < bandwidth_.size(); ++c)
    if (problem_.channel_link[c] == link)
      bandwidth_[c] = static_cast<double>(lanes) * problem_.lane_bandwidth[at(link)];
}

void PeriodDelta::set_lanes(std::int32_t link, int lanes) {
  for (std::int32_t t = 0; t < problem_.tensors; ++t) add_tensor(t, -1);
  lanes_[at(link)] = static_cast<std::uint16_t>(lanes);
  set_bandwidth(link, lanes);
  for (std::int32_t t = 0; t < problem_.tensors; ++t) add_tensor(t, 1);
}

}  // namespace models
