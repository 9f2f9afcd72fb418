#include "results/outcome_json.h"

#include "results/json_writer.h"

namespace results {
namespace {

using Layout = JsonWriter::Layout;

std::string resource_name(const models::Resource& resource, const Names& names) {
  const auto index = static_cast<std::size_t>(resource.index);
  using Kind = models::Resource::Kind;
  if (resource.kind == Kind::device && index < names.devices.size()) return names.devices[index];
  if (resource.kind == Kind::channel && index < names.channels.size()) return names.channels[index];
  return "";
}

void write_score(JsonWriter& json, const models::Score& score, const Names& names) {
  json.begin_object();
  json.member("feasible", score.feasible());
  for (int m = 0; m < models::metric_count; ++m) {
    const auto metric = static_cast<models::Metric>(m);
    json.member(models::about(metric).name, score.value(metric));
  }
  json.member("memory_over", score.memory_over);
  json.member("requests", score.requests).member("unfinished", score.unfinished);
  json.member("bottleneck", resource_name(score.bottleneck, names));
  json.key("estimated").begin_list(Layout::line);
  for (const auto& metric : models::metrics()) {
    if (metric.estimated) json.value(metric.name);
  }
  json.end_list();
  json.end_object();
}

void write_latency(JsonWriter& json, const models::LatencySplit& split) {
  json.key("latency_ps").begin_object();
  json.member("compute", split.compute).member("convert", split.convert);
  json.member("switching", split.switching).member("sending", split.sending);
  json.member("link_latency", split.link_latency).member("wait_device", split.wait_device);
  json.member("wait_link", split.wait_link).member("wait_memory", split.wait_memory);
  json.member("wait_batch", split.wait_batch).member("lost", split.lost);
  json.end_object();
}

void write_energy(JsonWriter& json, const models::EnergySplit& split) {
  json.key("energy_joules").begin_object();
  json.member("compute", split.compute).member("convert", split.convert);
  json.member("switching", split.switching).member("transfer", split.transfer);
  json.member("static_devices", split.static_devices);
  json.member("static_links", split.static_links);
  json.member("width_changes", split.width_changes).member("lost", split.lost);
  json.end_object();
}

void write_device(JsonWriter& json, const models::DeviceUse& use) {
  json.begin_object();
  json.member("name", use.name);
  json.key("slot_time_ps").begin_object(Layout::line);
  json.member("compute", use.time.compute).member("convert", use.time.convert);
  json.member("switching", use.time.switching).member("wait_input", use.time.wait_input);
  json.member("wait_memory", use.time.wait_memory).member("down", use.time.down);
  json.member("lost", use.time.lost).member("idle", use.time.idle);
  json.end_object();
  json.member("capacity", use.capacity).member("weights", use.weights);
  json.member("per_request", use.per_request).member("observed_peak", use.observed_peak);
  json.member("joules", use.joules).member("load_ps", use.load);
  json.end_object();
}

void write_network(JsonWriter& json, const models::NetworkResult& network) {
  json.begin_object(Layout::line);
  json.member("name", network.name).member("requests", network.requests);
  json.member("unfinished", network.unfinished);
  json.member("deadline_misses", network.deadline_misses);
  json.member("latency_mean_ps", network.latency_mean);
  json.member("latency_p50_ps", network.latency_p50);
  json.member("latency_p95_ps", network.latency_p95);
  json.member("latency_p99_ps", network.latency_p99).end_object();
}

void write_outcome(JsonWriter& json, const models::Outcome& outcome, const Names& names) {
  json.begin_object();
  json.key("metrics");
  write_score(json, outcome.score, names);
  json.member("infeasible", outcome.infeasible).member("stall", outcome.stall);
  json.key("networks").begin_list();
  for (const auto& network : outcome.networks) write_network(json, network);
  json.end_list();
  json.key("latencies_ps").values(outcome.latencies);
  write_latency(json, outcome.latency);
  write_energy(json, outcome.energy);
  json.key("devices").begin_list();
  for (const auto& use : outcome.devices) write_device(json, use);
  json.end_list();
  json.key("channels").begin_list();
  for (const auto& use : outcome.channels) {
    json.begin_object(Layout::line);
    json.member("name", use.name).member("busy_ps", use.busy).member("bytes", use.bytes);
    json.member("utilisation", use.utilisation).end_object();
  }
  json.end_list();
  json.key("critical_path").begin_list();
  for (const auto& step : outcome.critical_path) {
    json.begin_object(Layout::line);
    json.member("task", step.task).member("waited_ps", step.waited);
    json.member("start_ps", step.start).member("end_ps", step.end).end_object();
  }
  json.end_list();
  json.member("events", outcome.events).member("fingerprint", outcome.fingerprint);
  json.end_object();
}

void write_values(JsonWriter& json, const char* name, const std::vector<NamedValue>& values) {
  json.key(name).begin_object();
  for (const auto& value : values) json.member(value.name, value.value);
  json.end_object();
}

void write_head(JsonWriter& json, const RunFile& run) {
  json.member("id", run.id).member("label", run.label).member("scenario", run.scenario_name);
  json.member("version", run.version).member("commit", run.commit);
  json.member("seed", run.seed).member("workload_seed", run.workload_seed);
  write_values(json, "inputs", run.inputs);
  write_values(json, "swept", run.swept);
  json.member("optimizer", run.optimizer);
  write_values(json, "settings", run.settings);
  json.member("evaluations", run.evaluations).member("seconds", run.seconds);
  json.member("interrupted", run.interrupted).member("complaint", run.complaint);
  json.member("lower_bound", run.bound.value).member("bound", run.bound.from);
  json.member("gap", run.gap());
  json.key("audit").begin_object(Layout::line);
  json.member("plans", run.audit.plans).member("difference", run.audit.difference);
  json.member("near_ties", run.audit.near_ties);
  json.member("disagreements", run.audit.disagreements).end_object();
  json.key("objectives").begin_list();
  for (std::size_t i = 0; i < run.goal.objectives.size(); ++i) {
    const auto& one = run.goal.objectives[i];
    json.begin_object(Layout::line);
    json.member("metric", models::about(one.metric).name);
    json.member("weight", one.weight).member("scale", one.scale);
    if (i < run.bounds.size()) {
      const auto& bound = run.bounds[i];
      const bool least = models::about(one.metric).smaller_is_better;
      json.member(least ? "lower_bound" : "upper_bound", least ? bound.value : 1 / bound.value);
      json.member("bound", bound.from);
    }
    json.end_object();
  }
  json.end_list();
  json.key("penalties").begin_list();
  for (const auto& one : run.goal.penalties) {
    json.begin_object(Layout::line);
    json.member("metric", models::about(one.metric).name).member("threshold", one.threshold);
    json.member("weight", one.weight).end_object();
  }
  json.end_list();
  json.key("limits").begin_list();
  for (const auto& one : run.goal.limits) {
    json.begin_object(Layout::line);
    json.member("metric", models::about(one.metric).name).member("bound", one.bound).end_object();
  }
  json.end_list();
}

void write_plan(JsonWriter& json, const StoredPlan& plan, const Names& names, bool best) {
  json.begin_object();
  json.member("label", plan.label).member("origin", plan.origin).member("best", best);
  json.member("pareto", plan.pareto).member("reason", plan.reason).member("cost", plan.cost);
  json.member("violation", plan.violation);
  if (!plan.platform.empty()) write_values(json, "platform", plan.platform);
  json.key("simgrid_difference");
  if (plan.simgrid_difference < 0)
    json.null();
  else
    json.value(plan.simgrid_difference);
  json.key("score");
  write_score(json, plan.score, names);
  json.key("outcome");
  if (plan.simulated) {
    write_outcome(json, plan.outcome, names);
  } else {
    json.null();
  }
  json.end_object();
}

}  // namespace

std::string outcome_json(const models::Outcome& outcome, const Names& names) {
  JsonWriter json;
  write_outcome(json, outcome, names);
  return json.text();
}

std::string run_json(const RunFile& run) {
  JsonWriter json;
  json.begin_object();
  write_head(json, run);
  json.key("plans").begin_list();
  for (const auto& plan : run.plans) write_plan(json, plan, run.names, &plan == run.best_plan());
  json.end_list();
  json.key("trace").begin_list();
  for (const auto& point : run.trace) {
    json.begin_object(Layout::line);
    json.member("evaluation", point.evaluation).member("cost", point.cost);
    json.member("violation", point.violation).key("objectives").values(point.objectives);
    json.end_object();
  }
  json.end_list();
  json.key("fronts").begin_list();
  for (const auto& point : run.fronts) {
    json.begin_object(Layout::line);
    json.member("evaluations", point.evaluations).member("plans", point.plans);
    json.member("hypervolume", point.hypervolume).end_object();
  }
  json.end_list();
  return json.end_object().text();
}

}  // namespace results
