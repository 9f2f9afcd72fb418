#include "scenarios/finalists.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "models/version.h"
#include "optimizers/bounds/bounds.h"
#include "results/pareto.h"
#include "results/plan_json.h"
#include "results/reasons.h"
#include "scenarios/platforms.h"
#include "scenarios/value.h"
#include "sim/event_engine.h"

namespace scenarios {

using models::Plan;
using models::Problem;
using results::StoredPlan;

namespace {

std::vector<results::NamedValue> settings_of(const OptimizerChoice& choice,
                                             const std::optional<Codesign>& codesign) {
  std::vector<results::NamedValue> settings;
  const auto values = choice.values();
  const auto& parameters = optimizers::find(choice.name).parameters;
  for (std::size_t i = 0; i < values.size(); ++i)
    settings.push_back({std::string(parameters[i].name), models::shortest(values[i])});
  settings.push_back({"budget", std::to_string(choice.budget)});
  if (!codesign) return settings;
  const bool is_joint = codesign->search == Codesign::Search::joint;
  settings.push_back({"codesign", is_joint ? "joint" : "nested"});
  return settings;
}

void judge(StoredPlan& stored, const models::Goal& goal) {
  stored.cost = goal.cost(stored.score);
  stored.violation = goal.violation(stored.score);
  stored.objectives.resize(goal.objectives.size());
  goal.values(stored.score, stored.objectives);
}

/// Everything on one device in one precision; where an operator cannot have it, in the fastest that
/// it can. nullopt where an operator may not run there at all.
std::optional<Plan> all_on(const Problem& problem, int device, int precision) {
  auto plan = problem.first_plan();
  for (int op = 0; op < problem.operators; ++op) {
    const Problem::Option* chosen = nullptr;
    const auto duration = [&](const Problem::Option& option) {
      return problem.duration[problem.cost_index(op, option.device, option.precision)];
    };
    for (const auto& option : problem.options(op)) {
      if (option.device != device) continue;
      if (option.precision == precision) {
        chosen = &option;
        break;
      }
      if (chosen == nullptr || duration(option) < duration(*chosen)) chosen = &option;
    }
    if (chosen == nullptr) return std::nullopt;
    plan.device[static_cast<std::size_t>(op)] = chosen->device;
    plan.precision[static_cast<std::size_t>(op)] = chosen->precision;
  }
  return plan;
}

/// The precision of all that is not free, or "mixed precisions".
std::string precisions_of(const Problem& problem, const Plan& plan) {
  std::optional<std::uint8_t> only;
  for (std::size_t op = 0; op < plan.precision.size(); ++op) {
    if (problem.is_free[op]) continue;
    if (only && *only != plan.precision[op]) return "mixed precisions";
    only = plan.precision[op];
  }
  return models::name_of(problem.format[only.value_or(0)]);
}

std::optional<StoredPlan> best_on(int device, const Parts& parts, std::uint32_t platform,
                                  models::Evaluator& evaluator) {
  const auto& problem = *parts.problem;
  std::optional<StoredPlan> best;
  for (int precision = 0; precision < problem.compute_formats; ++precision) {
    auto plan = all_on(problem, device, precision);
    if (!plan) return std::nullopt;
    plan->platform = platform;
    StoredPlan stored;
    stored.score = evaluator.score(*plan);
    judge(stored, parts.goal);
    if (best && std::pair(best->violation, best->cost) <= std::pair(stored.violation, stored.cost))
      continue;
    stored.label = "all on " + problem.device_name(device) + ", " + precisions_of(problem, *plan);
    stored.origin = "yardstick";
    stored.plan = std::move(*plan);
    best = std::move(stored);
  }
  return best;
}

void mark_pareto(std::vector<StoredPlan>& plans) {
  std::vector<std::vector<double>> values;
  std::vector<double> violations;
  for (const auto& stored : plans) {
    values.push_back(stored.objectives);
    violations.push_back(stored.violation);
  }
  for (const auto row : results::pareto_front(values, violations)) plans[row].pareto = true;
}

/// SimGrid takes a second for about as many events.
constexpr std::int64_t most_events_checked = 2'000'000;

/// "all on npu, fp32" as part of a file's name.
std::string file_name(std::string label) {
  std::ranges::replace_if(
      label, [](unsigned char letter) { return std::isalnum(letter) == 0; }, '-');
  return label;
}

bool differ(double a, double b) {
  return std::abs(a - b) > 1e-9 * std::max(std::abs(a), std::abs(b));
}

}  // namespace

results::RunFile about(const Run& run, const Parts& parts) {
  const auto& scenario = *run.scenario;
  results::RunFile record;
  record.id = run.id;
  record.label = run.label;
  record.scenario_name = scenario.name;
  record.scenario_text = to_json(scenario);
  record.version = models::version();
  record.commit = models::commit();
  record.seed = static_cast<std::int64_t>(run.seed);
  record.workload_seed = scenario.networks.front().workload.seed;
  for (std::size_t i = 0; i < scenario.networks.size(); ++i) {
    const auto& network = scenario.networks[i].network;
    record.inputs.push_back(
        {network.file.empty() ? network.builtin : network.file, run.network_hashes[i]});
  }
  if (!run.start.empty()) {
    std::string all;
    for (const auto& plan : run.start) all += plan.text;
    record.inputs.push_back({scenario.optimizer.start, hash_of(all)});
  }
  for (const auto& one : run.swept) record.swept.push_back({one.path, one.label});
  record.optimizer = scenario.optimizer.name;
  record.settings = settings_of(scenario.optimizer, scenario.codesign);
  record.goal = parts.goal;
  record.names = results::names_of(*parts.problem);
  return record;
}

std::vector<StoredPlan> plans_worth_keeping(const optimizers::Archive& archive,
                                            const std::string& optimizer) {
  std::vector<StoredPlan> plans;
  const auto keep = [&](const optimizers::Archive::Member& member) {
    StoredPlan stored;
    stored.origin = optimizer;
    stored.plan = member.plan;
    stored.score = member.score;
    stored.objectives = member.values;
    stored.cost = member.cost;
    stored.violation = member.violation;
    plans.push_back(std::move(stored));
  };
  if (archive.best() == nullptr) return plans;
  keep(*archive.best());
  for (const auto& member : archive.front())
    if (member.trial != archive.best()->trial) keep(member);
  std::stable_sort(plans.begin() + 1, plans.end(),
                   [](const auto& a, const auto& b) { return a.cost < b.cost; });
  for (std::size_t i = 0; i < plans.size(); ++i)
    plans[i].label = i == 0 ? "best" : "choice " + std::to_string(i + 1);
  return plans;
}

void add_yardsticks(results::RunFile& record, const Parts& parts, models::Evaluator& evaluator) {
  if (!record.plans.empty()) {
    record.best = 0;
    record.complaint = parts.goal.complaint(record.plans.front().score);
  }
  const auto platform = record.plans.empty() ? 0 : record.plans.front().plan.platform;
  const auto own = parts_at(parts, platform);
  for (int device = 0; device < own.problem->devices; ++device)
    if (auto stored = best_on(device, own, platform, evaluator))
      record.plans.push_back(std::move(*stored));
  mark_pareto(record.plans);
  if (!parts.platforms) results::give_reasons(record.plans, record.goal, record.names);
  for (auto& stored : record.plans) {
    const auto problem = parts_at(parts, stored.plan.platform).problem;
    stored.plan = results::tidy(*problem, std::move(stored.plan));
    if (parts.platforms) stored.platform = parts.platforms->values(stored.plan.platform);
    stored.json = results::write_plan(*problem, stored.plan, stored.platform);
  }
}

void add_bounds(results::RunFile& record, const Parts& parts,
                const std::optional<optimizers::Bounds>& known, bool exhausted, double searched) {
  if (const auto bounds = known ? known : bounds_of(parts)) {
    for (const auto& one : bounds->objectives) {
      const bool small = models::about(one.metric).smaller_is_better;
      record.bounds.push_back({small ? one.value : 1 / one.value, std::string(one.from)});
    }
    record.bound = {bounds->cost, bounds->from};
  }
  const auto* best = record.best_plan();
  if (best == nullptr) return;
  const auto raise = [&](double cost, const char* from) {
    record.bound = {cost, from};
    // Without penalties one objective's cost is its value over its scale.
    if (record.bounds.size() == 1 && parts.goal.penalties.empty())
      record.bounds[0] = {best->objectives[0] / best->cost * cost, from};
  };
  if (searched > record.bound.value) raise(searched, "integer programme");
  if (exhausted && best->violation == 0) raise(best->cost, "exhaustive search");
  if (best->violation == 0) return;
  if (exhausted) record.complaint += "; every plan was tried";
  for (const auto& limit : parts.goal.limits) {
    const auto best_of_metric = bound_of(parts, limit.metric);
    if (!best_of_metric) continue;
    const auto& bound = *best_of_metric;
    const auto& entry = models::about(limit.metric);
    const bool out_of_reach =
        entry.smaller_is_better ? bound.value > limit.bound : bound.value < limit.bound;
    if (out_of_reach)
      record.complaint += "; no plan can hold that: " + std::string(entry.name) + " is at " +
                          (entry.smaller_is_better ? "least " : "most ") +
                          models::pretty(limit.metric, bound.value) + " (" +
                          std::string(bound.from) + ")";
  }
}

void simulate_finalists(results::RunFile& record, const Parts& parts, const Scenario& scenario,
                        Auditor& auditor) {
  const bool on_simgrid = scenario.engine == Engine::simgrid;
  std::unique_ptr<models::Executor> engine, recorder, simgrid;
  std::optional<std::uint32_t> platform;  // that the engines are for
  const auto make_engines = [&](std::uint32_t wanted) {
    if (platform == wanted) return;
    platform = wanted;
    const auto problem = parts_at(parts, wanted).problem;
    engine = sim::make_event_engine(problem);
    recorder = sim::make_event_engine(problem, {.timeline = scenario.timeline && !on_simgrid});
    if (on_simgrid)
      simgrid = sim::make_event_engine(problem, {.timeline = scenario.timeline, .simgrid = true});
  };
  std::int64_t rank = 0;
  for (auto& stored : record.plans) {
    const bool is_best = rank == 0;
    if (rank++ >= scenario.finalists && stored.origin != "yardstick") continue;
    make_engines(stored.plan.platform);
    stored.outcome = (is_best ? recorder : engine)->execute(stored.plan);
    stored.simulated = stored.outcome.infeasible.empty();
    if (!stored.simulated) continue;
    if (const auto why = disagreement(stored.score, stored.outcome.score); !why.empty())
      throw std::logic_error("score and simulation of the plan '" + stored.label +
                             "' disagree: " + why);
    if (auditor.is_able() && stored.outcome.events <= most_events_checked)
      stored.simgrid_difference = auditor.check(file_name(stored.label), stored.plan);
    if (!on_simgrid) continue;
    stored.outcome = simgrid->execute(stored.plan);
    if (!is_best) stored.outcome.timeline = {};
  }
}

std::string disagreement(const models::Score& scored, const models::Score& simulated) {
  std::string words;
  for (int i = 0; i < models::metric_count; ++i) {
    const auto metric = static_cast<models::Metric>(i);
    const double a = scored.value(metric), b = simulated.value(metric);
    if (!differ(a, b)) continue;
    words += (words.empty() ? "" : "; ") + std::string(models::about(metric).name) + " is " +
             models::shortest(a) + " scored, " + models::shortest(b) + " simulated";
  }
  const bool same_times = scored.latency_mean == simulated.latency_mean &&
                          scored.latency_p99 == simulated.latency_p99 &&
                          scored.makespan == simulated.makespan;
  if (words.empty() && !same_times) words = "times differ in the last picoseconds";
  return words;
}

}  // namespace scenarios
