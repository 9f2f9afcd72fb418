#include "optimizers/partition_plans.h"

#include <algorithm>
#include <numeric>

#include "optimizers/partitioning.h"

namespace optimizers {

namespace {

using models::Plan;
using models::Problem;

/// The fastest option on the device, or anywhere if there is none.
Problem::Option fastest(const Problem& problem, int op, int device) {
  const Problem::Option* best = nullptr;
  const auto takes = [&](const Problem::Option& option) {
    return problem.duration[problem.cost_index(op, option.device, option.precision)];
  };
  const auto options = problem.options(op);
  for (const bool anywhere : {false, true}) {
    for (const auto& option : options)
      if ((anywhere || option.device == device) &&
          (best == nullptr || takes(option) < takes(*best)))
        best = &option;
    if (best != nullptr) break;
  }
  return *best;
}

void assign(const Problem& problem, std::span<const int> part, std::span<const int> device_of,
            Plan& plan) {
  for (int op = 0; op < problem.operators; ++op) {
    const auto option = fastest(problem, op, at(device_of, at(part, op)));
    at(plan.device, op) = option.device;
    at(plan.precision, op) = option.precision;
  }
}

}  // namespace

std::vector<Plan> partition_plans(const Problem& problem, const Graph& graph) {
  std::vector<Plan> plans;
  const auto weights = weighted_graph(problem, graph);
  const auto speed = speed_shares(problem);
  std::vector<int> devices(speed.size());
  std::iota(devices.begin(), devices.end(), 0);
  std::stable_sort(devices.begin(), devices.end(),
                   [&](int a, int b) { return at(speed, a) > at(speed, b); });
  Plan plan;
  reset(problem, plan);
  for (auto count = devices.size(); count > 1; count /= 2) {
    Cutting cutting;
    for (std::size_t k = 0; k < count; ++k) cutting.shares.push_back(at(speed, devices[k]));
    const auto sum = std::accumulate(cutting.shares.begin(), cutting.shares.end(), 0.0);
    for (auto& share : cutting.shares) share /= sum;
    cutting.recursive = count <= 8;
    auto part = partition(weights, cutting);
    for (const bool acyclic : {false, true}) {
      if (acyclic) make_acyclic(graph, plan.order, static_cast<int>(count), part);
      assign(problem, part, devices, plan);
      if (std::find(plans.begin(), plans.end(), plan) == plans.end()) plans.push_back(plan);
    }
  }
  return plans;
}

}  // namespace optimizers
