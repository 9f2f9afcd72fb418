#include "scenarios/verbs/curves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "models/units.h"

namespace scenarios {

using results::NamedValue;
using results::RunFile;

namespace {

constexpr std::string_view referee = "portfolio";

/// Runs that differ in the seed alone.
struct Group {
  std::vector<NamedValue> problem;
  std::string optimizer;
  std::vector<const RunFile*> runs;
};

std::vector<NamedValue> problem_of(const RunFile& run) {
  auto swept = run.swept;
  std::erase_if(swept, [](const NamedValue& one) { return one.name == "optimizer.name"; });
  return swept;
}

std::vector<Group> groups_of(const std::vector<RunFile>& runs) {
  std::vector<Group> groups;
  for (const auto& run : runs) {
    const auto problem = problem_of(run);
    auto same = std::ranges::find_if(groups, [&](const Group& group) {
      return group.problem == problem && group.optimizer == run.optimizer;
    });
    if (same == groups.end()) same = groups.insert(groups.end(), {problem, run.optimizer, {}});
    same->runs.push_back(&run);
  }
  // Those of one problem side by side, whatever is swept first.
  const auto first_of = [&](const Group& group) {
    return std::ranges::find(runs, group.problem, problem_of) - runs.begin();
  };
  std::ranges::stable_sort(groups, {}, first_of);
  return groups;
}

/// 1, 3, 10, 30 ... times `first`, up to `last`, and that.
std::vector<double> steps(double first, double last) {
  constexpr double alike = 0.999;
  std::vector<double> all;
  for (double one = first; one <= last * (1 + 1e-9); one *= 10) {
    all.push_back(one);
    if (3 * one <= last * (1 + 1e-9)) all.push_back(3 * one);
  }
  if (last > 0 && (all.empty() || all.back() < alike * last)) all.push_back(last);
  return all;
}

/// Cost of the best plan after so many evaluations; nothing where it misses what is asked.
std::optional<double> cost_after(const RunFile& run, double evaluations) {
  const results::TracePoint* last = nullptr;
  for (const auto& point : run.trace)
    if (static_cast<double>(point.evaluation) <= evaluations) last = &point;
  if (last == nullptr || last->violation > 0) return std::nullopt;
  return last->cost;
}

/// Evaluations that a run had made by then: known for every second, even in between.
double evaluations_by(const RunFile& run, double seconds) {
  double before = 0, after = 0, made = 0;
  const auto reach = [&](double then, std::int64_t evaluations) {
    const auto all = static_cast<double>(evaluations);
    if (then < seconds)
      before = then, made = all;
    else if (after == 0)
      made += (all - made) * (seconds - before) / std::max(then - before, 1e-9), after = then;
  };
  for (const auto& point : run.curve) reach(point.seconds, point.evaluations);
  reach(run.seconds, run.evaluations);
  return made;
}

/// Whether it was cut short before; near the end does not count.
bool is_cut_before(const RunFile& run, bool in_seconds, double effort) {
  constexpr double near = 1.05;
  const double end = in_seconds ? run.seconds : static_cast<double>(run.evaluations);
  return run.interrupted && effort > near * end;
}

CurveRow row_of(const Group& group, bool in_seconds, double effort) {
  CurveRow row{group.problem, group.optimizer, in_seconds, effort, {}, 0, false};
  std::vector<double> costs;
  for (const auto* run : group.runs) {
    row.is_cut = is_cut_before(*run, in_seconds, effort);
    const auto cost = cost_after(*run, in_seconds ? evaluations_by(*run, effort) : effort);
    if (!cost || row.is_cut) return row;
    costs.push_back(*cost);
  }
  row.cost = results::statistics(costs);
  return row;
}

/// Compares the rows from `begin` on, all of one problem.
void compare(std::vector<CurveRow>& rows, std::size_t begin) {
  for (std::size_t k = begin; k < rows.size(); ++k) {
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t j = begin; j < rows.size(); ++j)
      if (rows[j].in_seconds == rows[k].in_seconds && rows[j].effort == rows[k].effort &&
          rows[j].cost.count > 0)
        least = std::min(least, rows[j].cost.mean);
    rows[k].behind = rows[k].cost.count > 0 && least > 0 ? rows[k].cost.mean / least - 1
                                                         : std::numeric_limits<double>::infinity();
  }
}

std::string effort_text(const CurveRow& row) {
  if (row.in_seconds && row.effort < 0.1) return models::pretty(models::rounded_up(row.effort));
  if (row.in_seconds) return models::shortest(std::round(row.effort * 1000) / 1000) + " s";
  return row.effort >= 1000 ? models::shortest(row.effort / 1000) + " k"
                            : models::shortest(row.effort);
}

std::string percent(double part) {
  if (!std::isfinite(part)) return "none";
  return models::shortest(std::round(part * 10'000) / 100) + " %";
}

std::string cell_text(const CurveRow& row) {
  if (row.is_cut) return "cut short";
  if (row.cost.count == 0) return "none";
  const auto mean = models::pretty(row.cost.mean);
  const auto text = row.behind == 0 ? "**" + mean + "**" : mean;
  if (row.cost.count == 1) return text;
  return text + " ± " +
         models::shortest(std::round(row.cost.deviation / row.cost.mean * 1000) / 10) + " %";
}

std::string title_of(const std::vector<NamedValue>& problem) {
  std::string title;
  for (const auto& one : problem) title += (title.empty() ? "" : ", ") + one.value;
  return title.empty() ? "the only problem" : title;
}

/// A line of the table: a name, then one cell per effort.
template <class Cell>
std::string line(const std::string& name, const std::vector<const CurveRow*>& rows, Cell cell) {
  std::string text = "| " + name + " |";
  for (const auto* row : rows) text += " " + cell(*row) + " |";
  return text + "\n";
}

std::string table_text(const std::vector<const CurveRow*>& rows) {
  std::vector<std::string> optimizers;
  std::map<std::string, std::vector<const CurveRow*>> by_optimizer;
  for (const auto* row : rows) {
    auto& own = by_optimizer[row->optimizer];
    if (own.empty()) optimizers.push_back(row->optimizer);
    own.push_back(row);
  }
  const auto& first = by_optimizer[optimizers.front()];
  std::string text = line("after", first, effort_text) + "|---|";
  for (std::size_t i = 0; i < first.size(); ++i) text += "---|";
  text += "\n";
  for (const auto& name : optimizers) text += line(name, by_optimizer[name], cell_text);
  if (const auto own = by_optimizer.find(std::string(referee)); own != by_optimizer.end())
    text += line("*" + std::string(referee) + " is behind by*", own->second,
                 [](const CurveRow& row) { return percent(row.behind); });
  return text;
}

}  // namespace

std::vector<CurveRow> curve_rows(const std::vector<RunFile>& runs) {
  double evaluations = 0, seconds = 0;
  for (const auto& run : runs) {
    evaluations = std::max(evaluations, static_cast<double>(run.evaluations));
    seconds = std::max(seconds, run.seconds);
  }
  // What is compared with nothing is looked at from its begin.
  const bool alone = runs.size() == 1;
  std::vector<CurveRow> rows;
  const auto groups = groups_of(runs);
  for (std::size_t g = 0, begin = 0; g < groups.size(); ++g) {
    if (g > 0 && groups[g].problem != groups[g - 1].problem) begin = rows.size();
    for (const double effort : steps(alone ? 1 : 100, evaluations))
      rows.push_back(row_of(groups[g], false, effort));
    for (const double effort : steps(alone ? 0.001 : 0.1, seconds))
      rows.push_back(row_of(groups[g], true, effort));
    if (g + 1 == groups.size() || groups[g + 1].problem != groups[g].problem) compare(rows, begin);
  }
  return rows;
}

std::string curves_text(const std::vector<CurveRow>& rows) {
  std::string text;
  for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    std::vector<const CurveRow*> some;
    for (; end < rows.size() && rows[end].problem == rows[begin].problem; ++end)
      some.push_back(&rows[end]);
    text += (begin == 0 ? "" : "\n") + title_of(rows[begin].problem) + "\n\n" + table_text(some);
  }
  return text;
}

results::Table curves_table(const std::vector<CurveRow>& rows) {
  using results::Column;
  using results::Role;
  results::Table table{"curves", {}};
  const auto add = [&](std::string name, const char* unit, Role role, const char* meaning,
                       auto value_of) {
    std::vector<decltype(value_of(rows.front()))> values;
    for (const auto& row : rows) values.push_back(value_of(row));
    table.columns.push_back({std::move(name), unit, role, meaning, std::move(values)});
  };
  if (rows.empty()) return table;
  for (std::size_t i = 0; i < rows.front().problem.size(); ++i)
    add(rows.front().problem[i].name, "", Role::choice, "swept",
        [i](const CurveRow& row) { return row.problem[i].value; });
  add("optimizer", "", Role::key, "search algorithm",
      [](const CurveRow& r) { return r.optimizer; });
  add("effort in", "", Role::key, "what effort is counted in",
      [](const CurveRow& r) { return std::string(r.in_seconds ? "seconds" : "evaluations"); });
  add("effort", "1", Role::key, "after so much", [](const CurveRow& r) { return r.effort; });
  add("seeds", "1", Role::measure,
      "runs; 0 where one of them has no plan yet or was cut short before",
      [](const CurveRow& r) { return static_cast<std::int64_t>(r.cost.count); });
  add("mean cost", "1", Role::measure, "of the best plans",
      [](const CurveRow& r) { return r.cost.mean; });
  add("deviation", "1", Role::measure, "standard deviation of it",
      [](const CurveRow& r) { return r.cost.deviation; });
  add("behind", "1", Role::measure, "part above the least mean",
      [](const CurveRow& r) { return r.behind; });
  return table;
}

}  // namespace scenarios
