// The part of Builder that finds operators which one kernel can do together.
#include <algorithm>
#include <cmath>

#include "hardware/attributes.h"
#include "hardware/builder.h"
#include "hardware/catalogue.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Operator;
using models::TensorValue;

/// oneDNN takes 32 post-operations, and one of ours may be three of its.
constexpr std::ptrdiff_t most_fused = 8;

}  // namespace

/// Whether it is a weight, or made of nothing but weights.
bool Builder::is_constant(int tensor) const {
  if (tensor < 0) return false;
  const auto& it = at(network_.network.tensors, tensor);
  return it.role == models::Tensor::Role::weight ||
         (it.producer >= 0 && constant_operator_[at(it.producer)]);
}

/// Whether the normalisation is but other weights of the convolution before it.
bool Builder::folds(const Operator& conv, const Operator& op) const {
  if (conv.type != "Conv" || op.type != "BatchNormalization") return false;
  if (integer_of(op, "training_mode", 0) != 0 || integer_of(op, "spatial", 1) != 1) return false;
  const auto constant = [&](const Operator& of) {
    return std::all_of(of.inputs.begin() + 1, of.inputs.end(),
                       [&](int tensor) { return tensor < 0 || is_constant(tensor); });
  };
  return constant(conv) && constant(op) && op.inputs.size() == 5;
}

/// How the operator is done to the result of another, which made `before`; nullopt if it cannot be.
std::optional<Fused> Builder::fused(const Operator& op, int before) {
  Fused result{op.type, 0, 0, -1};
  const auto bound = [&](std::size_t input, const char* name, float otherwise) {
    if (input >= op.inputs.size() || op.inputs[input] < 0)
      return std::optional(static_cast<float>(real_of(op, name, otherwise)));
    const int tensor = op.inputs[input];
    if (!is_constant(tensor)) return std::optional<float>();
    const auto& value = values_[at(constant_of(tensor))].constant;
    if (value.type != ElementType::float32 || value.elements() != 1) return std::optional<float>();
    return std::optional(value.as<float>()[0]);
  };
  if (op.type == "Clip") {
    const auto low = bound(1, "min", -INFINITY), high = bound(2, "max", INFINITY);
    if (!low || !high || !(*low <= *high)) return std::nullopt;
    result.alpha = *low;
    result.beta = *high;
  } else if (op.type == "LeakyRelu") {
    result.alpha = static_cast<float>(real_of(op, "alpha", 0.01));
  } else if (op.type == "Elu") {
    result.alpha = static_cast<float>(real_of(op, "alpha", 1));
  } else if (op.type == "HardSigmoid") {
    result.alpha = static_cast<float>(real_of(op, "alpha", 0.2));
    result.beta = static_cast<float>(real_of(op, "beta", 0.5));
  } else if (op.type == "Gelu") {
    result.alpha = text_of(op, "approximate", "none") == "tanh" ? 1.0F : 0.0F;
  } else if (op.type == "Add" || op.type == "Mul" || op.type == "Sum") {
    if (op.type == "Sum") result.type = "Add";
    if (op.inputs.size() != 2 || op.inputs[0] == op.inputs[1]) return std::nullopt;
    result.input = op.inputs[0] == before ? 1 : 0;
  } else if (op.inputs.size() != 1) {
    return std::nullopt;
  }
  return result;
}

/// The operator and as many after it as could be done with it: each the only reader of the one
/// before, in the same precision, with all else that it reads already there.
Builder::Chain Builder::chain_from(int first) {
  const auto& network = network_.network;
  Chain chain{{first}, false};
  const auto& head = at(network.operators, at(recipe_.tasks, first).op);
  const auto* row = find_native(head.type, at(recipe_.tasks, first).precision);
  if (row == nullptr || options_.apart) return chain;
  for (int task = first;;) {
    const auto& made = at(recipe_.tasks, task).outputs;
    if (std::ssize(chain.tasks) > most_fused) return chain;
    if (made.size() != 1 || readers_[at(made[0])] != 1) return chain;
    const int next = reader_[at(made[0])];
    const auto& reader = at(recipe_.tasks, next);
    if (reader.op < 0 || reader.precision != at(recipe_.tasks, first).precision) return chain;
    const auto& op = at(network.operators, reader.op);
    if (!all_float32(op) || reader.outputs.size() != 1) return chain;
    if (task == first && folds(head, op)) {
      chain.folds_normalization = true;
    } else {
      const auto how = fused(op, at(recipe_.instances, made[0]).tensor);
      if (!how || !lists(row->fuses, how->type)) return chain;
      // The result keeps its shape: the other operand is not the larger one.
      const int out = at(recipe_.instances, reader.outputs[0]).tensor;
      if (at(network.tensors, out).shape !=
          at(network.tensors, at(recipe_.instances, made[0]).tensor).shape)
        return chain;
      for (const int other : reader.inputs)
        if (other >= 0 && other != made[0] && value_of_[at(other)] < 0) return chain;
    }
    chain.tasks.push_back(next);
    task = next;
  }
}

/// Weights and bias of a convolution with the normalisation after it: w s and (b - mean) s + shift,
/// where s = scale / sqrt(variance + epsilon).
std::vector<TensorValue> Builder::normalized_weights(const Operator& conv,
                                                     const Operator& normalization) {
  const auto values = [&](const Operator& op, std::size_t input) {
    return values_[at(constant_of(op.inputs[input]))].constant;
  };
  const auto weights = values(conv, 1);
  const auto scale = values(normalization, 1), shift = values(normalization, 2),
             mean = values(normalization, 3), variance = values(normalization, 4);
  const bool biased = conv.inputs.size() > 2 && conv.inputs[2] >= 0;
  const auto bias = biased ? values(conv, 2) : TensorValue{};
  const double epsilon = real_of(normalization, "epsilon", 1e-5);
  const auto channels = at(weights.shape[0]);
  const auto each = channels == 0 ? 0 : at(weights.elements()) / channels;
  auto new_weights = models::fresh_value(weights.type, weights.shape);
  auto new_bias = models::fresh_value(ElementType::float32, {weights.shape[0]});
  auto* const w = reinterpret_cast<float*>(new_weights.fresh.data());
  auto* const b = reinterpret_cast<float*>(new_bias.fresh.data());
  for (std::size_t c = 0; c < channels; ++c) {
    const double s = double{scale.as<float>()[c]} / std::sqrt(variance.as<float>()[c] + epsilon);
    for (std::size_t i = c * each; i < (c + 1) * each; ++i)
      w[i] = static_cast<float>(double{weights.as<float>()[i]} * s);
    const double before = biased ? double{bias.as<float>()[c]} : 0.0;
    b[c] = static_cast<float>((before - double{mean.as<float>()[c]}) * s +
                              double{shift.as<float>()[c]});
  }
  return {new_weights.value, new_bias.value};
}

}  // namespace hardware
