#pragma once

#include "optimizers/list_schedule.h"

namespace optimizers {

/// A network laid out along one topological order: what its contiguous segments cost where.
/// Devices that nothing but their place tells apart are one class. Times are picoseconds; what a
/// device does not support is counted with several times what it takes where it runs instead.
class ChainLayout {
 public:
  ChainLayout(const models::Problem& problem, std::vector<std::int32_t> order,
              const Policy& policy);

  const models::Problem& problem() const { return problem_; }
  const std::vector<std::int32_t>& order() const { return order_; }
  int length() const { return problem_.operators; }
  int classes() const { return static_cast<int>(members_.size()); }
  int class_of(int device) const { return at(class_, device); }
  /// Devices of a class, ascending.
  const std::vector<std::int32_t>& members(int cls) const { return at(members_, cls); }

  /// Of the operators at positions begin to end - 1, one after the other.
  double time(int cls, int begin, int end) const {
    return at(at(time_, cls), end) - at(at(time_, cls), begin);
  }
  /// The weighting of time and energy that the policy wants, of the one at the position.
  double cost(int cls, int position) const { return at(at(cost_, cls), position); }
  /// The furthest end of a segment from `begin` on that takes at most `most` and whose weights fit.
  int reach(int cls, int begin, double most) const;
  /// What is made before the position and read at or after it; at 0 the network's inputs, at
  /// length() its outputs.
  double bytes(int position) const { return at(bytes_, position); }
  /// Of so many bytes between two devices, without latency.
  double transfer(int from, int to, double bytes) const;
  /// In the unit of cost().
  double transfer_cost(int from, int to, double bytes) const;
  /// Bytes per second, of the fastest route.
  double best_bandwidth() const { return best_bandwidth_; }

  /// A plan with the operator at each position on the device given.
  void write(const std::vector<std::int32_t>& device, models::Plan& plan) const;
  /// Bytes of weights of what is at the position.
  std::int64_t weights(int cls, int position) const {
    return at(at(weights_, cls), position + 1) - at(at(weights_, cls), position);
  }
  /// What is left of a device's memory for weights when the widest crossing has room to come and
  /// go; at least half.
  std::int64_t room(int cls) const { return at(room_, cls); }

 private:
  void find_classes();
  void measure_crossings();
  void measure_routes();
  void cost_class(int cls);
  void find_reach_of_memory();

  const models::Problem& problem_;
  std::vector<std::int32_t> order_;
  Policy policy_;
  double time_scale_ = 1, energy_scale_ = 1;
  std::vector<std::int32_t> class_;                 ///< [device]
  std::vector<std::vector<std::int32_t>> members_;  ///< [class]
  std::vector<std::vector<double>> time_;           ///< [class][position], summed up before it
  std::vector<std::vector<double>> cost_;           ///< [class][position]
  std::vector<std::vector<std::int64_t>> weights_;  ///< [class][position], summed up before it
  std::vector<std::vector<std::int32_t>> fits_;     ///< [class][begin] furthest end by memory
  std::vector<std::vector<models::Problem::Option>> option_;  ///< [class][position]
  std::vector<std::int64_t> room_;                            ///< [class]
  std::vector<double> bytes_;                                 ///< [position]
  std::vector<double> bandwidth_;                             ///< [route] bytes per second
  double best_bandwidth_ = 0;
};

}  // namespace optimizers
