#include "hardware/type_rules.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "hardware/attributes.h"
#include "models/index.h"
#include "models/network/tensor_value.h"

namespace hardware {
namespace {

using models::at;

/// The inputs of an operator that have one type: bit i for input i, and whatever comes after the
/// eighth as that.
struct Rule {
  std::string_view type;
  std::uint8_t inputs;
};
constexpr std::uint8_t all = 0xff, first_two = 0b11, first_three = 0b111;
constexpr std::array<Rule, 41> rules = {{{"Add", all},
                                         {"And", all},
                                         {"BatchNormalization", 0b11111},
                                         {"BitwiseAnd", all},
                                         {"BitwiseOr", all},
                                         {"BitwiseXor", all},
                                         {"Clip", first_three},
                                         {"Concat", all},
                                         {"Conv", first_three},
                                         {"ConvTranspose", first_three},
                                         {"Div", all},
                                         {"Equal", all},
                                         {"GRU", 0b101111},
                                         {"Gemm", first_three},
                                         {"Greater", all},
                                         {"GreaterOrEqual", all},
                                         {"GroupNormalization", first_three},
                                         {"InstanceNormalization", first_three},
                                         {"LSTM", 0b11101111},
                                         {"LayerNormalization", first_three},
                                         {"Less", all},
                                         {"LessOrEqual", all},
                                         {"MatMul", first_two},
                                         {"Max", all},
                                         {"Mean", all},
                                         {"Min", all},
                                         {"Mod", all},
                                         {"Mul", all},
                                         {"Or", all},
                                         {"PRelu", first_two},
                                         {"Pad", 0b101},
                                         {"RMSNormalization", first_two},
                                         {"RNN", 0b101111},
                                         {"Range", first_three},
                                         {"Scatter", 0b101},
                                         {"ScatterElements", 0b101},
                                         {"ScatterND", 0b101},
                                         {"Sub", all},
                                         {"Sum", all},
                                         {"Where", 0b110},
                                         {"Xor", all}}};

void check(const models::Network& network, const models::Operator& op, const Rule& rule) {
  const models::Tensor* first = nullptr;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (op.inputs[i] < 0 || (rule.inputs >> std::min<std::size_t>(i, 7) & 1) == 0) continue;
    const auto& tensor = at(network.tensors, op.inputs[i]);
    if (first == nullptr) first = &tensor;
    if (tensor.type != first->type)
      fail(op, "its inputs '" + first->name + "' and '" + tensor.name + "' are " +
                   name_of(first->type) + " and " + name_of(tensor.type) +
                   ", where ONNX wants one type; cast one of them");
  }
}

}  // namespace

void check_types(const models::Network& network) {
  for (const auto& op : network.operators) {
    const auto rule = std::ranges::find(rules, op.type, &Rule::type);
    if (rule != rules.end()) check(network, op, *rule);
  }
}

}  // namespace hardware
