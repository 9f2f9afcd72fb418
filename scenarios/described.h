#pragma once

#include "models/goal.h"
#include "models/problem.h"
#include "models/visitor.h"
#include "scenarios/scenario.h"

namespace scenarios {

// Parts of describe(Scenario), each in a file of its own.

/// networks, or network; after them and the platform, the workload of an only network.
void describe_networks(Scenario& scenario, models::Visitor& v);
void describe_only_workload(Scenario& scenario, models::Visitor& v);
/// events, whose names must be those of the platform and the networks.
void describe_events(Scenario& scenario, models::Visitor& v);
/// precisions, wires, rules, search, order.
void describe_choices(models::Choices& choices, models::Visitor& v);
/// objectives, pareto, epsilon.
void describe_objectives(models::Goal& goal, models::Visitor& v);
/// limits, each in the unit of its metric.
void describe_limits(models::Goal& goal, models::Visitor& v);
/// penalties, each with a threshold in the unit of its metric.
void describe_penalties(models::Goal& goal, models::Visitor& v);
void describe(OptimizerChoice& optimizer, models::Visitor& v);

}  // namespace scenarios
