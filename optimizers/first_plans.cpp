#include "optimizers/first_plans.h"

#include <algorithm>
#include <limits>

#include "optimizers/list_schedule.h"

namespace optimizers {

using models::Goal;
using models::Metric;
using models::Plan;
using models::Problem;

namespace {

bool mentions(const Goal& goal, Metric metric) {
  return std::any_of(goal.objectives.begin(), goal.objectives.end(),
                     [&](const auto& objective) { return objective.metric == metric; }) ||
         std::any_of(goal.limits.begin(), goal.limits.end(),
                     [&](const auto& limit) { return limit.metric == metric; });
}

/// The option nearest to what is wanted: the same device and precision, else the fastest on the
/// device, else the fastest anywhere.
Problem::Option nearest(const Problem& problem, int op, Problem::Option wanted) {
  Problem::Option best = problem.options(op).front();
  auto least = std::numeric_limits<std::int64_t>::max();
  bool at_home = false;
  for (const auto option : problem.options(op)) {
    const bool here = option.device == wanted.device;
    if (here && option.precision == wanted.precision) return option;
    const auto time = problem.duration[problem.cost_index(op, option.device, option.precision)];
    if ((at_home && !here) || (at_home == here && time >= least)) continue;
    best = option;
    least = time;
    at_home = here;
  }
  return best;
}

std::vector<int> widths(const Problem& problem) {
  std::int64_t most = 1;
  for (int link = 0; link < problem.links; ++link)
    most = std::max<std::int64_t>(most,
                                  at(problem.lane_begin, link + 1) - at(problem.lane_begin, link));
  if (most == 1) return {0};
  if (most == 2) return {0, 1};
  return {0, 1, 2};
}

class Collection {
 public:
  void add(const Plan& plan) {
    if (std::find(plans_.begin(), plans_.end(), plan) == plans_.end()) plans_.push_back(plan);
  }
  std::vector<Plan> take() { return std::move(plans_); }

 private:
  std::vector<Plan> plans_;
};

void add_list_schedules(const Problem& problem, const Goal& goal, const Graph& graph,
                        Collection& plans) {
  std::vector<double> energies = {0};
  if (mentions(goal, Metric::energy)) energies = {0, 0.5, 1};
  std::vector<int> precisions = {Policy::any};
  for (int format = 0; format < problem.compute_formats; ++format) precisions.push_back(format);
  ListScheduler scheduler(problem, graph);
  Plan plan;
  for (const int width : widths(problem))
    for (const double energy : energies)
      for (const int precision : precisions) {
        scheduler.schedule({energy, precision, width, Plan::as_produced}, plan);
        plans.add(plan);
      }
  for (const auto wire : problem.wire_option) {
    if (wire == Plan::as_produced) continue;
    for (const int precision : precisions) {
      scheduler.schedule({0, precision, 0, wire}, plan);
      plans.add(plan);
    }
  }
}

void add_single_devices(const Problem& problem, Collection& plans) {
  Plan plan;
  reset(problem, plan);
  for (const int width : widths(problem)) {
    set_width(problem, width, plan);
    for (int device = 0; device < problem.devices; ++device)
      for (int format = 0; format < problem.compute_formats; ++format) {
        for (int op = 0; op < problem.operators; ++op) {
          const auto option = nearest(
              problem, op, {static_cast<std::uint16_t>(device), static_cast<std::uint8_t>(format)});
          at(plan.device, op) = option.device;
          at(plan.precision, op) = option.precision;
        }
        plans.add(plan);
      }
  }
}

}  // namespace

std::vector<Plan> greedy_plans(const Problem& problem, const Goal& goal, const Graph& graph) {
  Collection plans;
  add_list_schedules(problem, goal, graph, plans);
  add_single_devices(problem, plans);
  return plans.take();
}

std::vector<Plan> first_plans(const Task& task, const Graph& graph) {
  Collection plans;
  for (const auto& plan : task.start) plans.add(plan);
  for (const auto& plan : greedy_plans(task.problem, task.goal, graph)) plans.add(plan);
  return plans.take();
}

}  // namespace optimizers
