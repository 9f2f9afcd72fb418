#pragma once

#include <span>
#include <vector>

#include "models/network/node_view.h"
#include "models/network/operator_kinds.h"

/// Shapes and types of the outputs of a node, one function per family of operators. All throw
/// InputError for what contradicts the operator's definition, ShapeUnknown for what depends on
/// data, and TooLarge. Definitions: ONNX operator reference, opsets 7 to 28.
namespace models::infer {

using Outputs = std::vector<OnnxOutput>;
using OutputSpan = std::span<const OnnxOutput>;

// infer_elementwise.cpp
Outputs same(const NodeView& node);        ///< shape and type of the first input
Outputs broadcast(const NodeView& node);   ///< type of the first input
Outputs comparison(const NodeView& node);  ///< broadcast, boolean
Outputs predicate(const NodeView& node);   ///< first input's shape, boolean
Outputs where(const NodeView& node);
Outputs cast(const NodeView& node);
Outputs cast_like(const NodeView& node);
Outputs dropout(const NodeView& node);
Outputs batch_normalization(const NodeView& node);
Outputs layer_normalization(const NodeView& node);
Outputs quantize(const NodeView& node);
Outputs dequantize(const NodeView& node);
Outputs dynamic_quantize(const NodeView& node);
Outputs reduce(const NodeView& node);
Outputs arg_reduce(const NodeView& node);
Outputs top_k(const NodeView& node);
Shape broadcast_shape(const NodeView& node, const Shape& a, const Shape& b);
ElementType onnx_type(const NodeView& node, std::int64_t code);

// infer_spatial.cpp
Outputs conv(const NodeView& node);
Outputs conv_integer(const NodeView& node);
Outputs qlinear_conv(const NodeView& node);
Outputs conv_transpose(const NodeView& node);
Outputs pool(const NodeView& node);
Outputs global_pool(const NodeView& node);
Outputs resize(const NodeView& node);
Outputs upsample(const NodeView& node);
Outputs grid_sample(const NodeView& node);
OperatorCost conv_cost(const NodeView& node, OutputSpan outputs);
OperatorCost qlinear_conv_cost(const NodeView& node, OutputSpan outputs);
OperatorCost conv_transpose_cost(const NodeView& node, OutputSpan outputs);

// infer_products.cpp
Outputs gemm(const NodeView& node);
Outputs matmul(const NodeView& node);
Outputs matmul_integer(const NodeView& node);
Outputs qlinear_matmul(const NodeView& node);
Outputs einsum(const NodeView& node);
Outputs recurrent(const NodeView& node);
OperatorCost gemm_cost(const NodeView& node, OutputSpan outputs);
OperatorCost matmul_cost(const NodeView& node, OutputSpan outputs);
OperatorCost einsum_cost(const NodeView& node, OutputSpan outputs);
OperatorCost recurrent_cost(const NodeView& node, OutputSpan outputs);

// infer_moving.cpp
Outputs reshape(const NodeView& node);
Outputs flatten(const NodeView& node);
Outputs squeeze(const NodeView& node);
Outputs unsqueeze(const NodeView& node);
Outputs transpose(const NodeView& node);
Outputs concat(const NodeView& node);
Outputs split(const NodeView& node);
Outputs slice(const NodeView& node);
Outputs gather(const NodeView& node);
Outputs gather_elements(const NodeView& node);
Outputs gather_nd(const NodeView& node);
Outputs expand(const NodeView& node);
Outputs tile(const NodeView& node);
Outputs pad(const NodeView& node);
Outputs depth_to_space(const NodeView& node);
Outputs space_to_depth(const NodeView& node);
Outputs one_hot(const NodeView& node);
Outputs eye_like(const NodeView& node);
Outputs range(const NodeView& node);
Outputs non_zero(const NodeView& node);  ///< of constants only
Outputs shape(const NodeView& node);
Outputs size(const NodeView& node);
Outputs constant(const NodeView& node);
Outputs constant_of_shape(const NodeView& node);

/// Where a slice starts, how many elements it takes and in what steps, per axis of its input.
struct SliceRange {
  std::int64_t start = 0;
  std::int64_t count = 0;
  std::int64_t step = 1;
};
std::vector<SliceRange> slice_ranges(const NodeView& node);
/// Sizes of the parts along the axis.
std::vector<std::int64_t> split_sizes(const NodeView& node);
std::vector<std::size_t> permutation(const NodeView& node);

}  // namespace models::infer
