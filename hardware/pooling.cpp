#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

#include "hardware/attributes.h"
#include "hardware/catalogue.h"
#include "hardware/halves.h"
#include "hardware/pooling_window.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::ElementType;

using Rows = std::span<const std::int64_t>;

/// What padding is worth to a maximum.
template <class T>
constexpr T lowest() {
  if constexpr (std::is_floating_point_v<T>) return -std::numeric_limits<T>::infinity();
  return std::numeric_limits<T>::lowest();
}

/// A NaN is greater than everything: it must not get lost.
template <class T>
bool greater(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    if (std::isnan(a)) return !std::isnan(b);
  return a > b;
}

std::int64_t planes_of(const Layout& layout) {
  return models::times(layout.shape[0], layout.shape[1]);
}

// MaxPool

/// Where the greatest element of a window lies in its plane; -1 for a window of padding only.
template <class T>
std::int64_t greatest(const T* plane, Rows rows, const Reach& reach, std::int64_t step) {
  std::int64_t best = -1;
  for (const auto row : rows)
    for (std::int64_t k = 0; k < reach.count; ++k) {
      const auto place = row + reach.begin + k * step;
      if (best < 0 || greater(plane[place], plane[best])) best = place;
    }
  return best;
}

template <class T>
T maximum(const T* plane, Rows rows, const Reach& reach, std::int64_t step) {
  T best = lowest<T>();
  for (const auto row : rows) {
    const T* from = plane + row + reach.begin;
    for (std::int64_t k = 0; k < reach.count; ++k, from += step)
      if (greater(*from, best)) best = *from;
  }
  return best;
}

/// The index of an element that counts the first spatial axis fastest.
std::int64_t column_major(std::int64_t place, const models::Shape& shape) {
  std::int64_t result = 0;
  for (auto axis = shape.size(); axis-- > 0;) {
    auto stride = std::int64_t{1};
    for (std::size_t i = 0; i < axis; ++i) stride *= shape[i];
    result += place % shape[axis] * stride;
    place /= shape[axis];
  }
  return result;
}

template <class T>
Prepared max_pool_of(const Request& request) {
  const auto window = pooling_window(request);
  Windows windows(window);
  const auto held = windows.held();
  const auto planes = planes_of(input_of(request, 0));
  const bool by_column = integer_of(*request.op, "storage_order", 0) != 0;
  auto prepared = as_asked(
      request, "own",
      [windows = std::move(windows), shape = window.input, planes, by_column](
          const auto& inputs, const auto& outputs, std::byte*) mutable {
        const T* plane = elements<T>(inputs, 0);
        T* to = elements<T>(outputs, 0);
        auto* indices = elements<std::int64_t>(outputs, 1);
        for (std::int64_t p = 0; p < planes; ++p, plane += windows.input_elements()) {
          const auto first = p * windows.input_elements();
          if (indices == nullptr) {
            windows.for_each([&](Rows rows, const Reach& reach, std::int64_t step, std::int64_t) {
              *to++ = maximum(plane, rows, reach, step);
            });
            continue;
          }
          windows.for_each([&](Rows rows, const Reach& reach, std::int64_t step, std::int64_t) {
            const auto place = greatest(plane, rows, reach, step);
            *to++ = place < 0 ? lowest<T>() : plane[place];
            const bool turned = by_column && place >= 0;
            *indices++ = place < 0 ? -1 : first + (turned ? column_major(place, shape) : place);
          });
        }
      });
  prepared.held = held;
  return prepared;
}

Prepared max_pool(const Request& request) {
  switch (input_of(request, 0).type) {
    case ElementType::float32:
      return max_pool_of<float>(request);
    case ElementType::float64:
      return max_pool_of<double>(request);
    case ElementType::int8:
      return max_pool_of<std::int8_t>(request);
    case ElementType::uint8:
      return max_pool_of<std::uint8_t>(request);
    case ElementType::float16:
    case ElementType::bfloat16:
      return through_float(request, max_pool);
    default:
      refuse_type(request);
  }
}

// Sums over windows and planes: averages and p-norms

/// |x|^p, added up and drawn the root of.
class Norm {
 public:
  explicit Norm(double p) : p_(p) {}
  double power(double x) const {
    if (p_ == 2) return x * x;
    return p_ == 1 ? std::abs(x) : std::pow(std::abs(x), p_);
  }
  double root(double sum) const {
    if (p_ == 2) return std::sqrt(sum);
    return p_ == 1 ? sum : std::pow(sum, 1 / p_);
  }

 private:
  double p_;
};

Norm norm_of(const Request& request) {
  const auto p = integer_of(*request.op, "p", 2);
  if (p < 1) fail(*request.op, "its attribute 'p' is " + std::to_string(p) + ", not positive");
  return Norm(static_cast<double>(p));
}

template <class T, class Power>
double sum(const T* plane, Rows rows, const Reach& reach, std::int64_t step, Power power) {
  double total = 0;
  for (const auto row : rows) {
    const T* from = plane + row + reach.begin;
    for (std::int64_t k = 0; k < reach.count; ++k, from += step)
      total += power(static_cast<double>(*from));
  }
  return total;
}

/// Slides over every plane; `value(plane, rows, reach, step, padded)` makes an output.
template <class T, class Value>
Prepared slid(const Request& request, Value value) {
  Windows windows(pooling_window(request));
  const auto held = windows.held();
  const auto planes = planes_of(input_of(request, 0));
  auto prepared =
      as_asked(request, "own",
               [windows = std::move(windows), planes, value](
                   const auto& inputs, const auto& outputs, std::byte*) mutable {
                 const T* plane = elements<T>(inputs, 0);
                 T* to = elements<T>(outputs, 0);
                 for (std::int64_t p = 0; p < planes; ++p, plane += windows.input_elements())
                   windows.for_each(
                       [&](Rows rows, const Reach& reach, std::int64_t step, std::int64_t padded) {
                         *to++ = static_cast<T>(value(plane, rows, reach, step, padded));
                       });
               });
  prepared.held = held;
  return prepared;
}

template <class T>
Prepared average_pool_of(const Request& request) {
  const bool with_padding = integer_of(*request.op, "count_include_pad", 0) != 0;
  return slid<T>(request, [with_padding](const T* plane, Rows rows, const Reach& reach,
                                         std::int64_t step, std::int64_t padded) {
    const auto present = static_cast<std::int64_t>(rows.size()) * reach.count;
    if (present == 0) return 0.0;
    const auto total = sum(plane, rows, reach, step, [](double x) { return x; });
    return total / static_cast<double>(with_padding ? padded : present);
  });
}

template <class T>
Prepared lp_pool_of(const Request& request) {
  const auto norm = norm_of(request);
  return slid<T>(request, [norm](const T* plane, Rows rows, const Reach& reach, std::int64_t step,
                                 std::int64_t) {
    return norm.root(sum(plane, rows, reach, step, [norm](double x) { return norm.power(x); }));
  });
}

/// Turns every plane into one number by `value(plane, elements)`.
template <class T, class Value>
Prepared per_plane(const Request& request, Value value) {
  const auto& shape = input_of(request, 0).shape;
  if (shape.size() < 2) fail(*request.op, "its input has fewer than two axes");
  const auto planes = planes_of(input_of(request, 0));
  const auto size = models::elements_of(std::span(shape).subspan(2));
  return as_asked(request, "own",
                  [planes, size, value](const auto& inputs, const auto& outputs, std::byte*) {
                    const T* plane = elements<T>(inputs, 0);
                    T* to = elements<T>(outputs, 0);
                    for (std::int64_t p = 0; p < planes; ++p, plane += size)
                      *to++ = value(plane, size);
                  });
}

template <class T>
Prepared global_max_of(const Request& request) {
  return per_plane<T>(request, [](const T* plane, std::int64_t size) {
    const std::array<std::int64_t, 1> rows = {0};
    return maximum(plane, rows, {0, size, size}, 1);
  });
}

template <class T>
Prepared global_average_of(const Request& request) {
  return per_plane<T>(request, [](const T* plane, std::int64_t size) {
    const std::array<std::int64_t, 1> rows = {0};
    const auto total = sum(plane, rows, {0, size, size}, 1, [](double x) { return x; });
    return static_cast<T>(total / static_cast<double>(size));
  });
}

template <class T>
Prepared global_lp_of(const Request& request) {
  return per_plane<T>(request, [norm = norm_of(request)](const T* plane, std::int64_t size) {
    const std::array<std::int64_t, 1> rows = {0};
    const auto power = [norm](double x) { return norm.power(x); };
    return static_cast<T>(norm.root(sum(plane, rows, {0, size, size}, 1, power)));
  });
}

constexpr std::string_view reals = "float32 float64 float16 bfloat16";
constexpr std::array table = {
    PlainRow{"MaxPool", max_pool, "float32 float64 float16 bfloat16 int8 uint8", "own"},
    PlainRow{"AveragePool", real<average_pool_of<float>, average_pool_of<double>>, reals, "own"},
    PlainRow{"LpPool", real<lp_pool_of<float>, lp_pool_of<double>>, reals, "own"},
    PlainRow{"GlobalMaxPool", real<global_max_of<float>, global_max_of<double>>, reals, "own"},
    PlainRow{"GlobalAveragePool", real<global_average_of<float>, global_average_of<double>>, reals,
             "own"},
    PlainRow{"GlobalLpPool", real<global_lp_of<float>, global_lp_of<double>>, reals, "own"},
};

}  // namespace

std::span<const PlainRow> pooling_rows() {
  return table;
}

}  // namespace hardware
