#include <cmath>
#include <limits>

#include "tests/hardware/reference.h"

namespace hardware::reference {
namespace {

Shape tail(const Shape& shape) {
  return {shape.begin() + 2, shape.end()};
}

Shape joined(std::int64_t n, std::int64_t c, const Shape& rest) {
  Shape result = {n, c};
  result.insert(result.end(), rest.begin(), rest.end());
  return result;
}

/// Windows over each channel: `action(members, place, window)` makes an element of all elements
/// under the window.
template <class Action>
Array pooled(const Call& call, const Window& window, Action action) {
  const auto& x = call.in(0);
  Array y(x.type, joined(x.shape[0], x.shape[1], window.made));
  std::size_t n = 0;
  each(y.shape, [&](const Shape& place) {
    std::vector<std::size_t> members;
    each_tap(window, x.shape, tail(place), [&](const Shape& inside, const Shape&) {
      members.push_back(position(x.shape, joined(place[0], place[1], inside)));
    });
    action(members, tail(place), y, n++);
  });
  return y;
}

Window window_of(const Call& call) {
  return window_of(call, call.in(0).shape, call.integers("kernel_shape"));
}
/// One window over all there is.
Window whole(const Call& call) {
  const auto kernel = tail(call.in(0).shape);
  return {kernel, Shape(kernel.size(), 1), Shape(kernel.size(), 1), Shape(2 * kernel.size(), 0),
          Shape(kernel.size(), 1)};
}

/// With columns first, the last two axes change places (ONNX says so of 2-D; so does everybody).
std::int64_t index_of(const Shape& shape, std::size_t member, bool columns_first) {
  if (!columns_first) return static_cast<std::int64_t>(member);
  auto left = static_cast<std::int64_t>(member);
  Shape place(shape.size());
  for (std::size_t i = shape.size(); i-- > 0; left /= shape[i]) place[i] = left % shape[i];
  std::int64_t inside = 0;
  for (std::size_t i = shape.size(); i-- > 2;) inside = inside * shape[i] + place[i];
  std::int64_t channel = place[0] * shape[1] + place[1];
  for (std::size_t i = 2; i < shape.size(); ++i) channel *= shape[i];
  return channel + inside;
}

Arrays greatest(const Call& call, const Window& window) {
  const auto& x = call.in(0);
  const bool columns_first = call.integer("storage_order", 0) != 0;
  Array indices(ElementType::int64, joined(x.shape[0], x.shape[1], window.made));
  const auto y =
      pooled(call, window, [&](const auto& members, const Shape&, Array& to, std::size_t n) {
        if (members.empty()) {
          if (x.real())
            to.reals[n] = -std::numeric_limits<double>::infinity();
          else
            to.integers[n] = lowest(x.type);
          return;
        }
        auto best = members[0];
        for (const auto m : members)
          if (x.real() ? x.reals[m] > x.reals[best] ||
                             (std::isnan(x.reals[m]) && !std::isnan(x.reals[best]))
                       : below(x.type, x.integers[best], x.integers[m]))
            best = m;
        copy(x, best, to, n);
        indices.integers[n] = index_of(x.shape, best, columns_first);
      });
  return {y, indices};
}

Arrays max_pool(const Call& call) {
  return greatest(call, window_of(call));
}
Arrays global_max_pool(const Call& call) {
  return {greatest(call, whole(call))[0]};
}

/// Elements of the window that lie on the input or its declared padding.
double padded_count(const Window& window, const Shape& input, const Shape& place) {
  double count = 1;
  for (std::size_t i = 0; i < place.size(); ++i) {
    std::int64_t along = 0;
    for (std::int64_t tap = 0; tap < window.kernel[i]; ++tap) {
      const auto p = place[i] * window.strides[i] + tap * window.dilations[i] - window.pads[i];
      along += p < input[i + 2] + window.pads[i + place.size()] ? 1 : 0;
    }
    count *= static_cast<double>(along);
  }
  return count;
}

Arrays average(const Call& call, const Window& window, bool padding_counts) {
  const auto& x = call.in(0);
  return {
      pooled(call, window, [&](const auto& members, const Shape& place, Array& to, std::size_t n) {
        double sum = 0;
        for (const auto m : members) sum += x.reals[m];
        to.reals[n] = sum / (padding_counts ? padded_count(window, x.shape, place)
                                            : static_cast<double>(members.size()));
      })};
}

Arrays average_pool(const Call& call) {
  return average(call, window_of(call), call.integer("count_include_pad", 0) != 0);
}
Arrays global_average_pool(const Call& call) {
  return average(call, whole(call), false);
}

Arrays norm(const Call& call, const Window& window) {
  const auto& x = call.in(0);
  const auto p = static_cast<double>(call.integer("p", 2));
  return {pooled(call, window, [&](const auto& members, const Shape&, Array& to, std::size_t n) {
    double sum = 0;
    for (const auto m : members) sum += std::pow(std::abs(x.reals[m]), p);
    to.reals[n] = std::pow(sum, 1 / p);
  })};
}

Arrays lp_pool(const Call& call) {
  return norm(call, window_of(call));
}
Arrays global_lp_pool(const Call& call) {
  return norm(call, whole(call));
}

constexpr Row rows[] = {
    {"AveragePool", average_pool},
    {"GlobalAveragePool", global_average_pool},
    {"GlobalLpPool", global_lp_pool},
    {"GlobalMaxPool", global_max_pool},
    {"LpPool", lp_pool},
    {"MaxPool", max_pool},
};

}  // namespace

std::span<const Row> pooling_rows() {
  return rows;
}

}  // namespace hardware::reference
