#include "sim/fair_flows.h"

#include <algorithm>
#include <functional>

#include "models/index.h"

namespace sim {

using models::at;

namespace {

/// Routes that are remembered from plan to plan.
constexpr std::size_t most_bundles = 1 << 12;

std::uint64_t hash_of(std::span<const std::int32_t> channels) {
  std::uint64_t hash = channels.size();
  for (const auto c : channels)
    hash = (hash ^ static_cast<std::uint32_t>(c)) * 0x9e3779b97f4a7c15 ^ hash >> 29;
  return hash ^ hash >> 32;
}

}  // namespace

void FairFlows::reset(std::span<const double> channel_bandwidth) {
  for (const auto& end : ends_.all()) {
    bundles_[at(end.item)].flows.clear();
    for (const auto& hop : hops(bundles_[at(end.item)]))
      channels_[at(hop.channel)].crossings.clear();
  }
  ends_.clear();
  for (const auto c : near_channels_) channels_[at(c)].seen = 0;
  near_channels_.clear();
  unsettled_ = false;
  fill_anew_ = 0;
  if (bundles_.size() > most_bundles || table_.empty()) {
    bundles_.clear();
    hops_.clear();
    table_.assign(64, 0);
  }
  channels_.resize(channel_bandwidth.size());
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    channels_[c].capacity = channel_bandwidth[c] * 1e-12;
    channels_[c].level = unlimited;
  }
}

std::int32_t FairFlows::bundle_of(std::span<const std::int32_t> channels) {
  const auto hash = hash_of(channels);
  auto mask = table_.size() - 1;
  for (auto b = table_[hash & mask]; b != 0; b = bundles_[b - 1].next)
    if (bundles_[b - 1].hash == hash &&
        std::ranges::equal(hops(bundles_[b - 1]), channels, {}, &Hop::channel))
      return static_cast<std::int32_t>(b - 1);
  if (bundles_.size() >= table_.size()) {
    table_.assign(2 * table_.size(), 0);
    mask = table_.size() - 1;
    for (std::uint32_t b = 0; b < bundles_.size(); ++b) {
      bundles_[b].next = table_[bundles_[b].hash & mask];
      table_[bundles_[b].hash & mask] = b + 1;
    }
  }
  auto& fresh = bundles_.emplace_back();
  fresh.first = static_cast<std::uint32_t>(hops_.size());
  fresh.hops = static_cast<std::uint32_t>(channels.size());
  for (const auto c : channels) hops_.push_back({c, 0});
  fresh.hash = hash;
  fresh.next = table_[hash & mask];
  table_[hash & mask] = static_cast<std::uint32_t>(bundles_.size());
  return static_cast<std::int32_t>(bundles_.size()) - 1;
}

/// The bundle gets its first flow.
void FairFlows::open(std::int32_t index, Fine now) {
  auto& bundle = bundles_[at(index)];
  bundle.rate = 0;
  bundle.bottleneck = -1;
  bundle.sent = {};
  bundle.since = now;
  for (auto h = bundle.first; h < bundle.first + bundle.hops; ++h) {
    auto& crossings = channels_[at(hops_[h].channel)].crossings;
    hops_[h].place = static_cast<std::uint32_t>(crossings.size());
    crossings.push_back({index, h});
  }
}

void FairFlows::close(std::int32_t index) {
  for (auto& hop : hops(bundles_[at(index)])) {
    auto& crossings = channels_[at(hop.channel)].crossings;
    crossings[hop.place] = crossings.back();
    hops_[crossings[hop.place].hop].place = hop.place;
    crossings.pop_back();
  }
  ends_.remove(index);
}

/// Brings what the bundle has been sent up to date.
void FairFlows::count(Bundle& bundle, Fine now) {
  bundle.sent = bundle.sent + bundle.rate * (now - bundle.since);
  bundle.since = now;
}

/// The end of the bundle's first flow; its count is up to date.
void FairFlows::set_end(std::int32_t index) {
  const auto& bundle = bundles_[at(index)];
  const double bytes = std::max(0.0, bundle.flows.front().mark - bundle.sent);
  // At rate 0, and for nothing to send at rate 0, the comparison is false.
  const double left = bytes / bundle.rate;
  const bool ends = left < 9e18 - static_cast<double>(bundle.since.whole);
  ends_.set(index, ends ? bundle.since + left : never);
}

/// Everything that changes at one instant is settled at once.
void FairFlows::at_instant(Fine now) {
  if (unsettled_ && now != changed_at_) settle();
  changed_at_ = now;
  unsettled_ = true;
}

void FairFlows::touch(std::int32_t channel) {
  if (channels_[at(channel)].seen == stamp_) return;
  channels_[at(channel)].seen = stamp_;
  near_channels_.push_back(channel);
}

void FairFlows::touch(const Bundle& bundle, Fine now) {
  at_instant(now);
  for (const auto& hop : hops(bundle)) touch(hop.channel);
}

void FairFlows::add(Activity activity, std::span<const std::int32_t> channels, double bytes,
                    Fine now) {
  const auto index = bundle_of(channels);
  auto& bundle = bundles_[at(index)];
  touch(bundle, now);
  if (bundle.flows.empty())
    open(index, now);
  else
    count(bundle, now);
  bundle.flows.push_back({bundle.sent + bytes, activity, bytes, false});
  std::ranges::push_heap(bundle.flows, std::greater{});
  if (bundle.flows.front().activity == activity) set_end(index);
}

void FairFlows::set_bandwidth(std::int32_t channel, double bandwidth, Fine now) {
  if (channels_[at(channel)].capacity == bandwidth * 1e-12) return;
  at_instant(now);
  touch(channel);
  channels_[at(channel)].capacity = bandwidth * 1e-12;
}

Fine FairFlows::next_end() {
  // What ends at the very instant of a change ends before rates are filled anew.
  if (unsettled_ && (empty() || ends_.front().when != changed_at_)) settle();
  return empty() ? never : ends_.front().when;
}

Activity FairFlows::end_next() {
  const auto [now, index] = ends_.front();
  auto& bundle = bundles_[at(index)];
  touch(bundle, now);
  const auto flow = bundle.flows.front();
  std::ranges::pop_heap(bundle.flows, std::greater{});
  bundle.flows.pop_back();
  bundle.sent = flow.mark;
  bundle.since = now;
  if (callback_) callback_(context_, flow.activity, now, 0);
  if (bundle.flows.empty())
    close(index);
  else
    set_end(index);
  return flow.activity;
}

double FairFlows::cancel(Activity activity, Fine now) {
  const auto is_it = [&](const Flow& flow) { return flow.activity == activity; };
  const auto all = ends_.all();
  const auto end = std::ranges::find_if(all, [&](const auto& each) {
    return std::ranges::any_of(bundles_[at(each.item)].flows, is_it);
  });
  const auto index = end->item;
  auto& bundle = bundles_[at(index)];
  touch(bundle, now);
  count(bundle, now);
  const auto flow = std::ranges::find_if(bundle.flows, is_it);
  const double left = flow->mark - bundle.sent;
  const double share = left <= 0 ? 1 : 1 - left / flow->bytes;
  *flow = bundle.flows.back();
  bundle.flows.pop_back();
  std::ranges::make_heap(bundle.flows, std::greater{});
  if (callback_) callback_(context_, activity, now, 0);
  if (bundle.flows.empty())
    close(index);
  else
    set_end(index);
  return share;
}

}  // namespace sim
