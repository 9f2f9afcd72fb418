#include "scenarios/placing.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "models/error.h"
#include "models/units.h"
#include "optimizers/optimizer.h"
#include "optimizers/placement/bounds.h"
#include "scenarios/interruption.h"
#include "scenarios/placement_bridge.h"
#include "scenarios/value.h"

namespace scenarios {
namespace {

using models::Time;
using optimizers::PlacementAnswer;
using optimizers::PlacementEntry;
using optimizers::PlacementTask;
using Clock = std::chrono::steady_clock;

constexpr std::string_view of_plans = "plan-";

const PlacementEntry* find_row(const std::string& name) {
  for (const auto& row : optimizers::placement_catalogue())
    if (row.name == name) return &row;
  return nullptr;
}

/// The name in the general catalogue; empty if it is none. Where both have a name, the placement
/// catalogue goes first and "plan-NAME" says the other.
std::string general_name(const std::string& name) {
  if (find_row(name)) return {};
  const auto bare = name.starts_with(of_plans) ? name.substr(of_plans.size()) : name;
  for (const auto& row : optimizers::catalogue())
    if (row.name == bare) return bare;
  return {};
}

/// Throws InputError if the algorithm cannot take the problem.
PlacementAnswer solve(const std::string& name, const PlacementTask& task) {
  const auto general = general_name(name);
  const auto* row = find_row(name);
  const auto why = row ? row->refusal(task) : general_refusal(task);
  if (!why.empty())
    throw models::InputError("place: algorithm '" + name + "' cannot take this problem: " + why);
  return row ? row->solve(task) : solve_by_general(general, task);
}

/// Follows one search: keeps the best, tells about it, and says when to stop.
class Watch {
 public:
  Watch(const models::PlacementProblem& problem, const PlacingChoice& choice, Progress& progress)
      : choice_(choice), progress_(progress), start_(Clock::now()) {
    // A share of the time at most: a placement is worth more than a better bound.
    constexpr double share = 0.25;
    const auto bound = optimizers::placement_bound(problem, [this] {
      return Interruption::count() > 0 ||
             (choice_.seconds > 0 && seconds() >= share * choice_.seconds);
    });
    best_.lower_bound = bound.value;
    best_.bound = std::string(bound.name);
  }

  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  bool over() {
    tell();
    return Interruption::count() > 0 || (choice_.seconds > 0 && seconds() >= choice_.seconds) ||
           best_.is_proven();
  }
  void take(const PlacementAnswer& answer) {
    bool better = false;
    if (answer.found() && (!best_.found() || answer.value < best_.value)) {
      best_.placement = answer.placement;
      best_.value = answer.value;
      better = true;
    }
    if (answer.lower_bound > best_.lower_bound) {
      best_.lower_bound = answer.lower_bound;
      best_.bound = answer.bound;
      better = true;
    }
    best_.effort = std::max(best_.effort, answer.effort);
    best_.notes = answer.notes;
    if (better && best_.found())
      history_.push_back({seconds(), best_.effort, best_.value, best_.lower_bound});
    tell();
  }
  const PlacementAnswer& best() const { return best_; }
  std::vector<Placing::Point> history() && { return std::move(history_); }

 private:
  void tell() {
    const double now = seconds();
    if (now < next_) return;
    next_ = now + 1;
    // Where lines stay, only what is new is worth one.
    const std::string standing = (best_.found() ? models::pretty(best_.value) : "nothing yet") +
                                 ", at least " + models::pretty(best_.lower_bound) + " (" +
                                 best_.bound + "), gap " + models::pretty(100 * best_.gap()) + " %";
    const auto line = choice_.algorithm + ", " + models::pretty(now) + " s: " + standing;
    if (standing == told_) return progress_.update(line);
    told_ = standing;
    progress_.note(line);
  }

  const PlacingChoice& choice_;
  Progress& progress_;
  Clock::time_point start_;
  double next_ = 1;
  std::string told_;
  PlacementAnswer best_;
  std::vector<Placing::Point> history_;
};

/// The law that every answer is held to.
void check(const models::PlacementProblem& problem, const PlacingChoice& choice,
           const PlacementAnswer& best) {
  if (!best.found()) return;
  const auto score = models::evaluate(problem, best.placement);
  if (!score.valid || score.value != best.value ||
      (choice.contiguous && !models::is_contiguous(problem, best.placement)))
    throw std::logic_error("algorithm '" + choice.algorithm +
                           "' answered with a placement that is not what it says: " + score.fault);
}

results::PlacementReport report_of(const PlacingChoice& choice, const PlacementAnswer& best) {
  results::PlacementReport report;
  report.algorithm = choice.algorithm;
  report.placement = best.placement;
  report.value = best.value;
  report.lower_bound = best.lower_bound;
  report.bound = best.bound;
  report.effort = best.effort;
  report.notes = best.notes;
  report.seed = choice.seed;
  report.contiguous = choice.contiguous;
  return report;
}

}  // namespace

double Placing::seconds_to(Time best, double share) const {
  for (const auto& point : history)
    if (static_cast<double>(point.value.count()) <= static_cast<double>(best.count()) * (1 + share))
      return point.seconds;
  return -1;
}

void check_placement_algorithm(const std::string& name) {
  if (find_row(name) || !general_name(name).empty()) return;
  std::vector<std::string> names;
  for (const auto& row : optimizers::placement_catalogue()) names.emplace_back(row.name);
  for (const auto& row : optimizers::catalogue())
    names.push_back(std::string(find_row(std::string(row.name)) ? of_plans : "") +
                    std::string(row.name));
  std::string all;
  for (const auto& one : names) all += (all.empty() ? "" : ", ") + one;
  throw models::InputError("place: there is no algorithm '" + name + "'" + suggestion(name, names) +
                           " (there are " + all + ")");
}

std::string standard_placement_algorithm() {
  for (const std::string name : {"portfolio", "annealing"})
    if (find_row(name)) return name;
  return "greedy";
}

Placing find_placement(const models::PlacementProblem& problem, const PlacingChoice& choice,
                       Progress& progress) {
  check_placement_algorithm(choice.algorithm);
  Watch watch(problem, choice, progress);
  PlacementTask task{problem};
  task.seed = choice.seed;
  task.budget = choice.budget;
  task.start = choice.start;
  task.known_bound = watch.best().lower_bound;
  task.contiguous = choice.contiguous;
  task.bounded = true;
  task.stop = task.halt = [&watch] { return watch.over(); };
  task.improved = [&watch](const PlacementAnswer& answer) { watch.take(answer); };
  watch.take(solve(choice.algorithm, task));
  progress.clear();
  check(problem, choice, watch.best());
  Placing placing{report_of(choice, watch.best()), {}};
  placing.report.seconds = watch.seconds();
  placing.report.interrupted = Interruption::count() > 0;
  placing.history = std::move(watch).history();
  return placing;
}

}  // namespace scenarios
