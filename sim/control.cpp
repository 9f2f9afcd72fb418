#include "sim/control.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "models/index.h"

namespace sim {

using models::at;
using models::TaskGraph;
using Phase = Activity::Phase;
using Special = Activity::Special;

namespace {

// As they are before a run; what they hold keeps its memory.

void reset_device(auto& device, const Job& job, std::size_t d) {
  device.ready.clear();
  device.lost.clear();
  device.running.clear();
  device.starved.clear();
  device.slot_busy.assign(at(job.slots[d]), 0);
  device.free_slots = job.slots[d];
  device.credits = job.buffers.empty() ? 0 : job.buffers[d];
  device.engines = job.copy_engines.empty() ? 0 : job.copy_engines[d];
  device.speed = 1;
  device.load = 0;
  device.last = TaskGraph::no_precision;
  device.down = device.dirty = false;
}

void reset_channel(auto& channel) {
  channel.queue.clear();
  channel.lost.clear();
  channel.head = 0;
  channel.busy = channel.dirty = false;
  channel.flows = 0;
  channel.timed = 0;
  channel.shared = channel.varied = false;
}

void reset_link(auto& link, auto lanes) {
  link.sending.clear();
  link.lanes = link.powered = lanes;
  link.load = 0;
  link.powered_since = 0;
  link.settles = -1;
  link.down = false;
}

}  // namespace

void Control::run(const Job& job, Kernel& kernel, Tally& tally, Observer* observer) {
  job_ = &job;
  kernel_ = &kernel;
  tally_ = &tally;
  observer_ = observer;
  tally.reset(job);
  prepare();
  kernel.reset({.devices = static_cast<int>(job.devices()),
                .channel_bandwidth = job.bandwidth,
                .changes = changes_});
  start_arrivals();
  kernel.run(*this);
  unfinished_ = tally.unfinished();
  if (unfinished_ > 0) tally.last_event = std::max(tally.last_event, now_);
  for (std::size_t c = 0; c < channels_.size(); ++c)
    if (channels_[c].shared && channels_[c].varied) tally.channel_busy[c] = channels_[c].timed;
  now_ = tally.last_event;
  for (std::size_t l = 0; l < links_.size(); ++l) power(static_cast<int>(l), links_[l].powered);
}

void Control::prepare() {
  const auto& job = *job_;
  strict_ = job.strict;
  changes_ = job.changes();
  limited_ = job.limited();
  streams_.resize(job.streams.size());
  for (std::size_t s = 0; s < streams_.size(); ++s) streams_[s].prepare(job, static_cast<int>(s));
  plain_ = streams_.size() == 1 && streams_[0].batch == 1 && !changes_ && !limited_;

  devices_.resize(job.devices());
  for (std::size_t d = 0; d < devices_.size(); ++d) reset_device(devices_[d], job, d);
  channels_.resize(job.channels());
  for (auto& channel : channels_) reset_channel(channel);
  links_.resize(changes_ ? job.links() : 0);
  for (std::size_t l = 0; l < links_.size(); ++l) reset_link(links_[l], job.lanes[l]);
  device_next_.assign(devices_.size() * streams_.size(), {});
  channel_next_.assign(channels_.size() * streams_.size(), {});
  held_.assign(plain_ ? 0 : job.devices(), 0);
  if (flights_.empty()) flights_.resize(16);
  flight_mask_ = flights_.size() - 1;
  waiting_.clear();
  dirty_devices_.clear();
  dirty_channels_.clear();
  fresh_.clear();
  fair_.clear();
  fair_dirty_ = false;
  now_ = events_ = formed_ = admitted_ = completed_ = oldest_ = unfinished_ = 0;
  admission_limit_ = std::numeric_limits<std::int64_t>::max();
  const auto& needs = job.streams.front().needs;
  for (std::size_t d = 0; plain_ && d < devices_.size(); ++d)
    if (needs[d] > 0)
      admission_limit_ = std::min(admission_limit_, (job.capacity[d] - job.weights[d]) / needs[d]);
  admission_limit_ = std::max<std::int64_t>(1, admission_limit_);
}

void Control::instant(std::int64_t now, std::span<const Activity> ended) {
  now_ = now;
  if (plain_ && strict_) {
    instant_plain(ended);
    return;
  }
  const auto completed_before = completed_;
  for (const auto activity : ended) {
    if (activity.is_special()) break;
    ++events_;
    take_in(activity);
  }
  auto special = ended.rbegin();
  while (special != ended.rend() && special->is_special()) ++special;
  // What is special sorts last: the platform first, then batches, then arrivals.
  for (auto each = special.base(); each != ended.end(); ++each) {
    if (each->special() == Special::event) happen(each->index());
    if (each->special() == Special::settled) settle(each->index());
    if (each->special() == Special::batch) waited_for_more(each->index());
  }
  // Otherwise nothing arrives, and nobody gave anything back.
  bool again = changes_ || special.base() != ended.end() || completed_ != completed_before;
  while (again) {  // a request without tasks completes at once
    again = false;
    for (std::size_t s = 0; s < streams_.size(); ++s) again |= arrive(static_cast<int>(s));
    again |= admit_waiting();
  }
  dispatch();
}

/// Something has ended.
void Control::take_in(Activity activity) {
  const auto phase = activity.phase();
  auto& flight = flight_of(activity.serial());
  const auto& task = task_of(flight, activity.task());
  if (phase == Phase::work) {
    slot_freed(activity, flight, task);
    present(activity, flight);
    return;
  }
  if (phase == Phase::hold) {
    links_freed(activity);
    const auto latency = job_->route_latency[at(task.route)];
    if (latency == 0)
      present(activity, flight);
    else
      kernel_->timer(now_ + latency, activity.in(Phase::latency));
    return;
  }
  if (phase == Phase::latency && job_->route_fair[at(task.route)]) {
    if (changes_) {
      attempt_of(activity).flowing = true;
      note_flow(activity, 1);
    }
    kernel_->flow(activity.in(Phase::flow), job_->route(task),
                  static_cast<double>(jittered(flight, activity.task(), task.bytes)));
    return;
  }
  if (phase == Phase::flow) {
    if (changes_) {
      forget_sending(activity);
      note_flow(activity, -1);
    }
    if (limited_) release_engines(task);
    if (observer_) observer_->released(now_, activity.serial(), activity.task());
  }
  present(activity, flight);
}

void Control::rate_changed(Activity flow, std::int64_t when, double fraction, double rate) {
  if (observer_) observer_->rate_changed(flow.serial(), flow.task(), when, fraction, rate);
}

void Control::mark_channel(int channel) {
  auto& state = channels_[at(channel)];
  if (state.dirty) return;
  state.dirty = true;
  dirty_channels_.push_back(channel);
}

/// All that the task reads is present.
void Control::become_ready(const Flight& flight, Activity activity) {
  const auto& task = task_of(flight, activity.task());
  if (task.kind != TaskGraph::Kind::transfer) {
    if (!strict_) {
      auto& ready = devices_[at(task.device)].ready;
      ready.push_back(activity.code);
      std::ranges::push_heap(ready, std::greater{});
    }
    mark_device(task.device);
    return;
  }
  if (stream_of(flight).keeps_attempts) attempt_of(activity).queued = now_;
  if (job_->route_fair[at(task.route)]) {
    fair_.push_back({now_, activity.code});
    fair_dirty_ = true;
  } else if (strict_) {
    for (const auto c : job_->route(task)) mark_channel(c);
  } else {
    fresh_.push_back({now_, activity.code});
  }
}

void Control::present(Activity activity, Flight& flight) {
  const auto serial = activity.serial();
  if (observer_) observer_->ended(now_, serial, activity.task());
  auto& stream = stream_of(flight);
  const auto base = stream.first_of(flight.pool_slot);
  if (stream.keeps_attempts)
    stream.attempts[base + at(activity.task())].state = StreamState::Attempt::State::ended;
  const auto readers = stream.readers.of(activity.task());
  for (const auto reader : readers)
    if (--stream.missing[base + at(reader)] == 0)
      become_ready(flight, Activity::of(stream.priority, serial, reader, Phase::work));
  if (limited_ && readers.empty()) {  // what nobody reads there needs its buffer no longer
    const auto& task = task_of(flight, activity.task());
    if (task.kind == TaskGraph::Kind::transfer) return_credit(task.target);
  }
  if (stream.is_final[at(activity.task())] && --flight.finals_left == 0) finish(serial, flight);
}

void Control::slot_freed(Activity activity, const Flight& flight, const TaskGraph::Task& task) {
  auto& device = devices_[at(task.device)];
  ++device.free_slots;
  const auto index = state_index(flight, activity.task());
  const auto& stream = stream_of(flight);
  device.slot_busy[at(stream.slot_of[index])] = 0;
  if (changes_) {
    tally_->device_busy[at(task.device)] += now_ - stream.attempts[index].started;
    forget(device.running, activity);
  }
  mark_device(task.device);
  if (observer_) observer_->released(now_, activity.serial(), activity.task());
}

void Control::links_freed(Activity activity) {
  const auto& task = task_of(activity);
  for (const auto c : job_->route(task)) {
    channels_[at(c)].busy = false;
    mark_channel(c);
    if (changes_) tally_->channel_busy[at(c)] += now_ - attempt_of(activity).started;
  }
  if (changes_) forget_sending(activity);
  if (limited_) release_engines(task);
  if (observer_) observer_->released(now_, activity.serial(), activity.task());
}

void Control::dispatch() {
  if (fair_dirty_) start_fair_transfers();
  if (!fresh_.empty()) queue_ready_transfers();
  for (std::size_t i = 0; i < dirty_devices_.size(); ++i) {
    const auto d = dirty_devices_[i];
    devices_[at(d)].dirty = false;
    if (plain_)
      dispatch_device(d);
    else
      dispatch_shared(d);
  }
  dirty_devices_.clear();
  // Starting tasks may give buffers back, which lets transfers start.
  while (fair_dirty_ || !dirty_channels_.empty()) {
    if (fair_dirty_) start_fair_transfers();
    for (std::size_t i = 0; i < dirty_channels_.size(); ++i) {
      const auto c = dirty_channels_[i];
      channels_[at(c)].dirty = false;
      if (plain_)
        dispatch_channel(c);
      else
        list_candidates(c);
    }
    dirty_channels_.clear();
    if (!plain_) start_candidates();
  }
}

}  // namespace sim
