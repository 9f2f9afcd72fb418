// The part of Builder that finds kernels for operators.
#include <algorithm>
#include <utility>

#include "hardware/builder.h"
#include "hardware/catalogue.h"
#include "hardware/conversions.h"
#include "hardware/evaluate.h"
#include "hardware/traits.h"
#include "models/error.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Operator;
using models::Precision;

bool is_native(Precision precision) {
  return precision == Precision::fp32 || precision == Precision::bf16 ||
         precision == Precision::int8;
}

bool is_block(Precision format) {
  return format == Precision::mxfp8 || format == Precision::mxint8;
}

/// nullopt also where the kernel's maker finds out late that it has none.
std::optional<Prepared> make_native(const NativeRow& row, const Request& request) {
  try {
    return row.make(request);
  } catch (const NotSupported&) {
    return std::nullopt;
  }
}

Step step_of(const Operator& op, Precision precision) {
  Step step;
  step.name = op.name;
  step.type = op.type;
  step.precision = precision;
  step.macs = op.macs;
  return step;
}

}  // namespace

bool Builder::all_float32(const Operator& op) const {
  bool some = false;
  for (const auto* list : {&op.inputs, &op.outputs})
    for (const int tensor : *list) {
      if (tensor < 0) continue;
      const auto type = at(network_.network.tensors, tensor).type;
      if (is_real(type) && type != ElementType::float32) return false;
      some = some || type == ElementType::float32;
    }
  return some;
}

void Builder::add_task(int index) {
  const auto& task = at(recipe_.tasks, index);
  if (task.op < 0) return add_conversion(task);
  const auto first_value = values_.size();
  add_operator(index);
  done_[at(index)] = true;
  forget_constants(first_value);
}

void Builder::add_operator(int index) {
  const auto& task = at(recipe_.tasks, index);
  const auto& op = at(network_.network.operators, task.op);
  if (renames(op.type) && task.inputs[0] >= 0 && task.outputs[0] >= 0 &&
      std::ranges::none_of(task.outputs.begin() + 1, task.outputs.end(),
                           [&](int made) { return made >= 0 && readers_[at(made)] > 0; }))
    return add_renaming(task);
  if (is_native(task.precision) && all_float32(op)) {
    auto chain = chain_from(index);
    while (!chain.tasks.empty()) {
      if (add_native(task, chain, task.precision)) {
        for (const int fused : chain.tasks) done_[at(fused)] = true;
        return;
      }
      chain.tasks.pop_back();
      chain.folds_normalization = chain.folds_normalization && chain.tasks.size() > 1;
    }
  }
  if (task.precision != Precision::fp32 && only_moves(op.type) && add_moving(task)) return;
  add_plain(task);
}

/// What remains of a value in a format: the value itself if nothing is lost.
int Builder::rounded(int value, Precision format, int tensor, int step) {
  if (is_block(format)) {
    auto plain = values_[at(value)].layout;
    plain.channels_last = false;
    value = laid_out(value, plain, step);
  }
  float scale = 0;
  if (is_integer(format) && tensor >= 0)
    if (const auto range = options_.ranges.find(tensor_name(tensor));
        range != options_.ranges.end()) {
      const auto codes = static_cast<double>((std::int64_t{1} << (element_bits(format) - 1)) - 1);
      scale = static_cast<float>(
          std::max(std::abs(range->second.low), std::abs(range->second.high)) / codes);
    }
  add_action(make_rounding(values_[at(value)].layout, format, scale), {}, {value}, step);
  return value;
}

void Builder::add_conversion(const Recipe::Task& task) {
  const auto& from = at(recipe_.instances, task.inputs[0]);
  const auto& to = at(recipe_.instances, task.outputs[0]);
  int value = value_of_[at(task.inputs[0])];
  const auto stored = storage(to.tensor, to.format);
  Step step;
  step.kind = Step::Kind::convert;
  step.name = tensor_name(to.tensor);
  step.type = name_of(from.format) + " to " + name_of(to.format);
  step.precision = to.format;
  step.emulated = !is_native(to.format) || !is_native(from.format);
  const int number = add_step(step);
  auto wanted = stored;
  wanted.channels_last = values_[at(value)].layout.channels_last;
  value = laid_out(value, wanted, number);
  if (stored.type == ElementType::float32 && to.format != Precision::fp32) {
    // Rounding is in place, and others may read what was.
    const int copy = add_value(values_[at(value)].layout, to.tensor);
    add_action(make_copy(values_[at(value)].layout), {value}, {copy}, number);
    value = rounded(copy, to.format, to.tensor, number);
  }
  value_of_[at(task.outputs[0])] = renamed(value, values_[at(value)].layout, to.tensor);
}

void Builder::add_renaming(const Recipe::Task& task) {
  const auto& op = at(network_.network.operators, task.op);
  int value = value_of_[at(task.inputs[0])];
  auto layout = values_[at(value)].layout;
  const int made = task.outputs[0];
  const int tensor = at(recipe_.instances, made).tensor;
  const auto& shape = at(network_.network.tensors, tensor).shape;
  if (layout.channels_last && layout.shape != shape) {
    layout.channels_last = false;
    value = laid_out(value, layout, -1);
  }
  layout.shape = shape;
  auto step = step_of(op, task.precision);
  step.implementation = "renamed";
  step.operators = {task.op};
  add_step(std::move(step));
  value_of_[at(made)] = renamed(value, layout, tensor);
}

/// The request with activations as they lie and constants as the file has them.
Builder::Call Builder::call(const Recipe::Task& task, Precision precision) {
  const auto& op = at(network_.network.operators, task.op);
  Call result;
  result.request.op = &op;
  result.request.opset = network_.network.opset;
  result.request.precision = precision;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    auto& input = result.request.inputs.emplace_back();
    auto& value = result.inputs.emplace_back(-1);
    if (op.inputs[i] < 0) continue;
    value = task.inputs[i] >= 0 ? value_of_[at(task.inputs[i])] : constant_of(op.inputs[i]);
    const auto& it = values_[at(value)];
    input = {it.layout, it.constant.bytes.get()};
  }
  for (const int tensor : op.outputs) {
    auto& output = result.request.outputs.emplace_back();
    if (tensor >= 0) output = storage(tensor, precision);
  }
  return result;
}

/// Puts the kernel behind what its inputs need.
void Builder::carry_out(Prepared prepared, Call call, const std::vector<int>& instances, int step) {
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    auto& value = call.inputs[i];
    if (value < 0) continue;
    if (i < prepared.packed.size() && prepared.packed[i])
      value = -1;
    else
      value = laid_out(value, prepared.inputs[i], -1);
  }
  std::vector<int> outputs;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    outputs.push_back(-1);
    if (instances[i] < 0) continue;
    const int tensor = at(recipe_.instances, instances[i]).tensor;
    outputs.back() = value_of_[at(instances[i])] = add_value(prepared.outputs[i], tensor);
  }
  steps_[at(step)].implementation = prepared.implementation;
  add_action(std::move(prepared), std::move(call.inputs), std::move(outputs), step);
}

/// One kernel of oneDNN for all operators of the chain; answers whether there is one.
bool Builder::add_native(const Recipe::Task& first, const Chain& chain, Precision precision) {
  const auto& network = network_.network;
  const auto* row = find_native(at(network.operators, first.op).type, precision);
  if (row == nullptr) return false;
  const auto& last = at(recipe_.tasks, chain.tasks.back());
  auto step = step_of(at(network.operators, first.op), precision);
  step.operators = {first.op};
  auto call = this->call(first, precision);
  std::vector<models::TensorValue> weights;
  for (std::size_t i = 1; i < chain.tasks.size(); ++i) {
    const auto& task = at(recipe_.tasks, chain.tasks[i]);
    const auto& op = at(network.operators, task.op);
    step.name += "+" + op.name;
    step.type += "+" + op.type;
    step.operators.push_back(task.op);
    if (i == 1 && chain.folds_normalization) {
      weights = normalized_weights(*call.request.op, op);
      call.request.inputs.resize(3);
      call.inputs.resize(3, -1);
      for (std::size_t w = 0; w < 2; ++w) {
        call.inputs[w + 1] = add_constant(weights[w], -1);
        call.request.inputs[w + 1] = {{weights[w].type, weights[w].shape}, weights[w].bytes.get()};
      }
      continue;
    }
    const int before = at(recipe_.tasks, chain.tasks[i - 1]).outputs[0];
    auto fused = this->fused(op, at(recipe_.instances, before).tensor);
    if (fused->input >= 0) {
      const auto which = at(fused->input);
      const int value = task.inputs[which] >= 0 ? value_of_[at(task.inputs[which])]
                                                : constant_of(op.inputs[which]);
      fused->input = static_cast<int>(call.inputs.size());
      call.inputs.push_back(value);
      const auto& it = values_[at(value)];
      call.request.inputs.emplace_back(Request::Input{it.layout, it.constant.bytes.get()});
    }
    call.request.fused.push_back(*fused);
  }
  if (chain.tasks.size() > 1) {
    const int tensor = at(recipe_.instances, last.outputs[0]).tensor;
    call.request.outputs[0] = storage(tensor, precision);
  }
  auto prepared = make_native(*row, call.request);
  if (!prepared) return false;
  const int number = add_step(std::move(step));
  carry_out(std::move(*prepared), std::move(call), last.outputs, number);
  return true;
}

/// Elements as they are stored, whatever they mean.
bool Builder::add_moving(const Recipe::Task& task) {
  const auto& op = at(network_.network.operators, task.op);
  auto call = this->call(task, Precision::fp32);
  auto stored = values_[at(call.inputs[0])].layout;
  if (task.inputs[0] < 0 && stored.type == ElementType::float32) {  // a table to pick from
    auto wanted = storage(at(recipe_.instances, task.outputs[0]).tensor, task.precision);
    wanted.shape = stored.shape;
    call.inputs[0] = laid_out(call.inputs[0], wanted, -1);
    stored = wanted;
  }
  if (stored.type == ElementType::float32) return false;
  stored.channels_last = false;
  call.request.inputs[0] = {stored, values_[at(call.inputs[0])].constant.bytes.get()};
  for (std::size_t i = 0; i < op.outputs.size(); ++i)
    if (op.outputs[i] >= 0) {
      call.request.outputs[i]->type = stored.type;
      call.request.outputs[i]->scale = stored.scale;
    }
  auto prepared = make_plain(call.request);
  auto step = step_of(op, task.precision);
  step.operators = {task.op};
  prepared.inputs[0].scale = stored.scale;
  for (auto& output : prepared.outputs) output.scale = stored.scale;
  carry_out(std::move(prepared), std::move(call), task.outputs, add_step(std::move(step)));
  return true;
}

/// In the file's own types; where another precision is asked for, by emulation: operands and
/// results are rounded to it.
void Builder::add_plain(const Recipe::Task& task) {
  const auto& op = at(network_.network.operators, task.op);
  const bool real = std::ranges::any_of(op.outputs, [&](int tensor) {
    return tensor >= 0 && is_real(at(network_.network.tensors, tensor).type);
  });
  const bool emulated = task.precision != Precision::fp32 && real;
  auto step = step_of(op, task.precision);
  step.operators = {task.op};
  step.emulated = emulated;
  auto call = this->call(task, Precision::fp32);
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    auto& value = call.inputs[i];
    if (value < 0) continue;
    const auto plain = plain_layout(op.inputs[i]);
    if (task.inputs[i] >= 0) {
      auto wanted = plain;
      wanted.channels_last = values_[at(value)].layout.channels_last;
      value = laid_out(value, wanted, -1);
    } else if (emulated && plain.type == ElementType::float32 && !is_parameter(op.type, i) &&
               !(is_integer(task.precision) && plain.shape.size() < 2)) {
      value = rounded_constant(value, task.precision);
    }
    call.request.inputs[i] = {values_[at(value)].layout, values_[at(value)].constant.bytes.get()};
  }
  std::optional<Prepared> prepared;
  if (emulated && all_float32(op))
    if (const auto* row = find_native(op.type, Precision::fp32))
      prepared = make_native(*row, call.request);
  if (!prepared) {
    for (auto& input : call.request.inputs)
      if (input) input->layout.channels_last = false;
    prepared = make_plain(call.request);
  }
  const int number = add_step(std::move(step));
  carry_out(std::move(*prepared), std::move(call), task.outputs, number);
  if (!emulated) return;
  for (const int made : task.outputs) {
    if (made < 0) continue;
    const auto& it = at(recipe_.instances, made);
    auto wanted = storage(it.tensor, it.format);
    auto& value = value_of_[at(made)];
    if (plain_layout(it.tensor).type != ElementType::float32) continue;
    if (wanted.type == ElementType::float32) {
      if (!only_moves(op.type)) value = rounded(value, it.format, it.tensor, number);
      continue;
    }
    wanted.channels_last = values_[at(value)].layout.channels_last;
    value = laid_out(value, wanted, number);
  }
}

}  // namespace hardware
