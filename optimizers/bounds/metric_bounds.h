#pragma once

#include <string_view>
#include <vector>

#include "models/goal.h"
#include "optimizers/bounds/forest.h"

namespace optimizers {

/// What no feasible plan of a problem can beat in one metric.
struct MetricBound {
  models::Metric metric = models::Metric::latency_mean;
  double value = 0;            ///< in the metric's unit; for throughput at most, else at least
  std::string_view from = "";  ///< "critical path", "work over speed and links", ...
};

/// The bounds of a problem, worked out as they are asked for.
class MetricBounds {
 public:
  explicit MetricBounds(const models::Problem& problem);
  MetricBounds(const MetricBounds&) = delete;  // parts point at each other
  MetricBounds& operator=(const MetricBounds&) = delete;

  MetricBound of(models::Metric metric);

  // What they are made of.
  const models::Problem& problem() const { return problem_; }
  const LeastCosts& costs() const { return costs_; }
  Forest& forest() { return forest_; }
  double requests() const { return static_cast<double>(problem_.requests()); }
  double jitter() const { return jitter_; }
  bool has_bursts() const { return has_bursts_; }
  /// What the operators and the transfers of the forest take in joules.
  Forest::Prices joules() const;
  /// Watts that are drawn all the time, whatever the plan.
  double idle_power() const;

 private:
  double work();
  double work_done();
  const std::vector<double>& chains();
  const models::Workload* lone_closed() const;
  MetricBound mean_latency();
  double percentile(int percent);
  MetricBound makespan();
  MetricBound period();
  MetricBound energy();
  MetricBound memory();
  MetricBound transferred();
  MetricBound accuracy();
  MetricBound misses();

  const models::Problem& problem_;
  LeastCosts costs_;
  Forest forest_;
  double jitter_ = 1;  ///< least factor of any network
  bool has_bursts_ = false;
  double work_ = -1;
  std::vector<double> chains_;
};

}  // namespace optimizers
