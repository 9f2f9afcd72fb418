#pragma once

#include "models/goal.h"
#include "models/problem.h"
#include "models/visitor.h"
#include "scenarios/scenario.h"

namespace scenarios {

// Parts of describe(Scenario), each in a file of its own.

/// precisions, wires, rules, search, order.
void describe_choices(models::Choices& choices, models::Visitor& v);
/// objectives, pareto.
void describe_objectives(models::Goal& goal, models::Visitor& v);
/// limits, each in the unit of its metric.
void describe_limits(models::Goal& goal, models::Visitor& v);
void describe(OptimizerChoice& optimizer, models::Visitor& v);

}  // namespace scenarios
