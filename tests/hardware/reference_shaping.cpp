#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "tests/hardware/reference.h"

namespace hardware::reference {
namespace {

/// The same elements, in the same order, under another shape.
Arrays under(const Array& from, const Shape& shape) {
  auto result = from;
  if (models::elements_of(shape) != models::elements_of(from.shape))
    throw std::runtime_error("the elements do not fit the shape");
  result.shape = shape;
  return {result};
}

/// 0 takes the input's size unless `allowzero`; -1 takes what is left.
Arrays reshape(const Call& call) {
  const auto& from = call.in(0);
  auto shape = call.integers("shape", 1);
  const bool zeros = call.integer("allowzero", 0) != 0;
  std::int64_t known = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && !zeros) shape[i] = from.shape.at(i);
    if (shape[i] != -1) known *= shape[i];
  }
  for (auto& size : shape)
    if (size == -1) {
      if (known == 0) throw std::runtime_error("-1 next to a size of nought");
      size = models::elements_of(from.shape) / known;
    }
  return under(from, shape);
}

Arrays flatten(const Call& call) {
  const auto& from = call.in(0);
  const auto rank = static_cast<std::int64_t>(from.rank());
  auto axis = call.integer("axis", 1);
  if (axis < 0) axis += rank;
  Shape shape = {1, 1};
  for (std::int64_t i = 0; i < rank; ++i) shape[i < axis ? 0 : 1] *= at(from.shape, i);
  return under(from, shape);
}

Arrays squeeze(const Call& call) {
  const auto& from = call.in(0);
  const bool all = !call.has(1) && !call.given("axes");
  std::vector<bool> gone(from.rank(), false);
  for (const auto axis : call.integers("axes", 1)) gone[axis_of(axis, from.rank())] = true;
  Shape shape;
  for (std::size_t i = 0; i < from.rank(); ++i)
    if (all ? from.shape[i] != 1 : !gone[i]) shape.push_back(from.shape[i]);
  return under(from, shape);
}

Arrays unsqueeze(const Call& call) {
  const auto& from = call.in(0);
  const auto axes = call.integers("axes", 1);
  const auto rank = from.rank() + axes.size();
  std::vector<bool> fresh(rank, false);
  for (const auto axis : axes) fresh[axis_of(axis, rank)] = true;
  Shape shape;
  for (std::size_t i = 0, next = 0; i < rank; ++i)
    shape.push_back(fresh[i] ? 1 : from.shape[next++]);
  return under(from, shape);
}

Arrays transpose(const Call& call) {
  const auto& from = call.in(0);
  auto order = call.integers("perm");
  if (order.empty())
    for (std::size_t i = from.rank(); i-- > 0;) order.push_back(static_cast<std::int64_t>(i));
  Shape shape;
  for (const auto axis : order) shape.push_back(at(from.shape, axis));
  return {picked(from, shape, [&](const Shape& place) {
    Shape source(from.rank());
    for (std::size_t i = 0; i < order.size(); ++i) source[at(order[i])] = place[i];
    return position(from.shape, source);
  })};
}

/// Blocks of the channels become blocks of rows and columns.
Arrays depth_to_space(const Call& call) {
  const auto& from = call.in(0);
  const auto block = call.integer("blocksize", 1);
  const auto channels = from.shape.at(1) / (block * block);
  const bool columns_first = call.text("mode", "DCR") == "CRD";
  const Shape shape = {from.shape[0], channels, from.shape.at(2) * block, from.shape.at(3) * block};
  return {picked(from, shape, [&](const Shape& place) {
    const auto inside = place[2] % block * block + place[3] % block;
    const auto channel =
        columns_first ? place[1] * block * block + inside : inside * channels + place[1];
    return position(from.shape, {place[0], channel, place[2] / block, place[3] / block});
  })};
}

Arrays space_to_depth(const Call& call) {
  const auto& from = call.in(0);
  const auto block = call.integer("blocksize", 1);
  const auto channels = from.shape.at(1);
  const Shape shape = {from.shape[0], channels * block * block, from.shape.at(2) / block,
                       from.shape.at(3) / block};
  return {picked(from, shape, [&](const Shape& place) {
    const auto inside = place[1] / channels;
    return position(from.shape, {place[0], place[1] % channels, place[2] * block + inside / block,
                                 place[3] * block + inside % block});
  })};
}

Arrays expand(const Call& call) {
  const auto& from = call.in(0);
  return {picked(from, broadcast(from.shape, call.in(1).integers),
                 [&](const Shape& place) { return broadcast_position(from.shape, place); })};
}

Arrays tile(const Call& call) {
  const auto& from = call.in(0);
  auto shape = from.shape;
  for (std::size_t i = 0; i < shape.size(); ++i) shape[i] *= call.in(1).integers.at(i);
  return {picked(from, shape, [&](const Shape& place) {
    auto source = place;
    for (std::size_t i = 0; i < shape.size(); ++i) source[i] %= from.shape[i];
    return position(from.shape, source);
  })};
}

Arrays trilu(const Call& call) {
  auto result = call.in(0);
  const bool upper = call.integer("upper", 1) != 0;
  const auto k = call.has(1) ? call.in(1).integers.at(0) : 0;
  const auto rank = result.rank();
  std::size_t n = 0;
  each(result.shape, [&](const Shape& place) {
    const auto above = place.at(rank - 1) - place.at(rank - 2);
    if (upper ? above < k : above > k) result.set(n, std::int64_t{0});
    ++n;
  });
  return {result};
}

constexpr Row rows[] = {
    {"DepthToSpace", depth_to_space},
    {"Expand", expand},
    {"Flatten", flatten},
    {"Reshape", reshape},
    {"SpaceToDepth", space_to_depth},
    {"Squeeze", squeeze},
    {"Tile", tile},
    {"Transpose", transpose},
    {"Trilu", trilu},
    {"Unsqueeze", unsqueeze},
};

}  // namespace

std::span<const Row> shaping_rows() {
  return rows;
}

}  // namespace hardware::reference
