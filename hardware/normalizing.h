#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "hardware/kernel.h"

namespace hardware {

/// A tensor as three axes: what comes before the axis of interest, that axis, what comes after.
struct Axes {
  std::int64_t outer = 1;
  std::int64_t size = 1;
  std::int64_t inner = 1;
};

/// By attribute 'axis'. Throws InputError.
Axes axes_of(const Request& request, std::int64_t otherwise);

/// Elements that are added up in their own type before they go into a sum in double.
inline constexpr std::int64_t summed_at_once = 256;

/// The sum of `term`, which makes an Eigen expression of a part of the row.
template <class T, class Term>
double sum_over(const T* row, std::int64_t count, Term term) {
  using Part = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;
  double total = 0;
  for (std::int64_t i = 0; i < count; i += summed_at_once) {
    const Part part(row + i, std::min(summed_at_once, count - i));
    total += static_cast<double>(term(part).sum());
  }
  return total;
}
template <class T>
double sum_of(const T* row, std::int64_t count) {
  return sum_over(row, count, [](const auto& x) { return x; });
}
/// Of the squares of what is left without `mean`.
template <class T>
double squares_of(const T* row, std::int64_t count, double mean = 0) {
  const auto middle = static_cast<T>(mean);
  return sum_over(row, count, [middle](const auto& x) { return (x - middle).square(); });
}

/// Mean of a row, and 1 / sqrt(variance + epsilon).
struct Spread {
  double mean = 0;
  double inverse = 1;
};
template <class T>
Spread spread_of(const T* row, std::int64_t count, double epsilon) {
  const auto size = static_cast<double>(count);
  const double mean = sum_of(row, count) / size;
  return {mean, 1 / std::sqrt(squares_of(row, count, mean) / size + epsilon)};
}

// normalizing_channels.cpp
Prepared batch_normalization(const Request& request);
Prepared instance_normalization(const Request& request);
Prepared group_normalization(const Request& request);
Prepared local_response(const Request& request);

// normalizing_axes.cpp
Prepared layer_normalization(const Request& request);
Prepared root_mean_square(const Request& request);
Prepared mean_variance(const Request& request);
Prepared lp_normalization(const Request& request);

// normalizing_softmax.cpp
Prepared softmax(const Request& request);
Prepared log_softmax(const Request& request);
Prepared hardmax(const Request& request);

}  // namespace hardware
