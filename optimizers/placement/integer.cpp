#include <algorithm>

#include "models/error.h"
#include "models/index.h"
#include "optimizers/placement/bounds.h"
#include "optimizers/placement/division_programme.h"
#include "optimizers/placement/incumbent.h"
#include "optimizers/placement/reduction.h"
#include "optimizers/placement/solvers.h"

namespace optimizers {
namespace {

using models::at;
using models::PlacementProblem;
using models::Time;

/// The last resort, after everything that is faster. Ends with the first better placement: then the
/// limit is lower, and what is faster may do.
class ProgrammeSearch {
 public:
  ProgrammeSearch(const PlacementTask& task, Incumbent& incumbent, const Reduction& reduction,
                  Time limit)
      : task_(task),
        incumbent_(incumbent),
        reduction_(reduction),
        programme_(reduction.division, limit) {}

  /// The solver takes what is too large for memory by less than its tolerance for a solution, and
  /// passes over dearer ones that fit. So that is ruled out by itself, and the search begun again:
  /// nothing is proven before there is none left.
  void run() {
    do {
      refused_ = ruled_out_ = false;
      const auto state = attempt();
      if (!refused_ && state != IntegerProgrammeAnswer::State::cut_short) prove();
    } while (ruled_out_ && !better_ && left() > 0 && !task_.stop());
  }

 private:
  std::int64_t left() const {
    return std::max<std::int64_t>(0, task_.budget - incumbent_.effort());
  }

  /// As far as the solver's tolerance.
  void prove() {
    const auto value = incumbent_.answer().value;
    incumbent_.raise({value - models::proof_tolerance(value), "integer programme"});
  }

  IntegerProgrammeAnswer::State attempt() {
    IntegerProgrammeLimits limits;
    limits.seconds = IntegerProgramme::infinite;
    limits.nodes = std::clamp<std::int64_t>(left(), 1, 1 << 30);
    limits.cutoff = 100;
    // It asks every so many steps of the simplex method, which a budget counts too.
    constexpr std::int64_t steps_per_question = 16;
    const auto most = left() / steps_per_question;
    std::int64_t asked = 0;
    limits.stop = [&] { return better_ || refused_ || ++asked > most || task_.stop(); };
    limits.progress = [&](double bound, std::span<const double> best) {
      if (!best.empty()) take(best);
      incumbent_.raise(
          {std::min(programme_.time_of(bound), incumbent_.answer().value), "integer programme"});
    };
    const auto answer = solve(programme_.programme(), {}, limits);
    incumbent_.count(std::min(left(), answer.nodes + asked * steps_per_question));
    if (!answer.values.empty()) take(answer.values);
    return answer.state;
  }

  void take(std::span<const double> values) {
    if (refused_) return;
    const auto devices = programme_.devices_of(values);
    std::vector<int> of_group;
    for (const int part : reduction_.part_of) of_group.push_back(at(devices, part));
    const auto placement = placement_of(task_.problem, of_group);
    refused_ = !models::evaluate(task_.problem, placement).valid;
    if (refused_)
      ruled_out_ = programme_.rule_out(devices);
    else
      better_ = incumbent_.offer(placement) || better_;
  }

  const PlacementTask& task_;
  Incumbent& incumbent_;
  const Reduction& reduction_;
  DivisionProgramme programme_;
  bool better_ = false, refused_ = false, ruled_out_ = false;
};

void solve_programme(const PlacementTask& task, Incumbent& incumbent) {
  const auto limit = incumbent.answer().value - Time(1);
  const auto whole = division_of(task.problem);
  const auto left = [&] { return std::max<std::int64_t>(0, task.budget - incumbent.effort()); };
  const auto reduction = reduced(
      whole, {.limit = limit.count(), .stop = task.stop, .halt = task.halt, .most_cuts = left()});
  incumbent.count(reduction.cuts);
  if (reduction.impossible) return incumbent.prove("minimum cuts");
  if (left() == 0 || task.stop()) return;
  ProgrammeSearch(task, incumbent, reduction, limit).run();
}

std::string refusal(const PlacementTask& task) {
  if (task.problem.objective != PlacementProblem::Objective::throughput)
    return "it is for throughput only";
  if (task.contiguous) return "it is for free placements; take 'contiguous'";
  constexpr std::int64_t most = 50'000;
  const std::int64_t columns =
      std::int64_t{task.problem.groups() + task.problem.size()} * task.problem.devices();
  if (columns > most)
    return "its integer programme would have " + std::to_string(columns) + " columns, more than " +
           std::to_string(most);
  return {};
}

PlacementAnswer solve_placement(const PlacementTask& task) {
  if (const auto why = refusal(task); !why.empty())
    throw models::InputError("'integer' does not take this problem: " + why);
  Incumbent incumbent(task);
  incumbent.start();
  const auto& answer = incumbent.answer();
  while (answer.found() && !answer.is_proven() && !task.stop() && answer.effort < task.budget) {
    const auto value = answer.value;
    const auto raised = raised_bound(task.problem, {answer.lower_bound, incumbent.bound_name()},
                                     value, task.stop, task.budget - answer.effort, task.halt);
    incumbent.count(raised.effort);
    incumbent.raise(raised);
    if (!answer.is_proven() && !task.stop()) solve_programme(task, incumbent);
    if (answer.value == value) break;
  }
  return answer;
}

}  // namespace

PlacementEntry placement_integer_entry() {
  return {"integer",
          "bounds by cuts and prices, then an integer programme by CBC; proves the optimum (the "
          "programme to 1e-6)",
          refusal, solve_placement};
}

}  // namespace optimizers
