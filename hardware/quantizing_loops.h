// The loops of quantizing.cpp, which includes this once for each instruction set, inside of a
// namespace of its own. Includes nothing, so that nothing else is.

/// round(x / scale) + zero point, half way to the even one, as near as the type has it; NaN becomes
/// the zero point.
template <class T>
T quantised(float x, float scale, std::int32_t zero_point) {
  const auto low = static_cast<float>(std::numeric_limits<T>::min() - zero_point);
  const auto high = static_cast<float>(std::numeric_limits<T>::max() - zero_point);
  float q = x / scale;
  q = q == q ? q : 0.0F;
  q = q < low ? low : q;
  q = q > high ? high : q;
  constexpr float no_fraction = 12582912.0F;  // 1.5 x 2^23: adding it rounds
  q = (q + no_fraction) - no_fraction;
  return static_cast<T>(static_cast<std::int32_t>(q) + zero_point);
}

template <class T>
float dequantised(T x, float scale, std::int32_t zero_point) {
  // Only 32-bit numbers differ by more than 32 bits hold.
  if constexpr (sizeof(T) == 4)
    return static_cast<float>(std::int64_t{x} - zero_point) * scale;
  else
    return static_cast<float>(x - zero_point) * scale;
}

template <auto function, class From, class To>
void scaled(const Channels& given, const std::byte* from, std::byte* to) {
  const auto how = given;  // a copy of our own, which storing bytes cannot change
  // Asks for what will be read soon: without, one core reads at half the speed at which it copies.
  constexpr std::int64_t most = 512, line = 64 / sizeof(From), ahead = 8192 / sizeof(From);
  const auto* x = reinterpret_cast<const From*>(from);
  auto* y = reinterpret_cast<To*>(to);
  for (std::int64_t outer = 0; outer < how.outer; ++outer) {
    if (how.inner == 1) {
      for (std::int64_t i = 0; i < how.channels; ++i)
        y[i] = function(x[i], how.scales[i], how.zero_points[i]);
      x += how.channels;
      y += how.channels;
      continue;
    }
    for (std::int64_t channel = 0; channel < how.channels; ++channel) {
      const auto scale = how.scales[channel];
      const auto zero_point = how.zero_points[channel];
      const auto inner = how.inner;
      for (std::int64_t done = 0; done < inner; done += most) {
        const auto now = inner - done < most ? inner - done : most;
        for (std::int64_t i = 0; i < now; i += line) __builtin_prefetch(x + i + ahead);
        for (std::int64_t i = 0; i < now; ++i) y[i] = function(x[i], scale, zero_point);
        x += now;
        y += now;
      }
    }
  }
}

Scaling quantising(ElementType to) {
  using E = ElementType;
  if (to == E::int8) return scaled<quantised<std::int8_t>, float, std::int8_t>;
  if (to == E::uint8) return scaled<quantised<std::uint8_t>, float, std::uint8_t>;
  if (to == E::int16) return scaled<quantised<std::int16_t>, float, std::int16_t>;
  if (to == E::uint16) return scaled<quantised<std::uint16_t>, float, std::uint16_t>;
  return nullptr;
}

Scaling dequantising(ElementType from) {
  using E = ElementType;
  if (from == E::int8) return scaled<dequantised<std::int8_t>, std::int8_t, float>;
  if (from == E::uint8) return scaled<dequantised<std::uint8_t>, std::uint8_t, float>;
  if (from == E::int16) return scaled<dequantised<std::int16_t>, std::int16_t, float>;
  if (from == E::uint16) return scaled<dequantised<std::uint16_t>, std::uint16_t, float>;
  if (from == E::int32) return scaled<dequantised<std::int32_t>, std::int32_t, float>;
  return nullptr;
}
