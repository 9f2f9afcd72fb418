#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/goal.h"
#include "models/period_delta.h"
#include "models/random.h"
#include "models/task_graph.h"
#include "optimizers/graph.h"
#include "optimizers/prices.h"
#include "optimizers/state.h"

namespace optimizers {

/// Steps that should bring what a goal asks for, the most promising first: work off the device or
/// link that binds, to devices with slack and narrower formats (Aceso: Liu and others, EuroSys
/// 2024), operators of the critical path where latency counts, thrifty options where energy does;
/// where a limit is missed, what leads back to it. Estimates: of periods exact where PeriodDelta
/// is, of latencies without waiting for links, of memory the weights alone.
class Directions {
 public:
  struct Step {
    double gain = 0;                   ///< in the goal's cost, or in parts of missed limits
    models::Change device, precision;  ///< both made; of a wire only the first
    int changes = 1;
    friend bool operator==(const Step&, const Step&) = default;
  };

  Directions(const models::Problem& problem, const models::Goal& goal, const Graph& graph);

  /// At most `most_steps` steps with a gain from the plan, by falling gain. Looks at up to 512
  /// operators, at random where more are promising.
  void find(const models::Plan& plan, const models::Score& score, models::Random& random,
            std::vector<Step>& steps);

  /// Makes steps that free memory or hold a missed limit, until by their estimates it holds or none
  /// is left. False if nothing was changed.
  bool repair(const models::Score& score, models::Random& random, models::Plan& plan);

 private:
  static constexpr std::size_t most_operators = 512, most_options = 24, most_steps = 256;

  void look_at(const models::Plan& plan, const models::Score& score);
  void collect(models::Resource bottleneck, models::Random& random);
  void add_makers_of(int channel);
  void add_all();
  void follow_critical_path();
  void try_options(int op, models::Random& random, std::vector<Step>& steps);
  void try_wires(int op, std::vector<Step>& steps);
  double cost_of(int op, models::Problem::Option option) const;
  double memory_cost(int op, models::Problem::Option option) const;
  double travel_cost(int op, int device) const;
  std::int64_t travel_time(int tensor, int from, int to) const;
  std::int64_t footprint(int op, models::Problem::Option option, bool arrives) const;
  void measure_memory();
  void note_overfull();
  bool free_memory(const models::Score& score, models::Random& random, models::Plan& plan);
  bool make_some(std::span<const Step> steps, double missing, models::Plan& plan);

  const models::Problem& problem_;
  const models::Goal& goal_;
  const Graph& graph_;
  models::PeriodDelta loads_;
  models::Plan plan_;
  Prices prices_;
  std::vector<double> seconds_per_byte_;                   ///< [route] at the plan's widths
  std::vector<std::unique_ptr<models::TaskGraph>> tasks_;  ///< [stream]
  std::vector<std::int64_t> needs_;          ///< [device] bytes, with a request of each network
  std::vector<std::uint8_t> is_overfull_;    ///< [device]
  std::vector<std::uint8_t> is_critical_;    ///< [operator]
  std::vector<std::int64_t> end_, free_;     ///< [operator], [device]
  std::vector<std::int32_t> before_, last_;  ///< what an operator waits for; [device] latest
  std::vector<std::int32_t> pool_;
};

}  // namespace optimizers
