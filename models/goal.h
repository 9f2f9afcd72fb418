#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/metric.h"
#include "models/score.h"

namespace models {

/// What makes one plan better than another: metrics to make small (throughput: large), and limits
/// that must hold.
struct Goal {
  struct Objective {
    Metric metric = Metric::latency_mean;
    double weight = 1;
    double scale = 1;  ///< the metric of a reference plan, so that weights compare like with like
    /// Values of a front that differ by less than this part count as alike; 0: none do.
    double epsilon = 0;
    double reference = 0;  ///< in the form of values(): where hypervolume counts from; 0: unknown
  };
  struct Limit {
    Metric metric = Metric::memory;
    double bound = 0;  ///< at most so much; for throughput at least
  };
  /// What is not forbidden, but costs: `weight` x the part by which the metric is above (of
  /// throughput: below) the threshold.
  struct Penalty {
    Metric metric = Metric::transferred_bytes;
    double threshold = 0;
    double weight = 1;
  };
  std::vector<Objective> objectives;
  std::vector<Limit> limits;
  std::vector<Penalty> penalties;
  bool pareto = false;  ///< keep all that are best in some way, instead of the least weighted sum

  /// Sum of weight x metric / scale (of throughput weight x scale / metric) and penalties.
  double cost(const Score& score) const;
  /// 0 when the plan is feasible and holds all limits; else how far it is from that, larger is
  /// worse: relative misses added up. Plans that cannot run at all come after all that can.
  double violation(const Score& score) const;
  /// Which limits are missed and by how much, in words; empty when none.
  std::string complaint(const Score& score) const;
  /// Values of the objectives, all to be made small (throughput as seconds per request).
  void values(const Score& score, std::span<double> out) const;
  /// Sets scales from a reference plan's score; a zero value leaves the scale at 1.
  void normalise(const Score& reference);
};

/// How far something of this cost can be from the best: (cost - bound) / cost, at least 0; 1 where
/// nothing is known.
double gap(double cost, double bound);

/// Constraint domination (Deb 2002): feasible before infeasible, less violation before more, then
/// Pareto dominance on the objectives.
bool dominates(const Goal& goal, const Score& a, const Score& b);

}  // namespace models
