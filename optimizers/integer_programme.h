#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace optimizers {

/// A mixed integer linear programme: the variables' costs added up are to be small. Numbers have
/// the caller's unit; around 1 they suit the solver's tolerances.
struct IntegerProgramme {
  static constexpr double infinite = 1e30;
  struct Column {
    double cost = 0;
    double low = 0;
    double high = infinite;
    bool whole = false;  ///< takes whole numbers only
  };
  struct Term {
    int column = 0;
    double factor = 0;
  };
  std::vector<Column> columns;
  std::vector<int> row_begin = {0};  ///< [row + 1] into terms
  std::vector<Term> terms;
  std::vector<double> row_low, row_high;

  /// Its number.
  int add_column(Column column);
  /// Low <= sum of factor x column <= high.
  void add_row(std::span<const Term> row, double low, double high);
};

/// When to stop looking.
struct IntegerProgrammeLimits {
  double seconds = 60;                         ///< of the solver; only cuts short
  std::int64_t nodes = 1 << 30;                ///< of the branch and bound tree
  double cutoff = IntegerProgramme::infinite;  ///< only better solutions are of interest
  std::function<bool()> stop = [] { return false; };
  /// Told when the bound has risen or a better solution is found.
  std::function<void(double bound, std::span<const double> best)> progress = {};
};

/// What was found, and what was proven.
struct IntegerProgrammeAnswer {
  enum class State { optimal, infeasible, cut_short } state = State::cut_short;
  double bound = -IntegerProgramme::infinite;  ///< no solution costs less (up to the solver's
                                               ///< tolerances, 1e-6 relative: subtract them)
  double cost = IntegerProgramme::infinite;
  std::vector<double> values;  ///< [column] of the best solution; empty: none
  std::int64_t nodes = 0;      ///< looked at
};

/// Branch and bound by COIN-OR CBC (Forrest and others), one thread, silent, repeatable.
/// `start` is a solution to begin with ([column]), or empty. Throws std::invalid_argument where it
/// is none.
IntegerProgrammeAnswer solve(const IntegerProgramme& programme, std::span<const double> start,
                             const IntegerProgrammeLimits& limits);

/// The relaxation without whole numbers, by CLP's dual simplex; `stop` cuts it short.
IntegerProgrammeAnswer relaxed_solution(
    const IntegerProgramme& programme, const std::function<bool()>& stop = [] { return false; });

/// Its cost; infinite if it has no solution, minus infinite if it has no bound.
double relaxed_bound(const IntegerProgramme& programme);

}  // namespace optimizers
