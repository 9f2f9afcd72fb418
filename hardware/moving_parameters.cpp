#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <variant>

#include "hardware/moving.h"
#include "models/precision/convert.h"

namespace hardware::moving {

bool has_input(const Request& request, std::size_t input) {
  return input < request.inputs.size() && request.inputs[input].has_value();
}

const Request::Input& needed_input(const Request& request, std::size_t input) {
  if (!has_input(request, input))
    fail(*request.op, "its input " + std::to_string(input) + " is missing");
  return *request.inputs[input];
}

const Layout& needed_output(const Request& request, std::size_t output) {
  if (output >= request.outputs.size() || !request.outputs[output])
    fail(*request.op, "its output " + std::to_string(output) + " is missing");
  return *request.outputs[output];
}

void require_same_type(const Request& request, std::size_t input, std::size_t output) {
  if (needed_input(request, input).layout.type != needed_output(request, output).type)
    fail(*request.op, "its input " + std::to_string(input) + " and its output " +
                          std::to_string(output) + " are of different types");
}

std::vector<std::int64_t> steps_of(std::span<const std::int64_t> shape) {
  std::vector<std::int64_t> steps(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;)
    steps[i - 1] = steps[i] * std::max<std::int64_t>(shape[i], 1);
  return steps;
}

IntegerInput::IntegerInput(const Request& request, std::size_t input) : input_(input) {
  if (!has_input(request, input)) return;
  const auto& given = *request.inputs[input];
  type_ = given.layout.type;
  if (type_ != models::ElementType::int64 && type_ != models::ElementType::int32)
    fail(*request.op, "its input " + std::to_string(input) + " must be int32 or int64");
  present_ = true;
  settled_ = given.constant != nullptr;
  values_.resize(static_cast<std::size_t>(given.layout.elements()));
  if (settled_) copy(given.constant);
}

IntegerInput::IntegerInput(const Request& request, const std::string& attribute, std::size_t input)
    : input_(input) {
  if (!has_attribute(*request.op, attribute)) {
    *this = IntegerInput(request, input);
    return;
  }
  present_ = true;
  if (std::holds_alternative<std::int64_t>(request.op->attributes.at(attribute)))
    values_ = {integer_of(*request.op, attribute, 0)};
  else
    values_ = integers_of(*request.op, attribute);
}

std::span<const std::int64_t> IntegerInput::read(std::span<const std::byte* const> inputs) {
  if (!settled_) copy(inputs[input_]);
  return values_;
}

void IntegerInput::copy(const std::byte* from) {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    std::int32_t narrow = 0;
    if (type_ == models::ElementType::int64) {
      std::memcpy(&values_[i], from + i * sizeof(std::int64_t), sizeof(std::int64_t));
    } else {
      std::memcpy(&narrow, from + i * sizeof narrow, sizeof narrow);
      values_[i] = narrow;
    }
  }
}

Planned::Planned(const Request& request) {
  op_.name = request.op->name;
  op_.type = request.op->type;
}

void Planned::prepare(bool settled) {
  settled_ = settled;
  if (settled) plan({});
}

void Planned::run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
                  std::byte*) {
  if (!settled_) plan(inputs);
  move(inputs, outputs);
}

namespace {

template <class T>
Element stored(T value) {
  Element element;
  element.size = sizeof value;
  std::memcpy(element.bytes.data(), &value, sizeof value);
  return element;
}

/// The nearest integer of that type towards nought; of reals that none is near, the last one.
template <class To, class Number>
To whole(Number value) {
  if constexpr (std::is_floating_point_v<Number>) {
    using Limits = std::numeric_limits<To>;
    if (std::isnan(value)) return 0;
    if (value <= static_cast<Number>(Limits::min())) return Limits::min();
    if (value >= static_cast<Number>(Limits::max())) return Limits::max();
  }
  return static_cast<To>(value);
}

template <class Number>
Element stored_as(models::ElementType type, Number value) {
  using models::ElementType;
  switch (type) {
    case ElementType::float32:
      return stored(static_cast<float>(value));
    case ElementType::float64:
      return stored(static_cast<double>(value));
    case ElementType::int8:
      return stored(whole<std::int8_t>(value));
    case ElementType::int16:
      return stored(whole<std::int16_t>(value));
    case ElementType::int32:
      return stored(whole<std::int32_t>(value));
    case ElementType::int64:
      return stored(whole<std::int64_t>(value));
    case ElementType::uint8:
      return stored(whole<std::uint8_t>(value));
    case ElementType::uint16:
      return stored(whole<std::uint16_t>(value));
    case ElementType::uint32:
      return stored(whole<std::uint32_t>(value));
    case ElementType::uint64:
      return stored(whole<std::uint64_t>(value));
    case ElementType::boolean:
      return stored(static_cast<std::uint8_t>(value != 0));
    default:
      break;
  }
  const auto single = static_cast<float>(value);
  std::uint16_t half = 0;
  if (type == ElementType::float16)
    models::to_fp16({&single, 1}, {&half, 1});
  else
    models::to_bf16({&single, 1}, {&half, 1});
  return stored(half);
}

}  // namespace

Element element(models::ElementType type, double value) {
  return stored_as(type, value);
}
Element element(models::ElementType type, std::int64_t value) {
  return stored_as(type, value);
}

Element element_of(const Request& request, const std::string& attribute, models::ElementType type) {
  const auto found = request.op->attributes.find(attribute);
  if (found == request.op->attributes.end()) return element(type, std::int64_t{0});
  if (std::holds_alternative<std::int64_t>(found->second))
    return element(type, std::get<std::int64_t>(found->second));
  return element(type, real_of(*request.op, attribute, 0));
}

void fill(std::byte* to, std::size_t bytes, const Element& element) {
  if (bytes == 0) return;
  std::memcpy(to, element.bytes.data(), element.size);
  // Twice as much each time, but never more than stays in the cache.
  for (std::size_t done = element.size; done < bytes;) {
    const auto next = std::min({done, bytes - done, std::size_t{8192}});
    copy_bytes(to + done, to, next);
    done += next;
  }
}

Prepared plain(const Request& request, std::unique_ptr<Kernel> kernel, std::string implementation) {
  Prepared prepared;
  prepared.kernel = std::move(kernel);
  prepared.implementation = std::move(implementation);
  for (const auto& input : request.inputs)
    prepared.inputs.push_back(input ? input->layout : Layout{});
  for (const auto& output : request.outputs) prepared.outputs.push_back(output.value_or(Layout{}));
  for (auto& layout : prepared.inputs) layout.channels_last = false;
  for (auto& layout : prepared.outputs) layout.channels_last = false;
  return prepared;
}

}  // namespace hardware::moving
