// What happens to the platform and to the requests during a run: speeds, widths, failures, bursts.
#include <algorithm>

#include "models/index.h"
#include "sim/control.h"

namespace sim {

using models::at;
using models::TaskGraph;
using What = models::Event::What;
using Changed = models::Timeline::Change::What;
using Phase = Activity::Phase;
using Special = Activity::Special;

void Control::happen(int event) {
  if (tally_->unfinished() == 0) return;  // nobody is there to notice
  const auto& step = job_->steps[at(event)];
  if (--event_times_left_[at(event)] > 0)
    kernel_->timer(now_ + step.every, Activity::of(Special::event, event));
  const auto index = step.index;
  switch (step.what) {
    case What::speed:
      devices_[at(index)].speed = step.value;
      set_pace(index);
      break;
    case What::load:
      if (step.on_link) {
        links_[at(index)].load = step.value;
        set_width(index);
      } else {
        devices_[at(index)].load = step.value;
        set_pace(index);
      }
      break;
    case What::lanes: {
      auto& link = links_[at(index)];
      const bool under_way = link.settles >= 0;
      link.next_lanes = static_cast<std::int32_t>(step.count);
      link.settles = now_ + job_->width_change[at(index)];
      ++tally_->width_changes[at(index)];
      power(index, std::max(link.powered, static_cast<double>(step.count)));
      link.lanes = 0;
      if (link.settles == now_)
        settle(index);
      else {
        set_width(index);
        if (!under_way) kernel_->timer(link.settles, Activity::of(Special::settled, index));
      }
      break;
    }
    case What::fails:
      step.on_link ? fail_link(index) : fail_device(index);
      break;
    case What::returns:
      step.on_link ? return_link(index) : return_device(index);
      break;
    case What::burst:
      streams_[at(index)].burst += step.count;  // they arrive in their network's turn
      break;
  }
}

void Control::tell(Changed what, int index, double value) {
  if (observer_) observer_->changed({what, index, now_, value});
}

void Control::set_pace(int d) {
  const auto& device = devices_[at(d)];
  const auto pace = device.speed * (1 - device.load);
  kernel_->set_speed(d, pace);
  tell(Changed::speed, d, pace);
}

void Control::set_width(int l) {
  const auto& link = links_[at(l)];
  const auto bandwidth = link.lanes * job_->lane_bandwidth[at(l)] * (1 - link.load);
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    if (job_->channel_link[c] != l) continue;
    kernel_->set_bandwidth(static_cast<std::int32_t>(c), bandwidth);
    channels_[c].varied |= bandwidth != job_->bandwidth[c];
    tell(Changed::bandwidth, static_cast<int>(c), bandwidth);
  }
}

/// From now on so many lanes draw power.
void Control::power(int l, double lanes) {
  auto& link = links_[at(l)];
  tally_->lane_time[at(l)] += link.powered * static_cast<double>(now_ - link.powered_since);
  link.powered = lanes;
  link.powered_since = now_;
}

/// The link has its new width, unless another change has begun meanwhile.
void Control::settle(int l) {
  auto& link = links_[at(l)];
  if (tally_->unfinished() == 0) return;
  if (link.settles > now_) {
    kernel_->timer(link.settles, Activity::of(Special::settled, l));
    return;
  }
  link.settles = -1;
  link.lanes = link.next_lanes;
  power(l, link.lanes);
  set_width(l);
}

void Control::fail_device(int d) {
  auto& device = devices_[at(d)];
  if (device.down) return;
  device.down = true;
  const auto running = device.running;
  for (const auto activity : running) lose_work(d, activity);
  device.running.clear();
  tell(Changed::device_down, d, 0);
}

void Control::return_device(int d) {
  auto& device = devices_[at(d)];
  if (!device.down) return;
  device.down = false;
  mark_device(d);
  tell(Changed::device_up, d, 0);
}

void Control::lose_work(int d, Activity activity) {
  auto& device = devices_[at(d)];
  const auto& flight = flight_of(activity.serial());
  const auto share = kernel_->cancel(activity);
  const auto index = state_index(flight, activity.task());
  auto& stream = stream_of(flight);
  stream.attempts[index].state = StreamState::Attempt::State::waiting;
  tally_->lost_energy += share * task_of(flight, activity.task()).energy;
  tally_->device_busy[at(d)] += now_ - stream.attempts[index].started;
  device.slot_busy[at(stream.slot_of[index])] = 0;
  ++device.free_slots;
  device.lost.insert(std::ranges::lower_bound(device.lost, activity.code), activity.code);
  if (observer_) observer_->lost(now_, activity.serial(), activity.task());
}

void Control::fail_link(int l) {
  auto& link = links_[at(l)];
  if (link.down) return;
  link.down = true;
  const auto sending = link.sending;
  for (const auto activity : sending) lose_transfer(activity);
  tell(Changed::link_down, l, 0);
}

void Control::return_link(int l) {
  auto& link = links_[at(l)];
  if (!link.down) return;
  link.down = false;
  fair_dirty_ |= !fair_.empty();
  for (std::size_t c = 0; c < channels_.size(); ++c)
    if (job_->channel_link[c] == l) mark_channel(static_cast<int>(c));
  tell(Changed::link_up, l, 0);
}

/// Back to where it waited; it starts again from its first byte, latency included.
void Control::lose_transfer(Activity sending) {
  const auto& flight = flight_of(sending.serial());
  const auto& task = task_of(flight, sending.task());
  const bool fair = job_->route_fair[at(task.route)] != 0;
  const auto transfer = sending.in(fair ? Phase::flow : Phase::hold);
  auto& attempt = attempt_of(sending);
  double share = 0;
  if (fair && !attempt.flowing)
    kernel_->cancel(sending.in(Phase::latency));
  else
    share = kernel_->cancel(transfer);
  if (fair && attempt.flowing) note_flow(sending, -1);
  attempt.state = StreamState::Attempt::State::waiting;
  tally_->lost_energy += share * task.energy;
  forget_sending(sending);
  if (limited_) {
    release_engines(task);
    return_credit(task.target);
  }
  if (observer_) observer_->lost(now_, sending.serial(), sending.task());
  for (const auto c : job_->route(task)) {
    if (fair) {
      const auto bytes = jittered(flight, sending.task(), task.bytes);
      tally_->channel_busy[at(c)] -= static_cast<std::int64_t>(
          (1 - share) * static_cast<double>(models::fair_work(bytes, job_->bandwidth[at(c)])));
      continue;
    }
    channels_[at(c)].busy = false;
    tally_->channel_busy[at(c)] += now_ - attempt.started;
    mark_channel(c);
  }
  if (fair) {
    fair_.push_back({attempt.queued, transfer.in(Phase::work).code});
    fair_dirty_ = true;
  } else if (strict_) {
    for (const auto c : job_->route(task)) {
      auto& lost = channels_[at(c)].lost;
      lost.insert(std::ranges::lower_bound(lost, transfer.code), transfer.code);
    }
  } else {
    enqueue({attempt.queued, transfer.code});
  }
}

void Control::forget(std::vector<Activity>& all, Activity activity) {
  all.erase(std::ranges::find(all, activity));
}

/// Where its bandwidth changes, bytes alone do not say how long a channel is busy with them: then
/// the time counts in which it has flows.
void Control::note_flow(Activity activity, std::int32_t change) {
  for (const auto c : job_->route(task_of(activity))) {
    auto& channel = channels_[at(c)];
    if (channel.flows == 0) channel.since = now_;
    channel.flows += change;
    if (channel.flows == 0) channel.timed += now_ - channel.since;
  }
}

/// On every link of its route, so that it is found when one of them fails.
void Control::note_sending(Activity activity) {
  const auto route = job_->route(task_of(activity));
  for (const auto c : route)
    links_[at(job_->channel_link[at(c)])].sending.push_back(activity.in(Phase::work));
}

void Control::forget_sending(Activity activity) {
  for (const auto c : job_->route(task_of(activity)))
    forget(links_[at(job_->channel_link[at(c)])].sending, activity.in(Phase::work));
}

}  // namespace sim
