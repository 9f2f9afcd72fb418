#include <algorithm>
#include <array>
#include <limits>

#include "optimizers/algorithms.h"
#include "optimizers/chain_period.h"
#include "optimizers/first_plans.h"
#include "optimizers/linear_orders.h"
#include "optimizers/proposals.h"

namespace optimizers {

namespace {

using models::Metric;
using models::Problem;

constexpr double infinite = std::numeric_limits<double>::infinity();

constexpr std::array chain_parameters = {
    Parameter{"orders", 8, 0, 10000, "random orders to cut, after the usual ones"},
};

/// Contiguous segments of the least sum of costs, of what is computed and of what crosses from one
/// device to the next; a device may come again. Where a device's memory is full, the rest of the
/// chain does without it.
class ChainSum {
 public:
  explicit ChainSum(const ChainLayout& layout)
      : layout_(layout),
        length_(layout.length()),
        devices_(layout.problem().devices),
        full_(static_cast<std::size_t>(devices_), 0),
        fixed_(full_.size() * full_.size()),
        per_byte_(fixed_.size()),
        found_(models::at(length_)) {
    for (int from = 0; from < devices_; ++from)
      for (int to = 0; to < devices_; ++to) {
        at(fixed_, from * devices_ + to) = layout.transfer_cost(from, to, 0);
        at(per_byte_, from * devices_ + to) =
            (layout.transfer_cost(from, to, 1e6) - layout.transfer_cost(from, to, 0)) / 1e6;
      }
  }

  /// [position] device.
  std::vector<std::int32_t> devices() {
    std::vector<std::int64_t> used(full_.size());
    int begin = 0, from = layout_.problem().streams.front().source;
    for (int left = devices_; left > 0; --left) {
      place_from(begin, from);
      const int end = full_at(begin, used);
      if (end == length_) break;
      begin = end;
      from = at(found_, end);
      at(full_, from) = 1;
    }
    return found_;
  }

 private:
  double crossing(int from, int to, double bytes) const {
    return at(fixed_, from * devices_ + to) + at(per_byte_, from * devices_ + to) * bytes;
  }

  /// The first position whose weights have no room, or the end.
  int full_at(int begin, std::vector<std::int64_t>& used) const {
    for (int position = begin; position < length_; ++position) {
      const int device = at(found_, position), cls = layout_.class_of(device);
      const auto weights = layout_.weights(cls, position);
      if (at(used, device) + weights > layout_.room(cls)) return position;
      at(used, device) += weights;
    }
    return length_;
  }

  /// Forwards what it costs to be somewhere, backwards how.
  void place_from(int begin, int from) {
    const auto count = full_.size();
    std::vector<double> now(count), next(count);
    for (int device = 0; device < devices_; ++device)
      at(now, device) =
          at(full_, device) != 0 ? infinite : crossing(from, device, layout_.bytes(begin));
    came_from_.resize(count * models::at(length_));
    for (int position = begin; position < length_; ++position) {
      for (int device = 0; device < devices_; ++device) {
        const int before = position == begin ? device : cheapest_before(now, position, device);
        at(came_from_, position * devices_ + device) = static_cast<std::uint16_t>(before);
        const double moved =
            before == device ? 0 : crossing(before, device, layout_.bytes(position));
        at(next, device) =
            at(full_, device) != 0
                ? infinite
                : at(now, before) + moved + layout_.cost(layout_.class_of(device), position);
      }
      std::swap(now, next);
    }
    const int sink = layout_.problem().streams.front().sink;
    for (int device = 0; device < devices_; ++device)
      at(now, device) += crossing(device, sink, layout_.bytes(length_));
    auto last = static_cast<int>(std::min_element(now.begin(), now.end()) - now.begin());
    for (int position = length_ - 1; position >= begin; --position) {
      at(found_, position) = last;
      last = at(came_from_, position * devices_ + last);
    }
  }

  int cheapest_before(const std::vector<double>& now, int position, int device) const {
    const double bytes = layout_.bytes(position);
    int best = device;
    double least = at(now, device);
    for (int from = 0; from < devices_; ++from) {
      const double sum = from == device ? least : at(now, from) + crossing(from, device, bytes);
      if (sum >= least) continue;
      least = sum;
      best = from;
    }
    return best;
  }

  const ChainLayout& layout_;
  int length_, devices_;
  std::vector<std::uint8_t> full_;        ///< [device]
  std::vector<double> fixed_, per_byte_;  ///< [route]
  std::vector<std::uint16_t> came_from_;  ///< [position x device]
  std::vector<std::int32_t> found_;       ///< [position] device
};

bool wants_period(const models::Goal& goal) {
  return std::any_of(goal.objectives.begin(), goal.objectives.end(), [](const auto& each) {
    return each.metric == Metric::period || each.metric == Metric::period_bound ||
           each.metric == Metric::throughput || each.metric == Metric::load_balance;
  });
}

class Chains final : public Constructor {
 public:
  Chains(const Task& task, int random_orders)
      : problem_(task.problem),
        graph_(task.problem),
        orders_(linear_orders(task.problem, graph_, random_orders, task.seed)),
        policies_(list_policies(task.problem, task.goal)),
        period_first_(wants_period(task.goal)) {
    std::erase_if(policies_,
                  [](const Policy& policy) { return policy.wire != models::Plan::as_produced; });
  }

  int count() const override { return static_cast<int>(2 * policies_.size() * orders_.size()); }

  void make(int index, models::Plan& plan) override {
    const int each = count() / 2;
    const bool period = (index < each) == period_first_;
    const int orders = static_cast<int>(orders_.size());
    const ChainLayout layout(problem_, at(orders_, index % orders),
                             at(policies_, index % each / orders));
    const auto devices = period ? ChainPeriod(layout).devices() : ChainSum(layout).devices();
    layout.write(devices, plan);
  }

 private:
  const Problem& problem_;
  Graph graph_;
  std::vector<std::vector<std::int32_t>> orders_;
  std::vector<Policy> policies_;
  bool period_first_;
};

}  // namespace

Entry chain_entry() {
  return {"chain",
          "dynamic programming: contiguous segments of an order, the best period or sum; no search",
          chain_parameters, [](const Task& task, const Settings& settings) {
            return propose(task, std::make_unique<Chains>(task, static_cast<int>(settings[0])));
          }};
}

}  // namespace optimizers
