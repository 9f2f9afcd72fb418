#pragma once

#include <cstdint>

#include "models/network/tensor_value.h"
#include "models/network/valued.h"

namespace scenarios {

/// Gives weights whose values nobody kept random ones that keep signals of a sensible size, however
/// deep the network: normal, of a power of 2 / (inputs summed) before a rectifier (He et al. 2015),
/// of a tenth of that where the result is added to something, else of half; tables to pick from of
/// power 1; scales and variances of normalisations are 1, other vectors 0. The same seed gives the
/// same values on every machine.
void fill_unknown(models::ValuedNetwork& network, std::uint64_t seed);

/// Normal values for a real-valued tensor, noughts for all others, which may be indices.
models::TensorValue random_value(models::ElementType type, const models::Shape& shape,
                                 std::uint64_t seed);

}  // namespace scenarios
