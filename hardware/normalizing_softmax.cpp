#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

#include "hardware/attributes.h"
#include "hardware/halves.h"
#include "hardware/normalizing.h"
#include "models/index.h"

namespace hardware {
namespace {

template <class T>
using Row = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;
template <class T>
using GivenRow = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;

/// Since opset 13 along one axis; before, along all axes from it on.
Axes softmax_axes(const Request& request) {
  const bool old = request.opset < 13;
  auto axes = axes_of(request, old ? 1 : -1);
  if (old) {
    axes.size *= axes.inner;
    axes.inner = 1;
  }
  return axes;
}

/// Below this exponent exp() is subnormal or nought; Eigen's stops at a small number instead.
template <class T>
const T least_exponent = std::log(std::numeric_limits<T>::min());

/// exp(x) into y.
template <class T, class Expression>
void exponentials(const Expression& x, Row<T> y) {
  y = (x < least_exponent<T>).select(T{0}, x.exp());
}

/// Softmax of a row that is contiguous.
template <class T>
void along_row(const T* from, T* to, std::int64_t size, bool logarithm) {
  const GivenRow<T> x(from, size);
  Row<T> y(to, size);
  const T largest = x.maxCoeff();
  exponentials<T>(x - largest, y);
  const double total = sum_of(to, size);
  if (logarithm)
    y = (x - largest) - static_cast<T>(std::log(total));
  else
    y *= static_cast<T>(1 / total);
}

/// The same of `inner` rows that lie side by side; `room` holds twice as many elements.
template <class T>
void along_columns(const T* from, T* to, const Axes& axes, bool logarithm, T* room) {
  Row<T> largest(room, axes.inner), total(room + axes.inner, axes.inner);
  largest = GivenRow<T>(from, axes.inner);
  for (std::int64_t i = 1; i < axes.size; ++i)
    largest = largest.max(GivenRow<T>(from + i * axes.inner, axes.inner));
  total.setZero();
  for (std::int64_t i = 0; i < axes.size; ++i) {
    Row<T> y(to + i * axes.inner, axes.inner);
    exponentials<T>(GivenRow<T>(from + i * axes.inner, axes.inner) - largest, y);
    total += y;
  }
  if (logarithm) total = total.log();
  for (std::int64_t i = 0; i < axes.size; ++i) {
    Row<T> y(to + i * axes.inner, axes.inner);
    if (logarithm)
      y = (GivenRow<T>(from + i * axes.inner, axes.inner) - largest) - total;
    else
      y /= total;
  }
}

template <class T, bool logarithm>
Prepared softmax_of(const Request& request) {
  const auto axes = softmax_axes(request);
  auto prepared = as_asked(
      request, "eigen", [axes](const auto& inputs, const auto& outputs, std::byte* workspace) {
        const T* from = elements<T>(inputs, 0);
        T* to = elements<T>(outputs, 0);
        const auto step = axes.size * axes.inner;
        if (step == 0) return;
        for (std::int64_t o = 0; o < axes.outer; ++o, from += step, to += step) {
          if (axes.inner == 1)
            along_row(from, to, axes.size, logarithm);
          else
            along_columns(from, to, axes, logarithm, reinterpret_cast<T*>(workspace));
        }
      });
  prepared.workspace = axes.inner == 1 ? 0 : 2 * models::at(axes.inner) * sizeof(T);
  return prepared;
}

template <class T>
Prepared hardmax_of(const Request& request) {
  const auto axes = softmax_axes(request);
  return as_asked(request, "own", [axes](const auto& inputs, const auto& outputs, std::byte*) {
    const T* from = elements<T>(inputs, 0);
    T* to = elements<T>(outputs, 0);
    const auto step = axes.size * axes.inner;
    if (step == 0) return;
    std::fill_n(to, axes.outer * step, T{0});
    for (std::int64_t o = 0; o < axes.outer; ++o, from += step, to += step)
      for (std::int64_t column = 0; column < axes.inner; ++column) {
        std::int64_t best = column;
        for (auto i = column; i < step; i += axes.inner)
          if (from[i] > from[best]) best = i;
        to[best] = T{1};
      }
  });
}

}  // namespace

Prepared softmax(const Request& request) {
  return real<softmax_of<float, false>, softmax_of<double, false>>(request);
}
Prepared log_softmax(const Request& request) {
  return real<softmax_of<float, true>, softmax_of<double, true>>(request);
}
Prepared hardmax(const Request& request) {
  return real<hardmax_of<float>, hardmax_of<double>>(request);
}

}  // namespace hardware
