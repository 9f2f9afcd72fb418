#pragma once

#include <cstddef>
#include <vector>

#include "models/plan.h"

namespace sim {

/// Cuts a batch into consecutive parts of about the same work: `ends` has `parts` entries, each
/// where a part ends, the last one the number of trials. Neighbours of one base stay together where
/// that costs little, since each evaluator has to take the base apart; else they are cut at
/// multiples of eight, so that vector lanes stay full.
void split(const models::Batch& batch, std::size_t parts, std::vector<std::size_t>& ends);

/// Cuts the trials [first, end) into the least that is worth scoring apart, and adds where each
/// such unit ends: single trials, but vectors full of neighbours.
void cut_into_units(const models::Batch& batch, std::size_t first, std::size_t end,
                    std::vector<std::size_t>& ends);

/// The trials [first, end) of a batch as one of its own; bases are shared.
void copy_part(const models::Batch& batch, std::size_t first, std::size_t end, models::Batch& part);

}  // namespace sim
