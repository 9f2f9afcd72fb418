#include <algorithm>
#include <sstream>

#include "tests/hardware/property.h"

namespace hardware::property {
namespace {

constexpr std::string_view types =
    "Conv ConvTranspose Gemm MatMul MatMulInteger ConvInteger QLinearConv QLinearMatMul LSTM GRU "
    "BatchNormalization InstanceNormalization LayerNormalization LRN LpNormalization Softmax "
    "LogSoftmax Hardmax MaxPool AveragePool LpPool GlobalMaxPool GlobalAveragePool GlobalLpPool "
    "Add Sub Mul Div Pow Mod Min Max Mean Sum Abs Neg Ceil Floor Round Sign Sqrt Exp Log Erf "
    "Reciprocal Relu LeakyRelu PRelu Elu Selu Celu ThresholdedRelu HardSigmoid HardSwish Sigmoid "
    "Softplus Softsign Tanh Gelu Mish Clip Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh "
    "Equal Less LessOrEqual Greater GreaterOrEqual And Or Xor Not Where IsNaN IsInf Cast CastLike "
    "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd "
    "ReduceSum ReduceSumSquare ArgMax ArgMin CumSum TopK Reshape Flatten Squeeze Unsqueeze "
    "Transpose Concat Split Slice Gather GatherElements GatherND Scatter ScatterElements ScatterND "
    "Expand Tile Pad Resize Upsample DepthToSpace SpaceToDepth Trilu OneHot EyeLike Range Shape "
    "Size Constant ConstantOfShape Identity Dropout QuantizeLinear DequantizeLinear "
    "DynamicQuantizeLinear";

}  // namespace

std::vector<std::string> table() {
  std::istringstream text{std::string(types)};
  std::vector<std::string> result;
  for (std::string name; text >> name;) result.push_back(name);
  return result;
}

bool in_table(const std::string& type) {
  return std::ranges::count(table(), type) > 0;
}

}  // namespace hardware::property
