#include "models/network/tensor_value.h"

#include <cassert>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace models {

FreshValue fresh_value(ElementType type, Shape shape) {
  FreshValue result{{type, std::move(shape), nullptr}, {}};
  constexpr std::size_t alignment = 64;
  const auto size = (result.value.size() + alignment) / alignment * alignment;
  auto* bytes = static_cast<std::byte*>(std::aligned_alloc(alignment, size));
  if (bytes == nullptr) throw std::bad_alloc();
  result.fresh = {bytes, result.value.size()};
  result.value.bytes = {bytes, [](const std::byte* p) { std::free(const_cast<std::byte*>(p)); }};
  return result;
}

TensorValue copied(ElementType type, Shape shape, std::span<const std::byte> bytes) {
  auto result = fresh_value(type, std::move(shape));
  assert(bytes.size() == result.fresh.size());
  if (!bytes.empty()) std::memcpy(result.fresh.data(), bytes.data(), bytes.size());
  if (type == ElementType::boolean)
    for (auto& byte : result.fresh) byte = byte == std::byte{0} ? byte : std::byte{1};
  return result.value;
}

namespace {

template <class Stored>
void put(const auto& list, std::span<std::byte> into) {
  for (std::size_t i = 0; const auto item : list) {
    const auto stored = static_cast<Stored>(item);
    std::memcpy(into.data() + i, &stored, sizeof stored);
    i += sizeof stored;
  }
}

void put_kept(const Tensor& tensor, std::span<std::byte> into) {
  switch (bits_of(tensor.type)) {
    case 8:
      return put<std::uint8_t>(tensor.values, into);
    case 16:
      return put<std::uint16_t>(tensor.values, into);
    case 32:
      return is_real(tensor.type) ? put<float>(tensor.reals, into)
                                  : put<std::uint32_t>(tensor.values, into);
    default:
      return is_real(tensor.type) ? put<double>(tensor.reals, into)
                                  : put<std::uint64_t>(tensor.values, into);
  }
}

}  // namespace

TensorValue kept_value(const Tensor& tensor) {
  const bool half = is_real(tensor.type) && bits_of(tensor.type) == 16;
  const auto count = is_real(tensor.type) ? tensor.reals.size() : tensor.values.size();
  if (count != at(tensor.elements()) || (half && count > 0))
    return {tensor.type, tensor.shape, nullptr};
  auto result = fresh_value(tensor.type, tensor.shape);
  put_kept(tensor, result.fresh);
  return result.value;
}

TensorValue taken_as(TensorValue value, ElementType wanted) {
  if (wanted == ElementType::bfloat16 && value.type == ElementType::uint16) value.type = wanted;
  return value;
}

std::string name_of(ElementType type) {
  constexpr const char* names[] = {"float32", "float64", "float16", "bfloat16", "int8",
                                   "int16",   "int32",   "int64",   "uint8",    "uint16",
                                   "uint32",  "uint64",  "boolean"};
  return names[static_cast<std::size_t>(type)];
}

}  // namespace models
