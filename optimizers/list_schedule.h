#pragma once

#include "optimizers/busy_time.h"
#include "optimizers/graph.h"

namespace optimizers {

/// What list scheduling is to prefer, and what it takes as given.
struct Policy {
  static constexpr int any = -1;
  /// Who comes next, and where to.
  enum class Method : std::uint8_t {
    heft,  ///< the longest way to the end first; where it finishes first
    cpop,  ///< the longest way through first; the longest of all on one device
    peft   ///< the most to come first; where it and what follows can finish first
  };

  double energy_weight = 0;  ///< 0: earliest finish alone, 1: least energy alone
  int precision = any;       ///< a compute format for every operator that can, or any
  int width = 0;             ///< of the links: 0 all lanes, 1 the fewest, 2 the middle choice
  std::uint8_t wire = models::Plan::as_produced;  ///< format of everything that travels
  Method method = Method::heft;
};

/// Sets all links to their Policy::width.
void set_width(const models::Problem& problem, int width, models::Plan& plan);

/// List scheduling with insertion for one request: operators by falling priority among those whose
/// makers are placed, each to the device and precision where it finishes first, transfers over
/// their routes, conversions and precision switches included. Devices without room for the weights
/// come last. The plan's order is that of the starting times: executed in strict order, nothing is
/// slower for that than the schedule, but what was sent in another order than it is first read may
/// be. HEFT and CPOP: Topcuoglu, Hariri, Wu, Performance-effective and low-complexity task
/// scheduling, 2002. PEFT: Arabnejad, Barbosa, List scheduling algorithm for heterogeneous systems
/// by an optimistic cost table, 2014. Costs about O(operators x options + edges x devices).
class ListScheduler {
 public:
  ListScheduler(const models::Problem& problem, const Graph& graph);

  /// Writes the whole plan. Where weights fit nowhere, it breaks memory limits.
  void schedule(const Policy& policy, models::Plan& plan);
  /// Picoseconds, of the schedule last made.
  std::int64_t makespan() const { return makespan_; }

 private:
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
  void mark_permitted();
  void time_routes();
  void set_priorities();
  void rank_upward();
  void add_ranks_downward();
  void find_critical_path();
  int critical_device() const;
  void foresee_costs();
  double mean_duration(int op) const;
  double shortest(int op, int device) const;
  /// Calls visit(reader, tensor) for everybody who reads what `op` makes.
  template <class Visit>
  void visit_readers(int op, Visit visit) const;
  double mean_way(int tensor) const;
  bool permitted(int op, models::Problem::Option option) const;
  void make_ready(int op);
  int next_ready();
  void place(int op);
  Fit fit(int op, models::Problem::Option option) const;
  Arrival arrival(int tensor, int target) const;
  double badness(int op, int device, const Fit& fit) const;
  void commit(int op, models::Problem::Option option, const Fit& fit);
  void send(int tensor, int target);
  std::int64_t conversion(int tensor, int from, int to, int device, double* joules) const;
  std::int64_t transfer(int tensor, int format, int route) const;
  int arriving_format(int tensor, int target) const;

  const models::Problem& problem_;
  const Graph& graph_;
  double time_scale_ = 1;    ///< seconds: the sum of shortest durations
  double energy_scale_ = 1;  ///< joules: the sum of least energies
  double standing_watts_ = 0;

  Policy policy_;
  models::Plan* plan_ = nullptr;
  std::vector<double> bandwidth_;                ///< [route] of its narrowest link; 0: none
  double mean_latency_ = 0, mean_per_byte_ = 0;  ///< picoseconds, over pairs of devices
  std::vector<std::uint8_t> bound_;              ///< [operator] to the policy's precision
  std::vector<double> priority_;                 ///< [operator]
  std::vector<double> beyond_;          ///< PEFT: [operator x device] optimistic cost table
  std::vector<std::uint8_t> critical_;  ///< CPOP: [operator]
  int critical_device_ = -1;
  std::vector<std::int32_t> ready_;           ///< a heap by priority
  std::vector<std::int32_t> missing_;         ///< [operator] makers not placed yet
  std::vector<std::int64_t> starts_, ends_;   ///< [operator]
  std::vector<std::int32_t> listed_;          ///< [operator] when it was placed
  std::vector<std::uint8_t> format_;          ///< [tensor] that it is made in
  std::vector<std::int64_t> arrived_;         ///< [tensor x device]; -1: not sent
  std::vector<std::int64_t> channel_free_;    ///< [channel]
  std::vector<std::vector<BusyTime>> busy_;   ///< [device][slot]
  std::vector<std::int32_t> last_precision_;  ///< [device]
  std::vector<std::int64_t> used_;            ///< [device] bytes of weights
  std::int64_t makespan_ = 0;
};

}  // namespace optimizers
