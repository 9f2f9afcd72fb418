#include "hardware/sliding.h"

#include <algorithm>

#include "hardware/attributes.h"

namespace hardware {
namespace {

models::Shape list_or(const models::Operator& op, const std::string& name, std::size_t size,
                      std::int64_t otherwise) {
  auto list = integers_of(op, name);
  if (list.empty()) return models::Shape(size, otherwise);
  if (list.size() != size)
    fail(op, "its attribute '" + name + "' has " + std::to_string(list.size()) +
                 " entries; its input has " + std::to_string(size) + " spatial axes");
  return list;
}

/// All but the padding.
Sliding unpadded(const models::Operator& op, const models::Shape& input,
                 const models::Shape& weights, const models::Shape& output) {
  if (input.size() < 3 || weights.size() != input.size() || output.size() != input.size())
    fail(op, "its input of shape " + models::text_of(input) + " and weight of shape " +
                 models::text_of(weights) + " do not fit");
  const std::size_t axes = input.size() - 2;
  Sliding sliding;
  sliding.kernel.assign(weights.begin() + 2, weights.end());
  sliding.strides = list_or(op, "strides", axes, 1);
  sliding.dilations = list_or(op, "dilations", axes, 1);
  sliding.groups = integer_of(op, "group", 1);
  if (std::ranges::any_of(sliding.strides, [](auto stride) { return stride < 1; }) ||
      std::ranges::any_of(sliding.dilations, [](auto step) { return step < 1; }) ||
      sliding.groups < 1)
    fail(op, "its strides, dilations and group must be 1 or more");
  return sliding;
}

/// The rows or columns beyond the input's ends that a window reads in all, where `scanned` is the
/// longer side.
std::int64_t total_padding(const Sliding& sliding, std::size_t axis, std::int64_t scanned,
                           std::int64_t positions) {
  return (positions - 1) * sliding.strides[axis] + sliding.reach(axis) - scanned;
}

}  // namespace

Sliding sliding_of(const models::Operator& op, const models::Shape& input,
                   const models::Shape& weights, const models::Shape& output) {
  auto sliding = unpadded(op, input, weights, output);
  const auto automatic = text_of(op, "auto_pad", "NOTSET");
  const auto pads = list_or(op, "pads", 2 * sliding.axes(), 0);
  for (std::size_t axis = 0; axis < sliding.axes(); ++axis) {
    const auto total = total_padding(sliding, axis, input[axis + 2], output[axis + 2]);
    auto before = automatic == "NOTSET" ? pads[axis] : 0;
    if (automatic == "SAME_UPPER") before = std::max<std::int64_t>(total, 0) / 2;
    if (automatic == "SAME_LOWER") before = (std::max<std::int64_t>(total, 0) + 1) / 2;
    sliding.before.push_back(before);
    sliding.after.push_back(total - before);
  }
  return sliding;
}

Sliding transposed_sliding_of(const models::Operator& op, const models::Shape& input,
                              const models::Shape& weights, const models::Shape& output) {
  auto sliding = unpadded(op, input, weights, output);
  const auto automatic = text_of(op, "auto_pad", "NOTSET");
  const auto pads = list_or(op, "pads", 2 * sliding.axes(), 0);
  const bool worked_out = automatic.starts_with("SAME") || has_attribute(op, "output_shape");
  for (std::size_t axis = 0; axis < sliding.axes(); ++axis) {
    const auto total = total_padding(sliding, axis, output[axis + 2], input[axis + 2]);
    auto before = automatic == "NOTSET" ? pads[axis] : 0;
    // output_padding widens the output at its end and is no padding of the window.
    const auto extra = list_or(op, "output_padding", sliding.axes(), 0)[axis];
    const auto shared = std::max<std::int64_t>(total + extra, 0);
    if (worked_out) before = automatic == "SAME_UPPER" ? shared / 2 : (shared + 1) / 2;
    sliding.before.push_back(before);
    sliding.after.push_back(total - before);
  }
  return sliding;
}

}  // namespace hardware
