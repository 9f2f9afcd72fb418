#include "scenarios/verbs/report.h"

#include <algorithm>

#include "results/json_writer.h"
#include "results/outcome_json.h"
#include "results/show.h"
#include "results/statistics.h"
#include "results/text_table.h"
#include "scenarios/folder.h"

namespace scenarios {

using results::RunFile;
using results::StoredPlan;

namespace {

void show_section(const std::string& title, const std::string& text, std::ostream& out) {
  if (!text.empty()) out << '\n' << title << '\n' << text;
}

/// Runs that differ in the seed alone, in order of the first of each.
std::vector<std::vector<const RunFile*>> groups(const std::vector<RunFile>& runs) {
  std::vector<std::vector<const RunFile*>> all;
  for (const auto& run : runs) {
    const auto same = std::ranges::find_if(
        all, [&](const auto& group) { return group.front()->swept == run.swept; });
    if (same == all.end())
      all.push_back({&run});
    else
      same->push_back(&run);
  }
  return all;
}

std::string short_name(const std::string& path) {
  const auto dot = path.rfind('.');
  return dot == std::string::npos ? path : path.substr(dot + 1);
}

std::string spread(const std::vector<const RunFile*>& group, models::Metric metric) {
  std::vector<double> values;
  for (const auto* run : group)
    if (run->best_plan() != nullptr && run->complaint.empty())
      values.push_back(run->best_plan()->score.value(metric));
  if (values.empty()) return "none";
  const auto found = results::statistics(values);
  return models::pretty(metric, found.mean) + " ± " + models::pretty(metric, found.deviation);
}

std::string seeds_text(const std::vector<RunFile>& runs) {
  const auto all = groups(runs);
  if (all.size() == runs.size()) return "";
  std::vector<std::string> headers;
  for (const auto& one : runs.front().swept) headers.push_back(short_name(one.name));
  headers.emplace_back("seeds");
  for (const auto& one : runs.front().goal.objectives)
    headers.emplace_back(models::about(one.metric).name);
  results::TextTable table(headers);
  for (const auto& group : all) {
    std::vector<std::string> cells;
    for (const auto& one : group.front()->swept) cells.push_back(one.value);
    cells.push_back(std::to_string(group.size()));
    for (const auto& one : runs.front().goal.objectives) cells.push_back(spread(group, one.metric));
    cells.resize(headers.size());
    table.add(cells);
  }
  return table.text("  ");
}

/// For every run, what partitioning brings: the goal's cost on one device over that of the best
/// plan.
std::string gains_text(const std::vector<RunFile>& runs) {
  results::TextTable table({"run", "label", "the best on one device", "its cost / the plan's"});
  for (const auto& run : runs) {
    const auto* best = run.best_plan();
    if (best == nullptr || best->violation > 0) continue;
    const auto* alone = best_yardstick(run);
    table.add({run.id, run.label, alone ? alone->label : "no device can do it alone",
               alone ? models::pretty(alone->cost / best->cost) : "-"});
  }
  return table.empty() ? "" : table.text("  ");
}

/// The best plan beside everything on one device.
std::string yardsticks_text(const RunFile& run) {
  std::vector<std::string> headers = {"plan"};
  for (const auto& one : run.goal.objectives) headers.emplace_back(models::about(one.metric).name);
  headers.emplace_back("limits");
  results::TextTable table(headers);
  for (std::size_t i = 0; i < run.plans.size(); ++i) {
    const auto& stored = run.plans[i];
    if (static_cast<int>(i) != run.best && stored.origin != "yardstick") continue;
    std::vector<std::string> cells = {stored.label};
    for (const auto& one : run.goal.objectives)
      cells.push_back(models::pretty(one.metric, stored.score.value(one.metric)));
    const auto complaint = run.goal.complaint(stored.score);
    cells.push_back(complaint.empty() ? "hold" : complaint);
    table.add(cells);
  }
  return table.text("  ");
}

/// The Pareto set; of a large one, some that are spread over it.
void show_pareto(const RunFile& run, std::ostream& out) {
  constexpr std::size_t most = 12;
  RunFile shown;
  shown.goal = run.goal;
  for (const auto& stored : run.plans)
    if (stored.pareto) shown.plans.push_back(stored);
  const auto count = shown.plans.size();
  std::ranges::sort(shown.plans, {}, &StoredPlan::objectives);
  if (count > most) {
    std::vector<StoredPlan> some;
    for (std::size_t i = 0; i < most; ++i)
      some.push_back(shown.plans[i * (count - 1) / (most - 1)]);
    shown.plans = std::move(some);
  }
  for (std::size_t i = 0; i < shown.plans.size(); ++i)
    if (shown.plans[i].label == "best") shown.best = static_cast<int>(i);
  const auto title = count > most ? "Pareto set, " + std::to_string(most) + " of " +
                                        std::to_string(count) + " plans; 'export' gives all"
                                  : std::string("Pareto set");
  show_section(title, results::pareto_text(shown), out);
}

/// What SimGrid made of the plans, in a line.
std::string simgrid_text(const RunFile& run) {
  std::int64_t checked = 0;
  double worst = 0;
  for (const auto& stored : run.plans) {
    if (stored.simgrid_difference < 0) continue;
    ++checked;
    worst = std::max(worst, stored.simgrid_difference);
  }
  const auto& audit = run.audit;
  if (checked + audit.plans == 0) return "";
  std::string line =
      "  " + std::to_string(checked) + (checked == 1 ? " plan" : " plans") + " simulated on both";
  if (audit.plans > 0)
    line += ", " + std::to_string(audit.plans) + " of " + std::to_string(run.evaluations) +
            " scored ones too";
  line += "; largest relative difference of an instant: " +
          models::shortest(std::max(worst, audit.difference));
  if (audit.near_ties > 0)
    line += ", " + std::to_string(audit.near_ties) + " broke a tie otherwise";
  if (audit.disagreements > 0) line += ", " + std::to_string(audit.disagreements) + " DISAGREE";
  return line + "\n";
}

}  // namespace

namespace {

/// Of a co-design, names of other platforms' devices stand behind those of the best plan's.
results::Names names_of_best(const RunFile& run) {
  auto names = run.names;
  const auto& best = *run.best_plan();
  if (!best.platform.empty() && best.simulated) names.devices.resize(best.outcome.devices.size());
  return names;
}

}  // namespace

const StoredPlan* best_yardstick(const RunFile& run) {
  const StoredPlan* found = nullptr;
  for (const auto& stored : run.plans) {
    if (stored.origin != "yardstick" || stored.violation > 0) continue;
    if (found == nullptr || stored.cost < found->cost) found = &stored;
  }
  return found;
}

void show_runs(const std::vector<RunFile>& runs, std::ostream& out) {
  out << results::runs_text(runs);
  show_section("Over seeds, mean ± standard deviation", seeds_text(runs), out);
  if (runs.size() > 1) show_section("What partitioning brings", gains_text(runs), out);
  show_section("Optimizers side by side", comparison_text(runs), out);
}

void show_details(const RunFile& run, std::ostream& out) {
  const auto* best = run.best_plan();
  if (best == nullptr) return;
  const auto title = run.label.empty() ? "" : " of " + run.label;
  out << "\nBest plan" << title << " (run " << run.id << ")\n" << results::score_text(best->score);
  if (!run.complaint.empty()) out << "  it misses what is asked: " << run.complaint << '\n';
  show_section("How good that is", results::bounds_text(run), out);
  show_section("Beside everything on one device", yardsticks_text(run), out);
  show_section("Its platform", results::platform_text(*best), out);
  show_section("What runs where", results::placement_text(best->plan, names_of_best(run)), out);
  if (run.goal.objectives.size() > 1) show_pareto(run, out);
  show_section("Front over effort", results::fronts_text(run), out);
  show_section("Checked on SimGrid", simgrid_text(run), out);
  if (!best->simulated) return;
  show_section("Networks", results::networks_text(best->outcome), out);
  show_section("Unfinished", results::stall_lines(best->outcome), out);
  show_section("Where latency went", results::latency_text(best->outcome), out);
  show_section("Where the devices' time went", results::time_text(best->outcome), out);
  show_section("Links", results::channels_text(best->outcome), out);
  show_section("Where energy went", results::energy_text(best->outcome), out);
  show_section("Memory", results::memory_text(best->outcome), out);
}

std::string report_json(const std::string& folder, const std::vector<RunFile>& runs,
                        const std::vector<std::string>& broken) {
  results::JsonWriter json;
  json.begin_object()
      .member("scenario", runs.empty() ? "" : runs.front().scenario_name)
      .member("folder", folder)
      .key("best");
  if (runs.empty())
    json.null();
  else
    json.value(best_run(runs).id);
  json.key("broken_claims").begin_list();
  for (const auto& one : broken) json.value(one);
  json.end_list().key("runs").begin_list();
  for (const auto& run : runs) json.raw(inner(results::run_json(run)));
  return json.end_list().end_object().text();
}

Answer answer_of(const Run& run, const RunFile& stored) {
  Answer answer{&run, stored.best_plan() != nullptr && stored.complaint.empty(), {}};
  const auto* best = stored.best_plan();
  if (best == nullptr) return answer;
  for (int i = 0; i < models::metric_count; ++i) {
    const auto metric = static_cast<models::Metric>(i);
    auto& value = answer.best[static_cast<std::size_t>(i)];
    value = best->score.value(metric);
    if (!stored.goal.pareto) continue;
    for (const auto& plan : stored.plans) {
      if (!plan.pareto || plan.violation > best->violation || plan.origin == "yardstick") continue;
      const double other = plan.score.value(metric);
      value =
          models::about(metric).smaller_is_better ? std::min(value, other) : std::max(value, other);
    }
  }
  return answer;
}

std::string inner(std::string json) {
  while (!json.empty() && json.back() == '\n') json.pop_back();
  return json;
}

}  // namespace scenarios
