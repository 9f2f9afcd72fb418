#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "hardware/catalogue.h"
#include "models/error.h"
#include "models/network/tensor_value.h"

/// Plain kernels made and run on small tensors.
namespace moving_case {

using models::ElementType;
using models::Shape;

template <class T>
constexpr ElementType type_of() {
  if constexpr (std::is_same_v<T, float>) return ElementType::float32;
  if constexpr (std::is_same_v<T, double>) return ElementType::float64;
  if constexpr (std::is_same_v<T, std::int8_t>) return ElementType::int8;
  if constexpr (std::is_same_v<T, std::int16_t>) return ElementType::int16;
  if constexpr (std::is_same_v<T, std::int32_t>) return ElementType::int32;
  if constexpr (std::is_same_v<T, std::int64_t>) return ElementType::int64;
  if constexpr (std::is_same_v<T, std::uint8_t>) return ElementType::uint8;
  if constexpr (std::is_same_v<T, std::uint16_t>) return ElementType::uint16;
  if constexpr (std::is_same_v<T, std::uint32_t>) return ElementType::uint32;
  if constexpr (std::is_same_v<T, std::uint64_t>) return ElementType::uint64;
}

/// An operator with its inputs, asked for outputs of given shapes.
class Case {
 public:
  explicit Case(std::string type, int opset = 17) : opset_(opset) {
    op_.type = std::move(type);
    op_.name = "it";
  }
  Case& set(const std::string& attribute, models::Attribute value) {
    op_.attributes[attribute] = std::move(value);
    return *this;
  }
  template <class T>
  Case& input(Shape shape, const std::vector<T>& elements, bool constant = false) {
    return input(type_of<T>(), std::move(shape), elements, constant);
  }
  template <class T>
  Case& input(ElementType type, Shape shape, const std::vector<T>& elements,
              bool constant = false) {
    EXPECT_EQ(models::elements_of(shape), static_cast<std::int64_t>(elements.size()));
    auto fresh = models::fresh_value(type, std::move(shape));
    EXPECT_EQ(fresh.fresh.size(), elements.size() * sizeof(T));
    if (!elements.empty())
      std::memcpy(fresh.fresh.data(), elements.data(), elements.size() * sizeof(T));
    inputs_.push_back(fresh.value);
    constant_.push_back(constant);
    return *this;
  }
  Case& absent() {
    inputs_.emplace_back();
    constant_.push_back(false);
    return *this;
  }
  Case& output(ElementType type, Shape shape) {
    outputs_.push_back(models::fresh_value(type, std::move(shape)));
    return *this;
  }

  hardware::Prepared prepared() const {
    const auto* row = hardware::find_plain(op_.type);
    EXPECT_NE(row, nullptr);
    hardware::Request request;
    request.op = &op_;
    request.opset = opset_;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      auto& input = request.inputs.emplace_back();
      if (!inputs_[i]) continue;
      input.emplace();
      input->layout = {inputs_[i].type, inputs_[i].shape};
      if (constant_[i]) input->constant = inputs_[i].bytes.get();
    }
    for (const auto& output : outputs_)
      request.outputs.push_back(hardware::Layout{output.value.type, output.value.shape});
    return row->make(request);
  }
  void run(hardware::Prepared& kernel) const {
    std::vector<const std::byte*> from;
    std::vector<std::byte*> to;
    for (const auto& input : inputs_) from.push_back(input.bytes.get());
    for (const auto& output : outputs_) {
      // So that what a kernel leaves out is seen.
      if (!output.fresh.empty()) std::memset(output.fresh.data(), 0x5a, output.fresh.size());
      to.push_back(output.fresh.data());
    }
    const auto room =
        models::fresh_value(ElementType::uint8, {static_cast<std::int64_t>(kernel.workspace)});
    kernel.kernel->run(from, to, room.fresh.data());
  }
  template <class T>
  std::vector<T> made(std::size_t output = 0) const {
    const auto elements = outputs_[output].value.as<T>();
    return {elements.begin(), elements.end()};
  }
  /// Made and run twice, since kernels keep what they plan.
  template <class T>
  std::vector<T> result() const {
    auto kernel = prepared();
    run(kernel);
    run(kernel);
    return made<T>();
  }
  /// What is said of an input that is wrong, when it is prepared or run.
  std::string fault() const {
    try {
      auto kernel = prepared();
      run(kernel);
    } catch (const models::InputError& error) {
      return error.what();
    } catch (const hardware::NotSupported& refusal) {
      return "not supported: " + refusal.what;
    }
    return "";
  }

 private:
  int opset_;
  models::Operator op_;
  std::vector<models::TensorValue> inputs_;
  std::vector<bool> constant_;
  std::vector<models::FreshValue> outputs_;
};

using Integers = std::vector<std::int64_t>;
using Floats = std::vector<float>;

/// 0, 1, 2, ... in a tensor of that shape.
template <class T = float>
std::vector<T> counted(const Shape& shape) {
  std::vector<T> elements(static_cast<std::size_t>(models::elements_of(shape)));
  for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = static_cast<T>(i);
  return elements;
}

}  // namespace moving_case
