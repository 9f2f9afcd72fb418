// What scattering does where there is something already.
#include <algorithm>
#include <type_traits>

#include "hardware/picking.h"
#include "models/precision/convert.h"

namespace hardware::picking {
namespace {

using models::ElementType;

/// Half precision: computed in fp32 and rounded.
struct Half {
  std::uint16_t bits;
  static float wide(Half half) {
    float value = 0;
    models::from_fp16({&half.bits, 1}, {&value, 1});
    return value;
  }
  static Half narrow(float value) {
    Half half{};
    models::to_fp16({&value, 1}, {&half.bits, 1});
    return half;
  }
};
struct Bfloat {
  std::uint16_t bits;
  static float wide(Bfloat bfloat) {
    float value = 0;
    models::from_bf16({&bfloat.bits, 1}, {&value, 1});
    return value;
  }
  static Bfloat narrow(float value) {
    Bfloat bfloat{};
    models::to_bf16({&value, 1}, {&bfloat.bits, 1});
    return bfloat;
  }
};

// Integers wrap: they are computed without a sign and with 64 bits.
struct Add {
  template <class T>
  static T of(T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
    else
      return a + b;
  }
};
struct Multiply {
  template <class T>
  static T of(T a, T b) {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
    else
      return a * b;
  }
};
/// NaN wins, as in NumPy.
struct Maximum {
  template <class T>
  static T of(T a, T b) {
    return a > b || a != a ? a : b;
  }
};
struct Minimum {
  template <class T>
  static T of(T a, T b) {
    return a < b || a != a ? a : b;
  }
};

template <class T, class How>
void combine(std::byte* to, const std::byte* from, std::int64_t count) {
  constexpr auto size = static_cast<std::int64_t>(sizeof(T));
  for (std::int64_t i = 0; i < count; ++i, to += size, from += size) {
    if constexpr (std::is_arithmetic_v<T>)
      store(to, How::of(load<T>(to), load<T>(from)));
    else
      store(to, T::narrow(How::of(T::wide(load<T>(to)), T::wide(load<T>(from)))));
  }
}

template <class T>
void replace(std::byte* to, const std::byte* from, std::int64_t count) {
  if (count == 1)
    store(to, load<T>(from));
  else
    std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(T));
}

template <class How>
Combine by_type(ElementType type) {
  switch (type) {
    case ElementType::float32:
      return combine<float, How>;
    case ElementType::float64:
      return combine<double, How>;
    case ElementType::float16:
      return combine<Half, How>;
    case ElementType::bfloat16:
      return combine<Bfloat, How>;
    case ElementType::int8:
      return combine<std::int8_t, How>;
    case ElementType::int16:
      return combine<std::int16_t, How>;
    case ElementType::int32:
      return combine<std::int32_t, How>;
    case ElementType::int64:
      return combine<std::int64_t, How>;
    case ElementType::uint8:
      return combine<std::uint8_t, How>;
    case ElementType::uint16:
      return combine<std::uint16_t, How>;
    case ElementType::uint32:
      return combine<std::uint32_t, How>;
    case ElementType::uint64:
      return combine<std::uint64_t, How>;
    case ElementType::boolean:
      break;
  }
  // Of truths, any and all: the sum of two is at most one.
  return std::is_same_v<How, Add> || std::is_same_v<How, Maximum> ? combine<std::uint8_t, Maximum>
                                                                  : combine<std::uint8_t, Minimum>;
}

}  // namespace

Combine combiner(const Request& request, ElementType type) {
  const auto how = text_of(*request.op, "reduction", "none");
  if (how == "add") return by_type<Add>(type);
  if (how == "mul") return by_type<Multiply>(type);
  if (how == "max") return by_type<Maximum>(type);
  if (how == "min") return by_type<Minimum>(type);
  if (how != "none")
    fail(*request.op, "its reduction '" + how + "' is none of none, add, mul, max and min");
  switch (size_of(type)) {
    case 1:
      return replace<std::uint8_t>;
    case 2:
      return replace<std::uint16_t>;
    case 4:
      return replace<std::uint32_t>;
    default:
      return replace<std::uint64_t>;
  }
}

}  // namespace hardware::picking
