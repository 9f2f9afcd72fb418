#pragma once

#include <array>
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

/// The sum of `term` over a row, in double and in an order that vectorises.
template <class T, class Term>
double sum_over(const T* row, std::int64_t count, Term term) {
  std::array<double, 8> lanes = {};
  std::int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (std::size_t lane = 0; lane < 8; ++lane)
      lanes[lane] += term(static_cast<double>(row[i + static_cast<std::int64_t>(lane)]));
  for (; i < count; ++i) lanes[0] += term(static_cast<double>(row[i]));
  double total = 0;
  for (const double lane : lanes) total += lane;
  return total;
}

/// Mean of a row, and 1 / sqrt(variance + epsilon).
struct Spread {
  double mean = 0;
  double inverse = 1;
};
template <class T>
Spread spread_of(const T* row, std::int64_t count, double epsilon) {
  const auto size = static_cast<double>(count);
  const double mean = sum_over(row, count, [](double x) { return x; }) / size;
  const double squares = sum_over(row, count, [mean](double x) { return (x - mean) * (x - mean); });
  return {mean, 1 / std::sqrt(squares / size + epsilon)};
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
