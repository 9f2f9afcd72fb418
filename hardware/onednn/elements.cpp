#include "hardware/onednn/elements.h"

#include <algorithm>

#include "hardware/catalogue.h"

namespace hardware {
namespace {

using models::ElementType;
using models::Shape;

constexpr std::string_view floating = "fp32 bf16";
constexpr std::string_view all = "fp32 bf16 int8";

constexpr NativeRow rows[] = {
    {"Abs", native_unary, all, ""},
    {"Neg", native_unary, all, ""},
    {"Ceil", native_unary, all, ""},
    {"Floor", native_unary, all, ""},
    {"Round", native_unary, all, ""},
    {"Sign", native_unary, all, ""},
    {"Sqrt", native_unary, all, ""},
    {"Exp", native_unary, all, ""},
    {"Log", native_unary, all, ""},
    {"Erf", native_unary, all, ""},
    {"Reciprocal", native_unary, all, ""},
    {"Relu", native_unary, all, ""},
    {"LeakyRelu", native_unary, all, ""},
    {"Elu", native_unary, all, ""},
    {"Selu", native_unary, all, ""},
    {"Celu", native_unary, all, ""},
    {"ThresholdedRelu", native_unary, all, ""},
    {"HardSigmoid", native_unary, all, ""},
    {"HardSwish", native_unary, all, ""},
    {"Sigmoid", native_unary, all, ""},
    {"Softplus", native_unary, all, ""},
    {"Softsign", native_unary, all, ""},
    {"Tanh", native_unary, all, ""},
    {"Gelu", native_unary, all, ""},
    {"Mish", native_unary, all, ""},
    {"Swish", native_unary, all, ""},
    {"Shrink", native_unary, all, ""},
    {"Clip", native_unary, all, ""},
    {"Sin", native_unary, all, ""},
    {"Cos", native_unary, all, ""},
    {"Add", native_pointwise, all, ""},
    {"Sub", native_pointwise, all, ""},
    {"Mul", native_pointwise, all, ""},
    {"Div", native_pointwise, all, ""},
    {"Pow", native_pointwise, all, ""},
    {"PRelu", native_pointwise, all, ""},
    {"Min", native_pointwise, all, ""},
    {"Max", native_pointwise, all, ""},
    {"Sum", native_pointwise, all, ""},
    {"Mean", native_pointwise, all, ""},
    {"Equal", native_pointwise, floating, ""},
    {"Greater", native_pointwise, floating, ""},
    {"GreaterOrEqual", native_pointwise, floating, ""},
    {"Less", native_pointwise, floating, ""},
    {"LessOrEqual", native_pointwise, floating, ""},
    {"Where", native_pointwise, floating, ""},
    {"Concat", native_concat, all, ""},
};

}  // namespace

bool is_coded(const Layout& layout) {
  return layout.scale > 0 &&
         (layout.type == ElementType::int8 || layout.type == ElementType::uint8);
}

ElementType stored_type(models::Precision precision) {
  return precision == models::Precision::bf16 ? ElementType::bfloat16 : ElementType::float32;
}

bool lies_either_way(const Shape& shape) {
  if (shape.size() < 3 || shape[1] == 1) return true;
  return std::all_of(shape.begin() + 2, shape.end(), [](std::int64_t size) { return size == 1; });
}

Shape lying(const Shape& shape, bool channels_last) {
  Shape result = shape;
  if (channels_last) std::rotate(result.begin() + 1, result.begin() + 2, result.end());
  return result;
}

Shape padded(const Shape& shape, std::size_t rank) {
  Shape result(rank - std::min(rank, shape.size()), 1);
  result.insert(result.end(), shape.begin(), shape.end());
  return result;
}

Prepared plain_kernel(const Request& request, const std::vector<std::optional<Layout>>& inputs,
                      const std::vector<std::optional<Layout>>& outputs) {
  Request plain{request.op, request.opset, request.inputs, outputs, models::Precision::fp32, {}};
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i]) plain.inputs[i]->layout = *inputs[i];
  return find_plain(request.op->type)->make(plain);
}

std::span<const NativeRow> native_elements() {
  return rows;
}

}  // namespace hardware
