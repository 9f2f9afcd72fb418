#include <string>

#include "models/error.h"
#include "models/problem.h"

namespace models {
namespace {

void expect_size(std::size_t found, std::size_t expected, const char* what) {
  if (found != expected)
    throw InputError("plan: " + std::to_string(found) + " " + what + ", the problem has " +
                     std::to_string(expected) + "; is it a plan for another network or platform?");
}

void check_order(const Problem& problem, const Plan& plan) {
  std::vector<int> position(plan.order.size(), -1);
  for (std::size_t k = 0; k < plan.order.size(); ++k) {
    const auto o = plan.order[k];
    if (o < 0 || o >= problem.operators)
      throw InputError("plan: order names operator " + std::to_string(o));
    auto& seen = position[static_cast<std::size_t>(o)];
    if (seen >= 0) throw InputError("plan: order has '" + problem.operator_name(o) + "' twice");
    seen = static_cast<int>(k);
  }
  for (int t = problem.inputs; t < problem.tensors; ++t) {
    const auto index = static_cast<std::size_t>(t);
    const int maker = problem.producer[index];
    for (int r = problem.reader_begin[index]; r < problem.reader_begin[index + 1]; ++r) {
      const int reader = problem.reader[static_cast<std::size_t>(r)];
      if (position[static_cast<std::size_t>(reader)] < position[static_cast<std::size_t>(maker)])
        throw InputError("plan: order has '" + problem.operator_name(reader) + "' before '" +
                         problem.operator_name(maker) + "', whose result it reads");
    }
  }
}

}  // namespace

void check_plan(const Problem& problem, const Plan& plan) {
  const auto operators = static_cast<std::size_t>(problem.operators);
  expect_size(plan.device.size(), operators, "devices of operators");
  expect_size(plan.precision.size(), operators, "precisions of operators");
  expect_size(plan.order.size(), operators, "operators in order");
  expect_size(plan.wire.size(),
              static_cast<std::size_t>(problem.tensors) * static_cast<std::size_t>(problem.devices),
              "wire precisions");
  expect_size(plan.lanes.size(), static_cast<std::size_t>(problem.links), "link widths");
  for (std::size_t o = 0; o < operators; ++o) {
    const auto& name = problem.operator_name(static_cast<int>(o));
    if (plan.device[o] >= problem.devices)
      throw InputError("plan: '" + name + "' is on device " + std::to_string(plan.device[o]) +
                       " of " + std::to_string(problem.devices));
    if (plan.precision[o] >= problem.compute_formats)
      throw InputError("plan: '" + name + "' has precision " + std::to_string(plan.precision[o]) +
                       " of " + std::to_string(problem.compute_formats));
  }
  for (const auto wire : plan.wire)
    if (wire != Plan::as_produced && wire >= problem.formats)
      throw InputError("plan: wire precision " + std::to_string(wire) + " of " +
                       std::to_string(problem.formats));
  for (std::size_t l = 0; l < plan.lanes.size(); ++l)
    if (plan.lanes[l] < 1 || plan.lanes[l] > problem.lane_budget[l])
      throw InputError("plan: link '" + problem.link_name(static_cast<int>(l)) + "' powers " +
                       std::to_string(plan.lanes[l]) + " lanes; it can power 1 to " +
                       std::to_string(problem.lane_budget[l]));
  check_order(problem, plan);
}

}  // namespace models
