#include "models/network/onnx_bytes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace models {
namespace {

template <class Stored>
std::vector<Stored> raw_values(std::span<const std::byte> bytes) {
  std::vector<Stored> values(bytes.size() / sizeof(Stored));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(Stored));
  return values;
}

template <class Stored>
void keep_raw(std::span<const std::byte> bytes, OnnxTensor& tensor) {
  for (const auto value : raw_values<Stored>(bytes)) {
    if constexpr (std::is_floating_point_v<Stored>)
      tensor.reals.push_back(value);
    else
      tensor.integers.push_back(static_cast<std::int64_t>(value));
  }
}

}  // namespace

double from_half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 1023;
  double value = 0;
  if (exponent == 31)
    value = fraction != 0 ? std::numeric_limits<double>::quiet_NaN()
                          : std::numeric_limits<double>::infinity();
  else
    value = std::ldexp(exponent == 0 ? fraction : fraction + 1024, std::max(exponent, 1) - 25);
  return (bits & 0x8000) != 0 ? -value : value;
}

double from_bfloat(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

void keep_raw_values(std::span<const std::byte> bytes, OnnxTensor& tensor) {
  switch (tensor.type) {
    case ElementType::float32:
      return keep_raw<float>(bytes, tensor);
    case ElementType::float64:
      return keep_raw<double>(bytes, tensor);
    case ElementType::int8:
      return keep_raw<std::int8_t>(bytes, tensor);
    case ElementType::int16:
      return keep_raw<std::int16_t>(bytes, tensor);
    case ElementType::int32:
      return keep_raw<std::int32_t>(bytes, tensor);
    case ElementType::uint64:
    case ElementType::int64:
      return keep_raw<std::int64_t>(bytes, tensor);
    case ElementType::boolean:
    case ElementType::uint8:
      return keep_raw<std::uint8_t>(bytes, tensor);
    case ElementType::uint16:
      return keep_raw<std::uint16_t>(bytes, tensor);
    case ElementType::uint32:
      return keep_raw<std::uint32_t>(bytes, tensor);
    case ElementType::float16:
      for (const auto bits : raw_values<std::uint16_t>(bytes))
        tensor.reals.push_back(from_half(bits));
      return;
    case ElementType::bfloat16:
      for (const auto bits : raw_values<std::uint16_t>(bytes))
        tensor.reals.push_back(from_bfloat(bits));
      return;
  }
}

OnnxTensor constant_of(const std::string& attribute, const Attribute& value) {
  OnnxTensor tensor;
  const auto keep = [&](const auto& elements, ElementType type, bool scalar) {
    tensor.type = type;
    if (!scalar) tensor.shape = {static_cast<std::int64_t>(elements.size())};
    tensor.value = copied(type, tensor.shape, std::as_bytes(std::span(elements)));
    keep_raw_values(tensor.value.span(), tensor);
    tensor.has_values = true;
  };
  const auto* integer = std::get_if<std::int64_t>(&value);
  const auto* real = std::get_if<double>(&value);
  const auto* integers = std::get_if<std::vector<std::int64_t>>(&value);
  const auto* reals = std::get_if<std::vector<double>>(&value);
  if (attribute == "value_int" && integer != nullptr)
    keep(std::vector{*integer}, ElementType::int64, true);
  if (attribute == "value_float" && real != nullptr)
    keep(std::vector{static_cast<float>(*real)}, ElementType::float32, true);
  if (attribute == "value_ints" && integers != nullptr) keep(*integers, ElementType::int64, false);
  if (attribute == "value_floats" && reals != nullptr)
    keep(std::vector<float>(reals->begin(), reals->end()), ElementType::float32, false);
  return tensor;
}

}  // namespace models
