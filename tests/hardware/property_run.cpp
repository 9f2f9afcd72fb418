#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <new>

#include "models/error.h"
#include "tests/hardware/property.h"

namespace hardware::property {
namespace {

using enum ElementType;

std::uint32_t float_bits(double value) {
  return std::bit_cast<std::uint32_t>(static_cast<float>(value));
}

/// The bits of a number that the format holds exactly; NaN becomes a quiet one.
std::uint16_t half_bits(double value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  if (std::isnan(value)) return 0x7e00;
  if (std::isinf(value)) return static_cast<std::uint16_t>(sign | 0x7c00);
  if (value == 0) return sign;
  const double size = std::abs(value);
  const int exponent = std::max(std::ilogb(size), -14);
  const auto digits = static_cast<int>(std::ldexp(size, 10 - exponent));
  return static_cast<std::uint16_t>(sign + ((exponent + 14) << 10) + digits);
}

double half_value(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int digits = bits & 1023;
  const double size = exponent == 31  ? (digits == 0 ? HUGE_VAL : std::nan(""))
                      : exponent == 0 ? std::ldexp(digits, -24)
                                      : std::ldexp(1024 + digits, exponent - 25);
  return (bits & 0x8000) != 0 ? -size : size;
}

template <class Stored>
void store(std::byte* to, Stored value) {
  std::memcpy(to, &value, sizeof value);
}
template <class Stored>
Stored load(const std::byte* from) {
  Stored value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

void store_real(std::byte* to, ElementType type, double value) {
  if (type == float64) store(to, value);
  if (type == float32) store(to, static_cast<float>(value));
  if (type == float16) store(to, half_bits(reference::rounded(float16, value)));
  if (type == bfloat16)
    store(to, static_cast<std::uint16_t>(float_bits(reference::rounded(bfloat16, value)) >> 16));
}

double load_real(const std::byte* from, ElementType type) {
  if (type == float64) return load<double>(from);
  if (type == float32) return load<float>(from);
  if (type == float16) return half_value(load<std::uint16_t>(from));
  return std::bit_cast<float>(std::uint32_t{load<std::uint16_t>(from)} << 16);
}

std::int64_t load_integer(const std::byte* from, ElementType type) {
  switch (type) {
    case int8:
      return load<std::int8_t>(from);
    case int16:
      return load<std::int16_t>(from);
    case int32:
      return load<std::int32_t>(from);
    case uint8:
      return load<std::uint8_t>(from);
    case boolean:
      return load<std::uint8_t>(from);
    case uint16:
      return load<std::uint16_t>(from);
    case uint32:
      return load<std::uint32_t>(from);
    default:
      return load<std::int64_t>(from);
  }
}

/// Where the n-th element, row by row, lies in the layout.
std::size_t place_of(const Layout& layout, std::size_t n) {
  if (!layout.channels_last) return n;
  const auto& shape = layout.shape;
  auto left = static_cast<std::int64_t>(n);
  Shape place(shape.size());
  for (std::size_t i = shape.size(); i-- > 0; left /= shape[i]) place[i] = left % shape[i];
  std::int64_t result = place[0];
  for (std::size_t i = 2; i < shape.size(); ++i) result = result * shape[i] + place[i];
  return at(result * shape[1] + place[1]);
}

}  // namespace

Bytes::Bytes(std::size_t count)
    : data(static_cast<std::byte*>(::operator new(count, std::align_val_t(64)))), size(count) {
  // Whoever reads what was never written gets nonsense, not noughts.
  if (count > 0) std::memset(data, 0xab, count);
}
Bytes::Bytes(Bytes&& other) noexcept : data(std::exchange(other.data, nullptr)), size(other.size) {}
Bytes::~Bytes() {
  if (data != nullptr) ::operator delete(data, std::align_val_t(64));
}

Bytes bytes_of(const Array& array, const Layout& layout) {
  const auto width = at(models::bits_of(layout.type) / 8);
  Bytes bytes(array.count() * width);
  for (std::size_t n = 0; n < array.count(); ++n) {
    auto* to = bytes.data + place_of(layout, n) * width;
    if (models::is_real(layout.type)) {
      store_real(to, layout.type, array.number(n));
      continue;
    }
    // Integers that stand for reals are held as those reals.
    const auto whole = array.real() ? static_cast<std::int64_t>(std::nearbyint(
                                          array.reals[n] / static_cast<double>(layout.scale)))
                                    : array.integers[n];
    std::memcpy(to, &whole, width);  // little-endian: the low bytes come first
  }
  return bytes;
}

Array array_of(const Bytes& bytes, const Layout& layout, ElementType type) {
  const auto width = at(models::bits_of(layout.type) / 8);
  Array array(type, layout.shape);
  for (std::size_t n = 0; n < array.count(); ++n) {
    const auto* from = bytes.data + place_of(layout, n) * width;
    if (models::is_real(layout.type))
      array.reals[n] = load_real(from, layout.type);
    else if (array.real())
      array.reals[n] =
          static_cast<double>(load_integer(from, layout.type)) * static_cast<double>(layout.scale);
    else
      array.integers[n] = load_integer(from, layout.type);
  }
  return array;
}

namespace {

/// All row by row, in the types the case has.
void fill(Request& request, std::vector<Bytes>& held, const Case& what, const Arrays& expected) {
  request.op = &what.op;
  request.opset = what.opset;
  for (std::size_t i = 0; i < what.inputs.size(); ++i) {
    auto& input = request.inputs.emplace_back();
    if (!what.inputs[i]) {
      held.emplace_back(0);
      continue;
    }
    input.emplace();
    input->layout = {what.inputs[i]->type, what.inputs[i]->shape};
    held.push_back(bytes_of(*what.inputs[i], input->layout));
    if (what.constant[i]) input->constant = held.back().data;
  }
  for (std::size_t i = 0; i < what.op.outputs.size(); ++i)
    request.outputs.emplace_back(Layout{expected.at(i).type, expected[i].shape});
}

std::string plain_layout_fault(const Prepared& prepared, const Request& request) {
  for (std::size_t i = 0; i < request.outputs.size(); ++i)
    if (i >= prepared.outputs.size() || prepared.outputs[i] != *request.outputs[i])
      return "output " + std::to_string(i) + " is not laid out as asked for";
  for (std::size_t i = 0; i < request.inputs.size(); ++i)
    if (request.inputs[i] &&
        (i >= prepared.inputs.size() || prepared.inputs[i] != request.inputs[i]->layout))
      return "input " + std::to_string(i) + " is wanted otherwise than it is";
  return prepared.implementation.empty() ? "the implementation has no name" : "";
}

/// The same with the first output upon the input that the kernel says it may lie upon.
std::string in_place_fault(const Case& what, const Arrays& expected, const Prepared& prepared,
                           std::vector<const std::byte*> inputs, const Bytes& workspace) {
  const auto which = at(prepared.in_place);
  const auto& layout = prepared.outputs[0];
  const auto input_bytes = prepared.inputs.at(which).bytes();
  std::vector<Bytes> made;
  made.emplace_back(std::max(layout.bytes(), input_bytes));
  for (std::size_t i = 1; i < prepared.outputs.size(); ++i)
    made.emplace_back(prepared.outputs[i].bytes());
  if (input_bytes > 0) std::memcpy(made[0].data, inputs.at(which), input_bytes);
  inputs[which] = made[0].data;
  std::vector<std::byte*> outputs;
  for (const auto& bytes : made) outputs.push_back(bytes.data);
  prepared.kernel->run(inputs, outputs, workspace.data);
  Arrays got;
  for (std::size_t i = 0; i < made.size(); ++i)
    got.push_back(array_of(made[i], prepared.outputs[i], expected[i].type));
  const auto fault = difference(what, expected, got);
  return fault.empty() ? "" : "in place: " + fault;
}

}  // namespace

std::string fault_of_plain(const PlainRow& row, const Case& what) {
  const auto expected = reference::outputs_of(what.op, what.opset, what.inputs);
  Request request;
  std::vector<Bytes> held;
  fill(request, held, what, expected);
  try {
    auto prepared = row.make(request);
    if (auto fault = plain_layout_fault(prepared, request); !fault.empty()) return fault;
    std::vector<const std::byte*> inputs;
    for (std::size_t i = 0; i < held.size(); ++i) {
      const bool packed = i < prepared.packed.size() && prepared.packed[i];
      inputs.push_back(what.inputs[i] && !packed ? held[i].data : nullptr);
    }
    const Bytes workspace(prepared.workspace);
    // Twice: nothing of the first run may be left in the second.
    std::string fault;
    for (int run = 0; run < 2 && fault.empty(); ++run) {
      std::vector<Bytes> made;
      std::vector<std::byte*> outputs;
      for (const auto& layout : prepared.outputs) made.emplace_back(layout.bytes());
      for (const auto& bytes : made) outputs.push_back(bytes.data);
      prepared.kernel->run(inputs, outputs, workspace.data);
      Arrays got;
      for (std::size_t i = 0; i < made.size(); ++i)
        got.push_back(array_of(made[i], prepared.outputs[i], expected[i].type));
      fault = difference(what, expected, got);
    }
    if (fault.empty() && prepared.in_place >= 0)
      fault = in_place_fault(what, expected, prepared, std::move(inputs), workspace);
    return fault;
  } catch (const NotSupported& error) {
    return "not supported: " + error.what;
  } catch (const std::exception& error) {
    return std::string("it throws: ") + error.what();
  }
}

}  // namespace hardware::property
