#include "sim/simgrid_check.h"

#include <utility>

namespace sim {

SimgridCheck::SimgridCheck(std::shared_ptr<const models::Problem> problem)
    : problem_(std::move(problem)), workbench_(*problem_), comparison_(runner_) {}

Verdict SimgridCheck::check(const models::Plan& plan) {
  return comparison_.compare(workbench_.prepare(plan));
}

}  // namespace sim
