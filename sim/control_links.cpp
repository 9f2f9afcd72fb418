// What links send.
#include <algorithm>

#include "models/index.h"
#include "sim/control.h"

namespace sim {

using models::at;
using models::TaskGraph;
using Phase = Activity::Phase;

/// The transfer that is next on the channel: under `strict` of one network, under `ready` of all.
bool Control::head_of(int c, int s, Activity& head) const {
  const auto& channel = channels_[at(c)];
  if (!strict_) {
    if (channel.head == channel.queue.size()) return false;
    head = {channel.queue[channel.head].code};
    return true;
  }
  for (const auto code : channel.lost)
    if (flight_of(Activity{code}.serial()).stream == s) {
      head = {code};
      return true;
    }
  const auto& stream = streams_[at(s)];
  const auto transfers = stream.on_channel.of(c);
  if (transfers.empty()) return false;
  const auto& next = channel_next(c, s);
  if (next.ordinal >= stream.admitted) return false;
  const auto serial = plain_ ? next.ordinal : stream.serial_of(next.ordinal);
  head = Activity::of(stream.priority, serial, transfers[at(next.at)], Phase::hold);
  return true;
}

bool Control::is_head(int c, Activity transfer) const {
  Activity head;
  return head_of(c, flight_of(transfer.serial()).stream, head) &&
         head.in(Phase::hold) == transfer.in(Phase::hold);
}

void Control::pop_head(int c, Activity transfer) {
  auto& channel = channels_[at(c)];
  if (!strict_) {
    if (++channel.head < channel.queue.size() && channel.head < 1024) return;
    channel.queue.erase(channel.queue.begin(),
                        channel.queue.begin() + static_cast<std::ptrdiff_t>(channel.head));
    channel.head = 0;
    return;
  }
  const auto lost = std::ranges::find(channel.lost, transfer.in(Phase::hold).code);
  if (lost != channel.lost.end()) {
    channel.lost.erase(lost);
    return;
  }
  const auto s = flight_of(transfer.serial()).stream;
  auto& next = channel_next_[at(c) * streams_.size() + at(s)];
  if (++next.at == static_cast<std::int32_t>(streams_[at(s)].on_channel.of(c).size()))
    next = {next.ordinal + 1, 0};
}

/// One network: starts the channel's first transfer if it is first on every link of its route and
/// all are free.
void Control::dispatch_channel(int c) {
  Activity head;
  if (channels_[at(c)].busy || !head_of(c, 0, head)) return;
  const auto& flight = flight_of(head.serial());
  if (strict_ && !startable(flight, head.task())) return;
  const auto route = job_->route(task_of(flight, head.task()));
  for (const auto other : route)
    if (channels_[at(other)].busy || !is_head(other, head)) return;
  start_transfer(head);
}

/// Several networks, or limits: which transfers could start, to be taken in order.
void Control::list_candidates(int c) {
  const auto& channel = channels_[at(c)];
  if (channel.busy) return;
  if (!strict_) {
    if (channel.head < channel.queue.size()) candidates_.push_back(channel.queue[channel.head]);
    return;
  }
  for (std::size_t s = 0; s < streams_.size(); ++s) {
    Activity head;
    if (!head_of(c, static_cast<int>(s), head)) continue;
    if (startable(flight_of(head.serial()), head.task())) candidates_.push_back({0, head.code});
  }
}

void Control::start_candidates() {
  std::ranges::sort(candidates_);
  candidates_.erase(std::unique(candidates_.begin(), candidates_.end()), candidates_.end());
  for (const auto& each : candidates_)
    if (may_start({each.code})) start_transfer({each.code});
  candidates_.clear();
}

/// Takes what is limited if all is there.
bool Control::may_start(Activity transfer) {
  const auto& task = task_of(transfer);
  const auto route = job_->route(task);
  for (const auto c : route) {
    if (channels_[at(c)].busy || !is_head(c, transfer)) return false;
    if (changes_ && links_[at(job_->channel_link[at(c)])].down) return false;
  }
  return !limited_ || takes_limits(task, route.front());
}

void Control::start_transfer(Activity transfer) {
  transfer = transfer.in(Phase::hold);
  const auto& flight = flight_of(transfer.serial());
  const auto& task = task_of(flight, transfer.task());
  const auto hold = jittered(flight, transfer.task(), task.duration);
  const auto route = job_->route(task);
  for (const auto c : route) {
    pop_head(c, transfer);
    channels_[at(c)].busy = true;
    if (!changes_) tally_->channel_busy[at(c)] += hold;
  }
  if (!plain_) note_transfer(transfer);
  if (observer_) observer_->started(now_, transfer.serial(), transfer.task(), -1, now_);
  auto narrowest = job_->bandwidth[at(route.front())];
  for (const auto c : route) narrowest = std::min(narrowest, job_->bandwidth[at(c)]);
  kernel_->hold(transfer, route, hold, narrowest);
}

void Control::note_transfer(Activity transfer) {
  if (changes_) note_sending(transfer);
  const auto& flight = flight_of(transfer.serial());
  auto& stream = stream_of(flight);
  if (!stream.keeps_attempts) return;
  auto& attempt = stream.attempts[state_index(flight, transfer.task())];
  attempt.started = now_;
  attempt.flowing = false;
  attempt.state = StreamState::Attempt::State::under_way;
  attempt.unread = static_cast<std::int32_t>(stream.readers.of(transfer.task()).size());
}

/// Fair transfers, in order of (instant queued, request, rank); one that cannot start holds up no
/// other.
void Control::start_fair_transfers() {
  fair_dirty_ = false;
  std::ranges::sort(fair_);
  std::erase_if(fair_, [&](const Queued& each) {
    if (!plain_ && !may_flow({each.code})) return false;
    start_fair({each.code});
    return true;
  });
}

bool Control::may_flow(Activity transfer) {
  const auto& task = task_of(transfer);
  if (changes_)
    for (const auto c : job_->route(task))
      if (links_[at(job_->channel_link[at(c)])].down) return false;
  return !limited_ || takes_limits(task, -1);
}

void Control::start_fair(Activity transfer) {
  const auto& flight = flight_of(transfer.serial());
  const auto& task = task_of(flight, transfer.task());
  const auto latency = job_->route_latency[at(task.route)];
  const auto bytes = jittered(flight, transfer.task(), task.bytes);
  for (const auto c : job_->route(task)) {
    tally_->channel_busy[at(c)] += models::fair_work(bytes, job_->bandwidth[at(c)]);
    channels_[at(c)].shared = true;
  }
  transfer = transfer.in(Phase::latency);
  if (!plain_) note_transfer(transfer);
  if (observer_) observer_->started(now_, transfer.serial(), transfer.task(), -1, now_ + latency);
  kernel_->timer(now_ + latency, transfer);
}

/// Fifo links under `ready`: in order of (instant queued, request, rank).
void Control::queue_ready_transfers() {
  std::ranges::sort(fresh_);
  for (const auto& each : fresh_) enqueue(each);
  fresh_.clear();
}

void Control::enqueue(const Queued& each) {
  const Queued entry{each.instant, Activity{each.code}.in(Phase::hold).code};
  for (const auto c : job_->route(task_of(Activity{each.code}))) {
    auto& queue = channels_[at(c)].queue;
    auto place = queue.end();
    while (place != queue.begin() + static_cast<std::ptrdiff_t>(channels_[at(c)].head) &&
           entry < *(place - 1))
      --place;
    queue.insert(place, entry);
    mark_channel(c);
  }
}

/// A buffer at the receiver and a copy engine at both ends. If one is lacking nothing is taken, and
/// what waits on `channel` (none for fair transfers, which are all tried again) is looked at again
/// when one is given back.
bool Control::takes_limits(const TaskGraph::Task& transfer, int channel) {
  auto& from = devices_[at(transfer.device)];
  auto& to = devices_[at(transfer.target)];
  const bool buffers = !job_->buffers.empty() && job_->buffers[at(transfer.target)] > 0;
  const auto engines = [&](int d) {
    return !job_->copy_engines.empty() && job_->copy_engines[at(d)] > 0;
  };
  const bool sends = engines(transfer.device), receives = engines(transfer.target);
  DeviceState* lacking = nullptr;
  if (buffers && to.credits == 0) lacking = &to;
  if (receives && to.engines == 0) lacking = &to;
  if (sends && from.engines == 0) lacking = &from;
  if (lacking != nullptr) {
    if (channel >= 0) lacking->starved.push_back(channel);
    return false;
  }
  if (buffers) --to.credits;
  if (receives) --to.engines;
  if (sends) --from.engines;
  return true;
}

void Control::release_engines(const TaskGraph::Task& transfer) {
  for (const int d : {int{transfer.device}, int{transfer.target}}) {
    if (job_->copy_engines.empty() || job_->copy_engines[at(d)] == 0) continue;
    ++devices_[at(d)].engines;
    limits_freed(d);
  }
}

void Control::return_credit(int d) {
  if (job_->buffers.empty() || job_->buffers[at(d)] == 0) return;
  ++devices_[at(d)].credits;
  limits_freed(d);
}

void Control::limits_freed(int d) {
  auto& starved = devices_[at(d)].starved;
  for (const auto c : starved) mark_channel(c);
  starved.clear();
  fair_dirty_ |= !fair_.empty();
}

}  // namespace sim
