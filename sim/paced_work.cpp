#include "sim/paced_work.h"

#include <algorithm>
#include <cmath>

#include "models/index.h"

namespace sim {

using models::at;

namespace {

/// How far beyond a whole picosecond an end may lie and still count as being there: rounding.
constexpr double margin = 1e-3;

std::int64_t end_of(std::int64_t since, double remaining, double rate) {
  if (remaining == 0) return since;
  const double left = remaining / rate;
  // Beyond the range of Time: as good as never. Also what rate 0 gives.
  if (!(left < static_cast<double>(PacedWork::never - since))) return PacedWork::never;
  return since + static_cast<std::int64_t>(std::ceil(left - margin));
}

void drop(std::vector<std::int32_t>& list, std::int32_t item) {
  *std::ranges::find(list, item) = list.back();
  list.pop_back();
}

}  // namespace

void PacedWork::reset(const Kernel::Setup& setup) {
  free_.clear();
  for (auto i = static_cast<std::int32_t>(items_.size()); i-- > 0;) {
    items_[at(i)].active = false;
    free_.push_back(i);
  }
  ends_.clear();
  speed_.assign(at(setup.devices), 1.0);
  bandwidth_.assign(setup.channel_bandwidth.begin(), setup.channel_bandwidth.end());
  on_device_.resize(speed_.size());
  for (auto& list : on_device_) list.clear();
  on_channel_.resize(bandwidth_.size());
  for (auto& list : on_channel_) list.clear();
}

std::int32_t PacedWork::find(Activity activity) const {
  const auto found = std::ranges::find_if(
      items_, [&](const Item& item) { return item.active && item.activity == activity; });
  return found == items_.end() ? -1 : static_cast<std::int32_t>(found - items_.begin());
}

std::int32_t PacedWork::add(Activity activity, std::int64_t now, std::int64_t amount) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::int32_t>(items_.size()));
    items_.emplace_back();
  }
  const auto index = free_.back();
  free_.pop_back();
  auto& item = items_[at(index)];
  item.activity = activity;
  item.active = true;
  item.amount = item.remaining = static_cast<double>(amount);
  item.since = now;
  item.device = -1;
  item.channels.clear();
  return index;
}

/// At rate 1 the end is exact, however long the work.
void PacedWork::start(std::int32_t index, std::int64_t now, std::int64_t amount, double rate) {
  auto& item = items_[at(index)];
  item.rate = rate;
  ends_.set(index, rate == 1 ? now + amount : end_of(now, item.remaining, rate));
}

void PacedWork::retime(std::int32_t index, std::int64_t now, double rate) {
  auto& item = items_[at(index)];
  if (rate == item.rate) return;
  item.remaining =
      std::max(0.0, item.remaining - item.rate * static_cast<double>(now - item.since));
  item.since = now;
  item.rate = rate;
  ends_.set(index, end_of(now, item.remaining, rate));
}

double PacedWork::hold_rate(const Item& item) const {
  double narrowest = std::numeric_limits<double>::infinity();
  for (const auto c : item.channels) narrowest = std::min(narrowest, bandwidth_[at(c)]);
  return narrowest / item.bandwidth;
}

void PacedWork::timer(Activity activity, std::int64_t now, std::int64_t when) {
  start(add(activity, now, when - now), now, when - now, 1);
}

void PacedWork::work(Activity activity, std::int64_t now, int device, std::int64_t amount) {
  const auto index = add(activity, now, amount);
  items_[at(index)].device = device;
  on_device_[at(device)].push_back(index);
  start(index, now, amount, speed_[at(device)]);
}

void PacedWork::hold(Activity activity, std::int64_t now, std::span<const std::int32_t> channels,
                     std::int64_t amount, double bandwidth) {
  const auto index = add(activity, now, amount);
  auto& item = items_[at(index)];
  item.bandwidth = bandwidth;
  item.channels.assign(channels.begin(), channels.end());
  for (const auto c : channels) on_channel_[at(c)].push_back(index);
  start(index, now, amount, hold_rate(item));
}

void PacedWork::set_speed(std::int64_t now, int device, double factor) {
  speed_[at(device)] = factor;
  for (const auto index : on_device_[at(device)]) retime(index, now, factor);
}

void PacedWork::set_bandwidth(std::int64_t now, std::int32_t channel, double bandwidth) {
  bandwidth_[at(channel)] = bandwidth;
  for (const auto index : on_channel_[at(channel)])
    retime(index, now, hold_rate(items_[at(index)]));
}

void PacedWork::remove(std::int32_t index) {
  auto& item = items_[at(index)];
  if (item.device >= 0) drop(on_device_[at(item.device)], index);
  for (const auto c : item.channels) drop(on_channel_[at(c)], index);
  item.active = false;
  ends_.remove(index);
  free_.push_back(index);
}

Activity PacedWork::end_next() {
  const auto index = ends_.front().item;
  remove(index);
  return items_[at(index)].activity;
}

double PacedWork::cancel(std::int64_t now, Activity activity) {
  const auto index = find(activity);
  const auto& item = items_[at(index)];
  const double left = item.remaining - item.rate * static_cast<double>(now - item.since);
  remove(index);
  return left <= 0 ? 1 : 1 - left / item.amount;
}

}  // namespace sim
