#pragma once

#include <cstdint>
#include <vector>

#include "models/period_delta.h"
#include "models/random.h"
#include "optimizers/clusters.h"

namespace optimizers {

/// Evens out the loads of devices and links by annealing, millions of steps a second, without
/// asking for a score: what is made small is the sum of a high power of the loads and what the
/// weights are over the devices' memory. Where PeriodDelta is exact, so is what it knows of the
/// period bound. Nothing is allocated per step.
class LoadSearch {
 public:
  /// `formats`: whether precisions and wire formats may change beyond what a move needs.
  LoadSearch(const models::Problem& problem, const Graph& graph, bool formats);

  void start(const models::Plan& plan);
  const models::Plan& plan() const { return plan_; }
  models::Time bound() const { return loads_.bound().period; }
  std::int64_t memory_over() const;  ///< bytes of weights beyond what is left to them, all devices
  /// Bytes of every device's memory that are left to activations.
  void set_reserve(std::int64_t bytes) { reserve_ = bytes; }

  /// Measures loads by the bound as it is now, and raises them to the power 2^doublings.
  void set_unit(int doublings);
  /// Tries so many random steps of clusters of the level at a temperature.
  void run(const Clusters& clusters, int level, std::int64_t steps, double temperature,
           models::Random& random);

  void keep(State& state);

 private:
  struct Moved {
    std::int32_t op = 0;
    std::int32_t device = 0, precision = 0;  ///< before
  };
  struct Was {
    std::size_t resource = 0;
    double value = 0;
  };

  bool propose(const Clusters& clusters, int level, models::Random& random);
  void propose_format(models::Random& random);
  int near_device(std::int32_t op, models::Random& random) const;
  void move_all(std::span<const std::int32_t> ops, int device);
  void move(std::int32_t op, int device, int precision);
  void set_wire(std::int32_t entry, int format);
  void note_loads();
  void add_weights(std::int32_t op, std::int64_t sign);
  double over_by(int device) const;
  void undo();
  double power(std::int64_t load) const;
  std::uint32_t& formats_on(std::int32_t op, int device) {
    return supported_[static_cast<std::size_t>(op) * static_cast<std::size_t>(problem_.devices) +
                      static_cast<std::size_t>(device)];
  }

  const models::Problem& problem_;
  const Graph& graph_;
  bool formats_;
  models::PeriodDelta loads_;
  models::Plan plan_;
  std::vector<std::uint32_t> supported_;  ///< [operator x device] a bit per compute format
  std::vector<std::int64_t> weights_;     ///< [device] bytes
  std::int64_t reserve_ = 0;
  double unit_ = 1;  ///< one over picoseconds
  int doublings_ = 3;
  std::vector<double> value_;  ///< [resource] power of its load

  double change_ = 0;  ///< of what is made small, by the step under consideration
  std::vector<Moved> moved_;
  std::int32_t rewired_ = -1;  ///< entry of Plan::wire
  std::uint8_t wire_was_ = 0;
  std::vector<Was> was_;
};

}  // namespace optimizers
