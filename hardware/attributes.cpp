#include "hardware/attributes.h"

#include <variant>

#include "models/error.h"

namespace hardware {
namespace {

template <class Value>
const Value* find(const models::Operator& op, const std::string& name) {
  const auto found = op.attributes.find(name);
  if (found == op.attributes.end()) return nullptr;
  const auto* value = std::get_if<Value>(&found->second);
  if (value == nullptr) fail(op, "its attribute '" + name + "' is of the wrong kind");
  return value;
}

template <class Value>
Value value_or(const Value* value, Value otherwise) {
  return value == nullptr ? std::move(otherwise) : *value;
}

}  // namespace

std::int64_t integer_of(const models::Operator& op, const std::string& name,
                        std::int64_t otherwise) {
  return value_or(find<std::int64_t>(op, name), otherwise);
}
double real_of(const models::Operator& op, const std::string& name, double otherwise) {
  // A file holds floats: what is left out is as exact as what is written.
  return value_or(find<double>(op, name), static_cast<double>(static_cast<float>(otherwise)));
}
std::string text_of(const models::Operator& op, const std::string& name,
                    const std::string& otherwise) {
  return value_or(find<std::string>(op, name), otherwise);
}
std::vector<std::int64_t> integers_of(const models::Operator& op, const std::string& name) {
  return value_or(find<std::vector<std::int64_t>>(op, name), {});
}
std::vector<double> reals_of(const models::Operator& op, const std::string& name) {
  return value_or(find<std::vector<double>>(op, name), {});
}
std::vector<std::string> texts_of(const models::Operator& op, const std::string& name) {
  return value_or(find<std::vector<std::string>>(op, name), {});
}
bool has_attribute(const models::Operator& op, const std::string& name) {
  return op.attributes.contains(name);
}

std::size_t axis_of(const models::Operator& op, std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < -size || axis >= size)
    fail(op, "its axis " + std::to_string(axis) + " is none of the " + std::to_string(rank) +
                 " of its input");
  return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

void fail(const models::Operator& op, const std::string& what) {
  throw models::InputError("operator '" + op.name + "' (" + op.type + "): " + what);
}

}  // namespace hardware
