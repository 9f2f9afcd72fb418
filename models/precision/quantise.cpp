#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "models/error.h"
#include "models/precision/convert.h"
#include "models/precision/convert_all.h"
#include "models/precision/integer_kernels.h"

namespace models {
namespace {

/// Least and largest code.
struct Codes {
  std::int32_t low;
  std::int32_t high;
};

template <class Code>
constexpr Codes codes_of = {std::numeric_limits<Code>::min(), std::numeric_limits<Code>::max()};

Codes codes_of_width(int bits) {
  if (bits < 2 || bits > 32) throw std::invalid_argument("integers have 2 to 32 bits");
  const auto high = static_cast<std::int32_t>((std::uint32_t{1} << (bits - 1)) - 1);
  return {-high - 1, high};
}

void check(std::size_t from, std::size_t to, const Quantization& how, Codes codes) {
  if (from != to) throw std::invalid_argument("a conversion needs as many destinations as sources");
  const auto channels = static_cast<std::uint64_t>(how.channels);
  if (how.channels < 1 || how.inner < 1 || how.scales.size() != channels ||
      (!how.zero_points.empty() && how.zero_points.size() != channels))
    throw InputError("quantisation needs one scale per channel, and as many zero points or none");
  if (channels > 1 && from % (channels * static_cast<std::uint64_t>(how.inner)) != 0)
    throw InputError("the tensor does not divide into the channels of its quantisation");
  for (const float scale : how.scales)
    if (!(scale > 0) || std::isinf(scale))
      throw InputError("a quantisation scale must be positive and finite");
  for (const auto zero : how.zero_points) {
    if (zero < codes.low || zero > codes.high)
      throw InputError("a zero point must be one of the format's codes");
    if (zero != 0 && codes.high > 65535)
      throw InputError("zero points are for integers of at most 16 bits");
  }
}

const CodeKernels<std::int8_t>& kernels_of(std::int8_t) {
  return integer_kernels().int8;
}
const CodeKernels<std::uint8_t>& kernels_of(std::uint8_t) {
  return integer_kernels().uint8;
}
const CodeKernels<std::int16_t>& kernels_of(std::int16_t) {
  return integer_kernels().int16;
}
const CodeKernels<std::uint16_t>& kernels_of(std::uint16_t) {
  return integer_kernels().uint16;
}
const CodeKernels<std::int32_t>& kernels_of(std::int32_t) {
  return integer_kernels().int32;
}

/// Calls `each(begin, end, channel)` for the runs of elements of one channel.
template <class Each>
void by_channel(std::size_t n, const Quantization& how, Each&& each) {
  if (how.channels == 1) return each(std::size_t{0}, n, std::size_t{0});
  const auto inner = static_cast<std::size_t>(how.inner);
  const auto channels = static_cast<std::size_t>(how.channels);
  std::size_t channel = 0;
  for (std::size_t begin = 0; begin < n; begin += inner) {
    each(begin, begin + inner, channel);
    if (++channel == channels) channel = 0;
  }
}

template <class T>
void quantise_all(std::span<const float> from, std::span<T> to, const Quantization& how,
                  const Rounding& rounding, Codes codes) {
  check(from.size(), to.size(), how, codes);
  const auto& kernels = kernels_of(T{});
  by_channel(from.size(), how, [&](std::size_t begin, std::size_t end, std::size_t channel) {
    const Linear linear{how.scales[channel], how.zero_points.empty() ? 0 : how.zero_points[channel],
                        codes.low, codes.high};
    const auto part = from.subspan(begin, end - begin);
    const auto of_part = to.subspan(begin, end - begin);
    if (rounding.mode == Rounding::Mode::nearest_even)
      return convert_all(part, of_part, [&](const float* f, T* t, std::size_t n) {
        kernels.nearest(f, t, n, linear);
      });
    by_stochastic_run(rounding.seed, rounding.first + begin, part.size(),
                      [&](std::size_t i, std::size_t count, const StochasticRun& run) {
                        kernels.stochastic(part.data() + i, of_part.data() + i, count, linear, run);
                      });
  });
}

template <class T>
void dequantise_all(std::span<const T> from, std::span<float> to, const Quantization& how) {
  // Zero points of codes that come in 32 bits are for the narrower ones among them.
  check(from.size(), to.size(), how, sizeof(T) == 4 ? Codes{-65535, 65535} : codes_of<T>);
  const auto& kernels = kernels_of(T{});
  by_channel(from.size(), how, [&](std::size_t begin, std::size_t end, std::size_t channel) {
    const float scale = how.scales[channel];
    const auto zero = how.zero_points.empty() ? 0 : how.zero_points[channel];
    convert_all(from.subspan(begin, end - begin), to.subspan(begin, end - begin),
                [&](const T* f, float* t, std::size_t n) { kernels.values(f, t, n, scale, zero); });
  });
}

}  // namespace

void quantise(std::span<const float> from, std::span<std::int8_t> to, const Quantization& how,
              Rounding rounding) {
  quantise_all(from, to, how, rounding, codes_of<std::int8_t>);
}
void quantise(std::span<const float> from, std::span<std::uint8_t> to, const Quantization& how,
              Rounding rounding) {
  quantise_all(from, to, how, rounding, codes_of<std::uint8_t>);
}
void quantise(std::span<const float> from, std::span<std::int16_t> to, const Quantization& how,
              Rounding rounding) {
  quantise_all(from, to, how, rounding, codes_of<std::int16_t>);
}
void quantise(std::span<const float> from, std::span<std::uint16_t> to, const Quantization& how,
              Rounding rounding) {
  quantise_all(from, to, how, rounding, codes_of<std::uint16_t>);
}
void quantise(std::span<const float> from, std::span<std::int32_t> to, int bits,
              const Quantization& how, Rounding rounding) {
  quantise_all(from, to, how, rounding, codes_of_width(bits));
}
void quantise_int4(std::span<const float> from, std::span<std::int8_t> to, const Quantization& how,
                   Rounding rounding) {
  quantise_all(from, to, how, rounding, codes_of_width(4));
}

void dequantise(std::span<const std::int8_t> from, std::span<float> to, const Quantization& how) {
  dequantise_all(from, to, how);
}
void dequantise(std::span<const std::uint8_t> from, std::span<float> to, const Quantization& how) {
  dequantise_all(from, to, how);
}
void dequantise(std::span<const std::int16_t> from, std::span<float> to, const Quantization& how) {
  dequantise_all(from, to, how);
}
void dequantise(std::span<const std::uint16_t> from, std::span<float> to, const Quantization& how) {
  dequantise_all(from, to, how);
}
void dequantise(std::span<const std::int32_t> from, std::span<float> to, const Quantization& how) {
  dequantise_all(from, to, how);
}

Range range_of(std::span<const float> values) {
  Range range{std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()};
  integer_kernels().range(values.data(), values.size(), range.low, range.high);
  return range.low > range.high ? Range{} : range;
}

Affine symmetric(Range range, int bits) {
  const auto codes = codes_of_width(bits);
  const double largest = std::max(std::abs(range.low), std::abs(range.high));
  if (!(largest > 0)) return {};
  const auto scale = static_cast<float>(largest / codes.high);
  return {std::max(scale, std::numeric_limits<float>::min()), 0};
}

Affine affine(Range range, int bits, bool is_signed) {
  if (bits < 2 || bits > 16) throw std::invalid_argument("affine integers have 2 to 16 bits");
  const float low = std::min(range.low, 0.0f), high = std::max(range.high, 0.0f);
  const std::int32_t least = is_signed ? -(1 << (bits - 1)) : 0;
  const std::int32_t steps = (1 << bits) - 1;
  if (!(high > low)) return {1, std::clamp(0, least, least + steps)};
  const auto scale =
      std::max(static_cast<float>((static_cast<double>(high) - static_cast<double>(low)) / steps),
               std::numeric_limits<float>::min());
  const auto zero = static_cast<std::int32_t>(std::nearbyint(-low / scale)) + least;
  return {scale, std::clamp(zero, least, least + steps)};
}

}  // namespace models
