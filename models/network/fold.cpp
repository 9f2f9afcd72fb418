#include <algorithm>
#include <array>
#include <cmath>

#include "models/network/folding.h"
#include "models/network/infer.h"
#include "models/network/operator_kinds.h"

namespace models {
namespace {

using namespace folding;

bool wanted(const Shape& shape) {
  return elements_of(shape) <= max_values;
}

bool fold_same(const NodeView& node, Outputs& outputs) {
  return put(outputs[0], node.input(0).integers, node.input(0).reals);
}

bool fold_shape(const NodeView& node, Outputs& outputs) {
  const auto& shape = node.shape(0);
  const auto rank = static_cast<std::int64_t>(shape.size());
  auto start = node.integer("start", 0);
  start = std::clamp<std::int64_t>(start < 0 ? start + rank : start, 0, rank);
  const auto count = outputs[0].shape[0];
  return put(outputs[0], {shape.begin() + start, shape.begin() + start + count}, {});
}

bool fold_size(const NodeView& node, Outputs& outputs) {
  return put(outputs[0], {elements_of(node.shape(0))}, {});
}

bool fold_constant(const NodeView& node, Outputs& outputs) {
  const auto& value = node.node().tensors.at("value");
  return value.has_values && put(outputs[0], value.integers, value.reals);
}

/// Fills of integers are values (masks, shapes); fills of reals stand for weights.
bool fold_constant_of_shape(const NodeView& node, Outputs& outputs) {
  if (is_real(outputs[0].type) || node.node().values_unknown) return false;
  const auto value = node.node().tensors.find("value");
  std::int64_t fill = 0;
  if (value != node.node().tensors.end()) {
    if (value->second.integers.size() != 1) return false;
    fill = value->second.integers[0];
  }
  return put(outputs[0], std::vector<std::int64_t>(count_of(outputs[0].shape), fill), {});
}

std::optional<std::int64_t> whole(double value) {
  const double cut = std::trunc(value);
  if (!(std::fabs(cut) < 0x1p62)) return std::nullopt;
  return static_cast<std::int64_t>(cut);
}

bool fold_cast(const NodeView& node, Outputs& outputs) {
  const auto& from = node.input(0);
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
  const auto convert = [&](double real, std::int64_t integer) {
    if (is_real(outputs[0].type)) {
      reals.push_back(is_real(from.type) ? real : static_cast<double>(integer));
      return true;
    }
    if (outputs[0].type == ElementType::boolean) {
      integers.push_back(is_real(from.type) ? real != 0 : integer != 0);
      return true;
    }
    const auto cut = is_real(from.type) ? whole(real) : integer;
    if (cut) integers.push_back(*cut);
    return cut.has_value();
  };
  for (const auto real : from.reals)
    if (!convert(real, 0)) return false;
  for (const auto integer : from.integers)
    if (!convert(0, integer)) return false;
  return put(outputs[0], std::move(integers), std::move(reals));
}

bool fold_transpose(const NodeView& node, Outputs& outputs) {
  const auto own = strides_of(node.shape(0));
  Shape strides;
  for (const auto axis : infer::permutation(node)) strides.push_back(own[axis]);
  return put_picked(outputs[0], node.input(0), walk(outputs[0].shape, strides, 0));
}

bool fold_expand(const NodeView& node, Outputs& outputs) {
  return put_picked(outputs[0], node.input(0), broadcast_walk(node.shape(0), outputs[0].shape));
}

bool fold_slice(const NodeView& node, Outputs& outputs) {
  auto strides = strides_of(node.shape(0));
  const auto ranges = infer::slice_ranges(node);
  std::int64_t start = 0;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    start += ranges[i].start * strides[i];
    strides[i] *= ranges[i].step;
  }
  return put_picked(outputs[0], node.input(0), walk(outputs[0].shape, strides, start));
}

bool fold_split(const NodeView& node, Outputs& outputs) {
  const auto strides = strides_of(node.shape(0));
  const auto axis = node.axis(node.integer("axis", 0), node.rank(0));
  std::int64_t start = 0;
  for (auto& output : outputs) {
    put_picked(output, node.input(0), walk(output.shape, strides, start));
    start += output.shape[axis] * strides[axis];
  }
  return true;
}

bool fold_concat(const NodeView& node, Outputs& outputs) {
  const auto axis = node.axis(node.integer("axis", 0), node.rank(0));
  auto& output = outputs[0];
  const auto strides = strides_of(output.shape);
  output.integers.resize(is_real(output.type) ? 0 : count_of(output.shape));
  output.reals.resize(is_real(output.type) ? count_of(output.shape) : 0);
  std::int64_t start = 0;
  for (std::size_t i = 0; i < node.input_count(); ++i) {
    const auto& part = node.input(i);
    if (is_real(part.type) != is_real(output.type)) node.fail("it joins integers and reals");
    const auto places = walk(part.shape, strides, start);
    for (std::size_t k = 0; k < places.size(); ++k) {
      if (is_real(part.type))
        output.reals[places[k]] = part.reals[k];
      else
        output.integers[places[k]] = part.integers[k];
    }
    start += part.shape[axis] * strides[axis];
  }
  output.has_values = true;
  return true;
}

bool fold_gather(const NodeView& node, Outputs& outputs) {
  const auto& data = node.shape(0);
  const auto axis = node.axis(node.integer("axis", 0), data.size());
  const auto inner =
      count_of(Shape(data.begin() + static_cast<std::ptrdiff_t>(axis) + 1, data.end()));
  const auto outer =
      count_of(Shape(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(axis)));
  Indices indices;
  for (std::size_t o = 0; o < outer; ++o)
    for (auto index : node.constant_integers(1)) {
      if (index < -data[axis] || index >= data[axis])
        node.fail("its index " + std::to_string(index) + " is outside " + text_of(data));
      if (index < 0) index += data[axis];
      const auto row = o * static_cast<std::size_t>(data[axis]) + static_cast<std::size_t>(index);
      for (std::size_t i = 0; i < inner; ++i) indices.push_back(row * inner + i);
    }
  return put_picked(outputs[0], node.input(0), indices);
}

bool fold_non_zero(const NodeView& node, Outputs& outputs) {
  const auto& from = node.input(0);
  const auto strides = strides_of(from.shape);
  std::vector<std::int64_t> integers;
  for (std::size_t axis = 0; axis < from.shape.size(); ++axis)
    for (std::int64_t i = 0; i < elements_of(from.shape); ++i) {
      const bool set = is_real(from.type) ? at(from.reals, i) != 0 : at(from.integers, i) != 0;
      if (set) integers.push_back(i / strides[axis] % from.shape[axis]);
    }
  return put(outputs[0], std::move(integers), {});
}

bool fold_range(const NodeView& node, Outputs& outputs) {
  const auto count = outputs[0].shape[0];
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
  for (std::int64_t i = 0; i < count; ++i) {
    if (is_real(outputs[0].type))
      reals.push_back(node.input(0).reals[0] + static_cast<double>(i) * node.input(2).reals[0]);
    else
      integers.push_back(plus(node.input(0).integers[0], times(i, node.input(2).integers[0])));
  }
  return put(outputs[0], std::move(integers), std::move(reals));
}

bool fold_where(const NodeView& node, Outputs& outputs) {
  const auto& shape = outputs[0].shape;
  const auto choice = broadcast_walk(node.shape(0), shape);
  const auto yes = broadcast_walk(node.shape(1), shape);
  const auto no = broadcast_walk(node.shape(2), shape);
  const auto& picks = node.constant_integers(0);
  if (is_real(node.type(1)) != is_real(node.type(2))) node.fail("it mixes integers and reals");
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
  for (std::size_t i = 0; i < choice.size(); ++i) {
    const bool first = picks[choice[i]] != 0;
    const auto& from = node.input(first ? 1 : 2);
    const auto place = first ? yes[i] : no[i];
    if (is_real(from.type))
      reals.push_back(from.reals[place]);
    else
      integers.push_back(from.integers[place]);
  }
  return put(outputs[0], std::move(integers), std::move(reals));
}

struct Folder {
  std::string_view types;  ///< between blanks
  bool (*fold)(const NodeView&, Outputs&);
  bool needs_values = true;
};

constexpr auto folders = std::to_array<Folder>({
    {" Shape ", fold_shape, false},
    {" Size ", fold_size, false},
    {" Constant ", fold_constant, false},
    {" ConstantOfShape ", fold_constant_of_shape, false},
    {" Reshape Flatten Squeeze Unsqueeze Identity ", fold_same},
    {" Cast CastLike ", fold_cast},
    {" Transpose ", fold_transpose},
    {" Expand ", fold_expand},
    {" Slice ", fold_slice},
    {" Split ", fold_split},
    {" Concat ", fold_concat},
    {" Gather ", fold_gather},
    {" NonZero ", fold_non_zero},
    {" Range ", fold_range},
    {" Where ", fold_where},
    {" Add Sum Sub Mul Div Mod Pow Min Max Equal Less LessOrEqual Greater GreaterOrEqual And Or "
     "Xor ",
     fold_binary},
    {" Neg Not Abs Floor Ceil Sqrt Round Reciprocal ", fold_unary},
    {" ReduceProd ReduceSum ReduceMax ReduceMin ", fold_reduce},
});

bool all_known(const NodeView& node) {
  for (std::size_t i = 0; i < node.input_count(); ++i)
    if (node.has(i) && !node.input(i).has_values) return false;
  return true;
}

}  // namespace

bool fold(const NodeView& node, std::vector<OnnxTensor>& outputs) {
  const auto name = " " + node.node().type + " ";
  const auto folder = std::ranges::find_if(
      folders, [&](const Folder& f) { return f.types.find(name) != std::string_view::npos; });
  if (folder == folders.end() || (folder->needs_values && !all_known(node))) return false;
  if (!std::ranges::all_of(outputs, [](const auto& output) { return wanted(output.shape); }))
    return false;
  // Nothing to compute, whatever sizes the other axes pretend to have.
  if (std::ranges::all_of(outputs, [](const auto& o) { return elements_of(o.shape) == 0; })) {
    for (auto& output : outputs) output.has_values = true;
    return true;
  }
  return folder->fold(node, outputs);
}

}  // namespace models
