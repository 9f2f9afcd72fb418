#include "models/network/tensor_value.h"

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

}  // namespace models
