#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/network/network.h"
#include "models/network/shape.h"

namespace models {

/// The elements of a tensor, row by row in this machine's byte order; booleans take a byte, half
/// precision two. Copies share the bytes, which never change: they lie in the heap or in a mapped
/// file, whatever `bytes` keeps alive.
struct TensorValue {
  ElementType type = ElementType::float32;
  Shape shape;
  std::shared_ptr<const std::byte> bytes;  ///< aligned to 64; nullptr: no value

  std::int64_t elements() const { return elements_of(shape); }
  std::size_t size() const { return at(elements()) * at(bits_of(type)) / 8; }
  std::span<const std::byte> span() const { return {bytes.get(), size()}; }
  /// The elements; T must be as wide as the type (std::uint16_t for half precision).
  template <class T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(bytes.get()), at(elements())};
  }
  explicit operator bool() const { return bytes != nullptr; }
};

/// A value of that type and shape with its bytes still to be written: they are `fresh`, which lives
/// as long as the value.
struct FreshValue {
  TensorValue value;
  std::span<std::byte> fresh;
};
FreshValue fresh_value(ElementType type, Shape shape);

/// A value of its own made of these bytes, as many as it takes. Booleans other than nought become
/// one.
TensorValue copied(ElementType type, Shape shape, std::span<const std::byte> bytes);

/// The value as one of the wanted type, if that is bfloat16 and it came as the uint16 with the same
/// bits: NumPy has no bfloat16, and files made with it hold those. Any other value as it is.
TensorValue taken_as(TensorValue value, ElementType wanted);

/// What a tensor keeps of its values itself; without value if that is nothing.
TensorValue kept_value(const Tensor& tensor);

/// "float32", "boolean".
std::string name_of(ElementType type);

}  // namespace models
