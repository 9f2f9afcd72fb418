// What waits for what when nothing can happen any more.
#include "models/index.h"
#include "sim/control.h"

namespace sim {

using models::at;
using models::TaskGraph;
using Phase = Activity::Phase;
using State = StreamState::Attempt::State;

Stall Control::stall() const {
  Stall stall;
  stall.unfinished = unfinished_;
  if (unfinished_ == 0) return stall;
  stall.when = now_;
  for (const auto& stream : streams_) {
    stall.absent += stream.asked->requests() - stream.arrived;
    stall.gathering += stream.gathered;
  }
  for (auto serial = oldest_; serial < formed_ && stall.waits.size() < Stall::most; ++serial)
    if (flight_of(serial).pool_slot != Flight::done) explain(stall, flight_of(serial), serial);
  return stall;
}

/// The request's tasks that have all they read, and have not ended.
void Control::explain(Stall& stall, const Flight& flight, std::int64_t serial) const {
  const auto& stream = stream_of(flight);
  const auto add = [&](std::int32_t task) -> Wait& {
    return stall.waits.emplace_back(
        Wait{.stream = flight.stream, .number = flight.number, .task = task});
  };
  if (flight.pool_slot == Flight::waiting) {
    explain_admission(add(-1), flight);
    return;
  }
  if (!stream.keeps_attempts) return;
  for (std::size_t t = 0; t < stream.tasks && stall.waits.size() < Stall::most; ++t) {
    const auto index = stream.first_of(flight.pool_slot) + t;
    const auto state = stream.attempts[index].state;
    if (state == State::ended || stream.missing[index] > 0) continue;
    const auto task = static_cast<std::int32_t>(t);
    explain_task(add(task), task_of(flight, task),
                 Activity::of(stream.priority, serial, task, Phase::work),
                 state == State::under_way);
  }
}

void Control::explain_admission(Wait& wait, const Flight& flight) const {
  wait.what = Wait::For::memory;
  wait.resource = 0;
  const auto devices = job_->devices();
  const auto* const needs =
      stream_of(flight).asked->needs.data() + at(flight.members - 1) * devices;
  for (std::size_t d = 0; d < devices; ++d)
    if (!held_.empty() && job_->weights[d] + held_[d] + needs[d] > job_->capacity[d])
      wait.resource = static_cast<std::int32_t>(d);
}

void Control::explain_task(Wait& wait, const TaskGraph::Task& task, Activity activity,
                           bool under_way) const {
  if (task.kind == TaskGraph::Kind::transfer) {
    explain_transfer(wait, task, under_way);
    return;
  }
  const auto& device = devices_[at(task.device)];
  wait.resource = task.device;
  wait.what = Wait::For::speed;
  if (device.down) wait.what = Wait::For::device_back;
  if (device.down || under_way || device.free_slots == 0 || !strict_) return;
  // Its turn has not come: what comes first waits for a result.
  const auto& cursor = device_next(task.device, wait.stream);
  const auto next = streams_[at(wait.stream)].on_device.of(task.device)[at(cursor.at)];
  wait.what = Wait::For::result;
  wait.other = next == activity.task() ? -1 : next;
}

/// What the transfer lacks, if it is a limit.
std::int32_t Control::lacking(const TaskGraph::Task& transfer, Wait::For& what) const {
  const auto none = [&](std::span<const std::int32_t> limit, int d, int left) {
    return !limit.empty() && limit[at(d)] > 0 && left == 0;
  };
  what = Wait::For::buffer;
  if (none(job_->buffers, transfer.target, devices_[at(transfer.target)].credits))
    return transfer.target;
  what = Wait::For::copy_engine;
  for (const int d : {int{transfer.target}, int{transfer.device}})
    if (none(job_->copy_engines, d, devices_[at(d)].engines)) return d;
  return -1;
}

void Control::explain_transfer(Wait& wait, const TaskGraph::Task& task, bool under_way) const {
  for (const auto c : job_->route(task)) {
    const auto l = job_->channel_link[at(c)];
    if (!changes_) break;
    const auto& link = links_[at(l)];
    if (!link.down && link.lanes > 0) continue;
    wait.what = link.down ? Wait::For::link_back : Wait::For::bandwidth;
    wait.resource = l;
    return;
  }
  if (!under_way && limited_)
    if (const auto device = lacking(task, wait.what); device >= 0) {
      wait.resource = device;
      return;
    }
  wait.what = Wait::For::turn;
  wait.resource = job_->channel_link[at(job_->route(task).front())];
}

}  // namespace sim
