#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hardware/kernel.h"

namespace hardware {

/// sums[i * stride + j] = sum over k of a[i * depth + k] * b[j * depth + k], for i below `rows` and
/// j below `columns`: exact modulo 2^32. No operand beyond 255 in size.
void multiply_rows(const std::int16_t* a, std::int64_t rows, const std::int16_t* b,
                   std::int64_t columns, std::int64_t depth, std::int32_t* sums,
                   std::int64_t stride);

/// An operator's integers of type int8 or uint8, widened.
class Narrow {
 public:
  Narrow() = default;
  Narrow(const std::byte* elements, bool has_sign) : elements_(elements), has_sign_(has_sign) {}
  explicit operator bool() const { return elements_ != nullptr; }
  std::int16_t at(std::int64_t index) const {
    return has_sign_ ? reinterpret_cast<const std::int8_t*>(elements_)[index]
                     : reinterpret_cast<const std::uint8_t*>(elements_)[index];
  }
  /// to[i] = element first + i * step, less `zero`.
  void widen(std::int64_t first, std::int64_t step, std::int64_t count, std::int16_t zero,
             std::int16_t* to) const;

 private:
  const std::byte* elements_ = nullptr;
  bool has_sign_ = false;
};

/// Whether input `index` is of int8 rather than uint8. Throws NotSupported for other types.
bool is_signed(const Request& request, std::size_t index);
/// Throws InputError where input `index`, a zero point, is there and of another type than asked.
void require_type(const Request& request, std::size_t index, models::ElementType type);
Narrow narrow_of(std::span<const std::byte* const> inputs, std::size_t index, bool has_sign);

/// What integers of an output may be.
struct Storage {
  models::ElementType type = models::ElementType::int32;
  float low = 0, high = 0;
};
Storage storage_of(const Request& request);

/// One integer of type int8 or uint8: sum x factor, rounded half to even, plus `zero`, saturated.
/// In single precision, as other implementations do. A factor that is no number gives the least
/// one.
inline std::uint8_t requantised(std::int32_t sum, float factor, float zero,
                                const Storage& storage) {
  // Adding and taking away 1.5 x 2^23 rounds half to even; before, the value is brought into a
  // range where that holds.
  constexpr float rounder = 12'582'912.F;
  const float low = storage.low - zero, high = storage.high - zero;
  float value = static_cast<float>(sum) * factor;
  value = value > low ? value : low;
  value = value < high ? value : high;
  return static_cast<std::uint8_t>(static_cast<std::int32_t>((value + rounder) - rounder + zero));
}

inline std::int32_t wrapped_sum(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}

/// Constant weights less their zero points, of which there is one per `row` elements, or one per
/// element of a row, or one; nullopt where they are not constant or leave int8.
struct ZeroPoints {
  std::size_t input = 0;
  std::int64_t count = 1;
  bool per_column = false;
};
std::optional<std::vector<std::int8_t>> shifted_weights(const Request& request, std::size_t input,
                                                        const ZeroPoints& zeros);

// integers_conv.cpp
Prepared conv_integer(const Request& request);
Prepared qlinear_conv(const Request& request);

// integers_matmul.cpp
Prepared matmul_integer(const Request& request);
Prepared qlinear_matmul(const Request& request);

}  // namespace hardware
