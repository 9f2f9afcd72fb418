#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "hardware/kernel.h"
#include "models/network/tensor_value.h"

/// An operator on its own, as a test wants it computed.
struct Computation {
  std::string type;
  std::map<std::string, models::Attribute> attributes = {};
  int opset = 17;
};

/// Values of that type, each converted as static_cast does; half precision rounded.
models::TensorValue value_of(models::ElementType type, models::Shape shape,
                             const std::vector<double>& elements);
models::TensorValue floats(models::Shape shape, const std::vector<double>& elements);
/// Its elements as doubles.
std::vector<double> numbers_of(const models::TensorValue& value);

/// What the plain row of the operator makes of the inputs (those without value are absent): outputs
/// of these types and shapes. The kernel runs twice, and must say the same twice.
std::vector<models::TensorValue> computed(const Computation& what,
                                          const std::vector<models::TensorValue>& inputs,
                                          const std::vector<hardware::Layout>& outputs);
/// Of one output, its elements.
std::vector<double> computed(const Computation& what,
                             const std::vector<models::TensorValue>& inputs,
                             const hardware::Layout& output);

/// Equal, or both NaN, or apart by at most `relative` of the greater one and `absolute`.
bool close_to(double a, double b, double relative, double absolute = 0);
