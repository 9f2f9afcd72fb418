#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/goal.h"
#include "models/plan.h"
#include "models/problem.h"
#include "models/score.h"
#include "optimizers/state.h"

namespace optimizers {

/// Everything a search is given. The problem and the goal outlive the optimizer.
struct Task {
  const models::Problem& problem;
  const models::Goal& goal;
  std::uint64_t seed = 1;
  std::int64_t budget = 10'000;  ///< evaluations
  /// Plans known from elsewhere, valid for the problem, best first: every algorithm tries them
  /// before its own, and starts from the best of all.
  std::vector<models::Plan> start = {};
  bool greedy = true;  ///< beside `start` also from greedy plans; without both from random ones
  /// For what thinks for long between two trials: true ends that thought. ask() then asks for
  /// nothing, and what is kept goes on before the thought.
  std::function<bool()> stop = [] { return false; };
};

/// A search algorithm. It only proposes and learns; somebody else scores the plans, so a search can
/// be run in parallel, on real hardware, or replayed from a record.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// Fills `batch` (cleared before) with the plans to try next. No trials means the search is over.
  virtual void ask(models::Batch& batch) = 0;

  /// Learns how the trials of the last ask() turned out, in the same order.
  virtual void tell(const models::Batch& batch, std::span<const models::Score> scores) = 0;

  /// A good plan that somebody else found, to be used or not. Called between tell() and ask(), and
  /// not before the first trials are told.
  virtual void receive(const models::Plan& /*plan*/, const models::Score& /*score*/) {}

  /// Whether everything that could be the best plan has been asked for: the best found is the best
  /// there is.
  virtual bool is_exhausted() const { return false; }

  /// A cost (Goal::cost) that no plan is below, if the algorithm knows one; else 0.
  virtual double lower_bound() const { return 0; }

  /// Writes everything it has learnt, or reads it into an optimizer made of the same task and
  /// settings, which then asks as the written one would have. Called between tell() and ask().
  virtual void keep(State& state) = 0;
};

/// A parameter of an algorithm, for `list optimizers`; values are set in a scenario.
struct Parameter {
  std::string_view name;
  double standard = 0;
  double low = 0;
  double high = 0;
  std::string_view meaning;
};

using Settings = std::vector<double>;  ///< one value per Parameter, in order

/// One row per algorithm. To add yours, write make_yours() in a file of its own and add its row in
/// catalogue.cpp.
struct Entry {
  std::string_view name;
  std::string_view summary;
  std::span<const Parameter> parameters;
  std::unique_ptr<Optimizer> (*make)(const Task&, const Settings&);
};

/// All algorithms, in the order in which they are listed.
std::span<const Entry> catalogue();

/// Throws InputError naming those there are.
const Entry& find(std::string_view name);

/// With the standard value of every parameter.
std::unique_ptr<Optimizer> make(std::string_view name, const Task& task);

}  // namespace optimizers
