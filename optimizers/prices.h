#pragma once

#include "models/goal.h"
#include "models/problem.h"
#include "models/score.h"

namespace optimizers {

/// What a goal pays for small changes of a plan: of the cost where all limits hold, of missed
/// limits where not.
struct Prices {
  double joule = 0;
  double noise = 0;        ///< of accuracy loss
  double period = 0;       ///< of a second between requests
  double latency = 0;      ///< of a second of one request
  double weight_byte = 0;  ///< on a device that is too full
  double transferred_byte = 0;

  Prices() = default;
  Prices(const models::Problem& problem, const models::Goal& goal, const models::Score& score);

 private:
  void add(const models::Problem& problem, models::Metric metric, double per_unit,
           const models::Score& score);
};

}  // namespace optimizers
