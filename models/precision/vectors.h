#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace models {

/// The instruction sets that conversions and packing were built for and this machine has, best
/// first. The environment variable PARTWISE_VECTORS, when it names one of them, restricts to it
/// from the start.
std::vector<std::string_view> format_targets();

/// Restricts conversions and packing to one of them, or with an empty name lets them choose the
/// best again. Results do not depend on it. Throws InputError for any other name. Not while others
/// convert.
void use_format_target(std::string_view name);

/// Restricts them to that one unless they are restricted to a lesser one, and from using the
/// instructions of AVX512-BF16 besides unless `bf16`. Throws as use_format_target.
void limit_format_target(std::string_view name, bool bf16);
/// Whether the instructions of AVX512-BF16 may be used where there are any.
bool may_use_bf16_instructions();

/// Place of the instruction set in use in Highway's tables of functions.
std::size_t format_target_index();

}  // namespace models
