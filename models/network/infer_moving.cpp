#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/network/infer.h"

namespace models::infer {
namespace {

std::int64_t product(const Shape& shape, std::size_t from, std::size_t to) {
  return elements_of(std::span(shape).subspan(from, to - from));
}

Shape without(const Shape& shape, const std::vector<bool>& gone) {
  Shape result;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (!gone[i]) result.push_back(shape[i]);
  return result;
}

}  // namespace

Outputs reshape(const NodeView& node) {
  const auto wanted = node.integers_of("shape", 1);
  node.require(wanted.has_value(), "it has no shape");
  const auto& from = node.shape(0);
  const bool keep_nought = node.integer("allowzero", 0) == 0;
  Shape result;
  std::int64_t known = 1;
  std::optional<std::size_t> open;
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    auto size = (*wanted)[i];
    if (size == 0 && keep_nought) {
      node.require(i < from.size(), "its shape copies an axis that its input lacks");
      size = from[i];
    }
    node.require(size >= -1 && (size != -1 || !open),
                 "its shape " + text_of(*wanted) + " is not possible");
    if (size == -1)
      open = i;
    else
      known = times(known, size);
    result.push_back(size);
  }
  const auto elements = elements_of(from);
  if (open) result[*open] = known == 0 ? 0 : elements / known;
  node.require(elements_of(result) == elements, "it cannot reshape " + text_of(from) + " to " +
                                                    text_of(*wanted) +
                                                    "; check the dimensions that were set");
  return {{result, node.type(0)}};
}

Outputs flatten(const NodeView& node) {
  const auto& shape = node.shape(0);
  const auto value = node.integer("axis", 1);
  const auto rank = static_cast<std::int64_t>(shape.size());
  node.require(value >= -rank && value <= rank,
               "its axis " + std::to_string(value) + " is outside its input");
  const auto axis = static_cast<std::size_t>(value < 0 ? value + rank : value);
  return {{{product(shape, 0, axis), product(shape, axis, shape.size())}, node.type(0)}};
}

Outputs squeeze(const NodeView& node) {
  const auto& shape = node.shape(0);
  const auto axes = node.integers_of("axes", 1);
  std::vector<bool> gone(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) gone[i] = shape[i] == 1;
  if (axes) gone = node.axis_set(*axes, shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i)
    node.require(!gone[i] || shape[i] == 1, "it squeezes axis " + std::to_string(i) + " of " +
                                                text_of(shape) + ", which is not 1");
  return {{without(shape, gone), node.type(0)}};
}

Outputs unsqueeze(const NodeView& node) {
  const auto axes = node.integers_of("axes", 1);
  node.require(axes.has_value(), "it has no axes");
  const auto added = node.axis_set(*axes, node.rank(0) + axes->size());
  Shape result;
  auto next = node.shape(0).begin();
  for (const bool fresh : added) result.push_back(fresh ? 1 : *next++);
  return {{result, node.type(0)}};
}

std::vector<std::size_t> permutation(const NodeView& node) {
  const auto rank = node.rank(0);
  std::vector<std::size_t> order(rank);
  std::iota(order.rbegin(), order.rend(), 0);
  if (!node.has_attribute("perm")) return order;
  const auto given = node.integers("perm");
  node.axis_set(given, rank);
  node.require(given.size() == rank, "its perm has " + std::to_string(given.size()) +
                                         " axes for a tensor of shape " + text_of(node.shape(0)));
  for (std::size_t i = 0; i < rank; ++i) order[i] = node.axis(given[i], rank);
  return order;
}

Outputs transpose(const NodeView& node) {
  Shape result;
  for (const auto axis : permutation(node)) result.push_back(node.shape(0)[axis]);
  return {{result, node.type(0)}};
}

Outputs concat(const NodeView& node) {
  Shape result = node.shape(0);
  const auto axis = node.axis(node.integer("axis", node.opset() < 4 ? 1 : 0), result.size());
  for (std::size_t i = 1; i < node.input_count(); ++i) {
    const auto& other = node.shape(i);
    bool fits = other.size() == result.size();
    for (std::size_t k = 0; fits && k < other.size(); ++k)
      fits = k == axis || other[k] == result[k];
    node.require(fits, "it cannot join " + text_of(other) + " to " + text_of(result) +
                           " along axis " + std::to_string(axis));
    result[axis] = plus(result[axis], other[axis]);
  }
  return {{result, node.type(0)}};
}

std::vector<std::int64_t> split_sizes(const NodeView& node) {
  const auto axis = node.axis(node.integer("axis", 0), node.rank(0));
  const auto whole = node.shape(0)[axis];
  if (auto sizes = node.integers_of("split", 1)) {
    std::int64_t sum = 0;
    for (const auto size : *sizes) {
      node.require(size >= 0, "it has a part of negative size");
      sum = plus(sum, size);
    }
    node.require(sum == whole,
                 "its parts add up to " + std::to_string(sum) + " of " + std::to_string(whole));
    return *sizes;
  }
  const auto outputs = static_cast<std::int64_t>(node.node().outputs.size());
  const auto parts = node.integer("num_outputs", outputs);
  node.require(parts >= 1 && parts <= outputs, "it cannot make " + std::to_string(parts) +
                                                   " parts for " + std::to_string(outputs) +
                                                   " outputs");
  const auto chunk = (whole + parts - 1) / parts;
  node.require(chunk * (parts - 1) <= whole, "it cannot make that many parts");
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(parts), chunk);
  sizes.back() = whole - chunk * (parts - 1);
  return sizes;
}

Outputs split(const NodeView& node) {
  const auto axis = node.axis(node.integer("axis", 0), node.rank(0));
  Outputs outputs;
  for (const auto size : split_sizes(node)) {
    outputs.push_back({node.shape(0), node.type(0)});
    outputs.back().shape[axis] = size;
  }
  return outputs;
}

std::vector<SliceRange> slice_ranges(const NodeView& node) {
  const auto& shape = node.shape(0);
  const auto starts = node.integers_of("starts", 1);
  const auto ends = node.integers_of("ends", 2);
  node.require(starts && ends && starts->size() == ends->size(), "it needs as many starts as ends");
  Shape every(starts->size());
  std::iota(every.begin(), every.end(), 0);
  const auto axes = node.integers_of("axes", 3).value_or(every);
  const auto steps = node.has(4) ? node.constant_integers(4) : Shape(starts->size(), 1);
  node.require(axes.size() == starts->size() && steps.size() == starts->size(),
               "it needs as many axes and steps as starts");
  node.axis_set(axes, shape.size());

  std::vector<SliceRange> ranges;
  for (const auto size : shape) ranges.push_back({0, size, 1});
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = node.axis(axes[i], shape.size());
    const auto size = shape[axis];
    // Steps longer than the tensor do what one as long does, and cannot overflow.
    const auto step = std::clamp(steps[i], -size - 1, size + 1);
    node.require(step != 0, "a step of nought never ends");
    const auto from_end = [&](std::int64_t value) { return value < 0 ? value + size : value; };
    const auto least = step > 0 ? 0 : -1;
    const auto most = step > 0 ? size : size - 1;
    const auto start = std::clamp<std::int64_t>(from_end((*starts)[i]), std::int64_t{0},
                                                std::max<std::int64_t>(most, 0));
    const auto end = std::clamp<std::int64_t>(from_end((*ends)[i]), least, most);
    const auto span = step > 0 ? end - start : start - end;
    const auto stride = step > 0 ? step : -step;
    ranges[axis] = {start, span <= 0 || size == 0 ? 0 : (span + stride - 1) / stride, step};
  }
  return ranges;
}

Outputs slice(const NodeView& node) {
  Shape result;
  for (const auto& range : slice_ranges(node)) result.push_back(range.count);
  return {{result, node.type(0)}};
}

Outputs gather(const NodeView& node) {
  const auto& data = node.shape(0);
  const auto axis = static_cast<std::ptrdiff_t>(node.axis(node.integer("axis", 0), data.size()));
  Shape result(data.begin(), data.begin() + axis);
  result.insert(result.end(), node.shape(1).begin(), node.shape(1).end());
  result.insert(result.end(), data.begin() + axis + 1, data.end());
  return {{result, node.type(0)}};
}

Outputs gather_elements(const NodeView& node) {
  return {{node.shape(1), node.type(0)}};
}

Outputs gather_nd(const NodeView& node) {
  const auto& data = node.shape(0);
  const auto& indices = node.shape(1);
  const auto batch = node.integer("batch_dims", 0);
  node.require(!indices.empty() && batch >= 0 && indices.back() >= 0 &&
                   plus(batch, indices.back()) <= static_cast<std::int64_t>(data.size()),
               "its indices do not fit its data");
  Shape result(indices.begin(), indices.end() - 1);
  result.insert(result.end(), data.begin() + batch + indices.back(), data.end());
  return {{result, node.type(0)}};
}

Outputs expand(const NodeView& node) {
  return {{broadcast_shape(node, node.shape(0), node.constant_integers(1)), node.type(0)}};
}

Outputs tile(const NodeView& node) {
  Shape result = node.shape(0);
  const auto& repeats = node.constant_integers(1);
  node.require(repeats.size() == result.size(), "it needs one repeat per axis");
  for (std::size_t i = 0; i < result.size(); ++i) {
    node.require(repeats[i] >= 0, "a repeat is negative");
    result[i] = times(result[i], repeats[i]);
  }
  return {{result, node.type(0)}};
}

Outputs pad(const NodeView& node) {
  Shape result = node.shape(0);
  const auto pads = node.integers_of("pads", 1);
  const auto axes = node.has(3) ? node.constant_integers(3) : Shape{};
  const auto count = axes.empty() ? result.size() : axes.size();
  node.require(pads && pads->size() == 2 * count, "it needs two pads per axis");
  node.axis_set(axes, result.size());
  for (std::size_t i = 0; i < count; ++i) {
    auto& size = result[axes.empty() ? i : node.axis(axes[i], result.size())];
    size = plus(size, plus((*pads)[i], (*pads)[i + count]));
    node.require(size >= 0, "its pads crop more than there is");
  }
  return {{result, node.type(0)}};
}

Outputs depth_to_space(const NodeView& node) {
  const auto block = node.integer("blocksize", 0);
  node.require(node.rank(0) == 4 && block >= 1, "it needs four axes and a blocksize");
  const auto& s = node.shape(0);
  const auto area = times(block, block);
  node.require(s[1] % area == 0, "its channels do not divide by its blocks");
  return {{{s[0], s[1] / area, times(s[2], block), times(s[3], block)}, node.type(0)}};
}

Outputs space_to_depth(const NodeView& node) {
  const auto block = node.integer("blocksize", 0);
  node.require(node.rank(0) == 4 && block >= 1, "it needs four axes and a blocksize");
  const auto& s = node.shape(0);
  node.require(s[2] % block == 0 && s[3] % block == 0, "its rows do not divide by its blocks");
  return {{{s[0], times(s[1], times(block, block)), s[2] / block, s[3] / block}, node.type(0)}};
}

Outputs one_hot(const NodeView& node) {
  const auto& depth = node.input(1);
  const bool real = is_real(depth.type);
  const auto count = real ? node.constant_reals(1).size() : node.constant_integers(1).size();
  node.require(count == 1, "its depth must be one number");
  const auto wide = real ? depth.reals[0] : static_cast<double>(depth.integers[0]);
  node.require(wide >= 0 && wide <= static_cast<double>(max_elements), "its depth is not possible");
  Shape result = node.shape(0);
  const auto axis = node.axis(node.integer("axis", -1), result.size() + 1);
  result.insert(result.begin() + static_cast<std::ptrdiff_t>(axis),
                static_cast<std::int64_t>(wide));
  return {{result, node.type(2)}};
}

Outputs eye_like(const NodeView& node) {
  const auto code = node.integer("dtype", 0);
  return {{node.shape(0), code == 0 ? node.type(0) : onnx_type(node, code)}};
}

Outputs range(const NodeView& node) {
  node.require(node.type(0) == node.type(1) && node.type(0) == node.type(2),
               "its start, limit and step must be of one type");
  const auto value = [&](std::size_t i) {
    const bool real = is_real(node.type(i));
    const auto count = real ? node.constant_reals(i).size() : node.constant_integers(i).size();
    node.require(count == 1, "its start, limit and step must be scalars");
    return real ? node.constant_reals(i)[0] : static_cast<double>(node.constant_integers(i)[0]);
  };
  const double step = value(2);
  node.require(step != 0, "a step of nought never ends");
  const double count = std::max(0.0, std::ceil((value(1) - value(0)) / step));
  node.require(count <= static_cast<double>(max_elements), "it would never end");
  return {{{static_cast<std::int64_t>(count)}, node.type(0)}};
}

Outputs non_zero(const NodeView& node) {
  const bool real = is_real(node.type(0));
  const auto count =
      real ? std::ranges::count_if(node.constant_reals(0), [](auto v) { return v != 0; })
           : std::ranges::count_if(node.constant_integers(0), [](auto v) { return v != 0; });
  return {{{static_cast<std::int64_t>(node.rank(0)), count}, ElementType::int64}};
}

Outputs shape(const NodeView& node) {
  const auto rank = static_cast<std::int64_t>(node.rank(0));
  const auto bound = [&](std::int64_t value) {
    return std::clamp<std::int64_t>(value < 0 ? value + rank : value, 0, rank);
  };
  const auto start = bound(node.integer("start", 0));
  const auto end = bound(node.integer("end", rank));
  return {{{std::max<std::int64_t>(0, end - start)}, ElementType::int64}};
}

Outputs size(const NodeView& node) {
  elements_of(node.shape(0));
  return {{{}, ElementType::int64}};
}

Outputs constant(const NodeView& node) {
  const auto value = node.node().tensors.find("value");
  node.require(value != node.node().tensors.end(), "it holds no value of a supported type");
  return {{value->second.shape, value->second.type}};
}

Outputs constant_of_shape(const NodeView& node) {
  const auto value = node.node().tensors.find("value");
  const bool given = value != node.node().tensors.end();
  return {{node.constant_integers(0), given ? value->second.type : ElementType::float32}};
}

}  // namespace models::infer
