#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "tests/hardware/reference.h"

namespace hardware::reference {
namespace {

Arrays concat(const Call& call) {
  const auto axis = axis_of(call.integer("axis", 1), call.in(0).rank());
  auto shape = call.in(0).shape;
  shape[axis] = 0;
  for (std::size_t i = 0; i < call.inputs.size(); ++i) shape[axis] += call.in(i).shape.at(axis);
  Array result(call.in(0).type, shape);
  std::size_t n = 0;
  each(shape, [&](const Shape& place) {
    auto source = place;
    std::size_t part = 0;
    while (source[axis] >= call.in(part).shape[axis]) source[axis] -= call.in(part++).shape[axis];
    copy(call.in(part), position(call.in(part).shape, source), result, n++);
  });
  return {result};
}

Arrays split(const Call& call) {
  const auto& from = call.in(0);
  const auto axis = axis_of(call.integer("axis", 0), from.rank());
  auto sizes = call.integers("split", 1);
  if (sizes.empty()) {
    const auto parts = static_cast<std::int64_t>(call.op.outputs.size());
    // The last part is smaller where the axis cannot be divided evenly (opset 18).
    const auto most = (from.shape[axis] + parts - 1) / parts;
    for (auto left = from.shape[axis]; sizes.size() < at(parts); left -= most)
      sizes.push_back(std::clamp<std::int64_t>(left, 0, most));
  }
  Arrays results;
  std::int64_t start = 0;
  for (const auto size : sizes) {
    auto shape = from.shape;
    shape[axis] = size;
    results.push_back(picked(from, shape, [&](const Shape& place) {
      auto source = place;
      source[axis] += start;
      return position(from.shape, source);
    }));
    start += size;
  }
  return results;
}

struct Cut {
  std::int64_t start = 0, count = 0, step = 1;
};

/// Ends may be far outside. Backwards, a start before the first element is the first one, where
/// Python would take nothing.
Cut cut_of(std::int64_t start, std::int64_t end, std::int64_t step, std::int64_t size) {
  if (step == 0) throw std::runtime_error("a step of nought");
  if (size == 0) return {0, 0, step};
  if (start < 0) start += size;
  if (end < 0) end += size;
  if (step > 0) {
    start = std::clamp<std::int64_t>(start, 0, size);
    end = std::clamp<std::int64_t>(end, 0, size);
  } else {
    start = std::clamp<std::int64_t>(start, 0, size - 1);
    end = std::clamp<std::int64_t>(end, -1, size - 1);
  }
  Cut cut{start, 0, step};
  for (auto i = start; step > 0 ? i < end : i > end;) {
    ++cut.count;
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return cut;
}

Arrays slice(const Call& call) {
  const auto& from = call.in(0);
  const auto starts = call.integers("starts", 1);
  const auto ends = call.integers("ends", 2);
  auto axes = call.integers("axes", 3);
  if (!call.has(3) && !call.given("axes"))
    for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  std::vector<Cut> cuts;
  for (const auto size : from.shape) cuts.push_back({0, size, 1});
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const auto axis = axis_of(axes.at(i), from.rank());
    const auto step = call.has(4) ? call.in(4).integers.at(i) : 1;
    cuts[axis] = cut_of(starts[i], ends.at(i), step, from.shape[axis]);
  }
  Shape shape;
  for (const auto& cut : cuts) shape.push_back(cut.count);
  return {picked(from, shape, [&](const Shape& place) {
    auto source = place;
    for (std::size_t i = 0; i < cuts.size(); ++i)
      source[i] = cuts[i].start + place[i] * cuts[i].step;
    return position(from.shape, source);
  })};
}

/// Where an element outside of [0, size) comes from; -1: from nowhere.
std::int64_t source_of(std::int64_t i, std::int64_t size, const std::string& mode) {
  if (i >= 0 && i < size) return i;
  if (mode == "edge") return std::clamp<std::int64_t>(i, 0, size - 1);
  if (mode == "wrap") return ((i % size) + size) % size;
  if (mode != "reflect") return -1;
  while (i < 0 || i >= size) i = i < 0 ? -i : 2 * (size - 1) - i;
  return i;
}

/// Attributes before opset 11, inputs since; `axes` from opset 18 on.
Arrays pad(const Call& call) {
  const auto& from = call.in(0);
  const auto mode = call.text("mode", "constant");
  const auto given = call.integers("pads", 1);
  std::vector<std::int64_t> axes(from.rank());
  std::iota(axes.begin(), axes.end(), 0);
  if (call.has(3)) axes = call.in(3).integers;
  Shape begins(from.rank(), 0), shape = from.shape;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = axis_of(axes[i], from.rank());
    begins[axis] = given.at(i);
    shape[axis] += given[i] + given.at(i + axes.size());
  }
  Array fill(from.type, {});
  if (call.has(2))
    fill = call.in(2);
  else if (fill.real())
    fill.reals[0] = call.real("value", 0);
  Array result(from.type, shape);
  std::size_t n = 0;
  each(shape, [&](const Shape& place) {
    auto source = place;
    bool inside = true;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      source[i] = source_of(place[i] - begins[i], from.shape[i], mode);
      inside = inside && source[i] >= 0;
    }
    if (inside)
      copy(from, position(from.shape, source), result, n++);
    else
      copy(fill, 0, result, n++);
  });
  return {result};
}

constexpr Row rows[] = {
    {"Concat", concat},
    {"Pad", pad},
    {"Slice", slice},
    {"Split", split},
};

}  // namespace

std::span<const Row> moving_rows() {
  return rows;
}

}  // namespace hardware::reference
