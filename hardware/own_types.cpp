#include "hardware/own_types.h"

#include <vector>

#include "hardware/traits.h"
#include "models/error.h"
#include "models/index.h"
#include "models/network/tensor_value.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Precision;

/// The format that a type is; fp32 where none is like it.
Precision own_precision(ElementType type) {
  if (type == ElementType::float16) return Precision::fp16;
  return type == ElementType::bfloat16 ? Precision::bf16 : Precision::fp32;
}

void refuse_other_types(const models::Network& network, const models::Operator& op,
                        Precision precision) {
  std::vector<int> tensors = op.outputs;
  if (!op.inputs.empty()) tensors.push_back(op.inputs[0]);  // others may be parameters
  for (const int tensor : tensors) {
    if (tensor < 0) continue;
    const auto type = at(network.tensors, tensor).type;
    if (!is_real(type) || type == ElementType::float32 || precision == own_precision(type))
      continue;
    throw models::InputError("operator '" + op.name + "' computes in " + models::name_of(type) +
                             ", the type of the file, and cannot in " + name_of(precision) +
                             "; --precision and plans apply to float32 networks; convert the "
                             "model, or keep the operator in fp32");
  }
}

}  // namespace

void refuse_other_types(const models::Network& network, const Recipe& recipe) {
  for (const auto& task : recipe.tasks) {
    if (task.op < 0 || task.precision == Precision::fp32) continue;
    const auto& op = at(network.operators, task.op);
    if (only_moves(op.type) || op.type == "Cast" || op.type == "CastLike") continue;
    refuse_other_types(network, op, task.precision);
  }
}

}  // namespace hardware
