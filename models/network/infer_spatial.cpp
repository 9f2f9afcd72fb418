#include <cmath>

#include "models/network/infer.h"

namespace models::infer {
namespace {

/// A sliding window along the spatial axes of its input, which come after batch and channels.
struct Window {
  Shape kernel;
  Shape strides;
  Shape dilations;
  Shape pads;  ///< begins, then ends
  std::string auto_pad;
  std::size_t axes() const { return kernel.size(); }
  std::int64_t reach(std::size_t i) const { return plus(times(dilations[i], kernel[i] - 1), 1); }
  std::int64_t padding(std::size_t i) const { return plus(pads[i], pads[i + axes()]); }
};

Shape list_or(const NodeView& node, const std::string& name, std::size_t count,
              std::int64_t otherwise, std::int64_t least) {
  auto list = node.integers(name);
  if (list.empty()) list.assign(count, otherwise);
  node.require(list.size() == count, "its attribute '" + name + "' has " +
                                         std::to_string(list.size()) + " values where " +
                                         std::to_string(count) + " are needed");
  for (const auto value : list)
    node.require(value >= least && value <= max_elements,
                 "its attribute '" + name + "' holds " + std::to_string(value));
  return list;
}

Window window_of(const NodeView& node, std::size_t input, const Shape& kernel) {
  node.require(node.rank(input) == kernel.size() + 2 && !kernel.empty(),
               "its kernel of " + std::to_string(kernel.size()) +
                   " axes does not fit an input of shape " + text_of(node.shape(input)));
  Window window;
  const auto axes = kernel.size();
  window.kernel = kernel;
  for (const auto size : kernel) node.require(size >= 1, "its kernel has no elements");
  window.strides = list_or(node, "strides", axes, 1, 1);
  window.dilations = list_or(node, "dilations", axes, 1, 1);
  // Negative padding crops; the standard does not forbid it.
  window.pads = list_or(node, "pads", 2 * axes, 0, -max_elements);
  window.auto_pad = node.text("auto_pad", "NOTSET");
  const auto& mode = window.auto_pad;
  node.require(mode == "NOTSET" || mode == "VALID" || mode == "SAME_UPPER" || mode == "SAME_LOWER",
               "its auto_pad '" + mode + "' is not known");
  if (mode == "VALID") window.pads.assign(2 * axes, 0);
  return window;
}

std::int64_t windows_along(const NodeView& node, const Window& window, std::size_t i,
                           std::int64_t size, bool round_up) {
  const auto stride = window.strides[i];
  if (window.auto_pad.starts_with("SAME")) return (plus(size, stride - 1)) / stride;
  const auto room = plus(plus(size, window.padding(i)), -window.reach(i));
  node.require(room >= 0, "its kernel reaches over " + std::to_string(window.reach(i)) +
                              " elements of a padded input of " +
                              std::to_string(room + window.reach(i)));
  auto count = (round_up ? plus(room, stride - 1) : room) / stride + 1;
  // A window that would start in the padding at the end is left out (ONNX since opset 22, PyTorch).
  if (round_up && times(count - 1, stride) >= plus(size, window.pads[i])) --count;
  return count;
}

Shape slid(const NodeView& node, const Window& window, std::size_t input, std::int64_t channels) {
  const bool round_up = node.integer("ceil_mode", 0) != 0;
  const auto& shape = node.shape(input);
  Shape result = {shape[0], channels};
  for (std::size_t i = 0; i < window.axes(); ++i)
    result.push_back(windows_along(node, window, i, shape[i + 2], round_up));
  return result;
}

Shape kernel_of(const NodeView& node, std::size_t weight) {
  node.require(node.rank(weight) >= 3,
               "its weight of shape " + text_of(node.shape(weight)) + " has fewer than three axes");
  const auto& shape = node.shape(weight);
  Shape kernel(shape.begin() + 2, shape.end());
  const auto given = node.integers("kernel_shape");
  node.require(
      given.empty() || given == kernel,
      "its kernel_shape " + text_of(given) + " contradicts its weight of shape " + text_of(shape));
  return kernel;
}

Shape convolved(const NodeView& node, std::size_t input, std::size_t weight) {
  const auto window = window_of(node, input, kernel_of(node, weight));
  const auto group = node.integer("group", 1);
  const auto& shape = node.shape(input);
  const auto& filters = node.shape(weight);
  node.require(group >= 1 && times(filters[1], group) == shape[1] && filters[0] % group == 0,
               "its weight of shape " + text_of(filters) + " with " + std::to_string(group) +
                   " groups does not fit an input of shape " + text_of(shape));
  return slid(node, window, input, filters[0]);
}

OperatorCost convolution_cost(const NodeView& node, OutputSpan outputs, std::size_t weight,
                              bool bias) {
  const auto& filters = node.shape(weight);
  const auto made = elements_of(outputs[0].shape);
  const auto per_element = elements_of(std::span(filters).subspan(1));
  return {times(made, per_element), bias ? made : 0, filters[1]};
}

std::int64_t scaled(const NodeView& node, std::int64_t size, double scale) {
  const double result = std::floor(static_cast<double>(size) * scale);
  node.require(result >= 1 && result <= static_cast<double>(max_elements),
               "scaling a dimension of " + std::to_string(size) + " leaves the possible sizes");
  return static_cast<std::int64_t>(result);
}

Shape scaled(const NodeView& node, const std::vector<double>& scales,
             const std::vector<std::size_t>& axes) {
  Shape result = node.shape(0);
  node.require(scales.size() == axes.size(), "it has " + std::to_string(scales.size()) +
                                                 " scales for " + std::to_string(axes.size()) +
                                                 " axes");
  for (std::size_t i = 0; i < axes.size(); ++i)
    result[axes[i]] = scaled(node, result[axes[i]], scales[i]);
  return result;
}

std::vector<std::size_t> resized_axes(const NodeView& node) {
  std::vector<std::size_t> axes;
  for (const auto axis : node.integers("axes")) axes.push_back(node.axis(axis, node.rank(0)));
  if (axes.empty())
    for (std::size_t i = 0; i < node.rank(0); ++i) axes.push_back(i);
  return axes;
}

/// Sizes that keep the aspect ratio: the scale of the tightest or of the loosest axis.
Shape keeping_ratio(const NodeView& node, const Shape& sizes, const std::vector<std::size_t>& axes,
                    bool tightest) {
  Shape result = node.shape(0);
  double scale = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    node.require(result[axes[i]] > 0, "its input is empty");
    const auto ratio = static_cast<double>(sizes[i]) / static_cast<double>(result[axes[i]]);
    if (i == 0 || (tightest ? ratio < scale : ratio > scale)) scale = ratio;
  }
  for (const auto axis : axes) {
    const auto exact = std::floor(static_cast<double>(result[axis]) * scale + 0.5);
    node.require(exact >= 1 && exact <= static_cast<double>(max_elements), "its sizes are absurd");
    result[axis] = static_cast<std::int64_t>(exact);
  }
  return result;
}

}  // namespace

Outputs conv(const NodeView& node) {
  return {{convolved(node, 0, 1), node.type(0)}};
}

Outputs conv_integer(const NodeView& node) {
  return {{convolved(node, 0, 1), ElementType::int32}};
}

Outputs qlinear_conv(const NodeView& node) {
  return {{convolved(node, 0, 3), node.type(7)}};
}

Outputs conv_transpose(const NodeView& node) {
  const auto window = window_of(node, 0, kernel_of(node, 1));
  const auto group = node.integer("group", 1);
  const auto& shape = node.shape(0);
  const auto& filters = node.shape(1);
  node.require(group >= 1 && filters[0] == shape[1], "its weight of shape " + text_of(filters) +
                                                         " does not fit an input of shape " +
                                                         text_of(shape));
  const auto extra = list_or(node, "output_padding", window.axes(), 0, 0);
  const auto given = node.integers("output_shape");
  Shape result = {shape[0], times(filters[1], group)};
  for (std::size_t i = 0; i < window.axes(); ++i) {
    const auto spread = times(window.strides[i], shape[i + 2] - 1);
    auto size = plus(plus(plus(spread, extra[i]), window.reach(i)), -window.padding(i));
    if (window.auto_pad.starts_with("SAME")) size = times(shape[i + 2], window.strides[i]);
    if (given.size() >= window.axes()) size = given[given.size() - window.axes() + i];
    node.require(size >= 1, "its padding leaves no output");
    result.push_back(size);
  }
  return {{result, node.type(0)}};
}

Outputs pool(const NodeView& node) {
  const auto window = window_of(node, 0, node.integers("kernel_shape"));
  const auto result = slid(node, window, 0, node.shape(0)[1]);
  return {{result, node.type(0)}, {result, ElementType::int64}};
}

Outputs global_pool(const NodeView& node) {
  node.require(node.rank(0) >= 2, "its input has fewer than two axes");
  Shape result(node.rank(0), 1);
  result[0] = node.shape(0)[0];
  result[1] = node.shape(0)[1];
  return {{result, node.type(0)}};
}

Outputs resize(const NodeView& node) {
  const bool old = node.opset() < 11;
  const std::size_t scales = old ? 1 : 2;
  const auto axes = resized_axes(node);
  if (node.has(3) && elements_of(node.shape(3)) > 0) {
    const auto& sizes = node.constant_integers(3);
    node.require(sizes.size() == axes.size(), "it has " + std::to_string(sizes.size()) +
                                                  " sizes for " + std::to_string(axes.size()) +
                                                  " axes");
    const auto policy = node.text("keep_aspect_ratio_policy", "stretch");
    if (policy != "stretch")
      return {{keeping_ratio(node, sizes, axes, policy == "not_larger"), node.type(0)}};
    Shape result = node.shape(0);
    for (std::size_t i = 0; i < axes.size(); ++i) result[axes[i]] = sizes[i];
    return {{result, node.type(0)}};
  }
  if (node.text("coordinate_transformation_mode", "") == "tf_crop_and_resize")
    throw ShapeUnknown{"depends on the region to crop"};
  return {{scaled(node, node.constant_reals(scales), axes), node.type(0)}};
}

Outputs upsample(const NodeView& node) {
  const auto scales = node.has_attribute("scales") ? node.reals("scales") : node.constant_reals(1);
  return {{scaled(node, scales, resized_axes(node)), node.type(0)}};
}

Outputs grid_sample(const NodeView& node) {
  const auto& image = node.shape(0);
  const auto& grid = node.shape(1);
  node.require(image.size() >= 3 && grid.size() == image.size(), "its grid does not fit its input");
  Shape result = {image[0], image[1]};
  result.insert(result.end(), grid.begin() + 1, grid.end() - 1);
  return {{result, node.type(0)}};
}

OperatorCost conv_cost(const NodeView& node, OutputSpan outputs) {
  return convolution_cost(node, outputs, 1, node.node().type == "Conv" && node.has(2));
}

OperatorCost qlinear_conv_cost(const NodeView& node, OutputSpan outputs) {
  auto cost = convolution_cost(node, outputs, 3, node.has(8));
  // Scaling, rounding and shifting to the output's integers.
  cost.element_operations = plus(cost.element_operations, times(3, elements_of(outputs[0].shape)));
  return cost;
}

OperatorCost conv_transpose_cost(const NodeView& node, OutputSpan outputs) {
  const auto& filters = node.shape(1);
  const auto per_element = elements_of(std::span(filters).subspan(1));
  return {times(elements_of(node.shape(0)), per_element),
          node.has(2) ? elements_of(outputs[0].shape) : 0,
          node.shape(0)[1] / node.integer("group", 1)};
}

}  // namespace models::infer
