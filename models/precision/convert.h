#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "models/precision/precision.h"

/// Conversions of whole arrays between fp32 and the other formats, and between any two. Nothing is
/// allocated. Every instruction set gives the same bits (see vectors.h). Sources and destinations
/// have the same number of elements, unless said otherwise, and do not overlap;
/// std::invalid_argument otherwise. A thread's rounding mode must be to nearest, and its denormals
/// not flushed, as at the start of a program.
///
/// What the standards leave open is done as follows. NaN keeps its sign and as much of its payload
/// as fits, and becomes quiet (IEEE 754-2019 6.2.3), as the F16C instructions do; e4m3 has one NaN
/// only. Widening bf16 copies the bits. Overflow of fp16, bf16 and tf32 is infinity (7.4).
namespace models {

/// How what lies between two neighbours of the format becomes one of them.
struct Rounding {
  enum class Mode : std::uint8_t {
    nearest_even,  ///< roundTiesToEven, IEEE 754-2019 4.3.1
    /// The neighbour farther from zero with the probability of the distance from the other one, to
    /// 2^-24 of it or finer. Above the largest finite number that neighbour is overflow.
    stochastic,
  };
  Mode mode = Mode::nearest_even;
  std::uint64_t seed = 0;
  /// Index of the first element in its tensor: pieces converted one by one get the bits of the
  /// whole.
  std::uint64_t first = 0;
};

/// What becomes of values beyond the largest finite number of fp8 (the saturation modes of OFP8
/// v1.0): the largest, also for infinities; or what is special: infinity in e5m2, NaN in e4m3.
enum class Overflow : std::uint8_t { saturate, special };

/// How integers stand for real numbers: value = scale x (code - zero point), per tensor or per
/// channel. The tensor is outer x channels x inner elements, row-major; channels 1 means per
/// tensor.
struct Quantization {
  std::span<const float> scales = {};              ///< one, or one per channel; positive and finite
  std::span<const std::int32_t> zero_points = {};  ///< none (0), or as many as scales
  std::int64_t channels = 1;
  std::int64_t inner = 1;                  ///< elements of a channel that follow each other
  Overflow overflow = Overflow::saturate;  ///< of fp8, in round_to and convert
};

// IEEE 754-2019 binary16 (3.4).
void to_fp16(std::span<const float> from, std::span<std::uint16_t> to, Rounding rounding = {});
void from_fp16(std::span<const std::uint16_t> from, std::span<float> to);

/// bfloat16: the upper half of binary32.
void to_bf16(std::span<const float> from, std::span<std::uint16_t> to, Rounding rounding = {});
void from_bf16(std::span<const std::uint16_t> from, std::span<float> to);

/// fp32 with 10 bits of trailing significand; the other 13 are zero. `to` may be `from`.
void to_tf32(std::span<const float> from, std::span<float> to, Rounding rounding = {});

// OFP8 v1.0.
void to_fp8_e4m3(std::span<const float> from, std::span<std::uint8_t> to,
                 Overflow overflow = Overflow::saturate, Rounding rounding = {});
void from_fp8_e4m3(std::span<const std::uint8_t> from, std::span<float> to);
void to_fp8_e5m2(std::span<const float> from, std::span<std::uint8_t> to,
                 Overflow overflow = Overflow::saturate, Rounding rounding = {});
void from_fp8_e5m2(std::span<const std::uint8_t> from, std::span<float> to);

/// Codes from values: round(value / scale) + zero point, the quotient being that of binary32
/// division as in ONNX QuantizeLinear; saturates; NaN becomes the zero point. Throws InputError for
/// scales that are not positive and finite, zero points outside the format, and shapes that do not
/// fit.
void quantise(std::span<const float> from, std::span<std::int8_t> to, const Quantization& how,
              Rounding rounding = {});
void quantise(std::span<const float> from, std::span<std::uint8_t> to, const Quantization& how,
              Rounding rounding = {});
void quantise(std::span<const float> from, std::span<std::int16_t> to, const Quantization& how,
              Rounding rounding = {});
void quantise(std::span<const float> from, std::span<std::uint16_t> to, const Quantization& how,
              Rounding rounding = {});
/// Two's complement codes of 2 to 32 bits, one per element. Zero points only up to 16 bits.
void quantise(std::span<const float> from, std::span<std::int32_t> to, int bits,
              const Quantization& how, Rounding rounding = {});
/// int4: codes in [-8, 7], one per byte (pack.h puts two into one).
void quantise_int4(std::span<const float> from, std::span<std::int8_t> to, const Quantization& how,
                   Rounding rounding = {});

/// Values from codes: float(code - zero point) x scale.
void dequantise(std::span<const std::int8_t> from, std::span<float> to, const Quantization& how);
void dequantise(std::span<const std::uint8_t> from, std::span<float> to, const Quantization& how);
void dequantise(std::span<const std::int16_t> from, std::span<float> to, const Quantization& how);
void dequantise(std::span<const std::uint16_t> from, std::span<float> to, const Quantization& how);
void dequantise(std::span<const std::int32_t> from, std::span<float> to, const Quantization& how);

inline constexpr std::size_t mx_block = 32;
/// Number of E8M0 scales of a tensor: one per started block.
constexpr std::size_t mx_scales(std::size_t elements) {
  return (elements + mx_block - 1) / mx_block;
}

/// OCP MX v1.0 (6.3): per 32 elements of the flattened tensor the scale 2^(e - emax), e being the
/// exponent of the largest finite magnitude and emax that of the element format (e4m3: 8; INT8,
/// with its implicit 2^-6: 0), held as an E8M0 code (bias 127, clamped). Elements are rounded and
/// saturate; INT8 uses -128. What the standard leaves to the implementation: in e4m3, infinities
/// saturate and NaN stays; in INT8, which has neither, a block with one of them gets the scale NaN
/// (0xff).
void to_mxfp8(std::span<const float> from, std::span<std::uint8_t> to,
              std::span<std::uint8_t> scales, Rounding rounding = {});
void from_mxfp8(std::span<const std::uint8_t> from, std::span<const std::uint8_t> scales,
                std::span<float> to);
void to_mxint8(std::span<const float> from, std::span<std::int8_t> to,
               std::span<std::uint8_t> scales, Rounding rounding = {});
void from_mxint8(std::span<const std::int8_t> from, std::span<const std::uint8_t> scales,
                 std::span<float> to);

/// Replaces every value by what is left of it after a trip through the format: what emulation of
/// the format needs. Integers without scales get symmetric ones from the data, per channel where
/// `how` has channels.
void round_to(std::span<float> values, Precision format, const Quantization& how = {},
              Rounding rounding = {});

/// The least and largest finite value; 0 and 0 if there is none.
struct Range {
  float low = 0;
  float high = 0;
};
Range range_of(std::span<const float> values);

/// A scale and a zero point.
struct Affine {
  float scale = 1;
  std::int32_t zero_point = 0;
};
/// Zero is code 0 and the larger magnitude of the range the largest code, 2^(bits-1) - 1. An empty
/// range gives scale 1; the scale is at least the least normal number.
Affine symmetric(Range range, int bits);
/// Codes from 0 (is_signed: from -2^(bits-1)) on over the range widened to hold zero, and zero is a
/// code (ONNX DynamicQuantizeLinear). 2 to 16 bits.
Affine affine(Range range, int bits, bool is_signed);

/// How `convert` reads and writes.
struct Conversion {
  Quantization from = {};  ///< of integers: used instead of the payload's scale if it has scales
  Quantization to = {};    ///< of integers: with no scales, a symmetric one from the data
  Rounding rounding = {};
};
/// Between any two formats, as payloads of `elements` elements: payload(elements, format) bytes
/// each, std::invalid_argument otherwise. A payload is, little-endian: the elements' codes, packed
/// without gaps at element_bits(format), filled up with zeros to a byte; then for MX formats one
/// E8M0 byte per started block of 32, for integers the scale as binary32 (the first one, when `to`
/// has several: who reads must then be given them, and zero points too). tf32 takes 32 bits. Goes
/// through fp32, but for equal formats and integers that become as wide or wider without a new
/// scale: those keep their codes.
void convert(Precision from_format, std::span<const std::byte> from, Precision to_format,
             std::span<std::byte> to, std::int64_t elements, const Conversion& how = {});

}  // namespace models
