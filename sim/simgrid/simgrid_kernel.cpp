#include "sim/simgrid/simgrid_kernel.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace sim {
namespace {

/// How far beyond a whole picosecond something may end and still count as ending there: rounding.
constexpr double finest_margin = 1e-3;

}  // namespace

SimgridKernel::SimgridKernel(int devices, int channels) : machine_(devices, channels, *this) {}

void SimgridKernel::reset(const Setup& setup) {
  client_ = nullptr;  // a client_ that threw may have left things under way
  timers_.clear();
  ended_.clear();
  for (const auto& each : pool_)
    if (each->activity && SimgridMachine::is_under_way(each->activity)) each->activity->cancel();
  machine_.run();
  reuse_dropped();
  places_.clear();
  by_identity_.clear();
  cancelled_ = false;
  changes_ = setup.changes;
  base_ = std::llround(machine_.clock());
  now_ = 0;
  machine_.prepare(setup.channel_bandwidth);
  adapt_precision(machine_.clock());
}

/// SimGrid ends together what ends within its precision: as narrow as the clock allows.
void SimgridKernel::adapt_precision(double clock) {
  if (clock < next_octave_) return;
  constexpr double relative = 0x1p-52;
  const double step = std::max(clock, 1.0) * 2 * relative;  // until the clock has doubled
  margin_ = std::max(finest_margin, 8 * step);
  machine_.set_precision(std::max(finest_margin / 10, 2 * step));
  next_octave_ = std::max(clock, 1.0) * 2;
}

void SimgridKernel::push(std::int64_t when, Activity activity, std::int64_t start) {
  if (changes_) places_[activity.code] = {start, when, nullptr};
  timers_.push_back({when, activity});
  std::ranges::push_heap(timers_, std::greater{});
}

void SimgridKernel::pop_timer() {
  std::ranges::pop_heap(timers_, std::greater{});
  timers_.pop_back();
}

/// Drops timers that were cancelled. Whether one is left.
bool SimgridKernel::skip_outdated() {
  if (!changes_) return !timers_.empty();
  for (; !timers_.empty(); pop_timer()) {
    const auto place = places_.find(timers_.front().activity.code);
    if (place != places_.end() && place->second.running == nullptr &&
        place->second.when == timers_.front().when)
      return true;
  }
  return false;
}

void SimgridKernel::take_timers(double clock) {
  while (skip_outdated() && static_cast<double>(base_ + timers_.front().when) <= clock) {
    now_ = timers_.front().when;
    ended_.push_back(timers_.front().activity);
    pop_timer();
  }
}

/// Tells the client_ what has ended, which starts new things.
double SimgridKernel::next_event(double clock) {
  reuse_dropped();
  if (client_ == nullptr) return -1;
  adapt_precision(clock);
  while (!ended_.empty()) {
    told_.swap(ended_);
    ended_.clear();
    std::ranges::sort(told_);
    if (changes_)
      for (const auto each : told_) places_.erase(each.code);
    client_->instant(now_, told_);
    take_timers(static_cast<double>(base_ + now_));
  }
  // What was cancelled gives back its share only with the next step.
  if (std::exchange(cancelled_, false)) return 0;
  if (skip_outdated())
    return std::max(0.0, static_cast<double>(base_ + timers_.front().when) - clock);
  if (changes_) stop_if_nothing_moves();
  return -1;
}

void SimgridKernel::moved(double clock, double step) {
  if (client_ == nullptr) return;
  if (report_rates_ && step > 0) tell_rates(clock - step);
  take_timers(clock);
}

void SimgridKernel::completed(void* tag) {
  auto& running = *static_cast<Running*>(tag);
  const double end = machine_.clock() - static_cast<double>(base_);
  const double whole = std::floor(end);
  if (running.flows) tell_rate(running, 0, machine_.clock());
  if (end - whole > margin_) {
    const auto heard = static_cast<std::int64_t>(whole) + 1;
    push(heard, running.what, heard);
    return;
  }
  now_ = static_cast<std::int64_t>(whole);
  ended_.push_back(running.what);
}

/// SimGrid still needs an activity while it reports its end.
void SimgridKernel::reuse_dropped() {
  for (auto* each : dropped_) {
    each->activity.reset();
    free_.push_back(each);
  }
  dropped_.clear();
}

SimgridKernel::Running& SimgridKernel::fresh(Activity what, double amount) {
  if (free_.empty()) {
    pool_.push_back(std::make_unique<Running>());
    free_.push_back(pool_.back().get());
  }
  auto& running = *free_.back();
  free_.pop_back();
  running.what = what;
  running.amount = amount;
  running.device = -1;
  running.channels.clear();
  running.flows = false;
  running.rate = 0;
  if (changes_) places_[what.code] = {now_, 0, &running};
  return running;
}

void SimgridKernel::timer(std::int64_t when, Activity activity) {
  push(when, activity, now_);
}

void SimgridKernel::work(Activity activity, int device, std::int64_t amount) {
  if (amount == 0) return timer(now_, activity);
  const auto picoseconds = static_cast<double>(amount);
  auto& running = fresh(activity, picoseconds);
  running.device = device;
  running.activity = machine_.work(device, picoseconds, &running);
}

void SimgridKernel::hold(Activity activity, std::span<const std::int32_t> channels,
                         std::int64_t amount, double bandwidth) {
  if (amount == 0) return timer(now_, activity);
  auto& running = fresh(activity, static_cast<double>(amount));
  running.channels.assign(channels.begin(), channels.end());
  running.activity = machine_.hold(channels, amount, bandwidth, &running);
}

void SimgridKernel::flow(Activity activity, std::span<const std::int32_t> channels, double bytes) {
  if (bytes < SimgridMachine::least_bytes) return timer(now_, activity);
  auto& running = fresh(activity, bytes / SimgridMachine::least_bytes);
  running.channels.assign(channels.begin(), channels.end());
  running.flows = true;
  running.activity = machine_.flow(channels, bytes, &running);
  if (report_rates_) by_identity_[SimgridMachine::identity(running.activity)] = &running;
}

double SimgridKernel::cancel(Activity activity) {
  const auto found = places_.find(activity.code);
  if (found == places_.end()) return 1;
  const auto place = found->second;
  places_.erase(found);
  if (place.running == nullptr)
    return place.when == place.start ? 1
                                     : static_cast<double>(now_ - place.start) /
                                           static_cast<double>(place.when - place.start);
  auto& running = *place.running;
  const double left = running.activity->get_remaining();
  if (running.flows) tell_rate(running, 0, machine_.clock());
  running.activity->cancel();
  cancelled_ = true;
  return std::clamp(1 - left / running.amount, 0.0, 1.0);
}

bool SimgridKernel::stands_still(const Running& running) const {
  if (running.device >= 0) return machine_.speed(running.device) <= 0;
  return std::ranges::any_of(running.channels,
                             [this](std::int32_t c) { return machine_.bandwidth(c) <= 0; });
}

/// Without timers and with everything at speed 0 the run is over.
void SimgridKernel::stop_if_nothing_moves() {
  for (const auto& [code, place] : places_)
    if (place.running != nullptr && !stands_still(*place.running)) return;
  for (const auto& [code, place] : places_)
    if (place.running != nullptr) place.running->activity->cancel();
  places_.clear();
}

void SimgridKernel::tell_rates(double clock) {
  machine_.each_rate([&](const void* identity, double rate) {
    const auto found = by_identity_.find(identity);
    if (found != by_identity_.end()) tell_rate(*found->second, rate, clock);
  });
}

void SimgridKernel::tell_rate(Running& running, double rate, double clock) {
  if (!report_rates_ || client_ == nullptr) return;
  if (rate == 0) by_identity_.erase(SimgridMachine::identity(running.activity));
  if (rate == running.rate) return;
  running.rate = rate;
  const double when = clock - static_cast<double>(base_);
  const double whole = std::floor(when);
  client_->rate_changed(running.what, static_cast<std::int64_t>(whole), when - whole, rate);
}

void SimgridKernel::run(Client& client) {
  client_ = &client;
  machine_.run();
  client_ = nullptr;
}

}  // namespace sim
