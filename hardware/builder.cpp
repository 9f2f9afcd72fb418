// The part of Builder that keeps values: what lies where, in which layout.
#include "hardware/builder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <utility>

#include "hardware/conversions.h"
#include "hardware/evaluate.h"
#include "hardware/own_types.h"
#include "hardware/type_rules.h"
#include "models/error.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;
using models::Precision;
using models::TensorValue;

/// Whether the bytes are the same: with one channel, or one place, there is no order to differ in.
bool same_bytes(const Layout& a, const Layout& b) {
  if (a.type != b.type || a.scale != b.scale) return false;
  if (a.channels_last == b.channels_last || a.shape.size() < 2) return true;
  const auto image = at(a.shape, 0) * at(a.shape, 1);
  return at(a.shape, 1) == 1 || a.elements() == image;
}

TensorValue run_once(const Prepared& prepared, const std::byte* input, const Layout& made) {
  auto fresh = models::fresh_value(made.type, made.shape);
  const Memory64 workspace(prepared.workspace);
  const std::byte* const in[] = {input};
  std::byte* const out[] = {fresh.fresh.data()};
  prepared.kernel->run(in, out, workspace.data());
  return fresh.value;
}

}  // namespace

Builder::Builder(models::ValuedNetwork network, Recipe recipe, const ProgramOptions& options)
    : network_(std::move(network)),
      recipe_(std::move(recipe)),
      options_(options),
      constant_operator_(constant_operators(network_.network)),
      value_of_(recipe_.instances.size(), -1),
      readers_(recipe_.instances.size(), 0),
      reader_(recipe_.instances.size(), -1),
      maker_(recipe_.instances.size(), -1),
      done_(recipe_.tasks.size(), false) {}

std::unique_ptr<ProgramParts> Builder::build() try {
  refuse_other_types(network_.network, recipe_);
  check_types(network_.network);
  find_readers();
  find_joined();
  add_inputs();
  for (int task = 0; task < static_cast<int>(recipe_.tasks.size()); ++task)
    if (!done_[at(task)]) add_task(task);
  add_outputs();
  return finish();
} catch (const NotSupported& error) {
  throw models::InputError("not supported: " + error.what);
}

void Builder::find_joined() {
  const auto& network = network_.network;
  joined_by_.assign(network.tensors.size(), -1);
  std::vector<int> readings(network.tensors.size(), 0);
  for (const auto& op : network.operators)
    for (const int read : op.inputs)
      if (read >= 0) ++readings[at(read)];
  for (const int made : network.outputs) ++readings[at(made)];
  for (const auto& task : recipe_.tasks) {
    if (task.op < 0 || task.precision != Precision::int8) continue;
    const auto& op = at(network.operators, task.op);
    if (op.type != "Concat") continue;
    for (const int read : op.inputs)
      if (read >= 0 && readings[at(read)] == 1) joined_by_[at(read)] = op.outputs[0];
  }
}

void Builder::find_readers() {
  for (int task = 0; task < static_cast<int>(recipe_.tasks.size()); ++task) {
    for (const int read : at(recipe_.tasks, task).inputs) {
      if (read < 0) continue;
      ++readers_[at(read)];
      reader_[at(read)] = task;
    }
    for (const int made : at(recipe_.tasks, task).outputs)
      if (made >= 0) maker_[at(made)] = task;
  }
  for (const int made : recipe_.outputs)
    if (made >= 0) readers_[at(made)] += 2;  // never read by one operator only
  for (std::size_t i = 0; i < recipe_.instances.size(); ++i)
    if (recipe_.instances[i].sent) readers_[i] += 2;
  const auto& network = network_.network;
  std::set<int> kept(network.outputs.begin(), network.outputs.end());
  for (std::size_t op = 0; op < network.operators.size(); ++op)
    if (constant_operator_[op])
      kept.insert(network.operators[op].inputs.begin(), network.operators[op].inputs.end());
  for (int task = 0; task < static_cast<int>(recipe_.tasks.size()); ++task)
    if (const int op = at(recipe_.tasks, task).op; op >= 0)
      for (const int tensor : at(network.operators, op).inputs)
        if (!kept.contains(tensor)) weight_readers_[tensor].push_back(task);
}

/// Gives back what was only there to be packed: weights whose readers are all prepared, and what
/// was made of them on the way.
void Builder::forget_constants(std::size_t first_value) {
  const auto is_over = [&](int tensor) {
    const auto readers = weight_readers_.find(tensor);
    return readers != weight_readers_.end() &&
           std::ranges::all_of(readers->second, [&](int task) { return done_[at(task)]; });
  };
  std::erase_if(constants_, [&](const auto& each) {
    const auto& [tensor, value] = each;
    if (!is_over(tensor)) return false;
    at(network_.values, tensor) = {};
    if (!values_[at(value)].used) values_[at(value)].constant = {};
    return true;
  });
  for (auto value = first_value; value < values_.size(); ++value) {
    auto& it = values_[value];
    if (!it.used && it.buffer < 0 && (it.tensor < 0 || is_over(it.tensor))) it.constant = {};
  }
}

std::string Builder::tensor_name(int tensor) const {
  return at(network_.network.tensors, tensor).name;
}

Layout Builder::plain_layout(int tensor) const {
  const auto& it = at(network_.network.tensors, tensor);
  return {it.type, it.shape};
}

/// The tensor whose codes this one shares. A maximum keeps those of what it is taken of. What is
/// only joined to others gets those of the whole at once.
int Builder::coded_as(int tensor) const {
  const auto& network = network_.network;
  const auto has_range = [&](int t) { return options_.ranges.contains(tensor_name(t)); };
  while (joined_by_[at(tensor)] >= 0 && has_range(joined_by_[at(tensor)]))
    tensor = joined_by_[at(tensor)];
  for (int producer; (producer = at(network.tensors, tensor).producer) >= 0;) {
    const auto& op = at(network.operators, producer);
    if (op.type != "MaxPool" && op.type != "GlobalMaxPool") break;
    if (!has_range(op.inputs[0])) break;
    tensor = op.inputs[0];
  }
  return tensor;
}

/// As a tensor is kept that has been rounded to a format.
Layout Builder::storage(int tensor, Precision format) const {
  auto layout = plain_layout(tensor);
  if (layout.type != ElementType::float32) return layout;
  if (format == Precision::bf16) layout.type = ElementType::bfloat16;
  if (format != Precision::int8) return layout;
  const auto range = options_.ranges.find(tensor_name(coded_as(tensor)));
  if (range == options_.ranges.end())
    throw models::InputError(
        "int8 needs the range of tensor '" + tensor_name(tensor) +
        "', which is not known; make ranges with 'partwise calibrate NETWORK --data ...' and give "
        "them with --ranges FILE");
  const auto [low, high] = range->second;
  layout.type = low < 0 ? ElementType::int8 : ElementType::uint8;
  const double most = low < 0 ? std::max(-low, high) / 127 : high / 255;
  layout.scale = static_cast<float>(most);
  if (layout.scale < std::numeric_limits<float>::min()) layout.scale = 1;  // all are noughts
  return layout;
}

int Builder::add_value(Layout layout, int tensor) {
  buffers_.push_back(
      {layout.bytes(), static_cast<int>(actions_.size()), static_cast<int>(actions_.size()), 0});
  values_.push_back({std::move(layout), tensor, static_cast<int>(buffers_.size()) - 1, {}});
  return static_cast<int>(values_.size()) - 1;
}

int Builder::add_constant(TensorValue value, int tensor) {
  const Layout layout{value.type, value.shape};
  values_.push_back({layout, tensor, -1, std::move(value)});
  return static_cast<int>(values_.size()) - 1;
}

/// The same bytes under another name, shape, or both.
int Builder::renamed(int value, Layout layout, int tensor) {
  auto other = values_[at(value)];
  other.layout = std::move(layout);
  other.tensor = tensor;
  if (other.constant) other.constant.shape = other.layout.shape;
  values_.push_back(std::move(other));
  return static_cast<int>(values_.size()) - 1;
}

TensorValue Builder::computed_constant(int index, int tensor) {
  const auto& network = network_.network;
  const auto& op = at(network.operators, index);
  std::vector<std::optional<Request::Input>> inputs;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    auto& input = inputs.emplace_back();
    if (op.inputs[i] < 0) continue;
    input = {plain_layout(op.inputs[i]), nullptr};
    if (is_constant(op.inputs[i]))
      input->constant = values_[at(constant_of(op.inputs[i]))].constant.bytes.get();
  }
  std::vector<std::optional<Layout>> outputs;
  for (const int output : op.outputs) {
    auto& layout = outputs.emplace_back();
    if (output >= 0) layout = plain_layout(output);
  }
  auto made = evaluate(op, network.opset, inputs, outputs);
  TensorValue asked;
  for (std::size_t i = 0; i < op.outputs.size(); ++i) {
    if (op.outputs[i] < 0) continue;
    if (op.outputs[i] == tensor)
      asked = made[i];
    else
      constants_[op.outputs[i]] = add_constant(made[i], op.outputs[i]);
  }
  return asked;
}

/// The value of a weight, or of what is computed of weights.
int Builder::constant_of(int tensor) {
  if (const auto found = constants_.find(tensor); found != constants_.end()) return found->second;
  const auto& it = at(network_.network.tensors, tensor);
  TensorValue value;
  if (it.role == models::Tensor::Role::weight)
    value = at(network_.values, tensor);
  else
    value = computed_constant(it.producer, tensor);
  if (!value)
    throw models::InputError("the file keeps no values of weight '" + it.name +
                             "'; give --random SEED to compute with random ones");
  return constants_[tensor] = add_constant(std::move(value), tensor);
}

/// The same, rounded as an operand of an operator that computes in `precision`.
int Builder::rounded_constant(int value, Precision precision) {
  const auto key = std::pair{value, precision};
  if (const auto found = rounded_constants_.find(key); found != rounded_constants_.end())
    return found->second;
  const auto layout = values_[at(value)].layout;
  auto copy = models::fresh_value(layout.type, layout.shape);
  std::ranges::copy(values_[at(value)].constant.span(), copy.fresh.begin());
  const auto prepared = make_rounding(layout, precision, 0);
  const Memory64 workspace(prepared.workspace);
  std::byte* const out[] = {copy.fresh.data()};
  prepared.kernel->run({}, out, workspace.data());
  return rounded_constants_[key] = add_constant(std::move(copy.value), values_[at(value)].tensor);
}

/// The value in another layout or type; converted at once where it is constant, else once for all
/// who want it so, in a step of its own unless one is given.
int Builder::laid_out(int value, const Layout& wanted, int step) {
  const auto from = values_[at(value)].layout;
  if (same_bytes(from, wanted)) return value;
  for (const int other : laid_out_[value])
    if (same_bytes(values_[at(other)].layout, wanted)) return other;
  auto prepared = make_reorder(from, wanted);
  const int tensor = values_[at(value)].tensor;
  if (const auto constant = values_[at(value)].constant) {
    auto made = run_once(prepared, constant.bytes.get(), wanted);
    const int other = add_constant(std::move(made), tensor);
    values_[at(other)].layout = wanted;
    laid_out_[value].push_back(other);
    return other;
  }
  if (step < 0) {
    Step reorder;
    reorder.kind = Step::Kind::reorder;
    reorder.name = tensor < 0 ? "" : tensor_name(tensor);
    reorder.type = "reorder";
    step = add_step(reorder);
  }
  const int other = add_value(wanted, tensor);
  add_action(std::move(prepared), {value}, {other}, step);
  laid_out_[value].push_back(other);
  return other;
}

int Builder::add_step(Step step) {
  steps_.push_back(std::move(step));
  return static_cast<int>(steps_.size()) - 1;
}

void Builder::add_action(Prepared prepared, std::vector<int> inputs, std::vector<int> outputs,
                         int step) {
  const int now = static_cast<int>(actions_.size());
  auto& bytes = steps_[at(step)].bytes;
  if (steps_[at(step)].implementation.empty())
    steps_[at(step)].implementation = prepared.implementation;
  for (const auto* list : {&inputs, &outputs})
    for (const int value : *list) {
      if (value < 0) continue;
      values_[at(value)].used = true;
      bytes += values_[at(value)].layout.bytes();
      if (const int buffer = values_[at(value)].buffer; buffer >= 0)
        buffers_[at(buffer)].last = now;
    }
  bytes += prepared.held;
  actions_.push_back({std::move(prepared), std::move(inputs), std::move(outputs), step});
}

void Builder::add_inputs() {
  for (std::size_t i = 0; i < recipe_.inputs.size(); ++i) {
    const int instance = recipe_.inputs[i];
    const int tensor = at(recipe_.instances, instance).tensor;
    const int value = add_value(plain_layout(tensor), tensor);
    value_of_[at(instance)] = value;
    inputs_.push_back(value);
  }
}

void Builder::add_outputs() {
  const auto& network = network_.network;
  for (std::size_t i = 0; i < network.outputs.size(); ++i) {
    const int tensor = network.outputs[i], instance = recipe_.outputs[i];
    const int value = instance < 0 ? constant_of(tensor) : value_of_[at(instance)];
    outputs_.push_back(laid_out(value, plain_layout(tensor), -1));
  }
}

}  // namespace hardware
