#include "models/precision/precision.h"

#include <array>
#include <limits>
#include <stdexcept>

#include "models/random.h"

namespace models {
namespace {

enum class Family : std::uint8_t { reference, floating, block, integer };

struct Format {
  std::string_view name;
  Family family;
  int bits;
  double noise;  ///< see noise_to_signal
};

/// 2^-exponent.
constexpr double halved(int exponent) {
  double value = 1;
  for (; exponent > 0; --exponent) value *= 0.5;
  return value;
}

/// Widrow & Kollar (2008), floating-point quantisation: 0.180 x 2^(-2p), p bits of significand with
/// the hidden one.
constexpr double floating_noise(int significand) {
  return 0.180 * halved(2 * significand);
}

/// A step of 8 sigma / 2^bits, and step^2 / 12; what is beyond 4 sigma is neglected.
constexpr double integer_noise(int bits) {
  return 64.0 / 12.0 * halved(2 * bits);
}

/// In the order of Precision.
constexpr std::array<Format, compute_precisions> formats = {{
    {"fp32", Family::reference, 32, 0},
    {"tf32", Family::floating, 32, floating_noise(11)},
    {"fp16", Family::floating, 16, floating_noise(11)},
    {"bf16", Family::floating, 16, floating_noise(8)},
    {"fp8_e4m3", Family::floating, 8, floating_noise(4)},
    {"fp8_e5m2", Family::floating, 8, floating_noise(3)},
    // The elements are e4m3; the largest of a block is cut off at 448 where the scale leaves it at
    // up to 512, which adds noise. Measured on 10^7 normal values.
    {"mxfp8", Family::block, 8, 8.61e-4},
    // 128 steps up to the power of two above the largest of 32. Measured on 10^7 normal values.
    {"mxint8", Family::block, 8, 6.81e-5},
    {"int16", Family::integer, 16, integer_noise(16)},
    {"int8", Family::integer, 8, integer_noise(8)},
    {"int4", Family::integer, 4, integer_noise(4)},
}};

constexpr int smallest_width = 2;
constexpr int largest_width = 32;
constexpr int block_size = 32;
constexpr int block_scale_bits = 8;
constexpr int tensor_scale_bits = 32;

bool has_own_row(int width) {
  return width == 4 || width == 8 || width == 16;
}

const Format& row(Precision format) {
  return formats[static_cast<std::size_t>(format)];
}

/// Width of a wire-only integer.
int wire_width(Precision format) {
  int left = static_cast<int>(format) - compute_precisions;
  for (int width = smallest_width; width <= largest_width; ++width)
    if (!has_own_row(width) && left-- == 0) return width;
  throw std::out_of_range("no such precision");
}

}  // namespace

std::string name_of(Precision format) {
  if (is_compute(format)) return std::string(row(format).name);
  return "int" + std::to_string(wire_width(format));
}

std::optional<Precision> find_precision(std::string_view name) {
  for (int i = 0; i < all_formats; ++i)
    if (name_of(static_cast<Precision>(i)) == name) return static_cast<Precision>(i);
  return std::nullopt;
}

std::string compute_precision_names() {
  std::string names;
  for (const auto& format : formats)
    names += (names.empty() ? "" : ", ") + std::string(format.name);
  return names;
}

bool is_compute(Precision format) {
  return static_cast<int>(format) < compute_precisions;
}

bool is_integer(Precision format) {
  return !is_compute(format) || row(format).family == Family::integer;
}

Precision integer_of_width(int bits) {
  if (bits == 16) return Precision::int16;
  if (bits == 8) return Precision::int8;
  if (bits == 4) return Precision::int4;
  int index = compute_precisions;
  for (int width = smallest_width; width <= largest_width; ++width) {
    if (width == bits) return static_cast<Precision>(index);
    if (!has_own_row(width)) ++index;
  }
  throw std::out_of_range("integers have 2 to 32 bits");
}

int element_bits(Precision format) {
  return is_compute(format) ? row(format).bits : wire_width(format);
}

std::int64_t payload_bits(std::int64_t elements, Precision format) {
  if (elements <= 0) return 0;
  const std::int64_t bits = elements * element_bits(format);
  if (is_integer(format)) return bits + tensor_scale_bits;
  if (row(format).family != Family::block) return bits;
  return bits + (elements + block_size - 1) / block_size * block_scale_bits;
}

Bytes payload(std::int64_t elements, Precision format) {
  return {(payload_bits(elements, format) + 7) / 8};
}

double noise_to_signal(Precision format) {
  return is_compute(format) ? row(format).noise : integer_noise(wire_width(format));
}

double signal_to_noise_db(Precision format) {
  const double noise = noise_to_signal(format);
  if (noise == 0) return std::numeric_limits<double>::infinity();
  return -10 / 2.302585092994046 * portable_log(noise);
}

}  // namespace models
