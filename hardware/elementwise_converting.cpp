#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>

#include "hardware/converting.h"
#include "models/precision/convert.h"

namespace hardware {
namespace {

using models::ElementType;

struct Boolean {
  std::uint8_t byte;
};

std::uint32_t bits_of_float(float value) {
  return std::bit_cast<std::uint32_t>(value);
}

/// The fp32 number next to it whose last bit tells that something was dropped: what is rounded
/// from it to fewer bits is rounded as if from the number itself.
inline float rounded_to_odd(double value) {
  const auto nearest = static_cast<float>(value);
  const auto back = static_cast<double>(nearest);
  if (back == value || value != value) return nearest;
  auto bits = bits_of_float(nearest);
  if (std::abs(back) > std::abs(value)) --bits;
  return std::bit_cast<float>(bits | 1u);
}

/// A real number as an integer that may have no room for it.
template <class To, class From>
To truncated(From value) {
  constexpr auto least = std::numeric_limits<To>::min();
  constexpr auto end = static_cast<From>(std::numeric_limits<To>::max() / 2 + 1) * From{2};
  return value >= static_cast<From>(least) && value < end ? static_cast<To>(value) : least;
}

template <class To, class From>
To converted(From value) {
  if constexpr (std::is_same_v<To, Boolean>) {
    if constexpr (std::is_same_v<From, Boolean>)
      return {static_cast<std::uint8_t>(value.byte != 0)};
    else
      return {static_cast<std::uint8_t>(value != From{})};
  } else if constexpr (std::is_same_v<From, Boolean>) {
    return static_cast<To>(value.byte != 0);
  } else if constexpr (std::is_floating_point_v<From> && std::is_same_v<To, std::uint64_t>) {
    constexpr auto half_range = static_cast<From>(9223372036854775808.0);
    if (value >= half_range)
      return (std::uint64_t{1} << 63) +
             static_cast<std::uint64_t>(truncated<std::int64_t>(value - half_range));
    return static_cast<std::uint64_t>(truncated<std::int64_t>(value));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    using Wide = std::conditional_t<sizeof(To) == 8 || std::is_same_v<To, std::uint32_t>,
                                    std::int64_t, std::int32_t>;
    return static_cast<To>(truncated<Wide>(value));
  } else {
    return static_cast<To>(value);
  }
}

template <class From, class To>
void convert(const std::byte* from, std::byte* to, std::int64_t count) {
  const auto* source = reinterpret_cast<const From*>(from);
  auto* target = reinterpret_cast<To*>(to);
  if constexpr (std::is_same_v<From, To> && !std::is_same_v<From, Boolean>)
    std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(From));
  else
    for (std::int64_t i = 0; i < count; ++i) target[i] = converted<To>(source[i]);
}

template <auto widened>
void widen(const std::byte* from, std::byte* to, std::int64_t count) {
  const auto size = static_cast<std::size_t>(count);
  widened(std::span(reinterpret_cast<const std::uint16_t*>(from), size),
          std::span(reinterpret_cast<float*>(to), size));
}

using Shorten = void (*)(std::span<const float>, std::span<std::uint16_t>, models::Rounding);

template <Shorten shortened>
void shorten(const std::byte* from, std::byte* to, std::int64_t count) {
  const auto size = static_cast<std::size_t>(count);
  shortened(std::span(reinterpret_cast<const float*>(from), size),
            std::span(reinterpret_cast<std::uint16_t*>(to), size), {});
}

template <Shorten shortened>
void shorten_doubles(const std::byte* from, std::byte* to, std::int64_t count) {
  constexpr std::int64_t most = 256;
  std::array<float, most> buffer;
  const auto* source = reinterpret_cast<const double*>(from);
  auto* target = reinterpret_cast<std::uint16_t*>(to);
  for (std::int64_t done = 0; done < count; done += most) {
    const auto now = std::min(most, count - done);
    std::transform(source + done, source + done + now, buffer.begin(), rounded_to_odd);
    const auto size = static_cast<std::size_t>(now);
    shortened(std::span(buffer).first(size), std::span(target + done, size), {});
  }
}

using Table = std::array<std::array<Convert, 13>, 13>;

constexpr std::size_t index(ElementType type) {
  return static_cast<std::size_t>(type);
}
constexpr auto half = index(ElementType::float16);
constexpr auto bfloat = index(ElementType::bfloat16);
constexpr auto single = index(ElementType::float32);
constexpr auto twice = index(ElementType::float64);

template <class... Types>
struct Listed {
  /// Where the types of the list stand in ElementType.
  static constexpr std::array<ElementType, sizeof...(Types)> order = {
      ElementType::float32, ElementType::float64, ElementType::int8,   ElementType::int16,
      ElementType::int32,   ElementType::int64,   ElementType::uint8,  ElementType::uint16,
      ElementType::uint32,  ElementType::uint64,  ElementType::boolean};
  template <class From>
  static constexpr std::array<Convert, sizeof...(Types)> from() {
    return {convert<From, Types>...};
  }
  static constexpr Table table() {
    Table result{};
    constexpr std::array<std::array<Convert, sizeof...(Types)>, sizeof...(Types)> dense = {
        from<Types>()...};
    for (std::size_t i = 0; i < order.size(); ++i)
      for (std::size_t j = 0; j < order.size(); ++j)
        result[index(order[i])][index(order[j])] = dense[i][j];
    result[half][half] = result[bfloat][bfloat] = convert<std::uint16_t, std::uint16_t>;
    result[half][single] = widen<models::from_fp16>;
    result[bfloat][single] = widen<models::from_bf16>;
    result[single][half] = shorten<models::to_fp16>;
    result[single][bfloat] = shorten<models::to_bf16>;
    result[twice][half] = shorten_doubles<models::to_fp16>;
    result[twice][bfloat] = shorten_doubles<models::to_bf16>;
    return result;
  }
};

constexpr Table direct =
    Listed<float, double, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t,
           std::uint16_t, std::uint32_t, std::uint64_t, Boolean>::table();

/// What the table lacks: half precision from and to others than real numbers, by way of these.
template <std::size_t from, std::size_t via, std::size_t to>
void convert_by_way(const std::byte* source, std::byte* target, std::int64_t count) {
  constexpr std::int64_t most = 256;
  alignas(64) std::array<std::byte, most * 8> buffer;
  const auto from_bytes = static_cast<std::int64_t>(bytes_of(static_cast<ElementType>(from)));
  const auto to_bytes = static_cast<std::int64_t>(bytes_of(static_cast<ElementType>(to)));
  for (std::int64_t done = 0; done < count; done += most) {
    const auto now = std::min(most, count - done);
    direct[from][via](source + done * from_bytes, buffer.data(), now);
    direct[via][to](buffer.data(), target + done * to_bytes, now);
  }
}

template <std::size_t from, std::size_t to>
constexpr Convert chosen() {
  constexpr bool from_half = from == half || from == bfloat;
  constexpr bool to_half = to == half || to == bfloat;
  if constexpr (from == to || (!from_half && !to_half) || (from_half && to == single) ||
                (to_half && (from == single || from == twice)))
    return direct[from][to];
  else
    return convert_by_way < from, from_half ? single : twice, to > ;
}

template <std::size_t from, std::size_t... types>
constexpr std::array<Convert, 13> row(std::index_sequence<types...>) {
  return {chosen<from, types>()...};
}

template <std::size_t... types>
constexpr Table completed(std::index_sequence<types...> all) {
  return {row<types>(all)...};
}

constexpr Table table = completed(std::make_index_sequence<13>{});

}  // namespace

Convert converter(ElementType from, ElementType to) {
  return table[index(from)][index(to)];
}

std::size_t bytes_of(ElementType type) {
  return static_cast<std::size_t>(models::bits_of(type)) / 8;
}

}  // namespace hardware
