#include "sim/fast_kernel.h"

#include <algorithm>

namespace sim {
namespace {

/// How far beyond a whole picosecond a flow may end and still count as ending there: rounding.
constexpr double margin = 1e-3;

/// When the client hears of a flow that ends then.
std::int64_t heard(Fine end) {
  return end.whole + (end.fraction > margin ? 1 : 0);
}

}  // namespace

void FastKernel::reset(const Setup& setup) {
  ends_.clear();
  flows_.reset(setup.channel_bandwidth);
  now_ = 0;
  changes_ = setup.changes;
  if (changes_) paced_.reset(setup);
}

void FastKernel::timer(std::int64_t when, Activity activity) {
  if (changes_)
    paced_.timer(activity, now_, when);
  else
    ends_.push(when, activity);
}

void FastKernel::work(Activity activity, int device, std::int64_t amount) {
  if (changes_)
    paced_.work(activity, now_, device, amount);
  else
    ends_.push(now_ + amount, activity);
}

void FastKernel::hold(Activity activity, std::span<const std::int32_t> channels,
                      std::int64_t amount, double bandwidth) {
  if (changes_)
    paced_.hold(activity, now_, channels, amount, bandwidth);
  else
    ends_.push(now_ + amount, activity);
}

void FastKernel::flow(Activity activity, std::span<const std::int32_t> channels, double bytes) {
  if (bytes > 0)
    flows_.add(activity, channels, bytes, {now_, 0});
  else
    timer(now_, activity);  // done, even where nothing flows
}

void FastKernel::set_speed(int device, double factor) {
  paced_.set_speed(now_, device, factor);
}

void FastKernel::set_bandwidth(std::int32_t channel, double bandwidth) {
  paced_.set_bandwidth(now_, channel, bandwidth);
  flows_.set_bandwidth(channel, bandwidth, {now_, 0});
}

double FastKernel::cancel(Activity activity) {
  return paced_.has(activity) ? paced_.cancel(now_, activity) : flows_.cancel(activity, {now_, 0});
}

/// The flows that end before everything else, if any, and at the same whole picosecond. A flow
/// frees its capacity at its exact end; its client hears of it at the next whole picosecond.
void FastKernel::take_flows() {
  while (!flows_.empty()) {
    const auto end = flows_.next_end();
    if (end == FairFlows::never || heard(end) > now_) return;
    now_ = heard(end);
    ended_.push_back(flows_.end_next());
  }
}

void FastKernel::take_ends() {
  while (changes_ && paced_.next_end() == now_) ended_.push_back(paced_.end_next());
  while (!ends_.empty() && ends_.when() == now_) {
    ended_.push_back(ends_.activity());
    ends_.pop();
  }
}

/// Goes on to where something ends; false if there is no such instant.
bool FastKernel::next_instant() {
  ended_.clear();
  now_ = changes_ ? paced_.next_end() : ends_.empty() ? PacedWork::never : ends_.when();
  if (!flows_.empty()) take_flows();
  if (now_ == PacedWork::never) return false;
  const bool in_order = ended_.empty() && !changes_;
  take_ends();
  if (!in_order) std::ranges::sort(ended_);
  return true;
}

void FastKernel::run(Client& client) {
  flows_.observe(report_rates_ ? [](void* context, Activity activity, Fine when, double rate) {
    static_cast<Client*>(context)->rate_changed(activity, when.whole, when.fraction, rate);
  } : FairFlows::RateChange{nullptr}, &client);
  while (next_instant()) client.instant(now_, ended_);
}

}  // namespace sim
