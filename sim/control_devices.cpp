// What devices start.
#include <algorithm>
#include <cmath>
#include <functional>

#include "models/index.h"
#include "sim/control.h"

namespace sim {

using models::at;
using models::TaskGraph;
using Phase = Activity::Phase;

/// One network, nothing lost: the next task is the only one to look at.
void Control::dispatch_device(int d) {
  auto& device = devices_[at(d)];
  if (!strict_) {
    while (device.free_slots > 0 && !device.ready.empty()) {
      const Activity next{device.ready.front()};
      std::ranges::pop_heap(device.ready, std::greater{});
      device.ready.pop_back();
      start_on_device(d, next);
    }
    return;
  }
  auto& stream = streams_.front();
  const auto tasks = stream.on_device.of(d);
  auto& next = device_next_[at(d)];
  while (device.free_slots > 0 && !tasks.empty()) {
    const auto task = tasks[at(next.at)];
    const auto serial = next.ordinal;  // one network: the same
    if (serial >= admitted_ || !startable(flight_of(serial), task)) return;
    if (++next.at == static_cast<std::int32_t>(tasks.size())) next = {serial + 1, 0};
    start_on_device(d, Activity::of(stream.priority, serial, task, Phase::work));
  }
}

/// Among the next tasks of every network, and those that failures undid, the first in order of
/// those that can start.
void Control::dispatch_shared(int d) {
  auto& device = devices_[at(d)];
  if (device.down) return;
  while (device.free_slots > 0) {
    Activity best;
    bool found = false, again = false;
    const auto offer = [&](Activity each, bool lost) {
      if (found && best < each) return;
      best = each;
      found = true;
      again = lost;
    };
    if (!device.lost.empty()) offer({device.lost.front()}, true);
    if (!strict_ && !device.ready.empty()) offer({device.ready.front()}, false);
    for (std::size_t s = 0; strict_ && s < streams_.size(); ++s) {
      Activity next;
      if (next_on(d, static_cast<int>(s), next)) offer(next, false);
    }
    if (!found) return;
    if (again) {
      device.lost.erase(device.lost.begin());
    } else if (!strict_) {
      std::ranges::pop_heap(device.ready, std::greater{});
      device.ready.pop_back();
    } else {
      const auto stream = flight_of(best.serial()).stream;
      auto& next = device_next(d, stream);
      if (++next.at == static_cast<std::int32_t>(streams_[at(stream)].on_device.of(d).size()))
        next = {next.ordinal + 1, 0};
    }
    start_on_device(d, best);
  }
}

/// The network's next task on the device under `strict`, if it can start.
bool Control::next_on(int d, int s, Activity& next) const {
  const auto& stream = streams_[at(s)];
  const auto tasks = stream.on_device.of(d);
  if (tasks.empty()) return false;
  // Those that failures undid come first in the order of their network.
  for (const auto code : devices_[at(d)].lost)
    if (flight_of(Activity{code}.serial()).stream == s) return false;
  const auto& cursor = device_next(d, s);
  if (cursor.ordinal >= stream.admitted) return false;
  const auto serial = stream.serial_of(cursor.ordinal);
  const auto task = tasks[at(cursor.at)];
  if (!startable(flight_of(serial), task)) return false;
  next = Activity::of(stream.priority, serial, task, Phase::work);
  return true;
}

void Control::start_on_device(int d, Activity activity) {
  auto& device = devices_[at(d)];
  const auto& flight = flight_of(activity.serial());
  const auto& task = task_of(flight, activity.task());
  std::int64_t work = 0;
  if (task.precision != TaskGraph::no_precision) {
    if (device.last != task.precision && device.last != TaskGraph::no_precision) {
      work = job_->switch_time[at(d)];
      ++tally_->switches[at(d)];
    }
    device.last = task.precision;
  }
  auto* const busy = device.slot_busy.data();
  std::int32_t slot = 0;
  while (busy[slot] != 0) ++slot;
  busy[slot] = 1;
  --device.free_slots;
  const auto index = state_index(flight, activity.task());
  stream_of(flight).slot_of[index] = slot;
  const auto amount = work + jittered(flight, activity.task(), task.duration);
  if (!changes_) tally_->device_busy[at(d)] += amount;
  if (!plain_) note_start(d, activity);
  if (observer_) {
    const auto pace = changes_ ? device.speed * (1 - device.load) : 1;
    if (pace != 1 && pace > 0)
      work = static_cast<std::int64_t>(std::ceil(static_cast<double>(work) / pace));
    observer_->started(now_, activity.serial(), activity.task(), slot, now_ + work);
  }
  kernel_->work(activity, d, amount);
}

/// What only matters where something may change or is limited: arrivals read for the last time give
/// their buffers back.
void Control::note_start(int d, Activity activity) {
  const auto& flight = flight_of(activity.serial());
  auto& stream = stream_of(flight);
  if (changes_) devices_[at(d)].running.push_back(activity);
  if (!stream.keeps_attempts) return;
  auto& attempt = stream.attempts[state_index(flight, activity.task())];
  attempt.started = now_;
  attempt.state = StreamState::Attempt::State::under_way;
  if (attempt.again) return;
  attempt.again = true;
  if (!limited_) return;
  for (const auto dep : stream.asked->deps_of(at(activity.task()))) {
    const auto& read = task_of(flight, dep);
    if (read.kind != TaskGraph::Kind::transfer) continue;
    if (--stream.attempts[state_index(flight, dep)].unread == 0) return_credit(read.target);
  }
}

}  // namespace sim
