#pragma once

#include <vector>

#include "optimizers/bounds/forest.h"

namespace optimizers {

/// What times weigh in a cost that is to be bounded from below.
struct TimeTerms {
  /// Something that takes at least as long as `paths` times the longest chain of a request, and as
  /// `loads` times the largest work per request of a device or link direction.
  struct Term {
    double weight = 0;  ///< cost of a second of it
    double paths = 0;
    double loads = 0;
  };
  std::vector<Term> terms;
};

/// Something of which plans may use only so much.
struct Allowance {
  /// [option of an operator, as Forest counts], of 1 that there is; infinite: not to be had.
  std::vector<double> use;
  bool per_device = false;  ///< every device has its own 1
};

/// The least that a plan can cost, when it costs `base` and what its times weigh. A longest chain
/// is at least as long as any mean over chains, a largest work at least any mean over devices and
/// links: for given means the least cost is that of a forest (see there). The means that make most
/// of it are approached by play against it: what was longest in the last answer weighs more in the
/// next (Brown 1951 for chains, Arora, Hazan, Kale 2012 for loads). What is used beyond an
/// allowance is paid for, what is left over is paid back (Lagrange multipliers, Geoffrion 1974).
/// Every step gives a bound, the largest counts.
double joint_bound(const LeastCosts& costs, Forest& forest, const Forest::Prices& base,
                   const TimeTerms& times, const std::vector<Allowance>& allowances = {});

}  // namespace optimizers
