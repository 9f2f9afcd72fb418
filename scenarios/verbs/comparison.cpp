#include <algorithm>
#include <cmath>
#include <limits>

#include "results/text_table.h"
#include "scenarios/verbs/report.h"

namespace scenarios {

using results::RunFile;
using results::StoredPlan;

namespace {

/// Means over seeds of what was found; none as soon as one seed found nothing that holds all
/// limits.
struct Found {
  double cost = 0;
  double value = 0;  ///< of the first objective
  int seeds = 0;
  bool failed = false;

  void add(const StoredPlan* plan, models::Metric metric) {
    if (plan == nullptr || plan->violation > 0) {
      failed = true;
      return;
    }
    cost += (plan->cost - cost) / ++seeds;
    value += (plan->score.value(metric) - value) / seeds;
  }
  bool any() const { return seeds > 0 && !failed; }
  double mean_cost() const { return any() ? cost : std::numeric_limits<double>::infinity(); }
};

/// What is swept beside optimizers, what one device can do there, what each optimizer found.
struct Case {
  std::vector<std::string> where;
  Found alone;
  std::vector<Found> found;
};

bool names_optimizer(const results::NamedValue& swept) {
  return swept.name == "optimizer.name";
}

std::vector<std::string> optimizers_of(const std::vector<RunFile>& runs) {
  std::vector<std::string> names;
  for (const auto& run : runs) {
    if (std::ranges::none_of(run.swept, names_optimizer)) return {};
    if (std::ranges::find(names, run.optimizer) == names.end()) names.push_back(run.optimizer);
  }
  return names;
}

std::vector<Case> cases_of(const std::vector<RunFile>& runs,
                           const std::vector<std::string>& optimizers) {
  std::vector<Case> cases;
  for (const auto& run : runs) {
    std::vector<std::string> where;
    for (const auto& one : run.swept)
      if (!names_optimizer(one)) where.push_back(one.value);
    auto same = std::ranges::find(cases, where, &Case::where);
    if (same == cases.end())
      same = cases.insert(cases.end(), {where, {}, std::vector<Found>(optimizers.size())});
    const auto metric = run.goal.objectives.front().metric;
    const auto column = std::ranges::find(optimizers, run.optimizer) - optimizers.begin();
    same->found[static_cast<std::size_t>(column)].add(run.best_plan(), metric);
    if (column == 0) same->alone.add(best_yardstick(run), metric);
  }
  return cases;
}

/// Cost of the better of one device and the first optimizer over that of the best of the others.
double gain(const Case& one) {
  const double plain = std::min(one.alone.mean_cost(), one.found.front().mean_cost());
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i < one.found.size(); ++i)
    best = std::min(best, one.found[i].mean_cost());
  return plain / best;
}

}  // namespace

std::string comparison_text(const std::vector<RunFile>& runs) {
  const auto optimizers = optimizers_of(runs);
  if (optimizers.size() < 2) return "";
  const auto& goal = runs.front().goal;
  const auto shown = [&](const Found& found) -> std::string {
    if (!found.any()) return "none";
    return goal.objectives.size() > 1 ? models::pretty(found.cost)
                                      : models::pretty(goal.objectives.front().metric, found.value);
  };
  std::vector<std::string> headers;
  for (const auto& one : runs.front().swept)
    if (!names_optimizer(one)) headers.push_back(one.name.substr(one.name.rfind('.') + 1));
  headers.emplace_back("one device");
  headers.insert(headers.end(), optimizers.begin(), optimizers.end());
  headers.emplace_back("gain");
  results::TextTable table(headers);
  int clearly_better = 0, worse = 0;
  const auto cases = cases_of(runs, optimizers);
  for (const auto& one : cases) {
    auto cells = one.where;
    cells.push_back(shown(one.alone));
    for (const auto& found : one.found) cells.push_back(shown(found));
    const double factor = gain(one);
    cells.push_back(std::isfinite(factor) ? models::pretty(factor) : "none");
    clearly_better += factor >= 1.1;
    worse += factor < 1;
    table.add(cells);
  }
  return table.text("  ") + "  gain: cost of the better of one device and " + optimizers.front() +
         ", over that of the best other\n  of " + std::to_string(cases.size()) +
         ": at least 1.1 in " + std::to_string(clearly_better) + ", below 1 in " +
         std::to_string(worse) + "\n";
}

}  // namespace scenarios
