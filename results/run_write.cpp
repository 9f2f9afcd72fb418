#include <algorithm>

#include "results/hdf5_file.h"
#include "results/output.h"
#include "results/run_file.h"
#include "results/run_rows.h"
#include "results/timeline_rows.h"

namespace results {
namespace {

using models::Plan;

constexpr const char* resource_kinds[] = {"none", "device", "channel"};

std::vector<NameRow> name_rows(const std::vector<std::string>& names,
                               const std::vector<std::string>& types = {}) {
  std::vector<NameRow> rows;
  for (std::size_t i = 0; i < names.size(); ++i) {
    rows.push_back({names[i], i < types.size() ? types[i] : ""});
  }
  return rows;
}

std::vector<ValueRow> value_rows(const RunFile& run) {
  std::vector<ValueRow> rows;
  for (const auto& value : run.inputs) rows.push_back({"input", value});
  for (const auto& value : run.swept) rows.push_back({"swept", value});
  for (const auto& value : run.settings) rows.push_back({"setting", value});
  return rows;
}

std::vector<GoalRow> goal_rows(const models::Goal& goal) {
  std::vector<GoalRow> rows;
  for (const auto& one : goal.objectives) {
    rows.push_back({"objective", std::string(models::about(one.metric).name), one.weight, one.scale,
                    0, one.epsilon, one.reference});
  }
  for (const auto& one : goal.limits) {
    rows.push_back({"limit", std::string(models::about(one.metric).name), 1, 1, one.bound});
  }
  for (const auto& one : goal.penalties) {
    rows.push_back(
        {"penalty", std::string(models::about(one.metric).name), one.weight, 1, one.threshold});
  }
  return rows;
}

std::vector<PlanRow> plan_rows(const RunFile& run) {
  std::vector<PlanRow> rows;
  for (const auto& stored : run.plans) {
    const auto kind = [](const models::Score& score) {
      return resource_kinds[static_cast<std::size_t>(score.bottleneck.kind)];
    };
    rows.push_back({stored, stored.plan.discipline == Plan::Discipline::strict ? "strict" : "ready",
                    kind(stored.score), kind(stored.outcome.score)});
  }
  return rows;
}

std::vector<PlatformRow> platform_rows(const RunFile& run) {
  std::vector<PlatformRow> rows;
  for (std::size_t p = 0; p < run.plans.size(); ++p)
    for (const auto& value : run.plans[p].platform)
      rows.push_back({static_cast<std::int64_t>(p), value});
  return rows;
}

/// Plans lie in three tables, one row per operator, wire and link.
void add_assignments(std::vector<Table>& tables, const RunFile& run) {
  std::vector<AssignmentRow> assignments;
  std::vector<WireRow> wires;
  std::vector<LaneRow> lanes;
  const auto devices = std::max<std::int64_t>(1, std::ssize(run.names.devices));
  for (std::size_t p = 0; p < run.plans.size(); ++p) {
    const auto& plan = run.plans[p].plan;
    const auto number = static_cast<std::int64_t>(p);
    std::vector<std::int64_t> rank(plan.device.size());
    for (std::size_t i = 0; i < plan.order.size(); ++i) {
      rank[static_cast<std::size_t>(plan.order[i])] = static_cast<std::int64_t>(i);
    }
    for (std::size_t op = 0; op < plan.device.size(); ++op) {
      assignments.push_back(
          {number, static_cast<std::int64_t>(op), plan.device[op], plan.precision[op], rank[op]});
    }
    for (std::size_t i = 0; i < plan.wire.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i);
      if (plan.wire[i] == Plan::as_produced) continue;
      wires.push_back({number, at / devices, at % devices, plan.wire[i]});
    }
    for (std::size_t link = 0; link < plan.lanes.size(); ++link) {
      lanes.push_back({number, static_cast<std::int64_t>(link), plan.lanes[link]});
    }
  }
  tables.push_back(to_table("assignments", assignments));
  tables.push_back(to_table("wires", wires));
  tables.push_back(to_table("lanes", lanes));
}

/// One table of what every plan has several of: `rows_of` answers them for one plan.
template <class Thing, class RowsOf>
Table table_of_plans(const std::string& name, const RunFile& run, RowsOf rows_of) {
  std::vector<OfPlan<Thing>> rows;
  for (std::size_t p = 0; p < run.plans.size(); ++p) {
    for (const auto& thing : rows_of(run.plans[p])) {
      rows.push_back({static_cast<std::int64_t>(p), thing});
    }
  }
  return to_table(name, rows);
}

void add_outcomes(std::vector<Table>& tables, const RunFile& run) {
  tables.push_back(table_of_plans<models::DeviceUse>(
      "device_uses", run, [](const StoredPlan& p) { return p.outcome.devices; }));
  tables.push_back(table_of_plans<models::ChannelUse>(
      "channel_uses", run, [](const StoredPlan& p) { return p.outcome.channels; }));
  tables.push_back(table_of_plans<models::NetworkResult>(
      "network_results", run, [](const StoredPlan& p) { return p.outcome.networks; }));
  tables.push_back(table_of_plans<models::CriticalStep>(
      "critical_paths", run, [](const StoredPlan& p) { return p.outcome.critical_path; }));
  tables.push_back(table_of_plans<LatencyRow>("latencies", run, [](const StoredPlan& p) {
    std::vector<LatencyRow> rows;
    for (const auto latency : p.outcome.latencies) rows.push_back({latency});
    return rows;
  }));
}

}  // namespace

void write_run(const RunFile& run, const std::filesystem::path& file) {
  PlanRow sample_plan;
  sample_plan.stored.objectives.resize(run.goal.objectives.size());
  TracePoint sample_point;
  sample_point.objectives.resize(run.goal.objectives.size());

  std::vector<Table> tables;
  tables.push_back(to_table("run", std::vector<RunRow>{{run}}));
  tables.push_back(to_table("values", value_rows(run)));
  tables.push_back(to_table("goal", goal_rows(run.goal)));
  tables.push_back(to_table("bounds", run.bounds));
  tables.push_back(to_table("operators", name_rows(run.names.operators, run.names.operator_types)));
  tables.push_back(to_table("tensors", name_rows(run.names.tensors)));
  tables.push_back(to_table("devices", name_rows(run.names.devices)));
  tables.push_back(to_table("links", name_rows(run.names.links)));
  tables.push_back(to_table("channels", name_rows(run.names.channels)));
  tables.push_back(to_table("formats", name_rows(run.names.formats)));
  tables.push_back(to_table("trace", run.trace, sample_point));
  tables.push_back(to_table("curve", run.curve));
  tables.push_back(to_table("fronts", run.fronts));
  tables.push_back(to_table("plans", plan_rows(run), sample_plan));
  tables.push_back(to_table("platforms", platform_rows(run)));
  add_assignments(tables, run);
  add_outcomes(tables, run);
  // Of the best plan; empty tables when there is none.
  const models::Timeline none;
  for (auto& table : timeline_tables(run.best_plan() ? run.best_plan()->outcome.timeline : none,
                                     "timeline", "timeline_"))
    tables.push_back(std::move(table));
  write_file(file, hdf5_bytes(tables));
}

}  // namespace results
