#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "models/units.h"

namespace models {

/// A number format. The first `compute_precisions` say how an operator computes; all of them say
/// how a tensor may travel. What follows int4 is wire-only: integers of the other widths, 2 to 32.
/// tf32 is a way to compute: in memory and on the wire it takes 32 bits. fp8 is OCP's (OFP8, 2023),
/// mxfp8 and mxint8 are OCP's Microscaling formats v1.0 (one 8-bit scale per 32 elements).
enum class Precision : std::uint8_t {
  fp32,
  tf32,
  fp16,
  bf16,
  fp8_e4m3,
  fp8_e5m2,
  mxfp8,
  mxint8,
  int16,
  int8,
  int4,
  first_wire_only,
};

inline constexpr int compute_precisions = static_cast<int>(Precision::first_wire_only);
/// Every format: the compute precisions and the wire-only integer widths 2..32 without 4, 8, 16.
inline constexpr int all_formats = compute_precisions + 28;

/// "fp16", "int12". Inverse of find_precision.
std::string name_of(Precision format);
/// nullopt for a word that is no format. Accepts wire-only widths ("int12").
std::optional<Precision> find_precision(std::string_view name);
/// Every name, in order, comma separated: for error messages. Without the wire-only widths.
std::string compute_precision_names();

bool is_compute(Precision format);
/// Plain integers with one scale per tensor; not the MX formats.
bool is_integer(Precision format);
/// The integer format of that width, 2 to 32 bits.
Precision integer_of_width(int bits);

/// Bits of one element, scales aside.
int element_bits(Precision format);
/// Bits of a tensor in this format with its scales: one 8-bit scale per started block of 32
/// elements for the MX formats, one 32-bit scale per tensor for plain integers.
std::int64_t payload_bits(std::int64_t elements, Precision format);
/// payload_bits rounded up to whole bytes.
Bytes payload(std::int64_t elements, Precision format);

/// Power of the noise of one rounding to the format relative to the power of a normally distributed
/// signal. Floating point: 0.180 x 2^(-2p) with p bits of significand, the hidden one included
/// (Widrow & Kollar, Quantization Noise, 2008). Plain integers: 16/3 x 2^(-2b), the step being 8
/// sigma / 2^b, overload neglected. The MX formats: measured on normal values. fp32 is the
/// reference and has none.
double noise_to_signal(Precision format);

/// The same in dB: 10 log10 of its inverse, 6.02 dB per bit. Infinite for fp32.
double signal_to_noise_db(Precision format);

}  // namespace models
