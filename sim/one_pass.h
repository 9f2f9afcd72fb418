#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "models/workload.h"
#include "sim/scoring.h"
#include "sim/walk.h"

namespace sim {

/// What one request adds up to in one lane, in the words that scores are made of.
template <int lanes>
void sum_up(const models::Problem& problem, const WalkState<lanes>& state, int lane,
            models::Totals& totals) {
  totals.fault.found = state.sums.unsupported.at[lane] != 0;
  totals.compute_energy = state.sums.compute_energy.at[lane];
  totals.convert_energy = state.sums.convert_energy.at[lane];
  totals.transfer_energy = state.sums.transfer_energy.at[lane];
  totals.transferred_bytes = state.sums.bytes.at[lane];
  totals.noise = state.sums.noise.at[lane] + state.sums.carried.at[lane];
  totals.memory_over = totals.memory_bytes = 0;
  totals.admission_limit = std::numeric_limits<std::int64_t>::max();
  for (std::size_t d = 0; d < totals.devices.size(); ++d) {
    const auto& device = state.devices[d];
    auto& load = totals.devices[d];
    load.work = device.work.at[lane];
    load.switches = device.switches.at[lane];
    load.weights = device.weights.at[lane];
    const bool ordered = totals.strict && problem.slots[d] == 1;
    load.per_request =
        (ordered ? device.peak.at[lane] : device.sum.at[lane]) + device.arrivals.at[lane];
    const auto needed = load.weights + load.per_request;
    totals.memory_bytes = std::max(totals.memory_bytes, needed);
    totals.memory_over += std::max<std::int64_t>(0, needed - problem.capacity[d]);
    if (problem.requests() > 1 && load.per_request > 0)
      totals.admission_limit =
          std::min(totals.admission_limit, (problem.capacity[d] - load.weights) / load.per_request);
  }
  totals.admission_limit = std::max<std::int64_t>(1, totals.admission_limit);
  for (std::size_t c = 0; c < totals.channel_work.size(); ++c)
    totals.channel_work[c] = state.channels[c].work.at[lane];
}

/// When requests arrive, are admitted and complete, in one execution.
class Admission {
 public:
  explicit Admission(const models::Problem::Stream& stream)
      : stream_(stream), times_(stream.workload()) {
    done_.reserve(static_cast<std::size_t>(stream.workload().requests));
  }
  void clear() {
    done_.clear();
    if (drawn()) times_ = models::ArrivalTimes(stream_.workload());
  }
  /// To be asked once for each request, in order.
  std::int64_t arrival(std::int64_t request) {
    if (!stream_.arrivals.empty())
      return stream_.arrivals[static_cast<std::size_t>(request)].count();
    if (drawn()) return times_.next().count();
    const auto before = request - stream_.workload().in_flight;
    return before < 0 ? 0 : done_[static_cast<std::size_t>(before)];
  }
  /// In order of arrival, when enough have completed.
  std::int64_t admitted(std::int64_t request, std::int64_t arrival, std::int64_t limit) const {
    const auto before = request - limit;
    return before < 0 ? arrival : std::max(arrival, done_[static_cast<std::size_t>(before)]);
  }
  void complete(std::int64_t completed) {
    done_.insert(std::upper_bound(done_.begin(), done_.end(), completed), completed);
  }

 private:
  bool drawn() const {
    return stream_.arrivals.empty() &&
           stream_.workload().arrivals != models::Workload::Arrivals::closed;
  }

  const models::Problem::Stream& stream_;
  models::ArrivalTimes times_;
  std::vector<std::int64_t> done_;  ///< completions so far, sorted
};

/// Scores one plan after the other by one walk each; further requests are timed by the log of the
/// first.
template <bool everything>
class OnePass {
 public:
  explicit OnePass(const WalkTables& tables)
      : tables_(tables),
        problem_(tables.problem),
        walk_(tables),
        admission_(tables.stream),
        workload_(tables.stream.workload()) {
    totals_.devices.resize(static_cast<std::size_t>(problem_.devices));
    totals_.channel_work.resize(static_cast<std::size_t>(problem_.channels));
    const auto requests = static_cast<std::size_t>(workload_.requests);
    tally_.completions.reserve(requests);
    tally_.latencies.reserve(requests);
    tally_.sorted.reserve(requests);
    local_.resize(totals_.devices.size());
    from_afar_.resize(tables.edges);
  }

  /// The tables must follow the order of the plan, whose wires may lie elsewhere.
  models::Score score(const models::Plan& plan, const std::vector<std::uint8_t>& wire);

 private:
  void begin(const models::Plan& plan);
  void go_on(const models::Plan& plan);
  template <bool jitter>
  std::int64_t replay(std::int64_t request, std::int64_t admitted);
  std::int64_t send(std::uint32_t route, std::int64_t ready, std::int64_t duration);
  void complete(std::int64_t arrival, std::int64_t completed);
  models::Score score_walked(const models::Plan& plan);
  void shorten();
  std::int64_t repeat(std::int64_t admitted);

  /// A task of the log that waits for another device or that another waits for. What its device
  /// does before it without waiting is only a duration.
  struct Boundary {
    WalkLog::Task task;
    std::int64_t before = 0;
  };

  const WalkTables& tables_;
  const models::Problem& problem_;
  Walk<everything, 1> walk_;
  WalkLog log_;
  Admission admission_;
  const models::Workload& workload_;
  models::Totals totals_;
  Tally tally_;
  std::int64_t arrival_ = 0;  ///< of the first request
  /// [device] what the first task of a further request pays.
  std::vector<std::int64_t> first_switch_;
  Pile<Boundary> boundaries_;
  std::vector<std::int64_t> local_;      ///< [device] behind its last boundary
  std::vector<std::uint8_t> from_afar_;  ///< [slot] fed by a transfer
};

template <bool everything>
void OnePass<everything>::begin(const models::Plan& plan) {
  admission_.clear();
  arrival_ = admission_.arrival(0);
  walk_.begin(plan, arrival_);
  tally_.first_arrival = arrival_;
  totals_.strict = plan.discipline == models::Plan::Discipline::strict;
}

template <bool everything>
models::Score OnePass<everything>::score(const models::Plan& plan,
                                         const std::vector<std::uint8_t>& wire) {
  tally_.reset(problem_);
  begin(plan);
  walk_.wire = wire.data();
  if (workload_.requests == 1 && workload_.jitter == 0) {
    NoLog log;
    walk_.start(0, log);
    walk_.run_from(0, log);
    return score_walked(plan);
  }
  log_.clear();
  walk_.start(0, log_);
  walk_.run_from(0, log_);
  sum_up(problem_, walk_.state, 0, totals_);
  go_on(plan);
  return make_score(problem_, totals_, plan, tally_);
}

/// Of a single request whose walk has come to its end.
template <bool everything>
models::Score OnePass<everything>::score_walked(const models::Plan& plan) {
  sum_up(problem_, walk_.state, 0, totals_);
  for (std::size_t d = 0; d < totals_.devices.size(); ++d) {
    const auto& load = totals_.devices[d];
    tally_.switches[d] = load.switches;
    tally_.device_busy[d] = load.work + load.switches * problem_.switch_time[d];
  }
  std::ranges::copy(totals_.channel_work, tally_.channel_busy.begin());
  complete(walk_.state.arrival.at[0], walk_.state.sums.completed.at[0]);
  return make_score(problem_, totals_, plan, tally_);
}

template <bool everything>
void OnePass<everything>::complete(std::int64_t arrival, std::int64_t completed) {
  tally_.completions.push_back(completed);
  tally_.latencies.push_back(completed - arrival);
  tally_.last_event = std::max(tally_.last_event, completed);
}

/// Times requests by the log; the first one too where jitter makes it differ from the walk.
template <bool everything>
void OnePass<everything>::go_on(const models::Plan&) {
  const bool jitter = workload_.jitter > 0;
  const auto requests = workload_.requests;
  auto& devices = walk_.state.devices;
  first_switch_.assign(devices.size(), 0);
  for (std::size_t i = 0; i < log_.task_count; ++i)
    if (log_.tasks[i].first_of_precision) {
      const auto d = log_.tasks[i].resource;
      if (devices[d].last.at[0] == log_.details[i].precision) continue;
      first_switch_[d] = problem_.switch_time[d];
      tally_.switches[d] = requests - 1;
    }
  for (std::size_t d = 0; d < devices.size(); ++d) {
    const auto& load = totals_.devices[d];
    tally_.switches[d] += requests * load.switches;
    tally_.device_busy[d] = tally_.switches[d] * problem_.switch_time[d];
    if (!jitter) tally_.device_busy[d] += requests * load.work;
  }
  if (!jitter)
    for (std::size_t c = 0; c < tally_.channel_busy.size(); ++c)
      tally_.channel_busy[c] = requests * totals_.channel_work[c];
  std::int64_t from = 0;
  if (jitter) {
    for (auto& device : devices) device.free.at[0] = 0;
    for (auto& channel : walk_.state.channels) channel.free.at[0] = 0;
    walk_.clear_slots();
  } else {
    const auto arrival = walk_.state.arrival.at[0], completed = walk_.state.sums.completed.at[0];
    complete(arrival, completed);
    admission_.complete(completed);
    from = 1;
  }
  const bool in_short = !jitter && tables_.single_slots && requests > 2;
  if (in_short) shorten();
  for (auto r = from; r < requests; ++r) {
    const auto arrival = r == 0 ? arrival_ : admission_.arrival(r);
    const auto admitted = admission_.admitted(r, arrival, totals_.admission_limit);
    const auto completed = in_short ? repeat(admitted)
                           : jitter ? replay<true>(r, admitted)
                                    : replay<false>(r, admitted);
    complete(arrival, completed);
    admission_.complete(completed);
  }
}

template <bool everything>
std::int64_t OnePass<everything>::send(std::uint32_t route, std::int64_t ready,
                                       std::int64_t duration) {
  auto* const channels = walk_.state.channels.data();
  const auto* const first = problem_.route_channel.data() + problem_.route_begin[route];
  const auto* const end = problem_.route_channel.data() + problem_.route_begin[route + 1];
  for (const auto* c = first; c < end; ++c) ready = std::max(ready, channels[*c].free.at[0]);
  for (const auto* c = first; c < end; ++c) channels[*c].free.at[0] = ready + duration;
  return ready + duration + problem_.route_latency[route];
}

/// When the request completes.
template <bool everything>
template <bool jitter>
std::int64_t OnePass<everything>::replay(std::int64_t request, std::int64_t admitted) {
  auto& state = walk_.state;
  auto* const slots = state.slots.data();
  const auto* const outs = log_.outs.data();
  const auto* const tasks = log_.tasks.data();
  auto completed = admitted;
  std::int64_t number = 0;  // of a task in canonical order
  for (std::size_t i = 0, count = log_.task_count; i < count; ++i) {
    const auto& task = tasks[i];
    auto end = admitted;
    for (auto s = task.first_in; s < task.end_in; ++s) end = std::max(end, slots[s].at[0]);
    auto busy = task.busy;
    if constexpr (jitter) {
      if (task.kind != WalkLog::Kind::copy) {
        const auto duration =
            models::jittered(log_.details[i].duration, workload_, request, number++);
        busy += duration - log_.details[i].duration;
        if (task.kind != WalkLog::Kind::transfer)
          tally_.device_busy[task.resource] += duration;
        else
          for (auto k = problem_.route_begin[task.resource];
               k < problem_.route_begin[task.resource + 1]; ++k)
            tally_.channel_busy[static_cast<std::size_t>(
                problem_.route_channel[static_cast<std::size_t>(k)])] += duration;
      }
    }
    if (task.kind == WalkLog::Kind::compute || task.kind == WalkLog::Kind::convert) {
      if constexpr (everything)
        if (task.first_of_precision && request > 0) busy += first_switch_[task.resource];
      if (problem_.slots[task.resource] == 1) [[likely]] {
        auto& free = state.devices[task.resource].free.at[0];
        end = free = std::max(end, free) + busy;
      } else {
        end = walk_.run_in_slot(task.resource, end, busy);
      }
    } else if (task.kind == WalkLog::Kind::transfer) {
      end = send(task.resource, end, busy);
    }
    for (auto o = task.first_out; o < task.end_out; ++o) slots[outs[o]].at[0] = end;
    if (task.at_sink) completed = std::max(completed, end);
  }
  return completed;
}

/// Finds the boundaries in the log, for requests behind the first on devices of one slot.
template <bool everything>
void OnePass<everything>::shorten() {
  using Kind = WalkLog::Kind;
  boundaries_.clear();
  std::ranges::fill(local_, 0);
  std::ranges::fill(from_afar_, 0);
  const auto edges = static_cast<std::uint32_t>(tables_.edges);
  for (std::size_t i = 0; i < log_.task_count; ++i) {
    auto task = log_.tasks[i];
    const bool transfer = task.kind == Kind::transfer;
    bool boundary = transfer || task.at_sink;
    for (auto s = task.first_in; s < std::min(task.end_in, edges); ++s)
      boundary |= from_afar_[s] != 0;
    for (auto o = task.first_out; o < task.end_out; ++o) {
      const auto slot = log_.outs[o];
      if (slot < edges)
        from_afar_[slot] = transfer;
      else
        boundary = true;
    }
    std::int64_t before = 0;
    if (task.kind == Kind::compute || task.kind == Kind::convert) {
      if (task.first_of_precision) task.busy += first_switch_[task.resource];
      auto& local = local_[task.resource];
      if (!boundary) {
        local += task.busy;
        continue;
      }
      before = local;
      local = 0;
    }
    if (boundary) boundaries_.push_back({task, before});
  }
}

/// When a further request completes. What is made on a device and read there is present when the
/// device is free, so that reading an older instant from its slot does no harm.
template <bool everything>
std::int64_t OnePass<everything>::repeat(std::int64_t admitted) {
  using Kind = WalkLog::Kind;
  auto& state = walk_.state;
  auto* const slots = state.slots.data();
  auto* const devices = state.devices.data();
  const auto* const outs = log_.outs.data();
  for (auto& device : state.devices) device.free.at[0] = std::max(device.free.at[0], admitted);
  auto completed = admitted;
  for (const auto& [task, before] : boundaries_) {
    auto end = admitted;
    for (auto s = task.first_in; s < task.end_in; ++s) end = std::max(end, slots[s].at[0]);
    if (task.kind == Kind::transfer) {
      end = send(task.resource, end, task.busy);
    } else if (task.kind != Kind::copy) {
      auto& free = devices[task.resource].free.at[0];
      end = free = std::max(end, free + before) + task.busy;
    }
    for (auto o = task.first_out; o < task.end_out; ++o) slots[outs[o]].at[0] = end;
    if (task.at_sink) completed = std::max(completed, end);
  }
  for (std::size_t d = 0; d < local_.size(); ++d) devices[d].free.at[0] += local_[d];
  return completed;
}

}  // namespace sim
