#include <algorithm>

#include "models/network/infer.h"

namespace models::infer {

Outputs same(const NodeView& node) {
  return {{node.shape(0), node.type(0)}};
}

Shape broadcast_shape(const NodeView& node, const Shape& a, const Shape& b) {
  const auto& longer = a.size() >= b.size() ? a : b;
  const auto& shorter = a.size() >= b.size() ? b : a;
  Shape result = longer;
  const auto offset = longer.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    auto& size = result[offset + i];
    if (size == 1)
      size = shorter[i];
    else if (shorter[i] != 1 && shorter[i] != size)
      node.fail("its inputs of shape " + text_of(a) + " and " + text_of(b) +
                " do not broadcast; check the dimensions that were set");
  }
  return result;
}

Outputs broadcast(const NodeView& node) {
  Shape result = node.shape(0);
  for (std::size_t i = 1; i < node.input_count(); ++i)
    result = broadcast_shape(node, result, node.shape(i));
  return {{result, node.type(0)}};
}

Outputs comparison(const NodeView& node) {
  return {{broadcast_shape(node, node.shape(0), node.shape(1)), ElementType::boolean}};
}

Outputs predicate(const NodeView& node) {
  return {{node.shape(0), ElementType::boolean}};
}

Outputs where(const NodeView& node) {
  const auto values = broadcast_shape(node, node.shape(1), node.shape(2));
  return {{broadcast_shape(node, node.shape(0), values), node.type(1)}};
}

ElementType onnx_type(const NodeView& node, std::int64_t code) {
  using E = ElementType;
  switch (code) {  // TensorProto.DataType
    case 1:
      return E::float32;
    case 2:
      return E::uint8;
    case 3:
      return E::int8;
    case 4:
      return E::uint16;
    case 5:
      return E::int16;
    case 6:
      return E::int32;
    case 7:
      return E::int64;
    case 9:
      return E::boolean;
    case 10:
      return E::float16;
    case 11:
      return E::float64;
    case 12:
      return E::uint32;
    case 13:
      return E::uint64;
    case 16:
      return E::bfloat16;
    default:
      node.fail("elements of type " + std::to_string(code) + " are not supported");
  }
}

Outputs cast(const NodeView& node) {
  return {{node.shape(0), onnx_type(node, node.integer("to", 0))}};
}

Outputs cast_like(const NodeView& node) {
  return {{node.shape(0), node.type(1)}};
}

Outputs dropout(const NodeView& node) {
  return {{node.shape(0), node.type(0)}, {node.shape(0), ElementType::boolean}};
}

Outputs batch_normalization(const NodeView& node) {
  node.require(node.rank(0) >= 1, "its input is a scalar");
  node.require(
      node.integer("training_mode", 0) == 0,
      "not supported: BatchNormalization in training mode; export the model for inference");
  const Shape channels = {node.rank(0) > 1 ? node.shape(0)[1] : node.shape(0)[0]};
  for (std::size_t i = 1; i < 5; ++i)
    node.require(node.shape(i) == channels, "its input " + std::to_string(i) + " has shape " +
                                                text_of(node.shape(i)) + " where " +
                                                text_of(channels) + " is needed");
  Outputs outputs{{node.shape(0), node.type(0)}};
  outputs.resize(5, {channels, node.type(0)});
  return outputs;
}

Outputs layer_normalization(const NodeView& node) {
  const auto axis = node.axis(node.integer("axis", -1), node.rank(0));
  Shape statistics = node.shape(0);
  std::fill(statistics.begin() + static_cast<std::ptrdiff_t>(axis), statistics.end(), 1);
  return {{node.shape(0), node.type(0)},
          {statistics, ElementType::float32},
          {statistics, ElementType::float32}};
}

Outputs quantize(const NodeView& node) {
  auto type = node.has(2) ? node.type(2) : ElementType::uint8;
  if (!node.has(2) && node.integer("output_dtype", 0) != 0)
    type = onnx_type(node, node.integer("output_dtype", 0));
  return {{node.shape(0), type}};
}

Outputs dequantize(const NodeView& node) {
  return {{node.shape(0), node.type(1)}};
}

Outputs dynamic_quantize(const NodeView& node) {
  return {
      {node.shape(0), ElementType::uint8}, {{}, ElementType::float32}, {{}, ElementType::uint8}};
}

Outputs reduce(const NodeView& node) {
  const auto rank = node.rank(0);
  const auto axes = node.integers_of("axes", 1).value_or(Shape{});
  if (axes.empty() && node.integer("noop_with_empty_axes", 0) != 0) return same(node);
  auto reduced = node.axis_set(axes, rank);
  if (axes.empty()) reduced.assign(rank, true);
  const bool keep = node.integer("keepdims", 1) != 0;
  Shape result;
  for (std::size_t i = 0; i < rank; ++i) {
    if (!reduced[i]) result.push_back(node.shape(0)[i]);
    if (reduced[i] && keep) result.push_back(1);
  }
  return {{result, node.type(0)}};
}

Outputs arg_reduce(const NodeView& node) {
  const auto axis = node.axis(node.integer("axis", 0), node.rank(0));
  Shape result = node.shape(0);
  if (node.integer("keepdims", 1) != 0)
    result[axis] = 1;
  else
    result.erase(result.begin() + static_cast<std::ptrdiff_t>(axis));
  return {{result, ElementType::int64}};
}

Outputs top_k(const NodeView& node) {
  const auto axis = node.axis(node.integer("axis", -1), node.rank(0));
  const auto k = node.has_attribute("k") ? Shape{node.integer("k", 0)} : node.constant_integers(1);
  node.require(k.size() == 1 && k[0] >= 0 && k[0] <= node.shape(0)[axis],
               "its k must be between 0 and " + std::to_string(node.shape(0)[axis]));
  Shape result = node.shape(0);
  result[axis] = k[0];
  return {{result, node.type(0)}, {result, ElementType::int64}};
}

}  // namespace models::infer
