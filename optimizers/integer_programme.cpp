#include "optimizers/integer_programme.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <coin/CbcBranchActual.hpp>
#include <coin/CbcEventHandler.hpp>
#include <coin/CbcHeuristic.hpp>
#include <coin/CbcHeuristicDiveCoefficient.hpp>
#include <coin/CbcHeuristicRINS.hpp>
#include <coin/CbcModel.hpp>
#include <coin/CglClique.hpp>
#include <coin/CglFlowCover.hpp>
#include <coin/CglGomory.hpp>
#include <coin/CglKnapsackCover.hpp>
#include <coin/CglMixedIntegerRounding2.hpp>
#include <coin/CglProbing.hpp>
#include <coin/ClpEventHandler.hpp>
#include <coin/ClpSimplex.hpp>
#include <coin/OsiClpSolverInterface.hpp>
#include <stdexcept>

namespace optimizers {

namespace {

using Answer = IntegerProgrammeAnswer;

/// What the handlers of CBC and CLP share: CBC copies them freely, so that they only point here.
struct Watch {
  const IntegerProgramme& programme;
  const IntegerProgrammeLimits& limits;
  Answer& answer;
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  const CbcModel* model = nullptr;  ///< the search itself, not one of a heuristic
  int calls = 0;
  bool stopped = false;

  /// True once it is time to stop, and from then on.
  bool is_over() {
    const std::chrono::duration<double> past = std::chrono::steady_clock::now() - begin;
    stopped = stopped || past.count() >= limits.seconds || limits.stop();
    return stopped;
  }
  void report() const {
    if (limits.progress) limits.progress(answer.bound, answer.values);
  }
  void raise(double bound) {
    bound = std::min({bound, answer.cost, limits.cutoff});
    if (stopped || bound <= answer.bound) return;
    answer.bound = bound;
    report();
  }
  void take(std::span<const double> values, double cost) {
    if (!(cost < answer.cost)) return;
    answer.cost = cost;
    answer.values.assign(values.begin(), values.end());
    answer.bound = std::min(answer.bound, cost);
    report();
  }
};

class SearchHandler : public CbcEventHandler {
 public:
  explicit SearchHandler(Watch& watch) : watch_(&watch) {}
  CbcEventHandler* clone() const override { return new SearchHandler(*this); }
  CbcAction event(CbcEvent which) override {
    if (watch_->is_over()) return stop;
    const CbcModel* model = getModel();
    if (model == watch_->model && which == treeStatus)
      watch_->raise(model->getBestPossibleObjValue());
    if (model == watch_->model && (which == solution || which == heuristicSolution) &&
        model->bestSolution())
      watch_->take({model->bestSolution(), watch_->programme.columns.size()},
                   model->getMinimizationObjValue());
    return noAction;
  }
  CbcAction event(CbcEvent which, void*) override { return event(which); }

 private:
  Watch* watch_;
};

/// Asked in every step of the simplex method: one relaxation of a large programme takes seconds.
class StepHandler : public ClpEventHandler {
 public:
  explicit StepHandler(Watch& watch) : watch_(&watch) {}
  ClpEventHandler* clone() const override { return new StepHandler(*this); }
  int event(Event which) override {
    if (which != endOfIteration) return -1;
    if (++watch_->calls % 16 != 0) return watch_->stopped ? 5 : -1;
    return watch_->is_over() ? 5 : -1;
  }

 private:
  Watch* watch_;
};

bool is_whole(double value) {
  return std::abs(value - std::round(value)) <= 1e-9;
}

/// Whether the row, of whole factors, has a column with a cost and another that are both not whole.
bool is_misread(const IntegerProgramme& programme, std::size_t row) {
  int broken = 0;
  bool has_cost = false;
  for (int t = programme.row_begin[row]; t < programme.row_begin[row + 1]; ++t) {
    const auto& term = programme.terms[static_cast<std::size_t>(t)];
    const auto& column = programme.columns[static_cast<std::size_t>(term.column)];
    if (!is_whole(term.factor)) return false;
    if (column.whole || column.low == column.high) continue;
    ++broken;
    has_cost = has_cost || column.cost != 0;
  }
  return has_cost && broken > 1;
}

/// By what a row is multiplied. From rows as above CBC 2.10 takes it that all solutions cost a
/// multiple of something, and drops those that are better by less (CbcModel::analyzeObjective). It
/// does not where factors are not whole: no multiple of the golden ratio is near a whole number.
double scale_of(const IntegerProgramme& programme, std::size_t row) {
  constexpr double golden_ratio = 1.6180339887498949;
  return is_misread(programme, row) ? golden_ratio : 1;
}

void load(OsiClpSolverInterface& solver, const IntegerProgramme& programme) {
  const auto columns = programme.columns.size();
  const auto rows = programme.row_low.size();
  std::vector<double> cost(columns), low(columns), high(columns), factors(programme.terms.size());
  std::vector<int> which(programme.terms.size()), lengths(rows);
  const auto bounded = [](double value) {
    return std::abs(value) < IntegerProgramme::infinite ? value
                                                        : std::copysign(COIN_DBL_MAX, value);
  };
  for (std::size_t i = 0; i < columns; ++i) {
    cost[i] = programme.columns[i].cost;
    low[i] = bounded(programme.columns[i].low);
    high[i] = bounded(programme.columns[i].high);
  }
  for (std::size_t i = 0; i < programme.terms.size(); ++i) {
    which[i] = programme.terms[i].column;
    factors[i] = programme.terms[i].factor;
  }
  std::vector<CoinBigIndex> begin(programme.row_begin.begin(), programme.row_begin.end());
  for (std::size_t i = 0; i < rows; ++i) lengths[i] = begin[i + 1] - begin[i];
  std::vector<double> row_low(rows), row_high(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const double scale = scale_of(programme, row);
    row_low[row] = bounded(scale * programme.row_low[row]);
    row_high[row] = bounded(scale * programme.row_high[row]);
    for (auto t = begin[row]; t < begin[row + 1]; ++t)
      factors[static_cast<std::size_t>(t)] *= scale;
  }
  const CoinPackedMatrix matrix(false, static_cast<int>(columns), static_cast<int>(rows),
                                static_cast<CoinBigIndex>(factors.size()), factors.data(),
                                which.data(), begin.data(), lengths.data());
  solver.loadProblem(matrix, low.data(), high.data(), cost.data(), row_low.data(), row_high.data());
  for (std::size_t i = 0; i < columns; ++i)
    if (programme.columns[i].whole) solver.setInteger(static_cast<int>(i));
}

void silence(OsiClpSolverInterface& solver) {
  solver.messageHandler()->setLogLevel(0);
  solver.setHintParam(OsiDoReducePrint, true, OsiHintDo);
  solver.getModelPtr()->setLogLevel(0);
  ClpSolve options;
  options.setSpecialOption(2, 1);  // SIGINT is left to whom it belongs
  solver.setSolveOptions(options);
}

/// Heuristics and cuts as CBC's own program sets them, short of what costs more than it brings on
/// programmes of our size.
void equip(CbcModel& model) {
  model.setLogLevel(0);
  model.solver()->messageHandler()->setLogLevel(0);
  CglProbing probing;
  probing.setUsingObjective(1);
  probing.setMaxPass(1);
  probing.setMaxPassRoot(1);
  probing.setMaxProbe(10);
  probing.setMaxProbeRoot(50);
  probing.setMaxLook(10);
  probing.setMaxLookRoot(50);
  probing.setMaxElements(200);
  probing.setRowCuts(3);
  CglGomory gomory;
  gomory.setLimitAtRoot(300);
  gomory.setLimit(50);
  CglKnapsackCover knapsack;
  CglClique clique;
  clique.setStarCliqueReport(false);
  clique.setRowCliqueReport(false);
  CglMixedIntegerRounding2 rounding;
  CglFlowCover flow;
  constexpr int where_useful = -98;
  model.addCutGenerator(&probing, where_useful, "Probing");
  model.addCutGenerator(&gomory, where_useful, "Gomory");
  model.addCutGenerator(&knapsack, where_useful, "Knapsack");
  model.addCutGenerator(&clique, where_useful, "Clique");
  model.addCutGenerator(&rounding, where_useful, "Rounding");
  model.addCutGenerator(&flow, where_useful, "Flow");
  CbcRounding round(model);
  CbcHeuristicRINS neighbourhood(model);
  neighbourhood.setHowOften(100);
  CbcHeuristicDiveCoefficient dive(model);
  model.addHeuristic(&round, "Rounding");
  model.addHeuristic(&neighbourhood, "RINS");
  model.addHeuristic(&dive, "Dive");
  model.setMaximumCutPassesAtRoot(-20);
  model.setMaximumCutPasses(2);
  model.setNumberStrong(10);
  model.setNumberBeforeTrust(5);
}

double cost_of(const IntegerProgramme& programme, std::span<const double> values) {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += programme.columns[i].cost * values[i];
  return sum;
}

bool is_solution(const IntegerProgramme& programme, std::span<const double> values) {
  constexpr double tolerance = 1e-6;
  const auto near = [&](double low, double value, double high) {
    const double slack = tolerance * std::max(1.0, std::abs(value));
    return value >= low - slack && value <= high + slack;
  };
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& column = programme.columns[i];
    if (!near(column.low, values[i], column.high)) return false;
    if (column.whole && std::abs(values[i] - std::round(values[i])) > tolerance) return false;
  }
  for (std::size_t row = 0; row < programme.row_low.size(); ++row) {
    double sum = 0;
    for (int t = programme.row_begin[row]; t < programme.row_begin[row + 1]; ++t) {
      const auto& term = programme.terms[static_cast<std::size_t>(t)];
      sum += term.factor * values[static_cast<std::size_t>(term.column)];
    }
    if (!near(programme.row_low[row], sum, programme.row_high[row])) return false;
  }
  return true;
}

void conclude(Watch& watch, const CbcModel& model) {
  auto& answer = watch.answer;
  answer.nodes = model.getNodeCount();
  if (model.bestSolution())
    watch.take({model.bestSolution(), watch.programme.columns.size()},
               model.getMinimizationObjValue());
  if (watch.stopped || model.status() != 0 || model.secondaryStatus() > 1) return;
  const double least = std::min(answer.cost, watch.limits.cutoff);
  answer.bound = std::max(answer.bound, least);
  answer.state = answer.values.empty() ? Answer::State::infeasible : Answer::State::optimal;
}

void set_tolerances(CbcModel& model) {
  model.setPrintFrequency(20);  // the bound is known when CBC would print it
  model.setAllowableGap(0);
  model.setCutoffIncrement(1e-9);  // CBC's own is 1e-5: what is better by less would be passed over
  model.setAllowableFractionGap(0);
}

/// Solves the programme without whole numbers; the solver stays ready for more.
void solve_relaxed(OsiClpSolverInterface& solver, const IntegerProgramme& programme,
                   const StepHandler& steps) {
  silence(solver);
  load(solver, programme);
  solver.getModelPtr()->passInEventHandler(&steps);
  solver.initialSolve();
}

}  // namespace

int IntegerProgramme::add_column(Column column) {
  columns.push_back(column);
  return static_cast<int>(columns.size()) - 1;
}

void IntegerProgramme::add_row(std::span<const Term> row, double low, double high) {
  terms.insert(terms.end(), row.begin(), row.end());
  row_begin.push_back(static_cast<int>(terms.size()));
  row_low.push_back(low);
  row_high.push_back(high);
}

IntegerProgrammeAnswer solve(const IntegerProgramme& programme, std::span<const double> start,
                             const IntegerProgrammeLimits& limits) {
  Answer answer;
  Watch watch{programme, limits, answer};
  if (!start.empty()) {
    if (start.size() != programme.columns.size() || !is_solution(programme, start))
      throw std::invalid_argument("the start is no solution of the integer programme");
    watch.take(start, cost_of(programme, start));
  }
  if (watch.is_over()) return answer;
  OsiClpSolverInterface solver;
  const StepHandler steps(watch);
  solve_relaxed(solver, programme, steps);
  if (solver.isProvenDualInfeasible() || watch.stopped) return answer;

  CbcModel model(solver);
  equip(model);
  watch.model = &model;
  SearchHandler handler(watch);
  model.passInEventHandler(&handler);
  set_tolerances(model);
  model.setMaximumNodes(static_cast<int>(std::min<std::int64_t>(limits.nodes, 1 << 30)));
  if (!start.empty())
    model.setBestSolution(start.data(), static_cast<int>(start.size()), answer.cost);
  const double cutoff = std::min(limits.cutoff, answer.cost);
  if (cutoff < IntegerProgramme::infinite)
    model.setCutoff(cutoff - 1e-9 * std::max(1.0, std::abs(cutoff)));
  watch.raise(model.solver()->getObjValue());
  model.branchAndBound();
  conclude(watch, model);
  return answer;
}

IntegerProgrammeAnswer relaxed_solution(const IntegerProgramme& programme,
                                        const std::function<bool()>& stop) {
  Answer answer;
  IntegerProgrammeLimits limits;
  limits.seconds = IntegerProgramme::infinite;
  limits.stop = stop;
  Watch watch{programme, limits, answer};
  OsiClpSolverInterface solver;
  const StepHandler steps(watch);
  solve_relaxed(solver, programme, steps);
  if (watch.stopped) return answer;
  if (solver.isProvenPrimalInfeasible()) {
    answer.state = Answer::State::infeasible;
    answer.bound = IntegerProgramme::infinite;
  } else if (solver.isProvenOptimal()) {
    answer.state = Answer::State::optimal;
    answer.bound = answer.cost = solver.getObjValue();
    answer.values.assign(solver.getColSolution(),
                         solver.getColSolution() + programme.columns.size());
  }
  return answer;
}

double relaxed_bound(const IntegerProgramme& programme) {
  return relaxed_solution(programme).bound;
}

}  // namespace optimizers
