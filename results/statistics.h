#pragma once

#include <cstddef>
#include <span>

namespace results {

/// Several runs of one question, which differ in the seed.
struct Statistics {
  std::size_t count = 0;
  double mean = 0;
  double deviation = 0;  ///< sample standard deviation (n - 1); 0 for a single value
  double least = 0;
  double most = 0;
};

/// Two passes, in order. All zeros for no values.
Statistics statistics(std::span<const double> values);

}  // namespace results
