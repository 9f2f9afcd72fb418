#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "optimizers/bounds/relaxation.h"
#include "optimizers/integer_programme.h"

namespace optimizers {

/// The relaxation of a goal as an integer programme: operators choose options, tensors travel where
/// they are read elsewhere, each once per target device; chains of operators and what every device
/// and link direction works take time. Left out are waiting, the order and conversions, so that its
/// optimum is a bound, and its placement a plan worth trying. Edges between operators are written
/// as transport problems, which makes the relaxation without whole numbers exact for trees (the
/// marginal polytope, Wainwright & Jordan 2008).
class PlanProgramme {
 public:
  /// The columns that it would have.
  static double columns(const models::Problem& problem);

  PlanProgramme(MetricBounds& bounds, const Relaxation& relaxation);

  const IntegerProgramme& programme() const { return programme_; }
  /// The solution that a plan is; empty if it uses what the relaxation rules out.
  std::vector<double> solution(const models::Plan& plan) const;
  /// Changes devices, precisions and wires of the plan to those of a solution; lanes to all.
  void choose(std::span<const double> values, models::Plan& plan) const;
  /// Cost in the goal's unit, from the programme's.
  double cost(double of_programme) const { return of_programme * worth_ + relaxation_.fixed; }

 private:
  /// One way of a tensor: made with an option (0 for inputs), wanted on a device.
  struct Way {
    int tensor = 0;
    int option = 0;
    int from = 0, to = 0;
    int column = 0;
  };
  /// A tensor and an operator that reads it.
  struct Edge {
    int tensor = 0, maker = 0, reader = 0;
    std::vector<Way> ways;  ///< those that stay on a device too
  };

  void set_units();
  void add_options();
  void add_edges();
  void add_edge(int tensor, int maker, int reader);
  void add_transfers();
  void add_allowances();
  void add_loads();
  void add_chains();
  void add_times();
  bool is_out(std::size_t option) const;
  double bytes(const Way& way) const;
  double seconds(int tensor, int format, int from, int to) const;
  int format_of(const Way& way) const;
  int option_column(int op, int k) const { return static_cast<int>(forest_.first_option(op)) + k; }
  void at_least(std::vector<IntegerProgramme::Term> row, double low);

  const Relaxation& relaxation_;
  const LeastCosts& costs_;
  const models::Problem& problem_;
  Forest& forest_;
  double second_ = 1;  ///< seconds in the programme's unit of time
  double worth_ = 1;   ///< cost in its unit of cost
  bool has_chains_ = false, has_loads_ = false;
  IntegerProgramme programme_;
  std::vector<Edge> edges_;
  std::vector<Way> transfers_;  ///< what is paid for, each once
  std::vector<int> end_;        ///< [operator] column of its end
  int chain_ = -1, load_ = -1;  ///< columns of the longest chain and the largest work
  std::vector<int> time_;       ///< [term] column
};

}  // namespace optimizers
