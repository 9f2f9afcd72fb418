#include <algorithm>
#include <cmath>
#include <functional>

#include "hardware/attributes.h"
#include "hardware/halves.h"
#include "hardware/normalizing.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Shape;

// LayerNormalization and RMSNormalization

/// For each element of a block of axes, where its partner lies in a tensor that is broadcast.
using Places = std::vector<std::int64_t>;

Places places(std::span<const std::int64_t> shape, std::span<const std::int64_t> strides) {
  Places result = {0};
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    Places longer;
    for (const auto place : result)
      for (std::int64_t i = 0; i < shape[axis]; ++i) longer.push_back(place + i * strides[axis]);
    result = std::move(longer);
  }
  return result;
}

/// Strides of `shape` where it is broadcast to `to`. Throws InputError.
Shape broadcast_strides(const Request& request, const Shape& shape, const Shape& to) {
  Shape strides(to.size(), 0);
  std::int64_t stride = 1;
  const auto missing = to.size() - std::min(to.size(), shape.size());
  for (auto i = shape.size(); i-- > 0;) {
    const bool fits = shape.size() <= to.size() && (shape[i] == 1 || shape[i] == to[missing + i]);
    if (!fits)
      fail(*request.op, "a scale or bias of shape " + models::text_of(shape) +
                            " does not fit an input of shape " + models::text_of(to));
    if (shape[i] != 1) strides[missing + i] = stride;
    stride *= shape[i];
  }
  return strides;
}

/// A scale or a bias: element of row r and column c is at rows[r] + columns[c].
struct Parameter {
  std::size_t input = 0;
  Places rows, columns;
  bool plain = false;  ///< one element per column, in order

  std::size_t held() const { return (rows.size() + columns.size()) * sizeof(std::int64_t); }
};

Parameter parameter_of(const Request& request, std::size_t input, std::size_t axis) {
  const auto& to = input_of(request, 0).shape;
  const auto& shape = input_of(request, input).shape;
  if (input_of(request, input).type != input_of(request, 0).type) refuse_type(request);
  const auto strides = broadcast_strides(request, shape, to);
  Parameter parameter{input, places(std::span(to).first(axis), std::span(strides).first(axis)),
                      places(std::span(to).subspan(axis), std::span(strides).subspan(axis))};
  parameter.plain =
      std::equal(shape.begin(), shape.end(), to.end() - std::ssize(shape), to.end()) &&
      shape.size() == to.size() - axis;
  return parameter;
}

/// Where a statistic goes, if it is asked for.
struct Statistic {
  std::size_t output = 0;
  ElementType type = ElementType::float32;
};

std::vector<Statistic> statistics_of(const Request& request) {
  std::vector<Statistic> result;
  for (std::size_t i = 1; i < request.outputs.size(); ++i)
    if (request.outputs[i]) result.push_back({i, request.outputs[i]->type});
  return result;
}

/// combine(element of the row, its partner) for all of row r.
template <class T, class Combine>
void combine(T* row, std::int64_t size, std::int64_t r, const Parameter& parameter, const T* values,
             Combine with) {
  values += at(parameter.rows, r);
  if (parameter.plain) {
    for (std::int64_t i = 0; i < size; ++i) row[i] = with(row[i], values[i]);
    return;
  }
  for (std::int64_t i = 0; i < size; ++i) row[i] = with(row[i], values[at(parameter.columns, i)]);
}

/// Rows of `size` elements; `spread` is what they are shifted and scaled by.
template <class T, bool centred>
Prepared rows_of(const Request& request) {
  const auto& shape = input_of(request, 0).shape;
  const auto axis = axis_of(*request.op, integer_of(*request.op, "axis", -1), shape.size());
  const auto size = models::elements_of(std::span(shape).subspan(axis));
  const auto count = models::elements_of(std::span(shape).first(axis));
  const double epsilon = real_of(*request.op, "epsilon", 1e-5);
  std::vector<Parameter> parameters = {parameter_of(request, 1, axis)};
  if (has_input(request, 2)) parameters.push_back(parameter_of(request, 2, axis));
  std::size_t held = 0;
  for (const auto& parameter : parameters) held += parameter.held();
  auto prepared = as_asked(
      request, "own",
      [=, statistics = statistics_of(request)](const auto& inputs, const auto& outputs,
                                               std::byte*) {
        const T* from = elements<T>(inputs, 0);
        T* to = elements<T>(outputs, 0);
        for (std::int64_t r = 0; r < count; ++r, from += size, to += size) {
          Spread spread;
          if constexpr (centred) {
            spread = spread_of(from, size, epsilon);
          } else {
            const double squares = squares_of(from, size);
            spread = {0, 1 / std::sqrt(squares / static_cast<double>(size) + epsilon)};
          }
          const auto mean = static_cast<T>(spread.mean), inverse = static_cast<T>(spread.inverse);
          for (std::int64_t i = 0; i < size; ++i) to[i] = (from[i] - mean) * inverse;
          combine(to, size, r, parameters[0], elements<T>(inputs, 1), std::multiplies<T>());
          if (parameters.size() > 1)
            combine(to, size, r, parameters[1], elements<T>(inputs, 2), std::plus<T>());
          for (const auto& statistic : statistics)
            store(outputs[statistic.output], statistic.type, r,
                  statistic.output == 1 ? spread.mean : spread.inverse);
        }
      });
  prepared.held = held;
  return prepared;
}

// MeanVarianceNormalization

/// Elements that share their statistics have the same place in a smaller tensor; `run` that follow
/// each other always do.
struct Sharing {
  Shape shape, strides;  ///< of the axes before a run, and of the places
  std::int64_t run = 1;
  std::int64_t places = 1;
  double share = 1;  ///< elements per place

  /// use(element, place) for the first element of each run, in their order.
  template <class Use>
  void for_each(Use use) const {
    walk(0, 0, 0, use);
  }

 private:
  template <class Use>
  void walk(std::size_t axis, std::int64_t number, std::int64_t place, Use use) const {
    if (axis == shape.size()) return use(number * run, place);
    for (std::int64_t i = 0; i < shape[axis]; ++i)
      walk(axis + 1, number * shape[axis] + i, place + i * strides[axis], use);
  }
};

Sharing sharing_of(const Request& request) {
  const auto& op = *request.op;
  Sharing sharing{input_of(request, 0).shape, {}};
  const auto rank = sharing.shape.size();
  auto axes = integers_of(op, "axes");
  if (axes.empty()) axes = {0, 2, 3};
  std::vector<bool> shared(rank, false);
  for (const auto axis : axes) shared[axis_of(op, axis, rank)] = true;
  sharing.strides.assign(rank, 0);
  for (auto i = rank; i-- > 0;) {
    if (shared[i]) {
      sharing.share *= static_cast<double>(sharing.shape[i]);
    } else {
      sharing.strides[i] = sharing.places;
      sharing.places *= sharing.shape[i];
    }
  }
  for (auto i = rank; i-- > 0 && shared[i]; sharing.shape.pop_back())
    sharing.run *= sharing.shape[i];
  return sharing;
}

/// Of the standard's definition, which divides by the deviation plus this.
constexpr double least_deviation = 1e-9;

template <class T>
Prepared mean_variance_of(const Request& request) {
  const auto sharing = sharing_of(request);
  auto prepared = as_asked(
      request, "own", [sharing](const auto& inputs, const auto& outputs, std::byte* workspace) {
        const T* from = elements<T>(inputs, 0);
        T* to = elements<T>(outputs, 0);
        auto* mean = reinterpret_cast<double*>(workspace);
        auto* deviation = mean + sharing.places;
        const auto run = sharing.run;
        std::fill_n(mean, 2 * sharing.places, 0.0);
        sharing.for_each([&](auto i, auto place) { mean[place] += sum_of(from + i, run); });
        for (std::int64_t p = 0; p < sharing.places; ++p) mean[p] /= sharing.share;
        sharing.for_each([&](auto i, auto place) {
          deviation[place] += squares_of(from + i, run, mean[place]);
        });
        for (std::int64_t p = 0; p < sharing.places; ++p)
          deviation[p] = 1 / (std::sqrt(deviation[p] / sharing.share) + least_deviation);
        sharing.for_each([&](auto i, auto place) {
          const auto middle = static_cast<T>(mean[place]),
                     factor = static_cast<T>(deviation[place]);
          for (auto k = i; k < i + run; ++k) to[k] = (from[k] - middle) * factor;
        });
      });
  prepared.workspace = 2 * at(sharing.places) * sizeof(double);
  return prepared;
}

// LpNormalization

/// Of `size` elements `step` apart, the sum of p-th powers.
template <class T>
double powers(const T* from, std::int64_t size, std::int64_t step, std::int64_t p) {
  if (step == 1 && p == 2) return squares_of(from, size);
  if (step == 1) return sum_over(from, size, [](const auto& x) { return x.abs(); });
  double sum = 0;
  for (std::int64_t i = 0; i < size; ++i) {
    const auto x = static_cast<double>(from[i * step]);
    sum += p == 1 ? std::abs(x) : x * x;
  }
  return sum;
}

template <class T>
Prepared lp_of(const Request& request) {
  const auto axes = axes_of(request, -1);
  const auto p = integer_of(*request.op, "p", 2);
  if (p != 1 && p != 2)
    fail(*request.op, "its attribute 'p' is " + std::to_string(p) + ", neither 1 nor 2");
  return as_asked(request, "own", [axes, p](const auto& inputs, const auto& outputs, std::byte*) {
    const T* from = elements<T>(inputs, 0);
    T* to = elements<T>(outputs, 0);
    const auto step = axes.size * axes.inner;
    for (std::int64_t o = 0; o < axes.outer; ++o, from += step, to += step)
      for (std::int64_t column = 0; column < axes.inner; ++column) {
        const double sum = powers(from + column, axes.size, axes.inner, p);
        const double norm = p == 2 ? std::sqrt(sum) : sum;
        // A row of noughts stays one.
        const auto factor = static_cast<T>(norm == 0 ? 0 : 1 / norm);
        for (auto i = column; i < step; i += axes.inner) to[i] = from[i] * factor;
      }
  });
}

}  // namespace

Prepared layer_normalization(const Request& request) {
  return real<rows_of<float, true>, rows_of<double, true>>(request);
}
Prepared root_mean_square(const Request& request) {
  return real<rows_of<float, false>, rows_of<double, false>>(request);
}
Prepared mean_variance(const Request& request) {
  return real<mean_variance_of<float>, mean_variance_of<double>>(request);
}
Prepared lp_normalization(const Request& request) {
  return real<lp_of<float>, lp_of<double>>(request);
}

}  // namespace hardware
