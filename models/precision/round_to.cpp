#include <algorithm>
#include <array>

#include "models/error.h"
#include "models/precision/convert.h"

namespace models {
namespace {

/// Through codes and back, piece by piece.
constexpr std::size_t piece = 1024;

template <class Code, class To, class From>
void through(std::span<float> values, Rounding rounding, To&& to, From&& from) {
  std::array<Code, piece> codes;
  for (std::size_t begin = 0; begin < values.size(); begin += piece) {
    const auto part = values.subspan(begin, std::min(piece, values.size() - begin));
    const auto of_part = std::span(codes).first(part.size());
    to(part, of_part, rounding);
    from(of_part, part);
    rounding.first += part.size();
  }
}

/// One channel's run, with one scale.
void round_run(std::span<float> values, int bits, const Quantization& how,
               const Rounding& rounding) {
  through<std::int32_t>(
      values, rounding,
      [&](auto part, auto codes, const Rounding& r) { quantise(part, codes, bits, how, r); },
      [&](auto codes, auto part) { dequantise(std::span<const std::int32_t>(codes), part, how); });
}

/// The range of one channel in all runs.
Range range_of_channel(std::span<const float> values, std::size_t first, std::size_t stride,
                       std::size_t inner) {
  Range all;
  for (auto begin = first; begin < values.size(); begin += stride) {
    const auto range = range_of(values.subspan(begin, inner));
    all = {std::min(all.low, range.low), std::max(all.high, range.high)};
  }
  return all;
}

void round_integers(std::span<float> values, int bits, const Quantization& how, Rounding rounding) {
  if (how.channels < 1 || how.inner < 1)
    throw InputError("quantisation needs one scale per channel, and as many zero points or none");
  const auto channels = static_cast<std::size_t>(how.channels);
  const auto inner = channels == 1 ? values.size() : static_cast<std::size_t>(how.inner);
  const auto stride = channels * inner;
  if (values.empty()) return;
  if (values.size() % stride != 0)
    throw InputError("the tensor does not divide into the channels of its quantisation");
  if ((!how.scales.empty() && how.scales.size() != channels) ||
      (!how.zero_points.empty() && how.zero_points.size() != how.scales.size()))
    throw InputError("quantisation needs one scale per channel, and as many zero points or none");
  for (std::size_t c = 0; c < channels; ++c) {
    const float scale =
        how.scales.empty()
            ? symmetric(range_of_channel(values, c * inner, stride, inner), bits).scale
            : how.scales[c];
    const std::int32_t zero = how.zero_points.empty() ? 0 : how.zero_points[c];
    const Quantization one{.scales = {&scale, 1}, .zero_points = {&zero, 1}};
    for (auto begin = c * inner; begin < values.size(); begin += stride)
      round_run(values.subspan(begin, inner), bits, one,
                {rounding.mode, rounding.seed, rounding.first + begin});
  }
}

template <class Code>
void through_blocks(std::span<float> values, const Rounding& rounding, auto&& to, auto&& from) {
  std::array<std::uint8_t, mx_scales(piece)> scales;
  through<Code>(
      values, rounding,
      [&](auto part, auto codes, const Rounding& r) {
        to(part, codes, std::span(scales).first(mx_scales(part.size())), r);
      },
      [&](auto codes, auto part) {
        from(std::span<const Code>(codes),
             std::span<const std::uint8_t>(scales).first(mx_scales(part.size())), part);
      });
}

}  // namespace

void round_to(std::span<float> values, Precision format, const Quantization& how,
              Rounding rounding) {
  if (is_integer(format)) return round_integers(values, element_bits(format), how, rounding);
  switch (format) {
    case Precision::tf32:
      return to_tf32(values, values, rounding);
    case Precision::fp16:
      return through<std::uint16_t>(values, rounding, to_fp16, from_fp16);
    case Precision::bf16:
      return through<std::uint16_t>(values, rounding, to_bf16, from_bf16);
    case Precision::fp8_e4m3:
      return through<std::uint8_t>(
          values, rounding,
          [&](auto part, auto codes, auto r) { to_fp8_e4m3(part, codes, how.overflow, r); },
          from_fp8_e4m3);
    case Precision::fp8_e5m2:
      return through<std::uint8_t>(
          values, rounding,
          [&](auto part, auto codes, auto r) { to_fp8_e5m2(part, codes, how.overflow, r); },
          from_fp8_e5m2);
    case Precision::mxfp8:
      return through_blocks<std::uint8_t>(values, rounding, to_mxfp8, from_mxfp8);
    case Precision::mxint8:
      return through_blocks<std::int8_t>(values, rounding, to_mxint8, from_mxint8);
    default:
      return;  // fp32 is what the values are
  }
}

}  // namespace models
