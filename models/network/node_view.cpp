#include "models/network/node_view.h"

#include <utility>

#include "models/error.h"

namespace models {

NodeView::NodeView(const OnnxNode& node, const std::string& source, int opset,
                   std::vector<const OnnxTensor*> inputs)
    : node_(&node), source_(&source), opset_(opset), inputs_(std::move(inputs)) {}

std::string message(const std::string& source, const OnnxNode& node, const std::string& what) {
  return source + ": node '" + node.name + "' (" + node.type + "): " + what;
}

void NodeView::fail(const std::string& what) const {
  throw InputError(message(*source_, *node_, what));
}

bool NodeView::has(std::size_t input) const {
  return input < inputs_.size() && inputs_[input] != nullptr;
}

const OnnxTensor& NodeView::input(std::size_t input) const {
  if (!has(input)) fail("its input " + std::to_string(input) + " is missing");
  return *inputs_[input];
}

template <class Value>
const Value* NodeView::attribute(const std::string& name, const char* kind) const {
  const auto found = node_->attributes.find(name);
  if (found == node_->attributes.end()) return nullptr;
  const auto* value = std::get_if<Value>(&found->second);
  if (value == nullptr) fail("its attribute '" + name + "' must be " + kind);
  return value;
}

std::int64_t NodeView::integer(const std::string& name, std::int64_t otherwise) const {
  const auto* value = attribute<std::int64_t>(name, "an integer");
  return value != nullptr ? *value : otherwise;
}

std::string NodeView::text(const std::string& name, const std::string& otherwise) const {
  const auto* value = attribute<std::string>(name, "a text");
  return value != nullptr ? *value : otherwise;
}

std::vector<std::int64_t> NodeView::integers(const std::string& name) const {
  const auto* value = attribute<std::vector<std::int64_t>>(name, "a list of integers");
  return value != nullptr ? *value : std::vector<std::int64_t>{};
}

std::vector<double> NodeView::reals(const std::string& name) const {
  const auto* value = attribute<std::vector<double>>(name, "a list of reals");
  return value != nullptr ? *value : std::vector<double>{};
}

const std::vector<std::int64_t>& NodeView::constant_integers(std::size_t input) const {
  const auto& tensor = this->input(input);
  if (is_real(tensor.type))
    fail("its input " + std::to_string(input) + " '" + tensor.name + "' must be of integers");
  if (!tensor.has_values)
    throw ShapeUnknown{"depends on the values of '" + tensor.name + "', which are not constant"};
  return tensor.integers;
}

const std::vector<double>& NodeView::constant_reals(std::size_t input) const {
  const auto& tensor = this->input(input);
  if (!is_real(tensor.type))
    fail("its input " + std::to_string(input) + " '" + tensor.name + "' must be of reals");
  if (!tensor.has_values)
    throw ShapeUnknown{"depends on the values of '" + tensor.name + "', which are not constant"};
  return tensor.reals;
}

std::optional<std::vector<std::int64_t>> NodeView::integers_of(const std::string& name,
                                                               std::size_t input) const {
  if (has_attribute(name)) return integers(name);
  if (has(input)) return constant_integers(input);
  return std::nullopt;
}

std::size_t NodeView::axis(std::int64_t value, std::size_t rank) const {
  const auto size = static_cast<std::int64_t>(rank);
  if (value < -size || value >= size)
    fail("its axis " + std::to_string(value) + " is outside a tensor of rank " +
         std::to_string(rank));
  return static_cast<std::size_t>(value < 0 ? value + size : value);
}

std::vector<bool> NodeView::axis_set(const std::vector<std::int64_t>& values,
                                     std::size_t rank) const {
  std::vector<bool> set(rank, false);
  for (const auto value : values) {
    const auto index = axis(value, rank);
    require(!set[index], "it names axis " + std::to_string(value) + " twice");
    set[index] = true;
  }
  return set;
}

}  // namespace models
