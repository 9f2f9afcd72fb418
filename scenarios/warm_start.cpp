#include "scenarios/warm_start.h"

#include <algorithm>
#include <filesystem>

#include "models/error.h"
#include "models/index.h"
#include "results/output.h"
#include "results/plan_json.h"
#include "results/plan_names.h"
#include "results/run_file.h"
#include "scenarios/folder.h"
#include "scenarios/platforms.h"

namespace scenarios {

namespace fs = std::filesystem;
using models::at;
using models::InputError;
using models::Plan;
using models::Problem;

namespace {

constexpr std::size_t most_plans = 200;

/// The plans of a run, the best first.
void add_plans(const results::RunFile& run, const std::string& from,
               std::vector<StartPlan>& plans) {
  const auto add = [&](const results::StoredPlan& stored) {
    const auto known = [&](const StartPlan& plan) { return plan.text == stored.json; };
    if (plans.size() < most_plans && std::ranges::none_of(plans, known))
      plans.push_back({stored.json, from + ", plan '" + stored.label + "'"});
  };
  if (const auto* best = run.best_plan()) add(*best);
  for (const auto& stored : run.plans)
    if (run.goal.pareto && stored.pareto) add(stored);
}

std::vector<StartPlan> plans_of_folder(const fs::path& folder) {
  const auto runs = stored_runs(folder);
  std::vector<StartPlan> plans;
  const auto name = [&](const results::RunFile& run) {
    return results::run_file(folder, run.id).string();
  };
  const auto& best = best_run(runs);
  add_plans(best, name(best), plans);
  for (const auto& run : runs) add_plans(run, name(run), plans);
  return plans;
}

std::vector<StartPlan> plans_at(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return plans_of_folder(path);
  if (!fs::exists(path, error))
    throw InputError("there is no '" + path.string() +
                     "'; give a plan, a result file, or a folder that 'partwise run' wrote");
  if (path.extension() != ".h5") return {{results::read_file(path), path.string()}};
  std::vector<StartPlan> plans;
  add_plans(results::read_run(path, results::Depth::summary), path.string(), plans);
  return plans;
}

/// Throws InputError for what a plan has and the scenario does not leave open.
void check_freedoms(const Problem& problem, const Plan& plan) {
  for (int op = 0; op < problem.operators; ++op)
    if (std::ranges::none_of(problem.options(op), [&](const Problem::Option& option) {
          return option.device == at(plan.device, op) && option.precision == at(plan.precision, op);
        }))
      throw InputError("operator '" + problem.operator_name(op) + "' may not run on '" +
                       problem.device_name(at(plan.device, op)) + "' in that precision here");
  if (!problem.choices.rank && plan.order != problem.first_plan().order)
    throw InputError("its order is not the network's, and the scenario does not search 'rank'");
  for (const auto wire : plan.wire)
    if (std::ranges::find(problem.wire_option, wire) == problem.wire_option.end())
      throw InputError("it sends tensors in formats that are not among the scenario's 'wires'");
  for (int link = 0; link < problem.links; ++link) {
    const auto* first = problem.lane_option.data() + at(problem.lane_begin, link);
    const auto* end = problem.lane_option.data() + at(problem.lane_begin, link + 1);
    if (std::find(first, end, at(plan.lanes, link)) == end)
      throw InputError("link '" + problem.link_name(link) + "' may not power " +
                       std::to_string(at(plan.lanes, link)) + " lanes here");
  }
  if (plan.discipline != problem.choices.discipline)
    throw InputError("its discipline is not the scenario's");
}

Plan fitted(const StartPlan& start, const Problem& problem) {
  auto plan = results::read_plan(start.text, start.from, problem);
  try {
    check_freedoms(problem, plan);
  } catch (const InputError& error) {
    throw InputError(start.from + ": " + error.what());
  }
  return plan;
}

/// The platform that the plan says it is for; else the first, and those that differ from it in one
/// variable.
std::vector<std::uint32_t> platforms_for(const StartPlan& start, const Platforms& platforms) {
  std::vector<results::NamedValue> values;
  for (const auto& [path, value] : results::plan_names(start.text, start.from).platform_values)
    values.push_back({path, value});
  if (!values.empty())
    if (const auto own = platforms.with_values(values)) return {*own};
  std::vector<std::uint32_t> all = {0};
  for (std::size_t v = 0; v < platforms.variables(); ++v)
    for (std::int64_t value = 1; value < platforms.size(v); ++value)
      all.push_back(platforms.with(0, v, value));
  return all;
}

/// The plan on the first of its platforms that it fits.
Plan fitting_platform(const StartPlan& start, Platforms& platforms) {
  const auto candidates = platforms_for(start, platforms);
  std::string why;
  for (const auto platform : candidates) try {
      const auto problem = platforms.problem(platform);
      if (!problem) continue;
      auto plan = fitting({start}, *problem).front();
      plan.platform = platform;
      return plan;
    } catch (const InputError& error) {
      if (why.empty()) why = error.what();
    }
  if (candidates.size() > 1)
    why +=
        "; it names none of the platforms of the co-design, and was tried on the first of them "
        "and on those that differ from it in one variable";
  throw InputError(why);
}

}  // namespace

std::vector<StartPlan> start_plans(const Scenario& scenario) {
  const auto& start = scenario.optimizer.start;
  if (start.empty()) return {};
  try {
    auto plans = plans_at(start_path(scenario));
    if (plans.empty()) throw InputError("'" + start + "' holds no plan");
    return plans;
  } catch (const InputError& error) {
    throw InputError(std::string("start: ") + error.what());
  }
}

fs::path start_path(const Scenario& scenario) {
  return (scenario.folder / scenario.optimizer.start).lexically_normal();
}

std::vector<Plan> fitting(const std::vector<StartPlan>& start, const Problem& problem) {
  std::vector<Plan> plans;
  std::string first_fault;
  for (const auto& one : start) try {
      plans.push_back(fitted(one, problem));
    } catch (const InputError& error) {
      if (first_fault.empty()) first_fault = error.what();
    }
  if (plans.empty() && !start.empty()) throw InputError("start: " + first_fault);
  return plans;
}

std::vector<Plan> fitting_platforms(const std::vector<StartPlan>& start, Platforms& platforms) {
  std::vector<Plan> plans;
  std::string why;
  for (const auto& one : start) try {
      plans.push_back(fitting_platform(one, platforms));
    } catch (const InputError& error) {
      if (why.empty()) why = error.what();
    }
  if (plans.empty() && !why.empty()) throw InputError(why);
  return plans;
}

}  // namespace scenarios
