#include "sim/fast_kernel.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace sim {
namespace {

/// How far beyond a whole picosecond a flow may end and still count as ending there: rounding.
constexpr double margin = 1e-3;

}  // namespace

void FastKernel::reset(std::span<const double> channel_bandwidth) {
  timers_.clear();
  flows_.reset(channel_bandwidth);
  now_ = 0;
}

void FastKernel::timer(std::int64_t when, Activity activity) {
  timers_.push_back({when, activity});
  std::ranges::push_heap(timers_, std::greater{});
}

void FastKernel::flow(Activity activity, std::span<const std::int32_t> channels, double bytes) {
  flows_.add(activity, channels, bytes, {now_, 0});
}

/// A flow frees its capacity at its exact end; its client hears of it at the next whole picosecond.
void FastKernel::end_flows_before(std::int64_t limit) {
  while (!flows_.empty()) {
    const auto end = flows_.next_end();
    const auto heard = end.whole + (end.fraction > margin ? 1 : 0);
    if (heard > limit) return;
    timer(heard, flows_.end_next());
    limit = std::min(limit, heard);
  }
}

void FastKernel::run(Client& client) {
  flows_.observe(report_rates_ ? [](void* context, Activity activity, FineTime when, double rate) {
    static_cast<Client*>(context)->rate_changed(activity, when.whole, when.fraction, rate);
  } : FairFlows::RateChange{nullptr}, &client);
  while (!timers_.empty() || !flows_.empty()) {
    end_flows_before(timers_.empty() ? std::numeric_limits<std::int64_t>::max()
                                     : timers_.front().when);
    now_ = timers_.front().when;
    ended_.clear();
    while (!timers_.empty() && timers_.front().when == now_) {
      ended_.push_back(timers_.front().activity);
      std::ranges::pop_heap(timers_, std::greater{});
      timers_.pop_back();
    }
    client.instant(now_, ended_);
  }
}

}  // namespace sim
