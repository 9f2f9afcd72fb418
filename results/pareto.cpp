#include "results/pareto.h"

#include <algorithm>

namespace results {

bool dominates(std::span<const double> a, std::span<const double> b) {
  bool smaller = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    smaller = smaller || a[i] < b[i];
  }
  return smaller;
}

std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& values,
                                      std::span<const double> violation) {
  std::vector<std::size_t> front;
  if (values.empty()) return front;
  const double least = std::max(0.0, *std::min_element(violation.begin(), violation.end()));
  const auto candidate = [&](std::size_t row) { return violation[row] <= least; };
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (!candidate(row)) continue;
    bool best = true;
    for (std::size_t other = 0; other < values.size() && best; ++other) {
      if (other == row || !candidate(other)) continue;
      best =
          !dominates(values[other], values[row]) && !(other < row && values[other] == values[row]);
    }
    if (best) front.push_back(row);
  }
  return front;
}

}  // namespace results
