// New rates of fair flows from the old ones, where little changes.
#include <algorithm>
#include <functional>

#include "models/index.h"
#include "sim/fair_flows.h"

namespace sim {

using models::at;

/// The shortcut for flows that meet no others: the narrowest channel decides. False if some do.
bool FairFlows::fill_alone() {
  const auto is_alone = [&](const Hop& hop) {
    return channels_[at(hop.channel)].crossings.size() == 1;
  };
  for (const auto c : near_channels_)
    for (const auto& crossing : channels_[at(c)].crossings)
      if (!std::ranges::all_of(hops(bundles_[at(crossing.bundle)]), is_alone)) return false;
  near_bundles_.clear();
  for (const auto c : near_channels_) {
    channels_[at(c)].level = unlimited;
    if (channels_[at(c)].crossings.empty()) continue;
    const auto b = channels_[at(c)].crossings.front().bundle;
    auto& bundle = bundles_[at(b)];
    if (bundle.fixed == stamp_) continue;
    bundle.fixed = stamp_;
    near_bundles_.push_back(b);
  }
  for (const auto b : near_bundles_) {
    auto& bundle = bundles_[at(b)];
    const auto narrowest = std::ranges::min(
        hops(bundle), {}, [&](const Hop& hop) { return channels_[at(hop.channel)].capacity; });
    auto& channel = channels_[at(narrowest.channel)];
    for (const auto& hop : hops(bundle)) channels_[at(hop.channel)].level = unlimited;
    channel.level = channel.capacity / static_cast<double>(bundle.flows.size());
    bundle.new_rate = channel.level;
    bundle.bottleneck = narrowest.channel;
  }
  return true;
}

/// Filling again, but only from where it takes another course. Each full channel has a level, the
/// share at which it was full; a bundle's rate is the level of its bottleneck. Levels are gone
/// through upwards as in filling: below the old and the new level of all channels that changed,
/// nothing is new. What a channel keeps to at its new level, and what it let go at its old one, is
/// what changes others. False if that takes longer than filling anew, or rounding led astray.
bool FairFlows::refill() {
  looks_left_ = 8 * static_cast<std::int64_t>(ends_.all().size()) + 64;
  shares_.clear();
  near_bundles_.clear();
  for (const auto c : near_channels_) channels_[at(c)].state = Channel::State::dirty;
  for (const auto c : near_channels_) weigh(c);
  while (!shares_.empty()) {
    if (looks_left_ < 0) return false;
    const auto [rate, c] = shares_.front();
    std::ranges::pop_heap(shares_, std::greater{});
    shares_.pop_back();
    const auto& channel = channels_[at(c)];
    if (channel.state == Channel::State::full || rate != channel.next) continue;
    if (rate < channel.share)
      let_go(c);
    else
      keep_to(c);
  }
  for (const auto c : near_channels_)
    if (channels_[at(c)].state != Channel::State::full) channels_[at(c)].level = unlimited;
  return std::ranges::all_of(near_channels_, [&](std::int32_t c) { return is_consistent(c); });
}

/// Whether nobody limits the bundle any more, as far as filling has come.
bool FairFlows::is_open(const Bundle& bundle) const {
  if (bundle.bottleneck < 0) return true;
  const auto& channel = channels_[at(bundle.bottleneck)];
  return channel.seen == stamp_ && channel.state == Channel::State::released;
}

/// The share at which the channel would be full, others limiting its bundles as they do now.
void FairFlows::weigh(std::int32_t c) {
  auto& channel = channels_[at(c)];
  limits_.clear();
  looks_left_ -= static_cast<std::int64_t>(channel.crossings.size());
  double left = channel.capacity;
  std::int64_t open = 0;
  for (const auto& crossing : channel.crossings) {
    const auto& bundle = bundles_[at(crossing.bundle)];
    const auto flows = static_cast<std::int64_t>(bundle.flows.size());
    open += flows;
    if (bundle.fixed == stamp_)
      limits_.push_back({bundle.new_rate, flows});
    else if (bundle.bottleneck != c && !is_open(bundle))
      limits_.push_back({bundle.rate, flows});
  }
  const auto share = [&] { return left / static_cast<double>(open); };
  // Limits below the share leave more to the others, whose share grows, and so on.
  for (bool grows = true; grows && open > 0;) {
    const double before = share();
    grows = std::erase_if(limits_, [&](const Limit& limit) {
              if (limit.rate >= before) return false;
              left = std::max(0.0, left - limit.rate * static_cast<double>(limit.flows));
              open -= limit.flows;
              return true;
            }) > 0;
  }
  channel.share = open > 0 ? share() : unlimited;
  const bool at_old_level = channel.state == Channel::State::dirty && channel.level < channel.share;
  channel.next = at_old_level ? channel.level : channel.share;
  if (channel.next == unlimited) return;
  shares_.push_back({channel.next, c});
  std::ranges::push_heap(shares_, std::greater{});
}

/// Something is new for the channel.
void FairFlows::disturb(std::int32_t c) {
  auto& channel = channels_[at(c)];
  if (channel.seen != stamp_) {
    touch(c);
    channel.state = Channel::State::dirty;
  }
  if (channel.state != Channel::State::full) weigh(c);
}

void FairFlows::disturb_others(const Bundle& bundle, std::int32_t c) {
  for (const auto& hop : hops(bundle))
    if (hop.channel != c) disturb(hop.channel);
}

/// The channel is no longer full at its old level: the bundles it limited may go on.
void FairFlows::let_go(std::int32_t c) {
  auto& channel = channels_[at(c)];
  channel.state = Channel::State::released;
  for (const auto& crossing : channel.crossings) {
    const auto& bundle = bundles_[at(crossing.bundle)];
    if (bundle.fixed != stamp_ && bundle.bottleneck == c) disturb_others(bundle, c);
  }
  if (channel.state == Channel::State::released) weigh(c);
}

/// The channel is full: nobody on it gets more.
void FairFlows::keep_to(std::int32_t c) {
  auto& channel = channels_[at(c)];
  const double rate = channel.share;
  channel.state = Channel::State::full;
  channel.level = rate;
  for (const auto& crossing : channel.crossings) {
    auto& bundle = bundles_[at(crossing.bundle)];
    if (bundle.fixed == stamp_) continue;
    const bool was_open = is_open(bundle);
    if (!was_open && bundle.bottleneck != c && bundle.rate < rate) continue;
    bundle.fixed = stamp_;
    bundle.new_rate = rate;
    bundle.bottleneck = c;
    near_bundles_.push_back(crossing.bundle);
    if (was_open || rate != bundle.rate) disturb_others(bundle, c);
  }
}

/// Whether all bundles of the channel still have a bottleneck.
bool FairFlows::is_consistent(std::int32_t c) const {
  return std::ranges::all_of(channels_[at(c)].crossings, [&](const Crossing& crossing) {
    const auto& bundle = bundles_[at(crossing.bundle)];
    return bundle.fixed == stamp_ ||
           (bundle.bottleneck >= 0 && channels_[at(bundle.bottleneck)].level == bundle.rate);
  });
}

}  // namespace sim
