#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "tests/hardware/reference.h"

namespace hardware::reference {
namespace {

/// A possibly negative index as a place.
std::int64_t inside(std::int64_t index, std::int64_t size) {
  if (index < -size || index >= size) throw std::runtime_error("an index out of range");
  return index < 0 ? index + size : index;
}

Shape part(const Shape& shape, std::size_t begin, std::size_t end) {
  return {shape.begin() + static_cast<std::ptrdiff_t>(begin),
          shape.begin() + static_cast<std::ptrdiff_t>(end)};
}
Shape joined(Shape a, const Shape& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Arrays gather(const Call& call) {
  const auto& from = call.in(0);
  const auto& indices = call.in(1);
  const auto axis = axis_of(call.integer("axis", 0), from.rank());
  const auto shape = joined(joined(part(from.shape, 0, axis), indices.shape),
                            part(from.shape, axis + 1, from.rank()));
  return {picked(from, shape, [&](const Shape& place) {
    const auto index =
        indices.integers[position(indices.shape, part(place, axis, axis + indices.rank()))];
    auto source = part(place, 0, axis);
    source.push_back(inside(index, from.shape[axis]));
    source = joined(source, part(place, axis + indices.rank(), place.size()));
    return position(from.shape, source);
  })};
}

Arrays gather_elements(const Call& call) {
  const auto& from = call.in(0);
  const auto& indices = call.in(1);
  const auto axis = axis_of(call.integer("axis", 0), from.rank());
  return {picked(from, indices.shape, [&](const Shape& place) {
    auto source = place;
    source[axis] = inside(indices.integers[position(indices.shape, place)], from.shape[axis]);
    return position(from.shape, source);
  })};
}

/// Where in a tensor of shape `data` the tuple of indices at `place` points to, `batch` axes first.
Shape pointed(const Array& indices, const Shape& place, const Shape& data, std::size_t batch) {
  Shape source = part(place, 0, batch);
  for (std::int64_t i = 0; i < indices.shape.back(); ++i) {
    auto at_index = place;
    at_index.push_back(i);
    const auto index = indices.integers[position(indices.shape, at_index)];
    source.push_back(inside(index, at(data, i + static_cast<std::int64_t>(batch))));
  }
  return source;
}

Arrays gather_nd(const Call& call) {
  const auto& from = call.in(0);
  const auto& indices = call.in(1);
  const auto batch = at(call.integer("batch_dims", 0));
  const auto outer = indices.rank() - 1;
  const auto depth = batch + at(indices.shape.back());
  const auto shape = joined(part(indices.shape, 0, outer), part(from.shape, depth, from.rank()));
  return {picked(from, shape, [&](const Shape& place) {
    const auto start = pointed(indices, part(place, 0, outer), from.shape, batch);
    return position(from.shape, joined(start, part(place, outer, place.size())));
  })};
}

/// Puts `b` where `a` is, or joins them.
void put(const std::string& way, const Array& from, std::size_t i, Array& to, std::size_t k) {
  if (way == "none") return copy(from, i, to, k);
  if (to.real()) {
    auto& a = to.reals[k];
    const auto b = from.reals[i];
    a = way == "add"   ? a + b
        : way == "mul" ? a * b
        : way == "max" ? std::fmax(a, b)
                       : std::fmin(a, b);
    return;
  }
  auto& a = to.integers[k];
  const auto b = from.integers[i];
  const auto wide_a = static_cast<std::uint64_t>(a), wide_b = static_cast<std::uint64_t>(b);
  if (way == "add") to.set(k, static_cast<std::int64_t>(wide_a + wide_b));
  if (way == "mul") to.set(k, static_cast<std::int64_t>(wide_a * wide_b));
  if (way == "max") a = below(to.type, a, b) ? b : a;
  if (way == "min") a = below(to.type, b, a) ? b : a;
}

Arrays scatter_elements(const Call& call) {
  auto result = call.in(0);
  const auto& indices = call.in(1);
  const auto axis = axis_of(call.integer("axis", 0), result.rank());
  std::size_t n = 0;
  each(indices.shape, [&](const Shape& place) {
    auto target = place;
    target[axis] = inside(indices.integers[n], result.shape[axis]);
    put(call.text("reduction", "none"), call.in(2), n, result, position(result.shape, target));
    ++n;
  });
  return {result};
}

Arrays scatter_nd(const Call& call) {
  auto result = call.in(0);
  const auto& indices = call.in(1);
  const auto outer = indices.rank() - 1;
  std::size_t n = 0;
  each(call.in(2).shape, [&](const Shape& place) {
    const auto start = pointed(indices, part(place, 0, outer), result.shape, 0);
    const auto target = joined(start, part(place, outer, place.size()));
    put(call.text("reduction", "none"), call.in(2), n++, result, position(result.shape, target));
  });
  return {result};
}

/// The order of the places along a line: the greatest (or least) first, of equals the first one.
std::vector<std::int64_t> ranking(const Array& x, const std::vector<std::size_t>& line,
                                  bool greatest) {
  std::vector<std::int64_t> order(line.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t i, std::int64_t k) {
    const auto a = greatest ? at(line, k) : at(line, i);
    const auto b = greatest ? at(line, i) : at(line, k);
    return x.real() ? x.reals[a] < x.reals[b] : below(x.type, x.integers[a], x.integers[b]);
  });
  return order;
}

Arrays top_k(const Call& call) {
  const auto& x = call.in(0);
  const auto axis = axis_of(call.integer("axis", -1), x.rank());
  const auto k = call.has(1) ? call.in(1).integers.at(0) : call.integer("k", 0);
  const bool greatest = call.integer("largest", 1) != 0;
  auto shape = x.shape, lines = x.shape;
  shape[axis] = k;
  lines[axis] = 1;
  Array values(x.type, shape), indices(ElementType::int64, shape);
  each(lines, [&](const Shape& line) {
    std::vector<std::size_t> places;
    auto place = line;
    for (place[axis] = 0; place[axis] < x.shape[axis]; ++place[axis])
      places.push_back(position(x.shape, place));
    const auto order = ranking(x, places, greatest);
    for (place[axis] = 0; place[axis] < k; ++place[axis]) {
      const auto to = position(shape, place);
      indices.integers[to] = at(order, place[axis]);
      copy(x, at(places, at(order, place[axis])), values, to);
    }
  });
  return {values, indices};
}

constexpr Row rows[] = {
    {"Gather", gather},
    {"GatherElements", gather_elements},
    {"GatherND", gather_nd},
    {"Scatter", scatter_elements},
    {"ScatterElements", scatter_elements},
    {"ScatterND", scatter_nd},
    {"TopK", top_k},
};

}  // namespace

std::span<const Row> picking_rows() {
  return rows;
}

}  // namespace hardware::reference
