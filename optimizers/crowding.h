#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

namespace optimizers {

/// Crowding distance (Deb et al., NSGA-II, 2002) of each of `count` points: the sum over objectives
/// of the gap between its two neighbours, relative to the extent of all; infinite at the ends.
/// `value(k, i)` is objective i of point k; `sorted` is scratch.
template <class Value>
void crowding_distances(std::size_t count, std::size_t objectives, Value value,
                        std::vector<std::size_t>& sorted, std::vector<double>& distance) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  distance.assign(count, 0);
  sorted.resize(count);
  for (std::size_t i = 0; i < objectives; ++i) {
    std::iota(sorted.begin(), sorted.end(), std::size_t{0});
    std::sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) {
      return value(a, i) != value(b, i) ? value(a, i) < value(b, i) : a < b;
    });
    const double extent = value(sorted.back(), i) - value(sorted.front(), i);
    distance[sorted.front()] = distance[sorted.back()] = infinite;
    if (!(extent > 0)) continue;
    for (std::size_t k = 1; k + 1 < count; ++k)
      distance[sorted[k]] += (value(sorted[k + 1], i) - value(sorted[k - 1], i)) / extent;
  }
}

}  // namespace optimizers
