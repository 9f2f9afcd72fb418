#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace results {

/// Whether `a` is at least as small as `b` in every value and smaller in one.
bool dominates(std::span<const double> a, std::span<const double> b);

/// Rows that no other row dominates, in ascending order of row; of equal rows the first. A row with
/// violation > 0 is kept only when all have one, and then only the least violation.
std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& values,
                                      std::span<const double> violation);

}  // namespace results
