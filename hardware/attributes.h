#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/network/network.h"

namespace hardware {

/// The operator's attributes; `otherwise` where one is absent. Throw InputError naming the operator
/// where one is of another kind than asked for.
std::int64_t integer_of(const models::Operator& op, const std::string& name,
                        std::int64_t otherwise);
double real_of(const models::Operator& op, const std::string& name, double otherwise);
std::string text_of(const models::Operator& op, const std::string& name,
                    const std::string& otherwise);
/// Empty where absent.
std::vector<std::int64_t> integers_of(const models::Operator& op, const std::string& name);
std::vector<double> reals_of(const models::Operator& op, const std::string& name);
std::vector<std::string> texts_of(const models::Operator& op, const std::string& name);
bool has_attribute(const models::Operator& op, const std::string& name);

/// A possibly negative axis as an index below `rank`. Throws InputError.
std::size_t axis_of(const models::Operator& op, std::int64_t axis, std::size_t rank);

[[noreturn]] void fail(const models::Operator& op, const std::string& what);

}  // namespace hardware
