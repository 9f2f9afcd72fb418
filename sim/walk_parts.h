#pragma once

// Part of sim/walk.h: what is converted and sent, and what walks begin with.
#include <algorithm>

#include "sim/walk.h"

namespace sim {

template <bool everything, int lanes>
Walk<everything, lanes>::Walk(const WalkTables& tables)
    : weight_held(at(tables.problem.shared_weights) * at(tables.problem.devices) *
                  at(tables.problem.compute_formats)),
      affected(lanes > 1 ? tables.tensor_count : 0),
      tables_(tables),
      give_(tables.edges * lanes),
      first_reader_(at(tables.problem.devices), nobody) {
  const auto& problem = tables.problem;
  state.slots.resize(tables.edges + 1 + at(problem.formats) * 8);
  state.devices.resize(at(problem.devices));
  state.channels.resize(at(problem.channels));
  state.bandwidth.resize(at(problem.links));
  std::size_t slots = 0;
  for (const auto count : problem.slots) {
    first_slot_.push_back(slots);
    if (count > 1) slots += at(count);
  }
  slot_free_.resize(slots);
  last_start_.resize(at(problem.devices));
  constexpr int small_platform = 64;
  if (lanes > 1 && problem.devices <= small_platform)
    held_.resize(at(problem.devices) * at(problem.devices));
}

template <bool everything, int lanes>
void Walk<everything, lanes>::begin(const models::Plan& plan, std::int64_t arrival) {
  static_assert(lanes == 1);
  const auto& problem = tables_.problem;
  typename WalkState<lanes>::Device fresh;
  fresh.last.at[0] = no_precision;
  for (auto& device : state.devices) device = fresh;
  for (auto& channel : state.channels) channel = {};
  for (std::size_t l = 0; l < state.bandwidth.size(); ++l)
    state.bandwidth[l].at[0] = static_cast<double>(plan.lanes[l]) * problem.lane_bandwidth[l];
  state.sums = {};
  if constexpr (!everything) state.sums.noise.at[0] = tables_.first_noise;
  state.arrival.at[0] = state.sums.completed.at[0] = arrival;
  view[0] = {plan.device.data(), plan.precision.data()};
  wire = plan.wire.data();
  clear_slots();
  if (!weight_held.empty()) std::ranges::fill(weight_held, 0);
}

template <bool everything, int lanes>
void Walk<everything, lanes>::clear_slots() {
  if (slot_free_.empty()) return;
  std::ranges::fill(slot_free_, 0);
  std::ranges::fill(last_start_, 0);
}

template <bool everything, int lanes>
std::int64_t Walk<everything, lanes>::run_in_slot(std::size_t device, std::int64_t ready,
                                                  std::int64_t duration) {
  auto* const first = slot_free_.data() + first_slot_[device];
  auto& slot = *std::min_element(first, first + tables_.problem.slots[device]);
  auto& start = last_start_[device];
  start = std::max({ready, slot, start});
  return slot = start + duration;
}

/// The time of the precision switch that the operator pays within its request.
template <bool everything, int lanes>
std::int64_t Walk<everything, lanes>::switching(const Row&, std::size_t device,
                                                std::uint8_t precision, int lane, bool& first) {
  auto& it = state.devices[device];
  first = it.last.at[lane] == no_precision;
  it.last.at[lane] = precision;
  if (first) return 0;
  ++it.switches.at[lane];
  return tables_.problem.switch_time[device];
}

template <bool everything, int lanes>
void Walk<everything, lanes>::hold_shared_weights(std::int32_t op, std::size_t device,
                                                  std::uint8_t precision) {
  const auto& problem = tables_.problem;
  const auto formats = at(problem.compute_formats);
  for (auto s = problem.shared_begin[at(op)]; s < problem.shared_begin[at(op) + 1]; ++s) {
    const auto weight = at(problem.shared_weight[at(s)]);
    auto& held = weight_held[(weight * at(problem.devices) + device) * formats + precision];
    if (!held)
      state.devices[device].weights.at[0] +=
          problem.shared_weight_bytes[weight * formats + precision];
    held = 1;
  }
}

template <bool everything, int lanes>
std::uint8_t Walk<everything, lanes>::wire_of(std::int32_t tensor, std::size_t target,
                                              int lane) const {
  const auto index = at(tensor) * at(tables_.problem.devices) + target;
  if constexpr (lanes > 1) {
    const auto& changes = wire_changes[at(lane)];
    for (auto each = changes.rbegin(); each != changes.rend(); ++each)  // the last one counts
      if (at(each->index) == index) return each->format;
  }
  return wire[index];
}

template <bool everything, int lanes>
template <class Log>
void Walk<everything, lanes>::start(int lane, Log& log) {
  const auto& problem = tables_.problem;
  const auto source = at(tables_.stream.source);
  const auto present = state.arrival.at[lane];
  auto& memory = state.devices[source];
  if constexpr (Log::keeps) {
    log.begin(WalkLog::Kind::copy, 0, 0, 0);
    log.out(hand());
  }
  bool sends = false;
  for (std::int32_t t = 0; t < problem.inputs; ++t) {
    const auto bytes = size_of(t, problem.input_format);
    memory.held.at[lane] += bytes;
    memory.sum.at[lane] += bytes;
    sends |= add_product(t, source, problem.input_format, present, true, lane, log);
  }
  if (sends) send(source, problem.input_format, present, lane, log);
  memory.peak.at[lane] = std::max(memory.peak.at[lane], memory.held.at[lane]);
}

/// Tells everyone who reads the tensor on the device when it is present and what to give back.
/// `wires`: formats converted to already.
template <bool everything, int lanes>
template <class Log>
void Walk<everything, lanes>::hand_out(std::int32_t tensor, std::size_t device, std::uint8_t format,
                                       std::int64_t present, bool keep, std::uint64_t wires,
                                       int lane, Log& log) {
  const auto& row = tables_.tensors[at(tensor)];
  if constexpr (lanes > 1) {
    if (!(affected[at(tensor)] >> lane & 1)) {
      for (auto r = row.first_reader; r < row.end_reader; ++r) {
        const auto& reader = tables_.readers[r];
        if (device_of(reader.op, lane) != device) continue;
        if (!row.fixed && (wires >> precision_of(reader.op, lane) & 1)) continue;
        state.slots[reader.edge].at[lane] = present;
        if constexpr (Log::keeps) log.out(reader.edge);
      }
      return;
    }
  }
  std::uint64_t converted = 0;
  std::int64_t* last = nullptr;  // of the last task that reads it
  for (auto r = row.first_reader; r < row.end_reader; ++r) {
    const auto& reader = tables_.readers[r];
    if (device_of(reader.op, lane) != device) continue;
    const auto in = precision_of(reader.op, lane);
    auto& given = give(reader.edge, lane);
    if (everything && !row.fixed && (wires >> in & 1)) continue;
    state.slots[reader.edge].at[lane] = present;
    if constexpr (Log::keeps) log.out(reader.edge);
    given = 0;
    if (!everything || row.fixed || in == format) {
      last = &given;
      continue;
    }
    given = std::int64_t{format} << 2 | 1;
    if (converted >> in & 1) continue;
    converted |= std::uint64_t{1} << in;
    last = &given;
  }
  if (keep || last == nullptr) return;
  if (*last & 1)
    *last |= 2;
  else
    *last = size_of(tensor, format) * 2;
}

/// Registers a tensor just made on `device`. Answers whether anything is to be sent.
template <bool everything, int lanes>
template <class Log>
bool Walk<everything, lanes>::add_product(std::int32_t tensor, std::size_t device,
                                          std::uint8_t made_in, std::int64_t end, bool input,
                                          int lane, Log& log) {
  const auto& row = tables_.tensors[at(tensor)];
  const auto& problem = tables_.problem;
  touched_.clear();
  const auto needs = [&](std::size_t there, std::int32_t rank) {
    auto& first = first_reader_[there];
    if (first != nobody) return;  // readers come in the order
    touched_.push_back(static_cast<std::int32_t>(there));
    first = rank;
  };
  for (auto r = row.first_reader; r < row.end_reader; ++r) {
    const auto reader = tables_.readers[r].op;
    const auto there = device_of(reader, lane);
    if (there != device) needs(there, tables_.position[at(reader)]);
  }
  bool keep = false;
  if (row.output) {
    if (at(tables_.stream.sink) == device) {
      keep = true;
      if (!input) {
        auto& completed = state.sums.completed.at[lane];
        completed = std::max(completed, end);
        if constexpr (Log::keeps) log.last().at_sink = true;
      }
    } else {
      needs(at(tables_.stream.sink), problem.operators);
    }
  }
  std::uint64_t wires = 0;
  const auto output = tensor - (input ? 0 : problem.output_begin[at(row.producer)]);
  for (const auto target : touched_) {
    auto format = made_in;
    if (everything && !row.fixed) {
      format = wire_of(tensor, at(target), lane);
      if (format == models::Plan::as_produced) format = made_in;
    }
    const std::int64_t key = std::int64_t{first_reader_[at(target)]} << 32 | output;
    first_reader_[at(target)] = nobody;
    transfers_.push_back({key, tensor, target, format});
    if (format == made_in) {
      keep = true;
      continue;
    }
    if (!(wires >> format & 1))
      conversions_.push_back({key, tensor, static_cast<std::int32_t>(device), format});
    for (auto& each : conversions_)
      if (each.tensor == tensor && each.format == format) each.key = std::min(each.key, key);
    wires |= std::uint64_t{1} << format;
  }
  if (everything && wires != 0)
    local_.push_back({tensor, wires, keep});
  else
    hand_out(tensor, device, made_in, end, keep, 0, lane, log);
  return !touched_.empty();
}

/// The conversions that wires need, and the transfers, of tensors just made on `device`.
template <bool everything, int lanes>
template <class Log>
void Walk<everything, lanes>::send(std::size_t device, std::uint8_t made_in, std::int64_t end,
                                   int lane, Log& log) {
  if constexpr (Log::keeps) {
    if (log.last().kind == WalkLog::Kind::compute) log.out(hand());
  }
  if (everything && !conversions_.empty()) convert_for_wires(device, made_in, end, lane, log);
  if (transfers_.size() > 1) std::sort(transfers_.begin(), transfers_.end(), by_key);
  for (const auto& each : transfers_) {
    auto ready = end;
    auto slot = hand();
    if (everything && each.format != made_in)
      for (std::size_t k = 0; k < conversions_.size(); ++k)
        if (conversions_[k].tensor == each.tensor && conversions_[k].format == each.format) {
          ready = conversions_[k].end;
          slot = hand() + 1 + static_cast<std::uint32_t>(k);
        }
    transfer(each, device, made_in, ready, slot, lane, log);
  }
  conversions_.clear();
  transfers_.clear();
}

template <bool everything, int lanes>
template <class Log>
void Walk<everything, lanes>::convert_for_wires(std::size_t device, std::uint8_t made_in,
                                                std::int64_t end, int lane, Log& log) {
  for (auto& each : conversions_) {
    const auto& row = tables_.tensors[at(each.tensor)];
    for (auto r = row.first_reader; r < row.end_reader; ++r) {
      const auto op = tables_.readers[r].op;
      if (device_of(op, lane) == device && precision_of(op, lane) == each.format)
        each.key = std::min(each.key,
                            std::int64_t{tables_.position[at(op)]} << 32 | (each.key & 0xffffffff));
    }
  }
  std::sort(conversions_.begin(), conversions_.end(), [&](const Target& a, const Target& b) {
    if (a.key != b.key) return a.key < b.key;
    return tables_.problem.format[a.format] < tables_.problem.format[b.format];
  });
  // The last conversion gives back what it reads, unless operators here read it as well.
  for (const auto& local : local_) {
    const auto& row = tables_.tensors[at(local.tensor)];
    bool read_here = local.keep;
    for (auto r = row.first_reader; r < row.end_reader; ++r) {
      const auto op = tables_.readers[r].op;
      read_here |= device_of(op, lane) == device && !(local.wires >> precision_of(op, lane) & 1);
    }
    Target* last = nullptr;
    for (auto& each : conversions_)
      if (each.tensor == local.tensor) last = &each;
    if (!read_here && last != nullptr) last->frees = true;
  }
  if (state.slots.size() < hand() + 1 + conversions_.size())
    state.slots.resize(hand() + 1 + conversions_.size());
  for (std::size_t k = 0; k < conversions_.size(); ++k) {
    auto& each = conversions_[k];
    each.end =
        convert(each.tensor, device, made_in, each.format, end, each.frees, hand(), lane, log);
    if constexpr (Log::keeps) log.out(hand() + 1 + static_cast<std::uint32_t>(k));
    const auto& row = tables_.tensors[at(each.tensor)];
    for (auto r = row.first_reader; r < row.end_reader; ++r) {
      const auto& reader = tables_.readers[r];
      if (device_of(reader.op, lane) != device || precision_of(reader.op, lane) != each.format)
        continue;
      state.slots[reader.edge].at[lane] = each.end;
      give(reader.edge, lane) = 0;  // kept to be sent
      if constexpr (Log::keeps) log.out(reader.edge);
    }
  }
  for (const auto& local : local_) {
    if constexpr (Log::keeps) log.begin(WalkLog::Kind::copy, 0, hand(), hand() + 1);
    hand_out(local.tensor, device, made_in, end, local.keep, local.wires, lane, log);
  }
  local_.clear();
}

/// Noise at the outputs per noise added to what is read on the device; in one format, or in any.
template <bool everything, int lanes>
double Walk<everything, lanes>::carried(std::int32_t tensor, std::size_t device, int format,
                                        int lane) const {
  const auto& problem = tables_.problem;
  const auto& row = tables_.tensors[at(tensor)];
  double sum = 0;
  for (auto r = row.first_reader; r < row.end_reader; ++r) {
    const auto op = problem.reader[r];
    if (device_of(op, lane) == device && (format < 0 || precision_of(op, lane) == format))
      sum += problem.reader_sensitivity[r];
  }
  return sum;
}

template <bool everything, int lanes>
template <class Log>
std::int64_t Walk<everything, lanes>::convert(std::int32_t tensor, std::size_t d, std::uint8_t from,
                                              std::uint8_t to, std::int64_t ready, bool frees,
                                              std::uint32_t slot, int lane, Log& log) {
  const auto& problem = tables_.problem;
  const auto formats = at(problem.formats);
  if (!problem.handles_format[d * formats + from] || !problem.handles_format[d * formats + to])
    state.sums.unsupported.at[lane] = 1;
  double noise = 0;
  if (problem.format_noise[to] > problem.format_noise[from])
    noise = carried(tensor, d, to, lane) * problem.format_noise[to];
  state.sums.carried.at[lane] += noise;

  const auto read = size_of(tensor, from), made = size_of(tensor, to);
  const auto touched = static_cast<double>(made + read);
  const auto duration =
      models::rounded_up(problem.convert_overhead[d] + touched / problem.convert_bandwidth[d])
          .count();
  const double energy = touched * problem.convert_energy[d];
  state.sums.convert_energy.at[lane] += energy;
  auto& device = state.devices[d];
  device.work.at[lane] += duration;
  device.held.at[lane] += made;
  device.sum.at[lane] += made;
  device.peak.at[lane] = std::max(device.peak.at[lane], device.held.at[lane]);
  if (frees) device.held.at[lane] -= read;
  if constexpr (Log::keeps) {
    auto& task = log.begin(WalkLog::Kind::convert, static_cast<std::uint32_t>(d), slot, slot + 1);
    task.busy = duration;
    auto& detail = log.detail();
    detail.duration = duration;
    detail.energy = energy;
    detail.noise = noise;
  }
  return run(d, ready, duration, lane);
}

/// Conversions made for one operator, in the order of their producers' ranks. All who read them
/// here in the same format have what is converted from now on. Answers when all are present; what
/// they give back becomes `given`.
template <bool everything, int lanes>
template <class Log>
std::int64_t Walk<everything, lanes>::convert_inputs(std::int32_t op, std::size_t device,
                                                     std::uint8_t precision, int lane,
                                                     std::int64_t& given, Log& log) {
  const auto& row = tables_.rows[at(op)];
  auto& wanted = transfers_;  // empty between sends
  for (auto e = row.first_edge; e < row.end_edge; ++e) {
    if (!(give(e, lane) & 1)) continue;
    const auto tensor = tables_.edge_tensor[e];
    const auto producer = tables_.tensors[at(tensor)].producer;
    const auto rank = producer < 0 ? -1 : tables_.position[at(producer)];
    wanted.push_back(
        {(std::int64_t{rank} + 1) << 32 | tensor, tensor, static_cast<std::int32_t>(e), precision});
  }
  if (wanted.size() > 1) std::sort(wanted.begin(), wanted.end(), by_key);
  for (const auto& each : wanted) {
    const auto edge = static_cast<std::uint32_t>(each.device);
    const auto how = give(edge, lane);
    const auto ready = std::max(state.arrival.at[lane], state.slots[edge].at[lane]);
    const auto end = convert(each.tensor, device, static_cast<std::uint8_t>(how >> 2), precision,
                             ready, (how & 2) != 0, edge, lane, log);
    std::int64_t* last = nullptr;
    const auto& tensor = tables_.tensors[at(each.tensor)];
    for (auto r = tensor.first_reader; r < tensor.end_reader; ++r) {
      const auto& reader = tables_.readers[r];
      if (device_of(reader.op, lane) != device || precision_of(reader.op, lane) != precision)
        continue;
      state.slots[reader.edge].at[lane] = end;
      last = &give(reader.edge, lane);
      *last = 0;
      if constexpr (Log::keeps) log.out(reader.edge);
    }
    *last = size_of(each.tensor, precision) * 2;
  }
  wanted.clear();
  auto ready = state.arrival.at[lane];
  given = 0;
  for (auto e = row.first_edge; e < row.end_edge; ++e) {
    ready = std::max(ready, state.slots[e].at[lane]);
    given += give(e, lane);
  }
  return ready;
}

template <bool everything, int lanes>
std::int64_t Walk<everything, lanes>::held_at(std::size_t route, std::int64_t bytes,
                                              int lane) const {
  const auto& problem = tables_.problem;
  double narrowest = std::numeric_limits<double>::infinity();
  for (auto k = problem.route_begin[route]; k < problem.route_begin[route + 1]; ++k) {
    const auto link = problem.channel_link[at(problem.route_channel[at(k)])];
    narrowest = std::min(narrowest, state.bandwidth[at(link)].at[lane]);
  }
  return models::transfer_time({bytes}, {narrowest}).count();
}

/// How long a transfer holds its links. Tensors of one size often follow each other.
template <bool everything, int lanes>
std::int64_t Walk<everything, lanes>::held(std::size_t route, std::int64_t bytes, int lane) {
  if (held_.empty() || !same_widths[at(lane)]) return held_at(route, bytes, lane);
  auto& last = held_[route];
  if (last.bytes != bytes) last = {bytes, held_at(route, bytes, lane)};
  return last.duration;
}

template <bool everything, int lanes>
template <class Log>
void Walk<everything, lanes>::transfer(const Target& target, std::size_t device,
                                       std::uint8_t made_in, std::int64_t ready, std::uint32_t slot,
                                       int lane, Log& log) {
  const auto& problem = tables_.problem;
  const auto& row = tables_.tensors[at(target.tensor)];
  const auto to = at(target.device);
  const auto route = device * at(problem.devices) + to;
  const auto size = size_of(target.tensor, target.format);
  const auto bytes = models::in_packets(size, problem.route_packet[route]);
  const auto* const first = problem.route_channel.data() + problem.route_begin[route];
  const auto* const end = problem.route_channel.data() + problem.route_begin[route + 1];
  const auto duration = held(route, bytes, lane);
  auto start = ready;
  for (const auto* c = first; c < end; ++c)
    start = std::max(start, state.channels[at(*c)].free.at[lane]);
  for (const auto* c = first; c < end; ++c) {
    state.channels[at(*c)].free.at[lane] = start + duration;
    state.channels[at(*c)].work.at[lane] += duration;
  }
  const auto sent = start + duration + problem.route_latency[route];
  const double energy = static_cast<double>(bytes) * 8 * problem.route_energy_per_bit[route];
  state.sums.transfer_energy.at[lane] += energy;
  state.sums.bytes.at[lane] += bytes;
  double noise = 0;
  if (everything && problem.format_noise[target.format] > problem.format_noise[made_in]) {
    // A wire coarser than what was made rounds what all readers beyond it get.
    double all = to == at(tables_.stream.sink) ? problem.output_sensitivity[at(target.tensor)] : 0;
    for (auto r = row.first_reader; r < row.end_reader; ++r)
      if (device_of(problem.reader[r], lane) == to) all += problem.reader_sensitivity[r];
    noise = all * problem.format_noise[target.format];
    state.sums.carried.at[lane] += noise;
  }
  // The arrival: counted from the start of the request, given back when last read there.
  state.devices[to].arrivals.at[lane] += size;
  const bool at_sink = row.output && to == at(tables_.stream.sink);
  if (at_sink) state.sums.completed.at[lane] = std::max(state.sums.completed.at[lane], sent);
  if constexpr (Log::keeps) {
    auto& task =
        log.begin(WalkLog::Kind::transfer, static_cast<std::uint32_t>(route), slot, slot + 1);
    task.busy = duration;
    task.at_sink = at_sink;
    auto& detail = log.detail();
    detail.duration = duration;
    detail.bytes = bytes;
    detail.size = size;
    detail.energy = energy;
    detail.noise = noise;
    detail.target = static_cast<std::uint32_t>(to);
  }
  hand_out(target.tensor, to, target.format, sent, at_sink, 0, lane, log);
}

}  // namespace sim
