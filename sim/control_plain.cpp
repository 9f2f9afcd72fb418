// The usual case, and the innermost loop of a search that simulates: one network under `strict`, no
// batches, limits or changes. It says nothing that the other files do not say; what it knows
// beforehand saves most of their looking up.
#include "models/index.h"
#include "sim/control.h"

namespace sim {

using models::at;
using Phase = Activity::Phase;
using Brief = StreamState::Brief;

void Control::instant_plain(std::span<const Activity> ended) {
  auto& stream = streams_.front();
  const auto* const tasks = stream.brief.data();
  const auto completed_before = completed_;
  for (const auto activity : ended) {
    if (activity.is_special()) break;
    ++events_;
    const auto& task = tasks[activity.task()];
    if (activity.phase() != Phase::work) {
      take_in(activity);
      continue;
    }
    auto& device = devices_[at(task.device)];
    ++device.free_slots;
    const auto& flight = flight_of(activity.serial());
    const auto base = stream.first_of(flight.pool_slot);
    device.slot_busy[at(stream.slot_of[base + at(activity.task())])] = 0;
    if (!device.dirty) {
      device.dirty = true;
      dirty_devices_.push_back(task.device);
    }
    if (observer_) observer_->released(now_, activity.serial(), activity.task());
    present_plain(activity, task);
  }
  const bool special = ended.back().is_special();  // otherwise only completions let others come
  for (bool again = special || completed_ != completed_before; again;) {
    again = arrive(0);
    again |= admit_waiting();
  }
  if (fair_dirty_) start_fair_transfers();
  for (std::size_t i = 0; i < dirty_devices_.size(); ++i) dispatch_plain(dirty_devices_[i]);
  dirty_devices_.clear();
  for (std::size_t i = 0; i < dirty_channels_.size(); ++i) {
    channels_[at(dirty_channels_[i])].dirty = false;
    dispatch_channel(dirty_channels_[i]);
  }
  dirty_channels_.clear();
}

inline void Control::present_plain(Activity activity, const Brief& task) {
  auto& stream = streams_.front();
  const auto serial = activity.serial();
  if (observer_) observer_->ended(now_, serial, activity.task());
  auto& flight = flight_of(serial);
  auto* const missing = stream.missing.data() + stream.first_of(flight.pool_slot);
  const auto* const reader = stream.readers.item.data();
  for (auto r = task.first_reader; r < task.end_reader; ++r) {
    if (--missing[reader[r]] != 0) continue;
    const auto& next = stream.brief[at(reader[r])];
    if (next.device < 0) {
      become_ready(flight, Activity::of(stream.priority, serial, reader[r], Phase::work));
      continue;
    }
    auto& device = devices_[at(next.device)];
    if (device.dirty) continue;
    device.dirty = true;
    dirty_devices_.push_back(next.device);
  }
  if (task.is_final && --flight.finals_left == 0) finish(serial, flight);
}

inline void Control::dispatch_plain(int d) {
  auto& device = devices_[at(d)];
  device.dirty = false;
  auto& stream = streams_.front();
  const auto first = stream.on_device.begin[at(d)], end = stream.on_device.begin[at(d) + 1];
  if (first == end) return;
  const auto* const tasks = stream.on_device.item.data();
  auto& next = device_next_[at(d)];
  while (device.free_slots > 0) {
    const auto index = tasks[first + next.at];
    const auto serial = next.ordinal;
    if (serial >= admitted_) return;
    const auto& flight = flight_of(serial);
    if (flight.pool_slot < 0) return;
    const auto place = stream.first_of(flight.pool_slot) + at(index);
    if (stream.missing[place] != 0) return;
    if (++next.at == end - first) next = {serial + 1, 0};

    const auto& task = stream.brief[at(index)];
    auto amount = task.duration;
    if (stream.jitters) amount = jittered(flight, index, amount);
    std::int64_t work = 0;
    if (task.precision != models::TaskGraph::no_precision && device.last != task.precision) {
      if (device.last != models::TaskGraph::no_precision) {
        work = job_->switch_time[at(d)];
        ++tally_->switches[at(d)];
      }
      device.last = task.precision;
    }
    std::int32_t slot = 0;
    while (device.slot_busy[at(slot)] != 0) ++slot;
    device.slot_busy[at(slot)] = 1;
    --device.free_slots;
    stream.slot_of[place] = slot;
    amount += work;
    tally_->device_busy[at(d)] += amount;
    if (observer_) observer_->started(now_, serial, index, slot, now_ + work);
    kernel_->work(Activity::of(stream.priority, serial, index, Phase::work), d, amount);
  }
}

}  // namespace sim
