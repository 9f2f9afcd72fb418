#include "models/network/operator_kinds.h"

#include <algorithm>
#include <array>

#include "models/network/infer.h"

namespace models {
namespace {

using enum CostRule;
using namespace infer;

constexpr std::string_view one_step = "one step";
constexpr std::string_view moves = "copies elements to other places";

// Ascending by type; a test keeps it so. A transcendental function counts as one step.
constexpr auto kinds = std::to_array<OperatorKind>({
    {"Abs", per_output, 1, one_step, same},
    {"Acos", per_output, 1, one_step, same},
    {"Acosh", per_output, 1, one_step, same},
    {"Add", per_output, 1, one_step, broadcast},
    {"And", per_output, 1, one_step, comparison},
    {"ArgMax", per_input, 1, "compare", arg_reduce},
    {"ArgMin", per_input, 1, "compare", arg_reduce},
    {"Asin", per_output, 1, one_step, same},
    {"Asinh", per_output, 1, one_step, same},
    {"Atan", per_output, 1, one_step, same},
    {"Atanh", per_output, 1, one_step, same},
    {"AveragePool", per_window, 1, "add", pool},
    {"BatchNormalization", per_input, 2, "scale, shift (statistics folded)", batch_normalization},
    {"BitShift", per_output, 1, one_step, broadcast},
    {"BitwiseAnd", per_output, 1, one_step, broadcast},
    {"BitwiseNot", per_output, 1, one_step, same},
    {"BitwiseOr", per_output, 1, one_step, broadcast},
    {"BitwiseXor", per_output, 1, one_step, broadcast},
    {"Cast", per_output, 1, "convert", cast},
    {"CastLike", per_output, 1, "convert", cast_like},
    {"Ceil", per_output, 1, one_step, same},
    {"Celu", per_output, 4, "divide, exponential, scale, select", same},
    {"Clip", per_output, 2, "minimum, maximum", same},
    {"Concat", moved, 1, moves, concat},
    {"Constant", free, 0, "its value is known before any request", infer::constant},
    {"ConstantOfShape", moved, 1, "fills a tensor", constant_of_shape},
    {"Conv", products, 1,
     "output elements x input channels per group x kernel; bias: one operation", conv, conv_cost},
    {"ConvInteger", products, 1, "output elements x input channels per group x kernel",
     conv_integer, conv_cost},
    {"ConvTranspose", products, 1,
     "input elements x output channels per group x kernel; bias: one operation", conv_transpose,
     conv_transpose_cost},
    {"Cos", per_output, 1, one_step, same},
    {"Cosh", per_output, 1, one_step, same},
    {"CumSum", per_input, 1, "add", same},
    {"DepthToSpace", moved, 1, moves, depth_to_space},
    {"DequantizeLinear", per_output, 2, "shift, scale", dequantize},
    {"Div", per_output, 1, one_step, broadcast},
    {"Dropout", free, 0, "passes everything on at inference", dropout},
    {"DynamicQuantizeLinear", per_input, 5, "minimum, maximum, divide, round, shift",
     dynamic_quantize},
    {"Einsum", products, 1, "product of the sizes of all labels, per factor after the first",
     einsum, einsum_cost},
    {"Elu", per_output, 3, "exponential, scale, select", same},
    {"Equal", per_output, 1, "compare", comparison},
    {"Erf", per_output, 1, one_step, same},
    {"Exp", per_output, 1, one_step, same},
    {"Expand", moved, 1, moves, expand},
    {"EyeLike", moved, 1, "fills a tensor", eye_like},
    {"Flatten", free, 0, "the same bytes under another shape", flatten},
    {"Floor", per_output, 1, one_step, same},
    {"GRU", products, 1, "steps x batch x directions x 3 hidden x (input + hidden)", recurrent,
     recurrent_cost},
    {"Gather", moved, 1, moves, gather},
    {"GatherElements", moved, 1, moves, gather_elements},
    {"GatherND", moved, 1, moves, gather_nd},
    {"Gelu", per_output, 5, "scale, error function, add, multiply, halve", same},
    {"Gemm", products, 1, "rows x columns x depth; addend: one operation", gemm, gemm_cost},
    {"GlobalAveragePool", per_input, 1, "add", global_pool},
    {"GlobalLpPool", per_input, 2, "power, add", global_pool},
    {"GlobalMaxPool", per_input, 1, "compare", global_pool},
    {"Greater", per_output, 1, "compare", comparison},
    {"GreaterOrEqual", per_output, 1, "compare", comparison},
    {"GridSample", per_output, 8, "weigh and add four neighbours", grid_sample},
    {"GroupNormalization", per_input, 7, "add, subtract, square, add, divide, scale, shift", same},
    {"HardSigmoid", per_output, 4, "scale, shift, minimum, maximum", same},
    {"HardSwish", per_output, 5, "scale, shift, minimum, maximum, multiply", same},
    {"Hardmax", per_input, 2, "compare, select", same},
    {"Identity", free, 0, "the same bytes under another name", same},
    {"InstanceNormalization", per_input, 7, "add, subtract, square, add, divide, scale, shift",
     same},
    {"IsInf", per_output, 1, "compare", predicate},
    {"IsNaN", per_output, 1, "compare", predicate},
    {"LRN", per_input, 5, "square, add, scale, power, divide (running sum over channels)", same},
    {"LSTM", products, 1, "steps x batch x directions x 4 hidden x (input + hidden)", recurrent,
     recurrent_cost},
    {"LayerNormalization", per_input, 7, "add, subtract, square, add, divide, scale, shift",
     layer_normalization},
    {"LeakyRelu", per_output, 2, "scale, select", same},
    {"Less", per_output, 1, "compare", comparison},
    {"LessOrEqual", per_output, 1, "compare", comparison},
    {"Log", per_output, 1, one_step, same},
    {"LogSoftmax", per_input, 5, "maximum, subtract, exponential, add, subtract logarithm", same},
    {"LpNormalization", per_input, 3, "power, add, divide", same},
    {"LpPool", per_window, 2, "power, add", pool},
    {"MatMul", products, 1, "output elements x depth", matmul, matmul_cost},
    {"MatMulInteger", products, 1, "output elements x depth", matmul_integer, matmul_cost},
    {"Max", per_output, 1, "compare (per input after the first)", broadcast},
    {"MaxPool", per_window, 1, "compare", pool},
    {"Mean", per_output, 1, "add (per input after the first)", broadcast},
    {"MeanVarianceNormalization", per_input, 5, "add, subtract, square, add, divide", same},
    {"Min", per_output, 1, "compare (per input after the first)", broadcast},
    {"Mish", per_output, 4, "exponential, logarithm, tangent, multiply", same},
    {"Mod", per_output, 1, one_step, broadcast},
    {"Mul", per_output, 1, one_step, broadcast},
    {"Neg", per_output, 1, one_step, same},
    {"NonZero", per_input, 1, "compare", non_zero},
    {"Not", per_output, 1, one_step, predicate},
    {"OneHot", moved, 1, "fills a tensor", one_hot},
    {"Or", per_output, 1, one_step, comparison},
    {"PRelu", per_output, 2, "scale, select", same},
    {"Pad", moved, 1, moves, pad},
    {"Pow", per_output, 1, one_step, broadcast},
    {"QLinearConv", products, 1,
     "output elements x input channels per group x kernel; three operations to requantise",
     qlinear_conv, qlinear_conv_cost},
    {"QLinearMatMul", products, 1, "output elements x depth; three operations to requantise",
     qlinear_matmul, matmul_cost},
    {"QuantizeLinear", per_output, 4, "divide, round, shift, clip", quantize},
    {"RMSNormalization", per_input, 4, "square, add, divide, scale", same},
    {"RNN", products, 1, "steps x batch x directions x hidden x (input + hidden)", recurrent,
     recurrent_cost},
    {"Range", moved, 1, "fills a tensor", infer::range},
    {"Reciprocal", per_output, 1, one_step, same},
    {"ReduceL1", per_input, 2, "absolute value, add", reduce},
    {"ReduceL2", per_input, 2, "square, add", reduce},
    {"ReduceLogSum", per_input, 1, "add", reduce},
    {"ReduceLogSumExp", per_input, 4, "compare, subtract, exponential, add", reduce},
    {"ReduceMax", per_input, 1, "compare", reduce},
    {"ReduceMean", per_input, 1, "add", reduce},
    {"ReduceMin", per_input, 1, "compare", reduce},
    {"ReduceProd", per_input, 1, "multiply", reduce},
    {"ReduceSum", per_input, 1, "add", reduce},
    {"ReduceSumSquare", per_input, 2, "square, add", reduce},
    {"Relu", per_output, 1, "compare", same},
    {"Reshape", free, 0, "the same bytes under another shape", reshape},
    {"Resize", per_output, 8, "weigh and add four neighbours (nearest: copy, one operation)",
     resize},
    {"Round", per_output, 1, one_step, same},
    {"Scatter", moved, 1, moves, same},
    {"ScatterElements", moved, 1, moves, same},
    {"ScatterND", moved, 1, moves, same},
    {"Selu", per_output, 4, "exponential, subtract, scale, select", same},
    {"Shape", free, 0, "its value is known before any request", infer::shape},
    {"Shrink", per_output, 3, "compare, shift, select", same},
    {"Sigmoid", per_output, 3, "exponential, add, divide", same},
    {"Sign", per_output, 1, "compare", same},
    {"Sin", per_output, 1, one_step, same},
    {"Sinh", per_output, 1, one_step, same},
    {"Size", free, 0, "its value is known before any request", infer::size},
    {"Slice", moved, 1, moves, slice},
    {"Softmax", per_input, 5, "maximum, subtract, exponential, add, divide", same},
    {"Softplus", per_output, 3, "exponential, add, logarithm", same},
    {"Softsign", per_output, 3, "absolute value, add, divide", same},
    {"SpaceToDepth", moved, 1, moves, space_to_depth},
    {"Split", moved, 1, moves, split},
    {"Sqrt", per_output, 1, one_step, same},
    {"Squeeze", free, 0, "the same bytes under another shape", squeeze},
    {"Sub", per_output, 1, one_step, broadcast},
    {"Sum", per_output, 1, "add (per input after the first)", broadcast},
    {"Swish", per_output, 4, "exponential, add, divide, multiply", same},
    {"Tan", per_output, 1, one_step, same},
    {"Tanh", per_output, 1, one_step, same},
    {"ThresholdedRelu", per_output, 1, "compare", same},
    {"Tile", moved, 1, moves, tile},
    {"TopK", per_input, 2, "compare, exchange", top_k},
    {"Transpose", moved, 1, moves, transpose},
    {"Trilu", moved, 1, moves, same},
    {"Unsqueeze", free, 0, "the same bytes under another shape", unsqueeze},
    {"Upsample", per_output, 8, "weigh and add four neighbours (nearest: copy, one operation)",
     upsample},
    {"Where", per_output, 1, "select", where},
    {"Xor", per_output, 1, one_step, comparison},
});

std::int64_t elements(std::span<const OnnxOutput> outputs) {
  std::int64_t sum = 0;
  for (const auto& output : outputs) sum = plus(sum, elements_of(output.shape));
  return sum;
}

/// Steps per element. Taking the nearest neighbour, which is what Resize and Upsample do unless
/// told otherwise, is a copy.
std::int64_t steps_of(const OperatorKind& kind, const NodeView& node) {
  const bool scales = kind.type == "Resize" || kind.type == "Upsample";
  return scales && node.text("mode", "nearest") == "nearest" ? 1 : kind.steps;
}

/// Sum, Max, Min and Mean take any number of inputs and make one step for each after the first.
std::int64_t repeats(const OperatorKind& kind, const NodeView& node) {
  const bool variadic =
      kind.type == "Sum" || kind.type == "Max" || kind.type == "Min" || kind.type == "Mean";
  return variadic ? std::max<std::int64_t>(1, static_cast<std::int64_t>(node.input_count()) - 1)
                  : 1;
}

}  // namespace

std::span<const OperatorKind> operator_kinds() {
  return kinds;
}

const OperatorKind* find_operator_kind(std::string_view type) {
  const auto found = std::ranges::lower_bound(kinds, type, {}, &OperatorKind::type);
  return found != kinds.end() && found->type == type ? &*found : nullptr;
}

std::string cost_text(const OperatorKind& kind) {
  const std::string count =
      std::to_string(kind.steps) + (kind.steps == 1 ? " operation" : " operations");
  const std::string how(kind.how);
  switch (kind.rule) {
    case products:
      return "MACs: " + how;
    case per_output:
      return count + " per output element: " + how;
    case per_input:
      return count + " per input element: " + how;
    case per_window:
      return count + " per output element and kernel element: " + how;
    case moved:
      return "one operation per output element: " + how;
    case CostRule::free:
      return "free: " + how;
  }
  return how;
}

OperatorCost cost_of(const OperatorKind& kind, const NodeView& node,
                     std::span<const OnnxOutput> outputs) {
  switch (kind.rule) {
    case products:
      return kind.products(node, outputs);
    case per_output:
      return {0,
              times(elements(outputs.first(1)), times(steps_of(kind, node), repeats(kind, node))),
              0};
    case per_input:
      return {0, times(elements_of(node.shape(0)), kind.steps), 0};
    case per_window: {
      const auto kernel = node.integers("kernel_shape");
      return {0, times(times(elements_of(outputs[0].shape), elements_of(kernel)), kind.steps), 0};
    }
    case moved:
      return {0, elements(outputs), 0};
    case CostRule::free:
      break;
  }
  return {};
}

}  // namespace models
