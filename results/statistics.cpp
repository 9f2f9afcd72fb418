#include "results/statistics.h"

#include <algorithm>
#include <cmath>

namespace results {

Statistics statistics(std::span<const double> values) {
  Statistics result;
  result.count = values.size();
  if (values.empty()) return result;
  const auto count = static_cast<double>(values.size());
  double seen = 0;  // kept up value by value: the mean of equal values is that value, to the bit
  for (const double value : values) result.mean += (value - result.mean) / ++seen;
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  if (values.size() > 1) result.deviation = std::sqrt(squares / (count - 1));
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  result.least = *least;
  result.most = *most;
  return result;
}

}  // namespace results
