#pragma once

#include "hardware/recipe.h"
#include "models/network/network.h"

namespace hardware {

/// Formats are rounded to from float32 alone. Throws InputError, naming the operator, where the
/// recipe wants one of an operator on other real numbers, which would be computed in their type;
/// but fp32, which is as in the file, and the format that their type is.
void refuse_other_types(const models::Network& network, const Recipe& recipe);

}  // namespace hardware
