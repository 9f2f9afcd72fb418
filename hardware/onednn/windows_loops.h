// The loops of windows_exact.cpp, which includes this once for each instruction set, inside of a
// namespace of its own. Includes nothing, so that nothing else is.

inline float value_of(float x) {
  return x;
}
inline float value_of(std::uint16_t x) {
  return std::bit_cast<float>(std::uint32_t{x} << 16);
}

/// The greatest of each channel over a window; a NaN is greater than everything. `to` holds
/// numbers of the same type, or floats.
template <class From, class To>
void greatest(const std::byte* plane, std::span<const std::int64_t> rows, const Reach& reach,
              std::int64_t step, std::int64_t channels, std::byte* out) {
  auto* to = reinterpret_cast<To*>(out);
  const auto made = [](From x) {
    if constexpr (std::is_same_v<From, To>) return x;
    return static_cast<To>(value_of(x));
  };
  bool first = true;
  for (const auto row : rows)
    for (std::int64_t k = 0; k < reach.count; ++k, first = false) {
      const auto* from =
          reinterpret_cast<const From*>(plane) + (row + reach.begin + k * step) * channels;
      if (first) {
        for (std::int64_t c = 0; c < channels; ++c) to[c] = made(from[c]);
        continue;
      }
      for (std::int64_t c = 0; c < channels; ++c) {
        const float x = value_of(from[c]), best = value_of(to[c]);
        const bool keeps = (best >= x) | (best != best);
        to[c] = keeps ? to[c] : made(from[c]);
      }
    }
}

/// Whether the row holds a NaN or +inf, or nothing but -inf: its softmax is NaN throughout.
template <class From>
bool has_no_softmax(const std::byte* row, std::int64_t size) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const auto* from = reinterpret_cast<const From*>(row);
  std::int32_t wrong = 0, finite = 0;
  for (std::int64_t i = 0; i < size; ++i) {
    const float x = value_of(from[i]);
    wrong |= !(x < infinity);
    finite |= x > -infinity;
  }
  return wrong != 0 || finite == 0;
}
