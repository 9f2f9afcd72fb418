#include "optimizers/first_plans.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace optimizers {

using models::Goal;
using models::Metric;
using models::Plan;
using models::Problem;

namespace {

/// Options that are looked at before a search starts: what a second is enough for.
constexpr std::int64_t most_fits = 4'000'000;

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

/// Plans, each once. No more than a search can hold: of large problems the first ones.
class Collection {
 public:
  explicit Collection(const Problem& problem) {
    const auto size = static_cast<std::int64_t>(problem.tensors) * problem.devices +
                      std::int64_t{8} * problem.operators;
    most_ = static_cast<std::size_t>(std::max<std::int64_t>(8, most_bytes / (size + 1)));
  }
  void add(const Plan& plan) {
    if (is_full() || std::find(plans_.begin(), plans_.end(), plan) != plans_.end()) return;
    plans_.push_back(plan);
  }
  bool is_full() const { return plans_.size() >= most_; }
  std::size_t room() const { return most_ - plans_.size(); }
  std::vector<Plan> take() { return std::move(plans_); }

 private:
  static constexpr std::int64_t most_bytes = 48'000'000;

  std::size_t most_ = 0;
  std::vector<Plan> plans_;
};

void add_list_schedules(const Problem& problem, const Goal& goal, const Graph& graph,
                        Collection& plans) {
  ListScheduler scheduler(problem, graph);
  Plan plan;
  for (const auto& policy : list_policies(problem, goal)) {
    scheduler.schedule(policy, plan);
    plans.add(plan);
  }
}

/// The devices on which everything together takes the least time come first.
std::vector<int> by_speed(const Problem& problem) {
  std::vector<double> time(static_cast<std::size_t>(problem.devices));
  for (int op = 0; op < problem.operators; ++op)
    for (int device = 0; device < problem.devices; ++device) {
      const auto option = nearest(problem, op, {static_cast<std::uint16_t>(device), 0});
      time[static_cast<std::size_t>(device)] += static_cast<double>(
          problem.duration[problem.cost_index(op, option.device, option.precision)]);
    }
  std::vector<int> devices(time.size());
  std::iota(devices.begin(), devices.end(), 0);
  std::stable_sort(devices.begin(), devices.end(),
                   [&](int a, int b) { return at(time, a) < at(time, b); });
  return devices;
}

/// All of them, unless there is no room for so many plans: then the fastest.
std::vector<int> worth_trying(const Problem& problem, std::size_t each, std::size_t room) {
  std::vector<int> devices(static_cast<std::size_t>(problem.devices));
  std::iota(devices.begin(), devices.end(), 0);
  if (devices.size() * each <= room) return devices;
  devices = by_speed(problem);
  devices.resize(std::clamp<std::size_t>(room / each, 1, 8));
  return devices;
}

void add_single_devices(const Problem& problem, Collection& plans) {
  Plan plan;
  reset(problem, plan);
  const auto all_widths = widths(problem);
  const auto each = all_widths.size() * static_cast<std::size_t>(problem.compute_formats);
  const auto devices = worth_trying(problem, each, plans.room());
  for (const int width : all_widths) {
    set_width(problem, width, plan);
    for (const int device : devices)
      for (int format = 0; format < problem.compute_formats && !plans.is_full(); ++format) {
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

std::vector<Policy> list_policies(const Problem& problem, const Goal& goal) {
  std::vector<double> energies = {0};
  if (mentions(goal, Metric::energy)) energies = {0, 0.5, 1};
  std::vector<int> precisions = {Policy::any};
  for (int format = 0; format < problem.compute_formats; ++format) precisions.push_back(format);
  std::vector<Policy> policies;
  for (const int width : widths(problem))
    for (const double energy : energies)
      for (const int precision : precisions)
        policies.push_back({energy, precision, width, Plan::as_produced});
  for (const auto wire : problem.wire_option)
    for (const int precision : precisions)
      if (wire != Plan::as_produced) policies.push_back({0, precision, 0, wire});
  std::int64_t options = 1;
  for (int op = 0; op < problem.operators; ++op)
    options += static_cast<std::int64_t>(problem.options(op).size());
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(2, most_fits / options));
  if (policies.size() > most) policies.resize(most);
  return policies;
}

std::vector<Plan> greedy_plans(const Problem& problem, const Goal& goal, const Graph& graph) {
  Collection plans(problem);
  add_list_schedules(problem, goal, graph, plans);
  add_single_devices(problem, plans);
  return plans.take();
}

std::vector<Plan> first_plans(const Task& task, const Graph& graph, std::int64_t most) {
  Collection plans(task.problem);
  for (const auto& plan : task.start) plans.add(plan);
  if (task.greedy || task.start.empty())
    for (const auto& plan : greedy_plans(task.problem, task.goal, graph)) plans.add(plan);
  auto first = plans.take();
  const auto kept = static_cast<std::size_t>(std::max<std::int64_t>(1, most));
  if (first.size() > kept) first.resize(kept);
  return first;
}

}  // namespace optimizers
