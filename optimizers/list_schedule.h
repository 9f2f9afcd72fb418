#pragma once

#include "optimizers/graph.h"

namespace optimizers {

/// What list scheduling is to prefer, and what it takes as given.
struct Policy {
  static constexpr int any = -1;

  double energy_weight = 0;  ///< 0: earliest finish alone, 1: least energy alone
  int precision = any;       ///< a compute format for every operator that can, or any
  int width = 0;             ///< of the links: 0 all lanes, 1 the fewest, 2 the middle choice
  std::uint8_t wire = models::Plan::as_produced;  ///< format of everything that travels
};

/// Sets all links to their Policy::width.
void set_width(const models::Problem& problem, int width, models::Plan& plan);

/// List scheduling by upward ranks with insertion (HEFT: Topcuoglu, Hariri, Wu,
/// Performance-effective and low-complexity task scheduling, 2002), for one request: operators by
/// falling length of the longest way to the end, each to the device and precision where it finishes
/// first, transfers, conversions and precision switches included. Devices without room for the
/// weights come last. The plan's order is that of the starting times. Costs O(operators x options +
/// operators^2).
class ListScheduler {
 public:
  ListScheduler(const models::Problem& problem, const Graph& graph);

  void schedule(const Policy& policy, models::Plan& plan);

 private:
  struct Busy {
    std::int64_t start;
    std::int64_t end;
  };
  struct Fit {
    std::int64_t start = 0;
    std::int64_t end = 0;
    int slot = 0;
    double joules = 0;
    double misfit = 0;  ///< bytes beyond the device's memory
  };
  struct Arrival {
    std::int64_t when = 0;
    double joules = 0;
    bool sends = false;
  };

  void start(const Policy& policy, models::Plan& plan);
  void rank_upward();
  double mean_duration(int op) const;
  bool permitted(int op, models::Problem::Option option) const;
  int next_ready() const;
  void place(int op);
  Fit fit(int op, models::Problem::Option option) const;
  Arrival arrival(int tensor, int target) const;
  double badness(const Fit& fit) const;
  void commit(int op, models::Problem::Option option, const Fit& fit);
  void send(int tensor, int target);
  std::int64_t conversion(int tensor, int from, int to, int device, double* joules) const;
  std::int64_t transfer(int tensor, int format, int route) const;
  int arriving_format(int tensor, int target) const;
  double narrowest(int route) const;

  const models::Problem& problem_;
  const Graph& graph_;
  double time_scale_ = 1;    ///< seconds: the sum of shortest durations
  double energy_scale_ = 1;  ///< joules: the sum of least energies
  double standing_watts_ = 0;

  Policy policy_;
  models::Plan* plan_ = nullptr;
  std::vector<double> upward_;               ///< [operator] picoseconds
  std::vector<std::int32_t> missing_;        ///< [operator] makers not placed yet; -1: placed
  std::vector<std::int64_t> starts_, ends_;  ///< [operator]
  std::vector<std::int32_t> listed_;         ///< [operator] when it was placed
  std::vector<std::uint8_t> format_;         ///< [tensor] that it is made in
  std::vector<std::int64_t> arrived_;        ///< [tensor x device]; -1: not sent
  std::vector<std::int64_t> channel_free_;   ///< [channel]
  std::vector<std::vector<std::vector<Busy>>> busy_;  ///< [device][slot] by time
  std::vector<std::int32_t> last_precision_;          ///< [device]
  std::vector<std::int64_t> used_;                    ///< [device] bytes of weights
  std::int64_t makespan_ = 0;
};

}  // namespace optimizers
