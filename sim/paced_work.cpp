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
  items_.clear();
  free_.clear();
  place_.clear();
  speed_.assign(at(setup.devices), 1.0);
  bandwidth_.assign(setup.channel_bandwidth.begin(), setup.channel_bandwidth.end());
  on_device_.resize(speed_.size());
  for (auto& list : on_device_) list.clear();
  on_channel_.resize(bandwidth_.size());
  for (auto& list : on_channel_) list.clear();
}

PacedWork::Item& PacedWork::add(Activity activity, std::int64_t now, std::int64_t amount) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::int32_t>(items_.size()));
    items_.emplace_back();
  }
  const auto index = free_.back();
  free_.pop_back();
  place_.emplace(activity.code, index);
  auto& item = items_[at(index)];
  item.activity = activity;
  item.amount = item.remaining = static_cast<double>(amount);
  item.since = now;
  item.device = -1;
  item.channels.clear();
  return item;
}

void PacedWork::announce(const Item& item) {
  if (item.end != never) callback_(context_, item.end, item.activity);
}

/// At rate 1 the end is exact, however long the work.
void PacedWork::start(Item& item, std::int64_t now, std::int64_t amount, double rate) {
  item.rate = rate;
  item.end = rate == 1 ? now + amount : end_of(now, item.remaining, rate);
  announce(item);
}

void PacedWork::retime(Item& item, std::int64_t now, double rate) {
  if (rate == item.rate) return;
  item.remaining =
      std::max(0.0, item.remaining - item.rate * static_cast<double>(now - item.since));
  item.since = now;
  item.rate = rate;
  const auto before = item.end;
  item.end = end_of(now, item.remaining, rate);
  if (item.end != before) announce(item);
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
  auto& item = add(activity, now, amount);
  item.device = device;
  on_device_[at(device)].push_back(index_of(item));
  start(item, now, amount, speed_[at(device)]);
}

void PacedWork::hold(Activity activity, std::int64_t now, std::span<const std::int32_t> channels,
                     std::int64_t amount, double bandwidth) {
  auto& item = add(activity, now, amount);
  item.bandwidth = bandwidth;
  item.channels.assign(channels.begin(), channels.end());
  for (const auto c : channels) on_channel_[at(c)].push_back(index_of(item));
  start(item, now, amount, hold_rate(item));
}

void PacedWork::set_speed(std::int64_t now, int device, double factor) {
  speed_[at(device)] = factor;
  for (const auto i : on_device_[at(device)]) retime(items_[at(i)], now, factor);
}

void PacedWork::set_bandwidth(std::int64_t now, std::int32_t channel, double bandwidth) {
  bandwidth_[at(channel)] = bandwidth;
  for (const auto i : on_channel_[at(channel)])
    retime(items_[at(i)], now, hold_rate(items_[at(i)]));
}

bool PacedWork::ends_at(Activity activity, std::int64_t when) const {
  const auto found = place_.find(activity.code);
  return found != place_.end() && items_[at(found->second)].end == when;
}

double PacedWork::remove(std::int64_t now, Activity activity) {
  const auto found = place_.find(activity.code);
  const auto index = found->second;
  auto& item = items_[at(index)];
  const double left = item.remaining - item.rate * static_cast<double>(now - item.since);
  if (item.device >= 0) drop(on_device_[at(item.device)], index);
  for (const auto c : item.channels) drop(on_channel_[at(c)], index);
  place_.erase(found);
  free_.push_back(index);
  return left <= 0 ? 1 : 1 - left / item.amount;
}

}  // namespace sim
