#pragma once

#include <memory>
#include <string>

#include "hardware/recipe.h"
#include "models/network/network.h"

namespace scenarios {

/// What a plan file asks of one device that does everything: the operators in its order, each in
/// its precision, with the conversions of its task graph, those of its wires included. `folded` is
/// the network the plan is about, `whole` the same with its constants. The plan's platform is not
/// needed. Throws InputError.
hardware::Recipe plan_recipe(const std::string& plan_file,
                             const std::shared_ptr<const models::Network>& folded,
                             const models::Network& whole);

}  // namespace scenarios
