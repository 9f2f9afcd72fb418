#include <algorithm>
#include <limits>

#include "results/run_file.h"

namespace results {
namespace {

using models::Metric;

Column text_column(const std::string& name, Role role, const std::string& meaning) {
  return {name, "", role, meaning, Column::Texts{}};
}
Column count_column(const std::string& name, const std::string& meaning) {
  return {name, "1", Role::measure, meaning, Column::Integers{}};
}
Column real_column(const std::string& name, const std::string& unit, const std::string& meaning) {
  return {name, unit, Role::measure, meaning, Column::Reals{}};
}

void push(Column& column, const std::string& text) {
  std::get<Column::Texts>(column.values).push_back(text);
}
void push(Column& column, std::int64_t number) {
  std::get<Column::Integers>(column.values).push_back(number);
}
void push(Column& column, double number) {
  std::get<Column::Reals>(column.values).push_back(number);
}

void add_metrics(Table& table) {
  for (const auto& metric : models::metrics()) {
    const std::string name(metric.name);
    table.columns.push_back(real_column(metric.estimated ? name + " (estimated)" : name,
                                        std::string(metric.unit), std::string(metric.meaning)));
  }
}

/// From column `first` on; empty numbers where there is no score.
void push_metrics(Table& table, std::size_t first, const models::Score* score) {
  for (int m = 0; m < models::metric_count; ++m) {
    push(table.columns[first + static_cast<std::size_t>(m)],
         score ? score->value(static_cast<Metric>(m)) : std::numeric_limits<double>::quiet_NaN());
  }
}

const models::Score& known_score(const StoredPlan& plan) {
  return plan.simulated ? plan.outcome.score : plan.score;
}

/// Keys that any of the runs was swept over, in the order of their first mention.
std::vector<std::string> swept_keys(const std::vector<RunFile>& runs) {
  std::vector<std::string> keys;
  for (const auto& run : runs) {
    for (const auto& value : run.swept) {
      if (std::find(keys.begin(), keys.end(), value.name) == keys.end()) keys.push_back(value.name);
    }
  }
  return keys;
}

std::string swept_value(const RunFile& run, const std::string& key) {
  for (const auto& value : run.swept) {
    if (value.name == key) return value.value;
  }
  return "";
}

}  // namespace

Names names_of(const models::Problem& problem) {
  Names names;
  for (const auto& op : problem.network->operators) {
    names.operators.push_back(op.name);
    names.operator_types.push_back(op.type);
  }
  for (int t = 0; t < problem.tensors; ++t) names.tensors.push_back(problem.tensor_name(t));
  for (int d = 0; d < problem.devices; ++d) names.devices.push_back(problem.device_name(d));
  for (int l = 0; l < problem.links; ++l) names.links.push_back(problem.link_name(l));
  for (int c = 0; c < problem.channels; ++c) names.channels.push_back(problem.channel_name(c));
  for (const auto format : problem.format) names.formats.push_back(models::name_of(format));
  return names;
}

Table runs_table(const std::vector<RunFile>& runs) {
  Table table{"runs", {}};
  auto& columns = table.columns;
  columns.push_back(text_column("id", Role::key, "names the run and its file"));
  columns.push_back(text_column("label", Role::key, "the run for people"));
  const auto keys = swept_keys(runs);
  for (const auto& key : keys) columns.push_back(text_column(key, Role::choice, "swept"));
  columns.push_back(text_column("optimizer", Role::choice, "search algorithm"));
  columns.push_back(count_column("seed", "of the search"));
  columns.push_back(count_column("evaluations", "plans scored"));
  columns.push_back(real_column("seconds", "s", "wall clock of the search"));
  columns.push_back(text_column("best", Role::measure, "label of the best plan"));
  columns.push_back(real_column("lower_bound", "1", "no plan that can run has a lower cost"));
  columns.push_back(real_column("gap", "1", "how far the best plan's cost can be from the best"));
  const auto first_metric = columns.size();
  add_metrics(table);
  for (const auto& run : runs) {
    const auto* best = run.best_plan();
    std::size_t c = 0;
    push(columns[c++], run.id);
    push(columns[c++], run.label);
    for (const auto& key : keys) push(columns[c++], swept_value(run, key));
    push(columns[c++], run.optimizer);
    push(columns[c++], run.seed);
    push(columns[c++], run.evaluations);
    push(columns[c++], run.seconds);
    push(columns[c++], best ? best->label : std::string());
    push(columns[c++], run.bound.value);
    push(columns[c++], run.gap());
    push_metrics(table, first_metric, best ? &known_score(*best) : nullptr);
  }
  return table;
}

Table plans_table(const RunFile& run) {
  Table table{"plans", {}};
  auto& columns = table.columns;
  columns.push_back(text_column("label", Role::key, "name of the plan"));
  columns.push_back(text_column("origin", Role::choice, "who proposed it"));
  columns.push_back(count_column("best", "1: the best plan of the run"));
  columns.push_back(count_column("pareto", "1: no stored plan dominates it"));
  columns.push_back(text_column("reason", Role::measure, "in which way it is the best"));
  columns.push_back(count_column("simulated", "1: metrics are the simulation's"));
  columns.push_back(real_column("cost", "1", "weighted sum"));
  columns.push_back(real_column("violation", "1", "0: holds all limits"));
  const auto paths = run.plans.empty() ? 0 : run.plans.front().platform.size();
  for (std::size_t k = 0; k < paths; ++k)
    columns.push_back(text_column(run.plans.front().platform[k].name, Role::choice,
                                  "what the plan's platform has there"));
  const auto first_metric = columns.size();
  add_metrics(table);
  for (const auto& plan : run.plans) {
    std::size_t c = 0;
    push(columns[c++], plan.label);
    push(columns[c++], plan.origin);
    push(columns[c++], static_cast<std::int64_t>(&plan == run.best_plan()));
    push(columns[c++], static_cast<std::int64_t>(plan.pareto));
    push(columns[c++], plan.reason);
    push(columns[c++], static_cast<std::int64_t>(plan.simulated));
    push(columns[c++], plan.cost);
    push(columns[c++], plan.violation);
    for (std::size_t k = 0; k < paths; ++k) push(columns[c++], plan.platform[k].value);
    push_metrics(table, first_metric, &known_score(plan));
  }
  return table;
}

}  // namespace results
