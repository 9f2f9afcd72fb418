#pragma once

#include "optimizers/optimizer.h"

namespace optimizers {

/// The catalogue's rows, each defined in the algorithm's own file.
Entry random_entry();
Entry greedy_entry();
Entry annealing_entry();
Entry genetic_entry();
Entry islands_entry();
Entry portfolio_entry();
Entry integer_entry();
Entry exhaustive_entry();
Entry heft_entry();
Entry peft_entry();
Entry cpop_entry();
Entry tempering_entry();
Entry chain_entry();
Entry beam_entry();
Entry blocks_entry();
Entry multilevel_entry();
Entry local_entry();

}  // namespace optimizers
