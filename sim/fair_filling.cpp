// The rates of fair flows, after something changed.
#include <algorithm>
#include <functional>

#include "models/index.h"
#include "sim/fair_flows.h"

namespace sim {

using models::at;

/// Gives all flows that what changed can touch their rates. Bundles whose rate stays keep the end
/// computed before.
void FairFlows::settle() {
  unsettled_ = false;
  if (!fill_alone() && (fill_anew_ > 0 || !refill())) {
    fill_anew_ = fill_anew_ > 0 ? fill_anew_ - 1 : 15;
    gather();
    fill();
  }
  for (const auto b : near_bundles_) {
    auto& bundle = bundles_[at(b)];
    const bool changed = bundle.new_rate != bundle.rate;
    if (changed) {
      count(bundle, changed_at_);
      bundle.rate = bundle.new_rate;
      set_end(b);
    }
    if (callback_) tell(bundle, changed);
  }
  near_channels_.clear();
  ++stamp_;
}

void FairFlows::tell(Bundle& bundle, bool all) {
  for (auto& flow : bundle.flows) {
    if (flow.told && !all) continue;
    flow.told = true;
    callback_(context_, flow.activity, changed_at_, bundle.rate * 1e12);
  }
}

/// The component: all bundles and channels that a change on these channels can touch.
void FairFlows::gather() {
  near_bundles_.clear();
  for (std::size_t k = 0; k < near_channels_.size(); ++k) {
    auto& channel = channels_[at(near_channels_[k])];
    channel.left = channel.capacity;
    channel.level = unlimited;
    channel.open = 0;
    for (const auto& crossing : channel.crossings) {
      auto& bundle = bundles_[at(crossing.bundle)];
      channel.open += static_cast<std::int64_t>(bundle.flows.size());
      if (bundle.seen == stamp_) continue;
      bundle.seen = stamp_;
      bundle.new_rate = -1;
      near_bundles_.push_back(crossing.bundle);
      for (const auto& hop : hops(bundle)) touch(hop.channel);
    }
  }
}

/// Progressive filling: the channel with the least share per flow fixes its flows, and so on.
/// Shares only grow meanwhile, so that those noted on the heap are lower bounds.
void FairFlows::fill() {
  shares_.clear();
  for (const auto c : near_channels_) {
    const auto& channel = channels_[at(c)];
    if (channel.open > 0)
      shares_.push_back({channel.capacity / static_cast<double>(channel.open), c});
  }
  std::ranges::make_heap(shares_, std::greater{});
  while (!shares_.empty()) {
    const auto [noted, c] = shares_.front();
    std::ranges::pop_heap(shares_, std::greater{});
    shares_.pop_back();
    const auto& channel = channels_[at(c)];
    if (channel.open == 0) continue;
    const double share = channel.left / static_cast<double>(channel.open);
    if (share > noted) {
      shares_.push_back({share, c});
      std::ranges::push_heap(shares_, std::greater{});
    } else {
      fix(c, share);
    }
  }
}

/// The channel's flows get no more than this.
void FairFlows::fix(std::int32_t c, double rate) {
  channels_[at(c)].level = rate;
  for (const auto& crossing : channels_[at(c)].crossings) {
    auto& bundle = bundles_[at(crossing.bundle)];
    if (bundle.new_rate >= 0) continue;
    bundle.new_rate = rate;
    bundle.bottleneck = c;
    const auto flows = static_cast<std::int64_t>(bundle.flows.size());
    for (const auto& hop : hops(bundle)) {
      auto& channel = channels_[at(hop.channel)];
      channel.left = std::max(0.0, channel.left - static_cast<double>(flows) * rate);
      channel.open -= flows;
    }
  }
}

}  // namespace sim
