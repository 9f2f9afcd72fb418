#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/index.h"

namespace models {

using Shape = std::vector<std::int64_t>;

/// A count left the range in which we compute. Files can declare any size they like; whoever
/// reads one turns this into an InputError that names the node.
struct TooLarge : std::overflow_error {
  using std::overflow_error::overflow_error;
};

/// Largest tensor accepted, in elements: 4 TiB of fp32.
inline constexpr std::int64_t max_elements = std::int64_t{1} << 40;

inline std::int64_t plus(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) throw TooLarge("a sum is too large");
  return sum;
}

inline std::int64_t times(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) throw TooLarge("a product is too large");
  return product;
}

/// Elements of a tensor of that shape. Throws TooLarge beyond max_elements or below nought.
inline std::int64_t elements_of(std::span<const std::int64_t> shape) {
  std::int64_t count = 1;
  bool empty = false;
  for (const auto size : shape) {
    if (size < 0 || size > max_elements) throw TooLarge("a dimension is out of range");
    // A nought further on must not hide that what comes before it is absurd, nor the reverse.
    empty = empty || size == 0;
    if (size > 0) count = times(count, size);
    if (count > max_elements) throw TooLarge("a tensor has too many elements");
  }
  return empty ? 0 : count;
}

/// "1x3x224x224", or "scalar".
inline std::string text_of(std::span<const std::int64_t> shape) {
  std::string text;
  for (const auto size : shape) {
    if (!text.empty()) text += 'x';
    text += std::to_string(size);
  }
  return text.empty() ? "scalar" : text;
}

}  // namespace models
