#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <tuple>
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
  int transfer(int tensor, int option, int from, int to);
  void add_transfers();
  void add_allowances();
  void add_loads();
  void add_ends();
  void add_chains();
  void add_times();
  bool is_out(std::size_t option) const;
  double bytes(const Way& way) const;
  // In the programme's unit of time.
  double seconds(int tensor, int format, int from, int to) const;
  double lasting(int op, int k) const;
  std::vector<IntegerProgramme::Term> lasting_row(int op) const;
  int format_of(const Way& way) const;
  int option_column(int op, int k) const { return static_cast<int>(forest_.first_option(op)) + k; }
  const models::Problem::Option& option(int op, int k) const {
    return problem_.options(op)[static_cast<std::size_t>(k)];
  }
  int options_of(int op) const { return static_cast<int>(problem_.options(op).size()); }
  /// Calls input(tensor, source, reader) for every operator that reads an input, and
  /// output(tensor, maker, sink) for every output, tensor by tensor.
  template <class Input, class Output>
  void for_ends(Input input, Output output) const;
  std::vector<int> chosen_options(const models::Plan& plan) const;
  bool is_read(int tensor, int device, const models::Plan& plan) const;
  void raise_times(std::vector<double>& values) const;
  void choose_wires(int tensor, models::Plan& plan) const;
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
  std::vector<Way> transfers_;                         ///< what is paid for, each once
  std::map<std::tuple<int, int, int>, int> transfer_;  ///< tensor, option, target: column
  std::vector<int> end_;                               ///< [operator] column of its end
  int chain_ = -1, load_ = -1;  ///< columns of the longest chain and the largest work
  std::vector<int> time_;       ///< [term] column
};

template <class Input, class Output>
void PlanProgramme::for_ends(Input input, Output output) const {
  for (int tensor = 0; tensor < problem_.tensors; ++tensor) {
    const int maker = at(problem_.producer, tensor);
    const auto& stream = problem_.stream_with(tensor);
    if (maker >= 0) {
      if (at(problem_.is_output, tensor) != 0) output(tensor, maker, stream.sink);
      continue;
    }
    const auto end = at(problem_.reader_begin, tensor + 1);
    for (auto r = at(problem_.reader_begin, tensor); r < end; ++r)
      input(tensor, stream.source, at(problem_.reader, r));
  }
}

}  // namespace optimizers
