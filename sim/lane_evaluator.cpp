#include "sim/lane_evaluator.h"

#include <algorithm>
#include <bit>

#include "models/index.h"

namespace sim {

using models::at;
using models::Change;
using models::Totals;

template <bool everything, int lanes>
LaneGroup<everything, lanes>::LaneGroup(const WalkTables& tables)
    : tables_(tables),
      problem_(tables.problem),
      base_(tables),
      step_(tables),
      deviates_((tables.operators + 64) / 64),
      lanes_of_(tables.operators + 1),
      weight_uses_(at(problem_.shared_weights) * at(problem_.devices) *
                   at(problem_.compute_formats)),
      weights_(at(problem_.devices)),
      work_(at(problem_.devices)),
      switches_(at(problem_.devices)),
      first_precision_(at(problem_.devices)),
      pays_again_(at(problem_.devices)) {
  const auto requests = at(tables.stream.workload().requests);
  if (requests > 1) {
    for (auto& each : logged_) each.resize(tables.operators + 1);
    arrivals_.resize(requests);
  }
  completions_.resize(requests);
  for (int lane = 0; lane < lanes; ++lane) admissions_.emplace_back(tables.stream);
  totals_.devices.resize(at(problem_.devices));
  tally_.reset(problem_);
  totals_.channel_work.resize(at(problem_.channels));
  tally_.completions.reserve(requests);
  tally_.latencies.reserve(requests);
  tally_.sorted.reserve(requests);
  run_.base = &base_;
  run_.state = &step_.state;
  run_.deviates = deviates_.data();
  run_.lanes_of = lanes_of_.data();
  run_.whom = this;
  run_.everything = everything;
  run_.first_switch.resize(at(problem_.devices));
  run_.index.resize(at(problem_.devices));
}

template <bool everything, int lanes>
bool LaneGroup<everything, lanes>::applies(const models::Problem& problem) {
  return problem.streams.front().workload().jitter == 0 &&
         std::ranges::all_of(problem.slots, [](std::int32_t slots) { return slots == 1; });
}

template <bool everything, int lanes>
bool LaneGroup<everything, lanes>::start(const models::Plan& base) {
  // A search that finds nothing better asks for neighbours of the same plan again.
  if (base == plan_) return base_.supported;
  base_.compile(base);
  plan_ = base;
  if (!base_.supported) return false;
  step_.wire = plan_.wire.data();
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    device_[lane] = plan_.device;
    precision_[lane] = plan_.precision;
    run_.device[lane] = device_[lane].data();
    step_.view[lane] = {device_[lane].data(), precision_[lane].data()};
  }
  auto& state = step_.state;
  for (std::size_t l = 0; l < state.bandwidth.size(); ++l)
    for (auto& each : state.bandwidth[l].at)
      each = static_cast<double>(plan_.lanes[l]) * problem_.lane_bandwidth[l];
  if (widths_of_base_ != plan_.lanes) step_.forget_held();
  widths_of_base_ = plan_.lanes;
  step_.same_widths.fill(true);
  load_base();
  if (weight_uses_.empty()) return true;
  std::ranges::fill(weight_uses_, 0);
  for (std::size_t o = 0; o < tables_.operators; ++o)
    for (auto s = problem_.shared_begin[o]; s < problem_.shared_begin[o + 1]; ++s)
      ++weight_uses_[(at(problem_.shared_weight[at(s)]) * at(problem_.devices) + plan_.device[o]) *
                         at(problem_.compute_formats) +
                     plan_.precision[o]];
  return true;
}

template <bool everything, int lanes>
bool LaneGroup<everything, lanes>::takes(std::span<const Change> changes) const {
  if (changes.empty() || changes.size() > 8 + tables_.operators / 32) return false;
  return std::ranges::none_of(
      changes, [](const Change& change) { return change.what == Change::What::rank; });
}

template <bool everything, int lanes>
std::uint64_t LaneGroup<everything, lanes>::place_of(std::span<const Change> changes) const {
  for (const auto& [what, index, value] : changes)
    if (what == Change::What::device || what == Change::What::precision)
      return static_cast<std::uint64_t>(tables_.position[at(index)] + 1);
  return 0;
}

template <bool everything, int lanes>
void LaneGroup<everything, lanes>::add(std::span<const Change> changes) {
  const int lane = size_++;
  const auto l = at(lane);
  for (const auto& [what, index, value] : changes) {
    switch (what) {
      case Change::What::device:
      case Change::What::precision:
        if (what == Change::What::device)
          device_[l][at(index)] = static_cast<std::uint16_t>(value);
        else
          precision_[l][at(index)] = static_cast<std::uint8_t>(value);
        note_moved(static_cast<std::uint32_t>(index), lane);
        break;
      case Change::What::wire:
        step_.wire_changes[l].push_back({index, static_cast<std::uint8_t>(value)});
        if (plan_.wire[at(index)] != value) touch_wire(at(index), lane);
        break;
      case Change::What::lanes:
        step_.same_widths[l] = false;
        widths_.push_back({index, lane, static_cast<std::uint16_t>(value)});
        step_.state.bandwidth[at(index)].at[lane] =
            static_cast<double>(value) * problem_.lane_bandwidth[at(index)];
        break;
      case Change::What::rank:
        break;
    }
  }
  for (auto each = moved_.rbegin(); each != moved_.rend() && each->lane == lane; ++each)
    touch_moved(static_cast<std::int32_t>(each->place), lane);
  if (!weight_uses_.empty())
    for (auto each = moved_.rbegin(); each != moved_.rend() && each->lane == lane; ++each)
      forget_shared_weights(static_cast<std::int32_t>(each->place), lane);
}

template <bool everything, int lanes>
void LaneGroup<everything, lanes>::note_moved(std::uint32_t op, int lane) {
  for (auto each = moved_.rbegin(); each != moved_.rend() && each->lane == lane; ++each)
    if (each->place == op) return;
  moved_.push_back({op, lane});
}

template <bool everything, int lanes>
void LaneGroup<everything, lanes>::touch_moved(std::int32_t op, int lane) {
  const auto o = at(op);
  const auto from = plan_.device[o], to = device_[at(lane)][o];
  if (from == to && plan_.precision[o] == precision_[at(lane)][o]) return;
  const auto& row = tables_.rows[o];
  const auto place = static_cast<std::uint32_t>(tables_.position[o] + 1);
  touch(place, lane);
  for (auto e = row.first_edge; e < row.end_edge; ++e) touch_tensor(tables_.edge_tensor[e], lane);
  for (auto t = row.first_output; t < row.end_output; ++t)
    touch_tensor(static_cast<std::int32_t>(t), lane);
  if (problem_.compute_formats > 1) {
    touch_behind(from, place, lane);
    if (to != from) touch_behind(to, place, lane);
  }
  move_weights(op, lane);
}

/// The next operator on the device that can switch precision: what it pays depends on who precedes.
template <bool everything, int lanes>
void LaneGroup<everything, lanes>::touch_behind(std::uint32_t device, std::uint32_t place,
                                                int lane) {
  const auto& sequence = base_.sequences[device];
  for (auto i = base_.index_at(device, place + 1); i < sequence.count; ++i) {
    if (base_.precisions[sequence.first + i] == Totals::no_precision) continue;
    touch(base_.places[sequence.first + i], lane);
    return;
  }
}

/// A tensor whose wire changes, if it travels there in the base; if a move makes it travel, that
/// move touches it.
template <bool everything, int lanes>
void LaneGroup<everything, lanes>::touch_wire(std::size_t index, int lane) {
  const auto tensor = index / at(problem_.devices), target = index % at(problem_.devices);
  const auto& row = tables_.tensors[tensor];
  bool travels = row.output && at(tables_.stream.sink) == target;
  for (auto r = row.first_reader; r < row.end_reader; ++r)
    travels |= plan_.device[at(tables_.readers[r].op)] == target;
  if (travels) touch_tensor(static_cast<std::int32_t>(tensor), lane);
}

/// Whoever makes or reads it.
template <bool everything, int lanes>
void LaneGroup<everything, lanes>::touch_tensor(std::int32_t tensor, int lane) {
  const auto& row = tables_.tensors[at(tensor)];
  auto& which = step_.affected[at(tensor)];
  const auto bit = static_cast<std::uint8_t>(1 << lane);
  if (which & bit) return;
  if (which == 0) affected_.push_back(tensor);
  which |= bit;
  const auto place_of = [&](std::int32_t op) {
    return static_cast<std::uint32_t>(tables_.position[at(op)] + 1);
  };
  touch(row.producer < 0 ? 0 : place_of(row.producer), lane);
  for (auto r = row.first_reader; r < row.end_reader; ++r)
    touch(place_of(tables_.readers[r].op), lane);
}

template <bool everything, int lanes>
void LaneGroup<everything, lanes>::touch(std::uint32_t place, int lane) {
  auto& which = lanes_of_[place];
  const auto bit = static_cast<std::uint8_t>(1 << lane);
  if (which & bit) return;
  which |= bit;
  deviates_[place / 64] |= std::uint64_t{1} << (place % 64);
  touched_.push_back({place, lane});
  const auto& op = base_.ops[place];
  work_[op.device].at[lane] -= op.work;
  switches_[op.device].at[lane] -= op.switched;
  if (place == 0) return;
  const auto& row = tables_.rows[at(tables_.order[place - 1])];
  for (auto e = row.first_edge; e < row.end_edge; ++e) {
    step_.give(e, lane) = base_.give[e];
    step_.state.slots[e].at[lane] = 0;  // unless told: made here, so not later than it is free
  }
}

template <bool everything, int lanes>
void LaneGroup<everything, lanes>::move_weights(std::int32_t op, int lane) {
  const auto o = at(op);
  const auto weights = [&](std::size_t device, std::size_t precision) {
    return tables_.cells[tables_.cells_of[device] + precision * tables_.operators + o].weights;
  };
  const auto from = plan_.device[o], to = device_[at(lane)][o];
  weights_[from].at[lane] -= weights(from, plan_.precision[o]);
  weights_[to].at[lane] += weights(to, precision_[at(lane)][o]);
  if (tables_.rows[o].shares_weights) move_shared_weights(op, lane);
}

/// The counts of the base are changed until all of the lane's changes are known.
template <bool everything, int lanes>
void LaneGroup<everything, lanes>::move_shared_weights(std::int32_t op, int lane) {
  const auto o = at(op);
  const auto formats = at(problem_.compute_formats);
  for (auto s = problem_.shared_begin[o]; s < problem_.shared_begin[o + 1]; ++s) {
    const auto weight = at(problem_.shared_weight[at(s)]);
    const auto count = [&](std::size_t device, std::size_t precision) -> std::int32_t& {
      return weight_uses_[(weight * at(problem_.devices) + device) * formats + precision];
    };
    const auto bytes = [&](std::size_t precision) {
      return problem_.shared_weight_bytes[weight * formats + precision];
    };
    const std::size_t from = plan_.device[o], to = device_[at(lane)][o];
    const std::size_t was = plan_.precision[o], is = precision_[at(lane)][o];
    if (--count(from, was) == 0) weights_[from].at[lane] -= bytes(was);
    if (count(to, is)++ == 0) weights_[to].at[lane] += bytes(is);
  }
}

template <bool everything, int lanes>
void LaneGroup<everything, lanes>::forget_shared_weights(std::int32_t op, int lane) {
  const auto o = at(op);
  const auto formats = at(problem_.compute_formats);
  for (auto s = problem_.shared_begin[o]; s < problem_.shared_begin[o + 1]; ++s) {
    const auto first = at(problem_.shared_weight[at(s)]) * at(problem_.devices);
    ++weight_uses_[(first + plan_.device[o]) * formats + plan_.precision[o]];
    --weight_uses_[(first + device_[at(lane)][o]) * formats + precision_[at(lane)][o]];
  }
}

template <bool everything, int lanes>
void LaneGroup<everything, lanes>::score(std::span<models::Score* const> scores) {
  run_first();
  const bool several = completions_.size() > 1;
  totals_.strict = plan_.discipline == models::Plan::Discipline::strict;
  if (several) run_further();
  for (int lane = 0; lane < size_; ++lane) score_lane(lane, *scores[at(lane)]);
  clear();
}

template <bool everything, int lanes>
template <bool logged>
void LaneGroup<everything, lanes>::deviate(void* self, std::uint32_t place, std::uint32_t which) {
  auto& group = *static_cast<LaneGroup*>(self);
  for (; which != 0; which &= which - 1) {
    const int lane = std::countr_zero(which);
    NoLog no_log;
    const auto step = [&](auto& log) {
      if (place == 0)
        group.step_.start(lane, log);
      else
        group.step_.step(group.tables_.order[place - 1], lane, log,
                         group.step_.state.sums.compute_energy.at[lane],
                         group.step_.state.sums.noise.at[lane]);
    };
    if constexpr (logged) {
      auto& log = group.logs_[at(lane)];
      const auto first = static_cast<std::uint32_t>(log.task_count);
      step(log);
      group.logged_[at(lane)][place] = {first, static_cast<std::uint32_t>(log.task_count)};
    } else {
      step(no_log);
    }
  }
}

template <bool everything, int lanes>
void LaneGroup<everything, lanes>::run_first() {
  auto& state = step_.state;
  for (std::size_t d = 0; d < state.devices.size(); ++d) {
    auto& device = state.devices[d];
    device.free = device.held = device.peak = device.arrivals = device.sum = {};
    device.work = work_[d];
    device.weights = weights_[d];
    device.switches = switches_[d];
    for (auto& each : device.last.at) each = Totals::no_precision;
  }
  for (auto& channel : state.channels) channel = {};
  state.sums = {};
  for (int lane = 0; lane < size_; ++lane) {
    logs_[at(lane)].clear();
    admissions_[at(lane)].clear();
  }
  const auto arrival = admissions_.front().arrival(0);
  for (auto& each : state.arrival.at) each = arrival;
  tally_.first_arrival = arrival;
  run_.first = true;
  run_.widths_differ = !widths_.empty();
  run_.deviate = completions_.size() > 1 ? deviate<true> : deviate<false>;
  replay_lanes(run_);
  if constexpr (!everything)
    for (auto& each : state.sums.noise.at) each = tables_.first_noise;
  completions_[0] = state.sums.completed;
}

/// What the first task of a device pays when the request before has ended in another precision.
template <bool everything, int lanes>
void LaneGroup<everything, lanes>::find_first_switches() {
  const auto& devices = step_.state.devices;
  for (std::size_t d = 0; d < devices.size(); ++d) {
    const auto& sequence = base_.sequences[d];
    auto& first = first_precision_[d];
    first = {};
    const bool any = sequence.first_of_precision < sequence.count;
    const auto entry = sequence.first + sequence.first_of_precision;
    for (int lane = 0; lane < lanes; ++lane)
      first.at[lane] = any && !(lanes_of_[base_.places[entry]] >> lane & 1)
                           ? base_.precisions[entry]
                           : Totals::no_precision;
  }
  for (int lane = 0; lane < size_; ++lane) {
    const auto& log = logs_[at(lane)];
    for (std::size_t i = 0; i < log.task_count; ++i)
      if (log.tasks[i].first_of_precision)
        first_precision_[log.tasks[i].resource].at[lane] = log.details[i].precision;
  }
  for (std::size_t d = 0; d < devices.size(); ++d)
    for (int lane = 0; lane < lanes; ++lane) {
      const bool pays = first_precision_[d].at[lane] != Totals::no_precision &&
                        first_precision_[d].at[lane] != devices[d].last.at[lane];
      pays_again_[d].at[lane] = pays;
      run_.first_switch[d].at[lane] = pays ? problem_.switch_time[d] : 0;
    }
}

template <bool everything, int lanes>
void LaneGroup<everything, lanes>::run_further() {
  auto& state = step_.state;
  find_first_switches();
  std::array<std::int64_t, lanes> limit{};
  for (int lane = 0; lane < size_; ++lane) {
    sum_up(problem_, state, lane, totals_);
    limit[at(lane)] = totals_.admission_limit;
    arrivals_[0].at[lane] = tally_.first_arrival;
    admissions_[at(lane)].complete(completions_[0].at[lane]);
    if (lane > 0) admissions_[at(lane)].arrival(0);
  }
  run_.first = false;
  run_.deviate = repeat;
  for (std::size_t r = 1; r < completions_.size(); ++r) {
    const auto request = static_cast<std::int64_t>(r);
    for (int lane = 0; lane < size_; ++lane) {
      auto& admission = admissions_[at(lane)];
      const auto arrival = admission.arrival(request);
      arrivals_[r].at[lane] = arrival;
      state.arrival.at[lane] = admission.admitted(request, arrival, limit[at(lane)]);
    }
    replay_lanes(run_);
    completions_[r] = state.sums.completed;
    for (int lane = 0; lane < size_; ++lane)
      admissions_[at(lane)].complete(completions_[r].at[lane]);
  }
}

template <bool everything, int lanes>
void LaneGroup<everything, lanes>::repeat(void* self, std::uint32_t place, std::uint32_t which) {
  auto& group = *static_cast<LaneGroup*>(self);
  for (; which != 0; which &= which - 1) group.repeat_lane(place, std::countr_zero(which));
}

/// Times a place again as its log says.
template <bool everything, int lanes>
void LaneGroup<everything, lanes>::repeat_lane(std::uint32_t place, int lane) {
  auto& state = step_.state;
  const auto& log = logs_[at(lane)];
  const auto [first, last] = logged_[at(lane)][place];
  for (auto i = first; i < last; ++i) {
    const auto& task = log.tasks[i];
    auto end = state.arrival.at[lane];
    for (auto s = task.first_in; s < task.end_in; ++s) end = std::max(end, state.slots[s].at[lane]);
    if (task.kind == WalkLog::Kind::transfer) {
      const auto* const all = problem_.route_channel.data();
      const auto* const begin = all + problem_.route_begin[task.resource];
      const auto* const behind = all + problem_.route_begin[task.resource + 1];
      for (const auto* c = begin; c < behind; ++c)
        end = std::max(end, state.channels[at(*c)].free.at[lane]);
      end += task.busy;
      for (const auto* c = begin; c < behind; ++c) state.channels[at(*c)].free.at[lane] = end;
      end += problem_.route_latency[task.resource];
    } else if (task.kind != WalkLog::Kind::copy) {
      auto& free = state.devices[task.resource].free.at[lane];
      free = std::max(free, end) + task.busy;
      if (task.first_of_precision) free += run_.first_switch[task.resource].at[lane];
      end = free;
    }
    for (auto o = task.first_out; o < task.end_out; ++o) state.slots[log.outs[o]].at[lane] = end;
    if (task.at_sink) state.sums.completed.at[lane] = std::max(state.sums.completed.at[lane], end);
  }
}

template <bool everything, int lanes>
void LaneGroup<everything, lanes>::score_lane(int lane, models::Score& score) {
  const auto& state = step_.state;
  const auto requests = static_cast<std::int64_t>(completions_.size());
  const auto first_arrival = tally_.first_arrival;
  tally_.completions.clear();
  tally_.latencies.clear();
  tally_.last_event = 0;
  sum_up(problem_, state, lane, totals_);
  for (std::size_t d = 0; d < totals_.devices.size(); ++d) {
    const auto& load = totals_.devices[d];
    tally_.switches[d] = requests * load.switches;
    if (requests > 1 && pays_again_[d].at[lane]) tally_.switches[d] += requests - 1;
    tally_.device_busy[d] = requests * load.work + tally_.switches[d] * problem_.switch_time[d];
  }
  for (std::size_t c = 0; c < tally_.channel_busy.size(); ++c)
    tally_.channel_busy[c] = requests * totals_.channel_work[c];
  for (std::size_t r = 0; r < completions_.size(); ++r) {
    const auto completed = completions_[r].at[lane];
    const auto arrival = r == 0 ? first_arrival : arrivals_[r].at[lane];
    tally_.completions.push_back(completed);
    tally_.latencies.push_back(completed - arrival);
    tally_.last_event = std::max(tally_.last_event, completed);
  }
  for (const auto& each : widths_)
    if (each.lane == lane) plan_.lanes[at(each.link)] = each.width;
  score = make_score(problem_, totals_, plan_, tally_);
  for (const auto& each : widths_)
    if (each.lane == lane) plan_.lanes[at(each.link)] = widths_of_base_[at(each.link)];
}

/// All lanes follow the base again.
template <bool everything, int lanes>
void LaneGroup<everything, lanes>::clear() {
  for (const auto& [place, lane] : touched_) {
    lanes_of_[place] = 0;
    deviates_[place / 64] = 0;
  }
  for (const auto& [op, lane] : moved_) {
    device_[at(lane)][op] = plan_.device[op];
    precision_[at(lane)][op] = plan_.precision[op];
  }
  for (const auto& each : widths_)
    step_.state.bandwidth[at(each.link)].at[each.lane] =
        static_cast<double>(plan_.lanes[at(each.link)]) * problem_.lane_bandwidth[at(each.link)];
  for (int lane = 0; lane < size_; ++lane) step_.wire_changes[at(lane)].clear();
  step_.same_widths.fill(true);
  if (!touched_.empty()) load_base();
  for (const auto tensor : affected_) step_.affected[at(tensor)] = 0;
  affected_.clear();
  touched_.clear();
  moved_.clear();
  widths_.clear();
  size_ = 0;
}

/// The loads of the base in all lanes.
template <bool everything, int lanes>
void LaneGroup<everything, lanes>::load_base() {
  for (std::size_t d = 0; d < weights_.size(); ++d) {
    const auto& device = base_.state().devices[d];
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      weights_[d].at[lane] = device.weights.at[0];
      work_[d].at[lane] = device.work.at[0];
      switches_[d].at[lane] = device.switches.at[0];
    }
  }
}

template class LaneGroup<false, 2>;
template class LaneGroup<false, 8>;
template class LaneGroup<true, 2>;
template class LaneGroup<true, 8>;

}  // namespace sim
