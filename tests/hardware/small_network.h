#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/network/valued.h"
#include "tests/hardware/running.h"

/// Writes a network down by names, operator by operator.
class SmallNetwork {
 public:
  SmallNetwork& input(const std::string& name, models::Shape shape,
                      models::ElementType type = models::ElementType::float32) {
    network_.network.inputs.push_back(
        tensor(name, std::move(shape), type, models::Tensor::Role::input));
    return *this;
  }
  SmallNetwork& weight(const std::string& name, const models::TensorValue& value) {
    const int index = tensor(name, value.shape, value.type, models::Tensor::Role::weight);
    network_.values[static_cast<std::size_t>(index)] = value;
    return *this;
  }
  SmallNetwork& node(const std::string& type, const std::vector<std::string>& inputs,
                     const std::string& output, models::Shape shape,
                     std::map<std::string, models::Attribute> attributes = {},
                     models::ElementType element = models::ElementType::float32) {
    models::Operator op;
    op.name = "make " + output;
    op.type = type;
    op.attributes = std::move(attributes);
    for (const auto& name : inputs) op.inputs.push_back(name.empty() ? -1 : numbers_.at(name));
    const int made = tensor(output, std::move(shape), element, models::Tensor::Role::computed);
    network_.network.tensors[static_cast<std::size_t>(made)].producer =
        static_cast<int>(network_.network.operators.size());
    op.outputs = {made};
    network_.network.operators.push_back(std::move(op));
    return *this;
  }
  models::ValuedNetwork with_outputs(const std::vector<std::string>& names) {
    for (const auto& name : names) network_.network.outputs.push_back(numbers_.at(name));
    return network_;
  }

 private:
  int tensor(const std::string& name, models::Shape shape, models::ElementType type,
             models::Tensor::Role role) {
    models::Tensor made;
    made.name = name;
    made.shape = std::move(shape);
    made.type = type;
    made.role = role;
    network_.network.tensors.push_back(std::move(made));
    network_.values.emplace_back();
    return numbers_[name] = static_cast<int>(network_.values.size()) - 1;
  }

  models::ValuedNetwork network_;
  std::map<std::string, int> numbers_;
};
