#include "models/network/given.h"

#include "models/error.h"
#include "models/network/onnx.h"

namespace models {
namespace {

constexpr const char* no_shape = "has no declared shape";

std::string count_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " input" : " inputs");
}

std::string names_of(const std::vector<OnnxInfo>& inputs) {
  std::string text;
  for (const auto& input : inputs) text += (text.empty() ? "'" : ", '") + input.name + "'";
  return text;
}

/// Tensors of which something reads more than the type.
std::set<std::string> read_in(const OnnxModel& model) {
  std::set<std::string> names;
  for (const auto& output : model.outputs) names.insert(output.name);
  for (const auto& node : model.nodes) {
    names.insert(node.captures.begin(), node.captures.end());
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      if (node.type != "CastLike" || i != 1) names.insert(node.inputs[i]);
  }
  return names;
}

}  // namespace

std::string dimension_key(const OnnxInfo& info, std::size_t axis) {
  const auto& symbol = info.shape[axis].symbol;
  return symbol.empty() ? info.name + "." + std::to_string(axis) : symbol;
}

std::string declaration_of(const OnnxInfo& info) {
  if (info.fault == no_shape) return name_of(info.type) + " of any shape";
  std::string text;
  for (const auto& dimension : info.shape) {
    const bool fixed = dimension.size && *dimension.size >= 0 && dimension.symbol.empty();
    const auto name = dimension.symbol.empty() ? "?" : dimension.symbol;
    text += (text.empty() ? "" : "x") + (fixed ? std::to_string(*dimension.size) : name);
  }
  return name_of(info.type) + " " + (text.empty() ? "scalar" : text);
}

void Given::refuse(const OnnxInfo& info, const TensorValue& value, const std::string& why) const {
  throw InputError(source_ + ": its input '" + info.name + "' is declared " + declaration_of(info) +
                   ", and " + name_of(value.type) + " " + text_of(value.shape) +
                   " was given: " + why);
}

void Given::bind_axis(const OnnxInfo& info, const TensorValue& value, std::size_t axis) {
  const auto& dimension = info.shape[axis];
  const auto size = value.shape[axis];
  const auto where = "axis " + std::to_string(axis);
  if (dimension.size && *dimension.size > 0) {
    if (*dimension.size != size)
      refuse(info, value,
             where + " must be " + std::to_string(*dimension.size) +
                 "; give a tensor of the declared shape, or export the model with an "
                 "open dimension");
    return;
  }
  const auto key = dimension_key(info, axis);
  const auto [known, fresh] = dims_.try_emplace(key, size);
  const auto said = sayers_.try_emplace(key, "the input '" + info.name + "'").first->second;
  if (!fresh && known->second != size)
    refuse(info, value,
           where + " ('" + key + "') must be " + std::to_string(known->second) + " as " + said +
               " says; give tensors that agree");
}

void Given::bind(const OnnxInfo& info, const TensorValue& value) {
  values_[info.name] = &value;
  const bool open = info.fault == no_shape;
  if (!info.fault.empty() && !open)
    throw InputError(source_ + ": its input '" + info.name + "' " + info.fault);
  if (info.type != taken_as(value, info.type).type)
    refuse(info, value, "the element types differ; convert it to " + name_of(info.type));
  if (open || !read_.contains(info.name)) return;
  if (info.shape.size() != value.shape.size())
    refuse(info, value,
           "it must have " + std::to_string(info.shape.size()) +
               " axes; give a tensor of the declared shape");
  for (std::size_t i = 0; i < info.shape.size(); ++i) bind_axis(info, value, i);
}

Given::Given(const OnnxModel& model, const OnnxOptions& options,
             const std::vector<TensorValue>& values)
    : source_(model.source), dims_(options.dims) {
  for (const auto& [key, size] : dims_) sayers_[key] = "`dims`";
  if (values.empty()) return;
  read_ = read_in(model);
  const auto& inputs = model.inputs;
  if (values.size() != inputs.size())
    throw InputError(source_ + ": it has " + count_text(inputs.size()) +
                     (inputs.empty() ? "" : " (" + names_of(inputs) + ")") + ", and " +
                     count_text(values.size()) + (values.size() == 1 ? " was" : " were") +
                     " given; give one for each, in this order");
  for (std::size_t i = 0; i < inputs.size(); ++i) bind(inputs[i], values[i]);
}

const TensorValue* Given::of(const std::string& input) const {
  const auto found = values_.find(input);
  return found == values_.end() ? nullptr : found->second;
}

}  // namespace models
