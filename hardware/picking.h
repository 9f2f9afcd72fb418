#pragma once

#include <cstring>
#include <string>

#include "hardware/moving.h"

namespace hardware::picking {

using moving::has_input;
using moving::load;
using moving::needed_input;
using moving::needed_output;
using moving::plain;
using moving::require_same_type;
using moving::size_of;
using moving::steps_of;
using moving::store;
using moving::with_run;

/// Name and type of an operator, for messages of a kernel that runs.
models::Operator named(const Request& request);
void require(const Request& request, bool fine, const char* otherwise);
[[noreturn]] void out_of_range(const models::Operator& op, std::int64_t index, std::int64_t size);

/// Reads an index that may count from the end. Throws InputError where it is outside.
template <class Index>
std::int64_t index_at(const models::Operator& op, const std::byte* from, std::int64_t place,
                      std::int64_t size) {
  const std::int64_t given = load<Index>(from + place * static_cast<std::int64_t>(sizeof(Index)));
  const auto index = given < 0 ? given + size : given;
  if (index < 0 || index >= size) out_of_range(op, given, size);
  return index;
}

/// Throws InputError unless the input is of int32 or int64; whether it is of int64.
bool has_wide_indices(const Request& request, std::size_t input);

/// Joins elements to those that are there: to[i] = to[i] op from[i].
using Combine = void (*)(std::byte* to, const std::byte* from, std::int64_t count);
/// By the attribute "reduction"; without it, elements are replaced.
Combine combiner(const Request& request, models::ElementType type);

Prepared make_gather(const Request& request);
Prepared make_gather_elements(const Request& request);
Prepared make_gather_nd(const Request& request);
Prepared make_scatter_elements(const Request& request);
Prepared make_scatter_nd(const Request& request);
Prepared make_top_k(const Request& request);
Prepared make_one_hot(const Request& request);
Prepared make_non_zero(const Request& request);

}  // namespace hardware::picking
