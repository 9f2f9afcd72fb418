#pragma once

#include <memory>

#include "optimizers/list_schedule.h"
#include "optimizers/optimizer.h"

namespace optimizers {

/// An optimizer that proposes the method's schedule under each of list_policies(), and ends.
std::unique_ptr<Optimizer> propose_schedules(const Task& task, Policy::Method method);

}  // namespace optimizers
