#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include "models/network/infer.h"
#include "models/network/operator_kinds.h"

namespace models {
namespace {

using Outputs = std::vector<OnnxTensor>;
using Indices = std::vector<std::size_t>;

bool wanted(const Shape& shape) {
  return elements_of(shape) <= max_values;
}

std::size_t count_of(const Shape& shape) {
  return static_cast<std::size_t>(elements_of(shape));
}

bool put(OnnxTensor& output, std::vector<std::int64_t> integers, std::vector<double> reals) {
  output.integers = std::move(integers);
  output.reals = std::move(reals);
  output.has_values = true;
  return true;
}

/// Elements of `from` in the order of `indices`.
bool put_picked(OnnxTensor& output, const OnnxTensor& from, const Indices& indices) {
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
  for (const auto index : indices) {
    if (is_real(from.type))
      reals.push_back(from.reals[index]);
    else
      integers.push_back(from.integers[index]);
  }
  return put(output, std::move(integers), std::move(reals));
}

/// Steps between neighbours along each axis of a tensor stored row by row.
Shape strides_of(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * std::max<std::int64_t>(shape[i], 1);
  return strides;
}

/// Positions, in a store with these strides from `start` on, of all elements of a tensor of that
/// shape.
Indices walk(const Shape& shape, const Shape& strides, std::int64_t start) {
  Indices result;
  const auto count = count_of(shape);
  Shape place(shape.size(), 0);
  for (std::size_t n = 0; n < count; ++n) {
    result.push_back(static_cast<std::size_t>(
        std::inner_product(place.begin(), place.end(), strides.begin(), start)));
    for (std::size_t i = shape.size(); i-- > 0;) {
      if (++place[i] < shape[i]) break;
      place[i] = 0;
    }
  }
  return result;
}

/// Positions in a tensor of shape `from` when it is broadcast to `shape`.
Indices broadcast_walk(const Shape& from, const Shape& shape) {
  const auto own = strides_of(from);
  Shape strides(shape.size(), 0);
  const auto offset = shape.size() - from.size();
  for (std::size_t i = 0; i < from.size(); ++i)
    if (from[i] != 1) strides[offset + i] = own[i];
  return walk(shape, strides, 0);
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

std::int64_t divided(std::int64_t a, std::int64_t b, bool remainder, const NodeView& node) {
  if (b == 0) node.fail("it divides by nought");
  if (b == -1) return remainder ? 0 : times(a, -1);
  if (!remainder) return a / b;
  const auto rest = a % b;
  // Mod follows the sign of the divisor unless fmod is set.
  const bool follow = node.integer("fmod", 0) == 0 && rest != 0 && (rest < 0) != (b < 0);
  return follow ? rest + b : rest;
}

std::int64_t power(std::int64_t base, std::int64_t exponent) {
  if (exponent < 0 || exponent > 62) throw TooLarge("a power is too large");
  std::int64_t result = 1;
  for (std::int64_t i = 0; i < exponent; ++i) result = times(result, base);
  return result;
}

std::optional<std::int64_t> on_integers(const NodeView& node, std::int64_t a, std::int64_t b) {
  const auto& type = node.node().type;
  if (type == "Add" || type == "Sum") return plus(a, b);
  if (type == "Sub") return plus(a, times(b, -1));
  if (type == "Mul") return times(a, b);
  if (type == "Div") return divided(a, b, false, node);
  if (type == "Mod") return divided(a, b, true, node);
  if (type == "Pow") return power(a, b);
  if (type == "Min") return std::min(a, b);
  if (type == "Max") return std::max(a, b);
  if (type == "Equal") return a == b;
  if (type == "Less") return a < b;
  if (type == "LessOrEqual") return a <= b;
  if (type == "Greater") return a > b;
  if (type == "GreaterOrEqual") return a >= b;
  if (type == "And") return a != 0 && b != 0;
  if (type == "Or") return a != 0 || b != 0;
  if (type == "Xor") return (a != 0) != (b != 0);
  return std::nullopt;
}

std::optional<double> on_reals(const std::string& type, double a, double b) {
  if (type == "Add" || type == "Sum") return a + b;
  if (type == "Sub") return a - b;
  if (type == "Mul") return a * b;
  if (type == "Div") return a / b;
  if (type == "Pow") return std::pow(a, b);
  if (type == "Min") return std::min(a, b);
  if (type == "Max") return std::max(a, b);
  return std::nullopt;
}

std::optional<bool> compared(const std::string& type, double a, double b) {
  if (type == "Equal") return a == b;
  if (type == "Less") return a < b;
  if (type == "LessOrEqual") return a <= b;
  if (type == "Greater") return a > b;
  if (type == "GreaterOrEqual") return a >= b;
  return std::nullopt;
}

bool fold_binary(const NodeView& node, Outputs& outputs) {
  if (node.input_count() != 2) return false;
  const auto left = broadcast_walk(node.shape(0), outputs[0].shape);
  const auto right = broadcast_walk(node.shape(1), outputs[0].shape);
  const auto& a = node.input(0);
  const auto& b = node.input(1);
  if (is_real(a.type) != is_real(b.type)) return false;
  const auto& type = node.node().type;
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!is_real(a.type)) {
      const auto value = on_integers(node, a.integers[left[i]], b.integers[right[i]]);
      if (!value) return false;
      integers.push_back(*value);
    } else if (const auto value = on_reals(type, a.reals[left[i]], b.reals[right[i]])) {
      reals.push_back(*value);
    } else if (const auto answer = compared(type, a.reals[left[i]], b.reals[right[i]])) {
      integers.push_back(*answer);
    } else {
      return false;
    }
  }
  return put(outputs[0], std::move(integers), std::move(reals));
}

bool fold_unary(const NodeView& node, Outputs& outputs) {
  const auto& type = node.node().type;
  auto integers = node.input(0).integers;
  auto reals = node.input(0).reals;
  for (auto& value : integers) {
    if (type == "Neg") value = times(value, -1);
    if (type == "Not") value = value == 0;
    if (type == "Abs" && value < 0) value = times(value, -1);
  }
  for (auto& value : reals) {
    if (type == "Neg") value = -value;
    if (type == "Abs") value = std::fabs(value);
    if (type == "Floor") value = std::floor(value);
    if (type == "Ceil") value = std::ceil(value);
    if (type == "Sqrt") value = std::sqrt(value);
    if (type == "Round") value = std::nearbyint(value);
    if (type == "Reciprocal") value = 1 / value;
  }
  return put(outputs[0], std::move(integers), std::move(reals));
}

/// Reductions of a whole vector of integers to one number, as shape arithmetic has them.
bool fold_reduce(const NodeView& node, Outputs& outputs) {
  const auto& values = node.input(0).integers;
  if (elements_of(outputs[0].shape) != 1 || values.empty()) return false;
  const auto& type = node.node().type;
  auto result = values[0];
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (type == "ReduceProd") result = times(result, values[i]);
    if (type == "ReduceSum") result = plus(result, values[i]);
    if (type == "ReduceMax") result = std::max(result, values[i]);
    if (type == "ReduceMin") result = std::min(result, values[i]);
  }
  return put(outputs[0], {result}, {});
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
  return folder->fold(node, outputs);
}

}  // namespace models
