#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results/rows.h"
#include "results/run_file.h"

namespace results {

// The rows of the tables of a result file; see docs/formats.md.

/// The one row of table "run".
struct RunRow {
  RunFile run;  ///< its scalars only
};
template <class Io, RowOf<RunRow> R>
void describe(Io& io, R& row) {
  auto& run = row.run;
  io("id", "", Role::key, "names the run and its file", run.id);
  io("label", "", Role::key, "the run for people", run.label);
  io("scenario_name", "", Role::choice, "name of the scenario", run.scenario_name);
  io("scenario", "", Role::choice, "resolved scenario: makes this run again", run.scenario_text);
  io("version", "", Role::choice, "version of Partwise", run.version);
  io("commit", "", Role::choice, "commit that Partwise was built from", run.commit);
  io("seed", "1", Role::choice, "seed of the search", run.seed);
  io("workload_seed", "1", Role::choice, "seed of arrivals and jitter", run.workload_seed);
  io("optimizer", "", Role::choice, "search algorithm", run.optimizer);
  io("pareto", "1", Role::choice, "1: all that is best in some way is kept", run.goal.pareto);
  io("evaluations", "1", Role::measure, "plans scored", run.evaluations);
  io("seconds", "s", Role::measure, "wall clock of the search", run.seconds);
  io("interrupted", "1", Role::measure, "1: cut short", run.interrupted);
  io("best", "1", Role::reference, "row of the best plan in plans, -1 for none", run.best);
  io("complaint", "", Role::measure, "why there is no feasible plan", run.complaint);
  io("lower_bound", "1", Role::measure, "no plan that can run has a lower cost", run.bound.value);
  io("bound_from", "", Role::measure, "how that is known", run.bound.from);
  io("audited", "1", Role::measure, "scored plans that SimGrid executed too", run.audit.plans);
  io("audit_difference", "1", Role::measure, "largest relative difference among them",
     run.audit.difference);
  io("near_ties", "1", Role::measure, "plans in which rounding broke a tie in two ways",
     run.audit.near_ties);
  io("disagreements", "1", Role::measure, "plans on which SimGrid disagrees",
     run.audit.disagreements);
}

/// A row of table "values": what was read, swept and set.
struct ValueRow {
  std::string kind;  ///< "input", "swept", "setting"
  NamedValue value;
};
template <class Io, RowOf<ValueRow> R>
void describe(Io& io, R& row) {
  io("kind", "", Role::key,
     "input: a file and its hash; swept: a key of the scenario; setting: of "
     "the optimizer",
     row.kind);
  io("name", "", Role::key, "file or key", row.value.name);
  io("value", "", Role::choice, "hash or value", row.value.value);
}

/// A row of table "goal".
struct GoalRow {
  std::string kind;  ///< "objective", "limit", "penalty"
  std::string metric;
  double weight = 1;
  double scale = 1;
  double bound = 0;
  double epsilon = 0;
  double reference = 0;
};
template <class Io, RowOf<GoalRow> R>
void describe(Io& io, R& row) {
  io("kind", "", Role::key, "objective, limit or penalty", row.kind);
  io("metric", "", Role::key, "what is judged", row.metric);
  io("weight", "1", Role::choice, "of an objective or a penalty", row.weight);
  io("scale", "", Role::choice, "metric of the reference plan, in its unit", row.scale);
  io("bound", "", Role::choice, "of a limit or a penalty, in the metric's unit", row.bound);
  io("epsilon", "1", Role::choice, "part by which values on a front differ at least", row.epsilon);
  io("reference", "", Role::choice, "value that hypervolume is measured from, to be made small",
     row.reference);
}

template <class Io, RowOf<LowerBound> R>
void describe(Io& io, R& row) {
  io("value", "", Role::measure, "no plan has less; unit as in plans/objective_*", row.value);
  io("from", "", Role::measure, "how that is known", row.from);
}

/// A row of one of the tables of names.
struct NameRow {
  std::string name;
  std::string type;
};
template <class Io, RowOf<NameRow> R>
void describe(Io& io, R& row) {
  io("name", "", Role::key, "its name", row.name);
  io("type", "", Role::choice, "of operators: the ONNX type", row.type);
}

template <class Io, class Values>
void describe_objectives(Io& io, Values& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    io("objective_" + std::to_string(i), "", Role::measure,
       "value of that objective in table goal, in its unit, to be made small", values[i]);
  }
}

template <class Io, RowOf<TracePoint> R>
void describe(Io& io, R& row) {
  io("evaluation", "1", Role::key, "plans scored so far", row.evaluation);
  io("cost", "1", Role::measure, "weighted sum of the best plan so far", row.cost);
  io("violation", "1", Role::measure, "0: it holds all limits", row.violation);
  describe_objectives(io, row.objectives);
}

template <class Io, RowOf<FrontPoint> R>
void describe(Io& io, R& row) {
  io("evaluations", "1", Role::key, "plans scored so far", row.evaluations);
  io("plans", "1", Role::measure, "on the front", row.plans);
  io("hypervolume", "1", Role::measure,
     "part that they dominate of the box up to the references in table goal", row.hypervolume);
}

template <class Io, RowOf<CurvePoint> R>
void describe(Io& io, R& row) {
  io("evaluations", "1", Role::measure, "plans scored so far", row.evaluations);
  io("seconds", "s", Role::measure, "wall clock of the search; a rerun changes it", row.seconds);
  io("cost", "1", Role::measure, "weighted sum of the best plan so far", row.cost);
  io("violation", "1", Role::measure, "0: it holds all limits", row.violation);
}

template <class Io, RowOf<models::Score> R>
void describe(Io& io, R& row, const std::string& prefix) {
  const auto cell = [&](const char* name, const char* unit, const char* meaning, auto& value) {
    io(prefix + name, unit, Role::measure, meaning, value);
  };
  cell("supported", "1", "every operator runs in a format its device supports", row.supported);
  cell("memory_over", "B", "beyond capacity, summed over devices", row.memory_over);
  cell("latency_mean", "ps", "mean latency of requests", row.latency_mean);
  cell("latency_p50", "ps", "median latency", row.latency_p50);
  cell("latency_p95", "ps", "95th percentile of latency", row.latency_p95);
  cell("latency_p99", "ps", "99th percentile of latency", row.latency_p99);
  cell("makespan", "ps", "first arrival to last event", row.makespan);
  cell("period", "s", "time between completions in the steady state", row.period_seconds);
  cell("period_bound", "ps", "largest work per request of a resource", row.period_bound);
  cell("energy", "J", "per request, static power included", row.energy_joules);
  cell("memory", "B", "largest over devices: weights and one request", row.memory_bytes);
  cell("transferred_bytes", "B", "per request", row.transferred_bytes);
  cell("load_balance", "1", "largest device load / mean load", row.load_balance);
  cell("accuracy_loss", "1", "ESTIMATED noise-to-signal ratio at the outputs", row.accuracy_loss);
  cell("requests", "1", "requests executed", row.requests);
  cell("unfinished", "1", "requests that could not complete", row.unfinished);
  cell("deadline_misses", "1", "requests that completed after their deadline", row.deadline_misses);
  cell("area", "mm2", "of the platform", row.area);
  cell("price", "1", "of the platform", row.price);
  cell("bottleneck", "1", "device or channel that makes the period bound", row.bottleneck.index);
}

template <class Io, RowOf<models::LatencySplit> R>
void describe(Io& io, R& row) {
  const auto cell = [&](const char* name, const char* meaning, auto& value) {
    io(name, "ps", Role::measure, meaning, value);
  };
  cell("latency_compute", "computing, summed over requests", row.compute);
  cell("latency_convert", "converting formats", row.convert);
  cell("latency_switching", "switching precision", row.switching);
  cell("latency_sending", "holding links, or flowing", row.sending);
  cell("latency_link", "link latency", row.link_latency);
  cell("latency_wait_device", "ready, waiting for the device", row.wait_device);
  cell("latency_wait_link", "ready, waiting for links", row.wait_link);
  cell("latency_wait_memory", "arrived, waiting for admission", row.wait_memory);
  cell("latency_wait_batch", "arrived, waiting for the others of a batch", row.wait_batch);
  cell("latency_lost", "attempts that failures undid", row.lost);
}

template <class Io, RowOf<models::EnergySplit> R>
void describe(Io& io, R& row) {
  const auto cell = [&](const char* name, const char* meaning, auto& value) {
    io(name, "J", Role::measure, meaning, value);
  };
  cell("energy_compute", "operators, whole execution", row.compute);
  cell("energy_convert", "conversions", row.convert);
  cell("energy_switching", "precision switches", row.switching);
  cell("energy_transfer", "transfers, every hop", row.transfer);
  cell("energy_static_devices", "static power of devices", row.static_devices);
  cell("energy_static_links", "idle power of lanes", row.static_links);
  cell("energy_width_changes", "changes of width during the run", row.width_changes);
  cell("energy_lost", "work that failures undid", row.lost);
}

/// A row of table "plans".
struct PlanRow {
  StoredPlan stored;
  std::string discipline;
  std::string bottleneck_kind;  ///< "none", "device", "channel"
  std::string simulated_bottleneck_kind;
};
template <class Io, RowOf<PlanRow> R>
void describe(Io& io, R& row) {
  auto& stored = row.stored;
  auto& outcome = stored.outcome;
  io("label", "", Role::key, "name of the plan", stored.label);
  io("origin", "", Role::choice, "who proposed it", stored.origin);
  io("json", "", Role::choice, "the plan with names, a plan file", stored.json);
  io("discipline", "", Role::choice, "strict or ready", row.discipline);
  io("cost", "1", Role::measure, "weighted sum", stored.cost);
  io("violation", "1", Role::measure, "0: feasible and holds all limits", stored.violation);
  io("pareto", "1", Role::measure, "1: no stored plan dominates it", stored.pareto);
  io("reason", "", Role::measure, "in which way it is the best", stored.reason);
  describe_objectives(io, stored.objectives);
  describe(io, stored.score, "score_");
  io("score_bottleneck_kind", "", Role::measure, "device, channel or none", row.bottleneck_kind);
  io("simulated", "1", Role::measure, "1: what follows is the simulation's", stored.simulated);
  describe(io, outcome.score, "simulated_");
  io("simulated_bottleneck_kind", "", Role::measure, "device, channel or none",
     row.simulated_bottleneck_kind);
  io("infeasible", "", Role::measure, "why it cannot be executed", outcome.infeasible);
  describe(io, outcome.latency);
  describe(io, outcome.energy);
  io("events", "1", Role::measure, "events simulated", outcome.events);
  io("stall", "", Role::measure, "what waited for what when nothing could happen any more",
     outcome.stall);
  io("fingerprint", "", Role::measure, "hash of all events in order", outcome.fingerprint);
  io("simgrid_difference", "1", Role::measure,
     "largest relative difference to SimGrid's instants, -1: not checked",
     stored.simgrid_difference);
}

/// A row of table "platforms": what the platform of plan `plan` has at a path.
struct PlatformRow {
  std::int64_t plan = 0;
  NamedValue value;
};
template <class Io, RowOf<PlatformRow> R>
void describe(Io& io, R& row) {
  io("plan", "1", Role::reference, "row of plans", row.plan);
  io("name", "", Role::key, "path in the scenario", row.value.name);
  io("value", "", Role::choice, "what the co-design chose there", row.value.value);
}

/// A row of table "assignments": operator `index` of plan `plan`.
struct AssignmentRow {
  std::int64_t plan = 0, op = 0, device = 0, precision = 0, rank = 0;
};
template <class Io, RowOf<AssignmentRow> R>
void describe(Io& io, R& row) {
  io("plan", "1", Role::reference, "row of plans", row.plan);
  io("operator", "1", Role::reference, "row of operators", row.op);
  io("device", "1", Role::choice, "row of devices", row.device);
  io("precision", "1", Role::choice, "row of formats", row.precision);
  io("rank", "1", Role::choice, "position in the plan's order", row.rank);
}

/// A row of table "wires".
struct WireRow {
  std::int64_t plan = 0, tensor = 0, device = 0, format = 0;
};
template <class Io, RowOf<WireRow> R>
void describe(Io& io, R& row) {
  io("plan", "1", Role::reference, "row of plans", row.plan);
  io("tensor", "1", Role::reference, "row of tensors", row.tensor);
  io("device", "1", Role::reference, "row of devices: the target", row.device);
  io("format", "1", Role::choice, "row of formats; pairs not listed travel as produced",
     row.format);
}

/// A row of table "lanes".
struct LaneRow {
  std::int64_t plan = 0, link = 0, lanes = 0;
};
template <class Io, RowOf<LaneRow> R>
void describe(Io& io, R& row) {
  io("plan", "1", Role::reference, "row of plans", row.plan);
  io("link", "1", Role::reference, "row of links", row.link);
  io("lanes", "1", Role::choice, "powered lanes", row.lanes);
}

/// Something that plans have several of, such as the use of a device.
template <class Thing>
struct OfPlan {
  std::int64_t plan = 0;
  Thing thing{};
};
template <class Io, class R>
requires requires(R& row) {
  row.thing;
}
void describe(Io& io, R& row) {
  io("plan", "1", Role::reference, "row of plans", row.plan);
  describe(io, row.thing);
}

template <class Io, RowOf<models::DeviceUse> R>
void describe(Io& io, R& row) {
  const auto time = [&](const char* name, const char* meaning, auto& value) {
    io(name, "ps", Role::measure, meaning, value);
  };
  io("name", "", Role::key, "name of the device", row.name);
  time("compute", "slot time computing", row.time.compute);
  time("convert", "slot time converting formats", row.time.convert);
  time("switching", "slot time switching precision", row.time.switching);
  time("wait_input", "slot time waiting for inputs", row.time.wait_input);
  time("wait_memory", "slot time waiting for memory", row.time.wait_memory);
  time("down", "slot time out of order", row.time.down);
  time("lost", "slot time of work that failures undid", row.time.lost);
  time("idle", "slot time with nothing to do", row.time.idle);
  time("load", "work per request", row.load);
  io("capacity", "B", Role::choice, "memory", row.capacity);
  io("weights", "B", Role::measure, "weights held", row.weights);
  io("per_request", "B", Role::measure, "held by every admitted request", row.per_request);
  io("observed_peak", "B", Role::measure, "weights and most ever held", row.observed_peak);
  io("joules", "J", Role::measure, "tasks, switches and static power", row.joules);
}

template <class Io, RowOf<models::ChannelUse> R>
void describe(Io& io, R& row) {
  io("name", "", Role::key, "link, or direction of a link", row.name);
  io("busy", "ps", Role::measure, "held (fifo), or bytes / bandwidth (fair)", row.busy);
  io("bytes", "B", Role::measure, "payload of the whole execution", row.bytes);
  io("utilisation", "1", Role::measure, "busy / makespan", row.utilisation);
}

template <class Io, RowOf<models::NetworkResult> R>
void describe(Io& io, R& row) {
  io("name", "", Role::key, "name of the network", row.name);
  io("requests", "1", Role::choice, "asked for, bursts included", row.requests);
  io("unfinished", "1", Role::measure, "could not complete", row.unfinished);
  io("deadline_misses", "1", Role::measure, "completed after their deadline", row.deadline_misses);
  io("latency_mean", "ps", Role::measure, "mean latency of requests", row.latency_mean);
  io("latency_p50", "ps", Role::measure, "median latency", row.latency_p50);
  io("latency_p95", "ps", Role::measure, "95th percentile of latency", row.latency_p95);
  io("latency_p99", "ps", Role::measure, "99th percentile of latency", row.latency_p99);
}

struct LatencyRow {
  std::int64_t latency = 0;
};
template <class Io, RowOf<LatencyRow> R>
void describe(Io& io, R& row) {
  io("latency", "ps", Role::measure,
     "arrival to completion, by network and request; -1: unfinished", row.latency);
}

template <class Io, RowOf<models::CriticalStep> R>
void describe(Io& io, R& row) {
  io("task", "1", Role::reference, "canonical position: row of timeline_tasks", row.task);
  io("waited", "ps", Role::measure, "from ready to start", row.waited);
  io("start", "ps", Role::measure, "start", row.start);
  io("end", "ps", Role::measure, "end", row.end);
}

}  // namespace results
