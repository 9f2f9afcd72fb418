#pragma once

#include "optimizers/optimizer.h"

namespace optimizers {

/// The catalogue's rows, each defined in the algorithm's own file.
Entry random_entry();
Entry greedy_entry();

}  // namespace optimizers
