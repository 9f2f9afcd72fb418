#pragma once

#include <optional>
#include <vector>

#include "hardware/kernel.h"

namespace hardware {

// Kernels of elementwise operators, in fp32 and bf16 by oneDNN where its values are right at the
// edges too, else by the loops of the plain kernels on whichever layout the tensors have.
std::optional<Prepared> native_unary(const Request& request);      // elements_unary.cpp
std::optional<Prepared> native_pointwise(const Request& request);  // elements_pointwise.cpp
std::optional<Prepared> native_concat(const Request& request);     // elements_concat.cpp

/// A function of one int8 or uint8 tensor with a scale, as a table of what the plain kernel makes
/// of all 256 codes; nullopt where that takes more than the tensor and constants.
std::optional<Prepared> tabulated(const Request& request);  // elements_table.cpp

/// int8 or uint8 codes of real numbers.
bool is_coded(const Layout& layout);

/// What real numbers are stored as to be computed with in fp32 or bf16.
models::ElementType stored_type(models::Precision precision);

/// Whether the elements lie in the same order channels last as row by row.
bool lies_either_way(const models::Shape& shape);

/// The axes of a layout in the order in which they lie.
models::Shape lying(const models::Shape& shape, bool channels_last);

/// The shape with axes of size 1 before it, so that it has that rank.
models::Shape padded(const models::Shape& shape, std::size_t rank);

/// The plain kernel of the request's operator, for these layouts of inputs and outputs.
Prepared plain_kernel(const Request& request, const std::vector<std::optional<Layout>>& inputs,
                      const std::vector<std::optional<Layout>>& outputs);

}  // namespace hardware
