#include "sim/fair_flows.h"

#include <algorithm>
#include <limits>

#include "models/index.h"

namespace sim {

using models::at;

FineTime later(FineTime from, double picoseconds) {
  const auto whole = static_cast<std::int64_t>(picoseconds);
  double fraction = from.fraction + (picoseconds - static_cast<double>(whole));
  const std::int64_t carry = fraction >= 1 ? 1 : 0;
  return {from.whole + whole + carry, fraction - static_cast<double>(carry)};
}

double picoseconds_between(FineTime from, FineTime to) {
  return static_cast<double>(to.whole - from.whole) + (to.fraction - from.fraction);
}

namespace {

/// Never at rate 0, and beyond the range of Time.
FineTime end_of(FineTime since, double bytes, double rate) {
  const double left = bytes / rate;
  return left < 9e18 - static_cast<double>(since.whole) ? later(since, left) : FairFlows::never;
}

}  // namespace

void FairFlows::reset(std::span<const double> channel_bandwidth) {
  channels_.resize(channel_bandwidth.size());
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    channels_[c].capacity = channel_bandwidth[c] * 1e-12;
    channels_[c].flows.clear();
  }
  free_.clear();
  for (std::size_t f = flows_.size(); f-- > 0;) {
    flows_[f].active = false;
    free_.push_back(static_cast<std::int32_t>(f));
  }
  active_ = 0;
}

void FairFlows::add(Activity activity, std::span<const std::int32_t> channels, double bytes,
                    FineTime now) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::int32_t>(flows_.size()));
    flows_.emplace_back();
  }
  const auto index = free_.back();
  free_.pop_back();
  auto& flow = flows_[at(index)];
  flow.activity = activity;
  flow.bytes = flow.remaining = bytes;
  flow.rate = 0;
  flow.since = now;
  flow.end = never;
  flow.active = true;
  flow.channels.assign(channels.begin(), channels.end());
  for (const auto c : channels) channels_[at(c)].flows.push_back(index);
  ++active_;
  gather(flow.channels);
  fill();
  apply(now);
}

std::int32_t FairFlows::earliest() const {
  std::int32_t best = -1;
  for (std::size_t f = 0; f < flows_.size(); ++f) {
    if (!flows_[f].active) continue;
    if (best < 0 || flows_[f].end < flows_[at(best)].end ||
        (flows_[f].end == flows_[at(best)].end && flows_[f].activity < flows_[at(best)].activity))
      best = static_cast<std::int32_t>(f);
  }
  return best;
}

FineTime FairFlows::next_end() const {
  return flows_[at(earliest())].end;
}

Activity FairFlows::end_next() {
  const auto index = earliest();
  auto& flow = flows_[at(index)];
  const auto activity = flow.activity;
  take_off(index, flow.end);
  return activity;
}

double FairFlows::cancel(Activity activity, FineTime now) {
  const auto found = std::ranges::find_if(
      flows_, [&](const Flow& flow) { return flow.active && flow.activity == activity; });
  const double left = found->remaining - found->rate * picoseconds_between(found->since, now);
  const double share = left <= 0 ? 1 : 1 - left / found->bytes;
  take_off(static_cast<std::int32_t>(found - flows_.begin()), now);
  return share;
}

void FairFlows::set_bandwidth(std::int32_t channel, double bandwidth, FineTime now) {
  channels_[at(channel)].capacity = bandwidth * 1e-12;
  gather({&channel, 1});
  fill();
  apply(now);
}

void FairFlows::take_off(std::int32_t index, FineTime now) {
  auto& flow = flows_[at(index)];
  flow.active = false;
  --active_;
  if (callback_) callback_(context_, flow.activity, now, 0);
  for (const auto c : flow.channels) {
    auto& list = channels_[at(c)].flows;
    list.erase(std::ranges::find(list, index));
  }
  free_.push_back(index);
  gather(flow.channels);
  fill();
  apply(now);
}

/// The component: all flows and channels that a change on these channels can touch.
void FairFlows::gather(std::span<const std::int32_t> channels) {
  ++stamp_;
  near_flows_.clear();
  near_channels_.clear();
  const auto visit = [&](std::int32_t c) {
    if (channels_[at(c)].seen == stamp_) return;
    channels_[at(c)].seen = stamp_;
    near_channels_.push_back(c);
  };
  for (const auto c : channels) visit(c);
  for (std::size_t k = 0; k < near_channels_.size(); ++k)
    for (const auto f : channels_[at(near_channels_[k])].flows) {
      auto& flow = flows_[at(f)];
      if (flow.seen == stamp_) continue;
      flow.seen = stamp_;
      near_flows_.push_back(f);
      for (const auto c : flow.channels) visit(c);
    }
}

/// Progressive filling: the channel with the least share per flow fixes its flows, and so on.
void FairFlows::fill() {
  for (const auto c : near_channels_) {
    auto& channel = channels_[at(c)];
    channel.left = channel.capacity;
    channel.unfixed = static_cast<std::int32_t>(channel.flows.size());
  }
  for (const auto f : near_flows_) flows_[at(f)].new_rate = -1;
  for (std::size_t fixed = 0; fixed < near_flows_.size();) {
    double share = std::numeric_limits<double>::infinity();
    std::int32_t tightest = -1;
    for (const auto c : near_channels_) {
      const auto& channel = channels_[at(c)];
      if (channel.unfixed == 0) continue;
      const double each = channel.left / channel.unfixed;
      if (each < share) {
        share = each;
        tightest = c;
      }
    }
    for (const auto f : channels_[at(tightest)].flows) {
      auto& flow = flows_[at(f)];
      if (flow.new_rate >= 0) continue;
      flow.new_rate = share;
      ++fixed;
      for (const auto c : flow.channels) {
        channels_[at(c)].left = std::max(0.0, channels_[at(c)].left - share);
        --channels_[at(c)].unfixed;
      }
    }
  }
}

/// Flows whose rate changed count from now on; the others keep the end computed before.
void FairFlows::apply(FineTime now) {
  for (const auto f : near_flows_) {
    auto& flow = flows_[at(f)];
    if (flow.new_rate == flow.rate) continue;
    flow.remaining =
        std::max(0.0, flow.remaining - flow.rate * picoseconds_between(flow.since, now));
    flow.rate = flow.new_rate;
    flow.since = now;
    flow.end = end_of(now, flow.remaining, flow.rate);
    if (callback_) callback_(context_, flow.activity, now, flow.rate * 1e12);
  }
}

}  // namespace sim
