#include "sim/control.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <stdexcept>

#include "models/index.h"

namespace sim {
namespace {

using models::at;
using models::TaskGraph;
using Phase = Activity::Phase;

}  // namespace

Control::Control(const models::Problem& problem)
    : problem_(problem),
      devices_(at(problem.devices)),
      channels_(at(problem.channels)),
      flights_(16) {
  for (std::size_t d = 0; d < devices_.size(); ++d)
    devices_[d].slot_busy.resize(at(problem.slots[d]));
}

std::span<const std::int32_t> Control::list(const std::vector<std::int32_t>& begin,
                                            const std::vector<std::int32_t>& items,
                                            int index) const {
  return std::span(items).subspan(at(begin[at(index)]),
                                  at(begin[at(index) + 1] - begin[at(index)]));
}

void Control::run(const TaskGraph& graph, Kernel& kernel, Tally& tally, Observer* observer) {
  kernel_ = &kernel;
  tally_ = &tally;
  observer_ = observer;
  prepare(graph);
  tally.reset(problem_);
  tally.completions.resize(at(problem_.streams.front().workload().requests));
  tally.latencies.resize(at(problem_.streams.front().workload().requests));
  start_arrivals();
  kernel.run(*this);
  if (completed_ != problem_.streams.front().workload().requests)
    throw std::logic_error("simulation ended with requests under way");
}

void Control::start_arrivals() {
  kernel_->timer(problem_.streams.front().arrivals.empty()
                     ? 0
                     : problem_.streams.front().arrivals.front().count(),
                 Activity::arrival());
}

/// The arrivals of this instant.
void Control::arrive() {
  const auto take = [&] {
    const auto request = arrived_++;
    if (arrived_ - oldest_ > static_cast<std::int64_t>(flights_.size())) {
      std::vector<InFlight> wider(flights_.size() * 2);
      for (auto r = oldest_; r < request; ++r) wider[at(r) & (wider.size() - 1)] = in_flight(r);
      flights_.swap(wider);
    }
    in_flight(request) = {-1, 0, now_};
    if (request == 0) tally_->first_arrival = now_;
    ++events_;
    if (observer_) observer_->arrived(now_, request);
  };
  const auto& open = problem_.streams.front().arrivals;
  const auto total = problem_.streams.front().workload().requests;
  if (open.empty()) {
    while (arrived_ < total &&
           arrived_ - completed_ < problem_.streams.front().workload().in_flight)
      take();
    return;
  }
  while (arrived_ < total && open[at(arrived_)].count() <= now_) take();
  if (arrived_ < total) kernel_->timer(open[at(arrived_)].count(), Activity::arrival());
}

void Control::admit_waiting() {
  while (admitted_ < arrived_ && admitted_ - completed_ < graph_->totals().admission_limit)
    admit(admitted_++);
}

void Control::admit(std::int64_t request) {
  const auto tasks = graph_->tasks().size();
  if (pool_free_.empty()) {
    pool_free_.push_back(
        static_cast<std::int32_t>(missing_.size() / std::max<std::size_t>(1, tasks)));
    missing_.resize(missing_.size() + tasks);
    slot_of_.resize(missing_.size());
  }
  auto& flight = in_flight(request);
  flight.pool_slot = pool_free_.back();
  pool_free_.pop_back();
  flight.finals_left = static_cast<std::int32_t>(graph_->finals().size());
  std::ranges::copy(missing_template_,
                    missing_.begin() + static_cast<std::ptrdiff_t>(at(flight.pool_slot) * tasks));
  ++events_;
  if (observer_) observer_->admitted(now_, request);
  for (const auto root : roots_) become_ready(request, root);
  if (flight.finals_left == 0) finish(request);
}

/// The request is complete: it gives its memory back, and in a closed workload the next one
/// arrives.
void Control::finish(std::int64_t request) {
  auto& flight = in_flight(request);
  pool_free_.push_back(flight.pool_slot);
  flight.pool_slot = -2;
  tally_->completions[at(request)] = now_;
  tally_->latencies[at(request)] = now_ - flight.arrival;
  tally_->last_event = now_;
  ++completed_;
  ++events_;
  while (oldest_ < arrived_ && in_flight(oldest_).pool_slot == -2) ++oldest_;
  if (observer_) observer_->completed(now_, request);
}

void Control::mark_device(int device) {
  auto& state = devices_[at(device)];
  if (state.dirty) return;
  state.dirty = true;
  dirty_devices_.push_back(device);
}

void Control::mark_channel(int channel) {
  auto& state = channels_[at(channel)];
  if (state.dirty) return;
  state.dirty = true;
  dirty_channels_.push_back(channel);
}

void Control::become_ready(std::int64_t request, std::int32_t task) {
  const auto& it = graph_->tasks()[at(task)];
  if (it.kind != TaskGraph::Kind::transfer) {
    if (!strict_) {
      auto& ready = devices_[at(it.device)].ready;
      ready.push_back(Activity::of(request, task, Phase::work).code);
      std::ranges::push_heap(ready, std::greater{});
    }
    mark_device(it.device);
    return;
  }
  if (problem_.route_fair[at(it.route)])
    fair_.push_back({now_, request, task});
  else if (strict_)
    for (const auto c : graph_->route(it)) mark_channel(c);
  else
    fresh_.push_back({now_, request, task});
}

void Control::present(std::int64_t request, std::int32_t task) {
  if (observer_) observer_->ended(now_, request, task);
  auto& flight = in_flight(request);
  const auto base = at(flight.pool_slot) * graph_->tasks().size();
  for (const auto dependent : list(dependent_begin_, dependent_, task))
    if (--missing_[base + at(dependent)] == 0) become_ready(request, dependent);
  if (is_final_[at(task)] && --flight.finals_left == 0) finish(request);
}

void Control::slot_freed(std::int64_t request, std::int32_t task) {
  const auto d = graph_->tasks()[at(task)].device;
  auto& device = devices_[at(d)];
  ++device.free_slots;
  const auto base = at(in_flight(request).pool_slot) * graph_->tasks().size();
  device.slot_busy[at(slot_of_[base + at(task)])] = 0;
  mark_device(d);
  if (observer_) observer_->released(now_, request, task);
}

void Control::links_freed(std::int64_t request, std::int32_t task) {
  for (const auto c : graph_->route(graph_->tasks()[at(task)])) {
    channels_[at(c)].busy = false;
    mark_channel(c);
  }
  if (observer_) observer_->released(now_, request, task);
}

void Control::instant(std::int64_t now, std::span<const Activity> ended) {
  now_ = now;
  for (const auto activity : ended) {
    ++events_;
    if (activity.is_arrival()) continue;
    const auto request = activity.request();
    const auto task = activity.task();
    const auto& it = graph_->tasks()[at(task)];
    switch (activity.phase()) {
      case Phase::work:
        slot_freed(request, task);
        present(request, task);
        break;
      case Phase::hold: {
        links_freed(request, task);
        const auto latency = problem_.route_latency[at(it.route)];
        if (latency == 0)
          present(request, task);
        else
          kernel_->timer(now_ + latency, Activity::of(request, task, Phase::latency));
        break;
      }
      case Phase::latency:
        if (!problem_.route_fair[at(it.route)]) {
          present(request, task);
          break;
        }
        kernel_->flow(Activity::of(request, task, Phase::flow), graph_->route(it),
                      static_cast<double>(models::jittered(
                          it.bytes, problem_.streams.front().workload(), request, task)));
        break;
      case Phase::flow:
        if (observer_) observer_->released(now_, request, task);
        present(request, task);
        break;
    }
  }
  if (problem_.streams.front().arrivals.empty() || ended.back().is_arrival()) arrive();
  for (auto before = completed_ - 1; before != completed_;) {
    before = completed_;
    admit_waiting();  // a request without tasks completes at once, and lets the next one arrive
    if (problem_.streams.front().arrivals.empty()) arrive();
  }
  admit_waiting();
  dispatch();
}

void Control::rate_changed(Activity flow, std::int64_t when, double fraction, double rate) {
  if (observer_) observer_->rate_changed(flow.request(), flow.task(), when, fraction, rate);
}

void Control::dispatch() {
  if (!fair_.empty()) start_fair_transfers();
  if (!fresh_.empty()) queue_ready_transfers();
  for (const auto d : dirty_devices_) {
    devices_[at(d)].dirty = false;
    dispatch_device(d);
  }
  dirty_devices_.clear();
  for (std::size_t i = 0; i < dirty_channels_.size(); ++i) {
    const auto c = dirty_channels_[i];
    channels_[at(c)].dirty = false;
    dispatch_channel(c);
  }
  dirty_channels_.clear();
}

/// Whether an admitted request's task has everything it reads.
bool Control::startable(std::int64_t request, std::int32_t task) {
  if (request >= admitted_) return false;
  const auto slot = in_flight(request).pool_slot;
  return missing_[at(slot) * graph_->tasks().size() + at(task)] == 0;
}

void Control::dispatch_device(int d) {
  auto& device = devices_[at(d)];
  if (!strict_) {
    while (device.free_slots > 0 && !device.ready.empty()) {
      const Activity next{device.ready.front()};
      std::ranges::pop_heap(device.ready, std::greater{});
      device.ready.pop_back();
      start_on_device(d, next.request(), next.task());
    }
    return;
  }
  const auto tasks = list(device_begin_, device_task_, d);
  while (device.free_slots > 0 && !tasks.empty()) {
    auto& next = device.next;
    const auto task = tasks[at(next.at)];
    const auto request = next.request;
    if (!startable(request, task)) return;
    if (++next.at == static_cast<std::int32_t>(tasks.size())) next = {request + 1, 0};
    start_on_device(d, request, task);
  }
}

void Control::start_on_device(int d, std::int64_t request, std::int32_t task) {
  auto& device = devices_[at(d)];
  const auto& it = graph_->tasks()[at(task)];
  std::int64_t work = now_;
  if (it.precision != TaskGraph::no_precision) {
    if (device.last != it.precision && device.last != TaskGraph::no_precision) {
      work += problem_.switch_time[at(d)];
      ++tally_->switches[at(d)];
    }
    device.last = it.precision;
  }
  const auto slot = std::ranges::find(device.slot_busy, std::uint8_t{0}) - device.slot_busy.begin();
  device.slot_busy[at(slot)] = 1;
  --device.free_slots;
  slot_of_[at(in_flight(request).pool_slot) * graph_->tasks().size() + at(task)] =
      static_cast<std::int32_t>(slot);
  const auto end =
      work + models::jittered(it.duration, problem_.streams.front().workload(), request, task);
  tally_->device_busy[at(d)] += end - now_;
  if (observer_) observer_->started(now_, request, task, static_cast<int>(slot), work);
  kernel_->work(Activity::of(request, task, Phase::work), d, end - now_);
}

bool Control::head_of(int c, std::int64_t& request, std::int32_t& task) const {
  const auto& channel = channels_[at(c)];
  if (!strict_) {
    if (channel.head == channel.queue.size()) return false;
    request = channel.queue[channel.head].request;
    task = channel.queue[channel.head].task;
    return true;
  }
  const auto tasks = list(channel_begin_, channel_task_, c);
  if (tasks.empty()) return false;
  request = channel.next.request;
  task = tasks[at(channel.next.at)];
  return true;
}

bool Control::is_head(int c, std::int64_t request, std::int32_t task) const {
  std::int64_t first_request = 0;
  std::int32_t first_task = 0;
  return head_of(c, first_request, first_task) && first_request == request && first_task == task;
}

void Control::pop_head(int c) {
  auto& channel = channels_[at(c)];
  if (strict_) {
    const auto tasks = list(channel_begin_, channel_task_, c);
    if (++channel.next.at == static_cast<std::int32_t>(tasks.size()))
      channel.next = {channel.next.request + 1, 0};
    return;
  }
  if (++channel.head < channel.queue.size() && channel.head < 1024) return;
  channel.queue.erase(channel.queue.begin(),
                      channel.queue.begin() + static_cast<std::ptrdiff_t>(channel.head));
  channel.head = 0;
}

/// Starts the channel's first transfer if it is first on every link of its route and all are free.
void Control::dispatch_channel(int c) {
  std::int64_t request = 0;
  std::int32_t task = 0;
  if (channels_[at(c)].busy || !head_of(c, request, task)) return;
  if (strict_ && !startable(request, task)) return;
  const auto route = graph_->route(graph_->tasks()[at(task)]);
  for (const auto other : route)
    if (channels_[at(other)].busy || !is_head(other, request, task)) return;
  start_transfer(request, task);
}

void Control::start_transfer(std::int64_t request, std::int32_t task) {
  const auto& it = graph_->tasks()[at(task)];
  const auto hold =
      models::jittered(it.duration, problem_.streams.front().workload(), request, task);
  double bandwidth = std::numeric_limits<double>::infinity();
  for (const auto c : graph_->route(it)) {
    pop_head(c);
    channels_[at(c)].busy = true;
    tally_->channel_busy[at(c)] += hold;
    bandwidth =
        std::min(bandwidth, graph_->totals().link_bandwidth[at(problem_.channel_link[at(c)])]);
  }
  if (observer_) observer_->started(now_, request, task, -1, now_);
  kernel_->hold(Activity::of(request, task, Phase::hold), graph_->route(it), hold, bandwidth);
}

void Control::start_fair_transfers() {
  std::ranges::sort(fair_);
  for (const auto& each : fair_) {
    const auto& it = graph_->tasks()[at(each.task)];
    const auto latency = problem_.route_latency[at(it.route)];
    const auto bytes =
        models::jittered(it.bytes, problem_.streams.front().workload(), each.request, each.task);
    for (const auto c : graph_->route(it))
      tally_->channel_busy[at(c)] += models::fair_work(
          bytes, graph_->totals().link_bandwidth[at(problem_.channel_link[at(c)])]);
    if (observer_) observer_->started(now_, each.request, each.task, -1, now_ + latency);
    kernel_->timer(now_ + latency, Activity::of(each.request, each.task, Phase::latency));
  }
  fair_.clear();
}

/// Fifo links under `ready`: in order of (instant queued, request, rank).
void Control::queue_ready_transfers() {
  std::ranges::sort(fresh_);
  for (const auto& each : fresh_)
    for (const auto c : graph_->route(graph_->tasks()[at(each.task)])) {
      auto& queue = channels_[at(c)].queue;
      auto place = queue.end();
      while (place != queue.begin() + static_cast<std::ptrdiff_t>(channels_[at(c)].head) &&
             each < *(place - 1))
        --place;
      queue.insert(place, each);
      mark_channel(c);
    }
  fresh_.clear();
}

}  // namespace sim
