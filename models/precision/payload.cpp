#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "models/error.h"
#include "models/precision/convert.h"
#include "models/precision/pack.h"

namespace models {
namespace {

static_assert(std::endian::native == std::endian::little, "payloads are copied as they lie");

/// Elements converted at once: whole blocks, and whole bytes at every width.
constexpr std::size_t piece = 1024;

bool is_block(Precision format) {
  return format == Precision::mxfp8 || format == Precision::mxint8;
}

std::size_t code_bytes(std::size_t elements, Precision format) {
  return packed_bytes(elements, element_bits(format));
}

/// Codes as they lie in a payload may be at any address.
template <class Code, std::size_t size>
std::span<const Code> loaded(std::array<Code, size>& held, std::span<const std::byte> bytes) {
  std::memcpy(held.data(), bytes.data(), bytes.size());
  return std::span(held).first(bytes.size() / sizeof(Code));
}

template <class Code>
void store(std::span<const Code> codes, std::span<std::byte> bytes) {
  std::memcpy(bytes.data(), codes.data(), bytes.size());
}

/// A part of a quantisation whose elements begin at `begin`: calls each(begin, end, quantisation of
/// one scale) for its runs.
template <class Each>
void by_channel(std::size_t begin, std::size_t end, const Quantization& how, Each&& each) {
  if (how.channels == 1) return each(begin, end, how);
  const auto inner = static_cast<std::size_t>(how.inner);
  while (begin < end) {
    const auto row = begin / inner;
    const auto channel = row % static_cast<std::size_t>(how.channels);
    const auto stop = std::min(end, (row + 1) * inner);
    Quantization one{.scales = how.scales.subspan(channel, 1)};
    if (!how.zero_points.empty()) one.zero_points = how.zero_points.subspan(channel, 1);
    each(begin, stop, one);
    begin = stop;
  }
}

/// Reads a payload piece by piece.
class Reader {
 public:
  Reader(Precision format, std::span<const std::byte> bytes, std::size_t elements,
         const Quantization& how)
      : format_(format),
        codes_(bytes.first(code_bytes(elements, format))),
        tail_(bytes.subspan(codes_.size())),
        how_(how) {
    if (!is_integer(format) || !how.scales.empty() || elements == 0) return;
    std::memcpy(&scale_, tail_.data(), sizeof scale_);
    how_ = Quantization{.scales = {&scale_, 1}};
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  const Quantization& quantisation() const { return how_; }

  void read(std::size_t begin, std::span<float> to) const {
    const auto bits = static_cast<std::size_t>(element_bits(format_));
    const auto bytes =
        codes_.subspan(begin * bits / 8, packed_bytes(to.size(), element_bits(format_)));
    if (is_integer(format_)) return read_integers(begin, bytes, to);
    if (bits == 32) return std::memcpy(to.data(), bytes.data(), bytes.size()), void();
    if (bits == 16) return read_halves(bytes, to);
    std::array<std::uint8_t, piece> held;
    const auto codes = loaded(held, bytes);
    if (format_ == Precision::fp8_e4m3) return from_fp8_e4m3(codes, to);
    if (format_ == Precision::fp8_e5m2) return from_fp8_e5m2(codes, to);
    read_blocks(begin, bytes, to);
  }

 private:
  void read_halves(std::span<const std::byte> bytes, std::span<float> to) const {
    std::array<std::uint16_t, piece> held;
    const auto codes = loaded(held, bytes);
    format_ == Precision::fp16 ? from_fp16(codes, to) : from_bf16(codes, to);
  }

  void read_blocks(std::size_t begin, std::span<const std::byte> bytes, std::span<float> to) const {
    std::array<std::uint8_t, mx_scales(piece)> held_scales;
    const auto scales = loaded(held_scales, tail_.subspan(begin / mx_block, mx_scales(to.size())));
    if (format_ == Precision::mxfp8) {
      std::array<std::uint8_t, piece> held;
      return from_mxfp8(loaded(held, bytes), scales, to);
    }
    std::array<std::int8_t, piece> held;
    from_mxint8(loaded(held, bytes), scales, to);
  }

  void read_integers(std::size_t begin, std::span<const std::byte> bytes,
                     std::span<float> to) const {
    std::array<std::int32_t, piece> held;
    const auto codes = std::span(held).first(to.size());
    unpack(bytes, element_bits(format_), codes);
    by_channel(begin, begin + to.size(), how_,
               [&](std::size_t first, std::size_t end, const Quantization& one) {
                 dequantise(
                     std::span<const std::int32_t>(codes).subspan(first - begin, end - first),
                     to.subspan(first - begin, end - first), one);
               });
  }

  Precision format_;
  std::span<const std::byte> codes_;
  std::span<const std::byte> tail_;  ///< scales
  Quantization how_;
  float scale_ = 1;
};

/// Writes a payload piece by piece.
class Writer {
 public:
  Writer(Precision format, std::span<std::byte> bytes, std::size_t elements, const Conversion& how,
         float scale_of_data)
      : format_(format),
        codes_(bytes.first(code_bytes(elements, format))),
        tail_(bytes.subspan(codes_.size())),
        how_(how.to),
        rounding_(how.rounding),
        scale_(scale_of_data) {
    if (!is_integer(format) || elements == 0) return;
    if (how_.scales.empty()) how_ = Quantization{.scales = {&scale_, 1}};
    std::memcpy(tail_.data(), how_.scales.data(), sizeof scale_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void write(std::size_t begin, std::span<float> from) const {
    const auto bits = static_cast<std::size_t>(element_bits(format_));
    const auto bytes =
        codes_.subspan(begin * bits / 8, packed_bytes(from.size(), element_bits(format_)));
    Rounding rounding = rounding_;
    rounding.first += begin;
    if (is_integer(format_)) return write_integers(begin, from, bytes);
    if (format_ == Precision::tf32) to_tf32(from, from, rounding);
    if (bits == 32) return store<float>(from, bytes);
    if (bits == 16) return write_halves(from, bytes, rounding);
    if (is_block(format_)) return write_blocks(begin, from, bytes, rounding);
    std::array<std::uint8_t, piece> held;
    const auto codes = std::span(held).first(from.size());
    format_ == Precision::fp8_e4m3 ? to_fp8_e4m3(from, codes, how_.overflow, rounding)
                                   : to_fp8_e5m2(from, codes, how_.overflow, rounding);
    store<std::uint8_t>(codes, bytes);
  }

 private:
  void write_halves(std::span<const float> from, std::span<std::byte> bytes,
                    const Rounding& rounding) const {
    std::array<std::uint16_t, piece> held;
    const auto codes = std::span(held).first(from.size());
    format_ == Precision::fp16 ? to_fp16(from, codes, rounding) : to_bf16(from, codes, rounding);
    store<std::uint16_t>(codes, bytes);
  }

  void write_blocks(std::size_t begin, std::span<const float> from, std::span<std::byte> bytes,
                    const Rounding& rounding) const {
    std::array<std::uint8_t, mx_scales(piece)> held_scales;
    const auto scales = std::span(held_scales).first(mx_scales(from.size()));
    if (format_ == Precision::mxfp8) {
      std::array<std::uint8_t, piece> held;
      const auto codes = std::span(held).first(from.size());
      to_mxfp8(from, codes, scales, rounding);
      store<std::uint8_t>(codes, bytes);
    } else {
      std::array<std::int8_t, piece> held;
      const auto codes = std::span(held).first(from.size());
      to_mxint8(from, codes, scales, rounding);
      store<std::int8_t>(codes, bytes);
    }
    store<std::uint8_t>(scales, tail_.subspan(begin / mx_block, scales.size()));
  }

  void write_integers(std::size_t begin, std::span<const float> from,
                      std::span<std::byte> bytes) const {
    std::array<std::int32_t, piece> held;
    const auto codes = std::span(held).first(from.size());
    by_channel(begin, begin + from.size(), how_,
               [&](std::size_t first, std::size_t end, const Quantization& one) {
                 Rounding rounding = rounding_;
                 rounding.first += first;
                 quantise(from.subspan(first - begin, end - first),
                          codes.subspan(first - begin, end - first), element_bits(format_), one,
                          rounding);
               });
    pack(std::span<const std::int32_t>(codes), element_bits(format_), bytes);
  }

  Precision format_;
  std::span<std::byte> codes_;
  std::span<std::byte> tail_;
  Quantization how_;
  Rounding rounding_;
  float scale_;
};

template <class Each>
void by_piece(std::size_t elements, Each&& each) {
  std::array<float, piece> held;
  for (std::size_t begin = 0; begin < elements; begin += piece)
    each(begin, std::span(held).first(std::min(piece, elements - begin)));
}

float scale_of_data(const Reader& reader, std::size_t elements, int bits) {
  Range all;
  by_piece(elements, [&](std::size_t begin, std::span<float> values) {
    reader.read(begin, values);
    const auto range = range_of(values);
    all = {std::min(all.low, range.low), std::max(all.high, range.high)};
  });
  return symmetric(all, bits).scale;
}

/// Codes go from one width to another as they are.
void widen(int from_bits, std::span<const std::byte> from, int to_bits, std::span<std::byte> to,
           std::size_t elements) {
  std::array<std::int32_t, piece> held;
  for (std::size_t begin = 0; begin < elements; begin += piece) {
    const auto codes = std::span(held).first(std::min(piece, elements - begin));
    const auto part = [&](int bits) {
      return std::pair(begin * static_cast<std::size_t>(bits) / 8,
                       packed_bytes(codes.size(), bits));
    };
    const auto [from_at, from_size] = part(from_bits);
    const auto [to_at, to_size] = part(to_bits);
    unpack(from.subspan(from_at, from_size), from_bits, codes);
    pack(std::span<const std::int32_t>(codes), to_bits, to.subspan(to_at, to_size));
  }
}

void check_channels(const Quantization& how, std::size_t elements) {
  const auto channels = static_cast<std::size_t>(how.channels);
  if (how.channels < 1 || how.inner < 1 ||
      (how.scales.size() != channels && !(how.scales.empty() && channels == 1)) ||
      (!how.zero_points.empty() && how.zero_points.size() != how.scales.size()))
    throw InputError("quantisation needs one scale per channel, and as many zero points or none");
  if (channels > 1 && elements % (channels * static_cast<std::size_t>(how.inner)) != 0)
    throw InputError("the tensor does not divide into the channels of its quantisation");
}

}  // namespace

void convert(Precision from_format, std::span<const std::byte> from, Precision to_format,
             std::span<std::byte> to, std::int64_t elements, const Conversion& how) {
  const auto right = [&](std::size_t size, Precision format) {
    return elements >= 0 && size == static_cast<std::size_t>(payload(elements, format).count);
  };
  if (!right(from.size(), from_format) || !right(to.size(), to_format))
    throw std::invalid_argument("a conversion needs payloads of the elements' size");
  if (elements == 0) return;
  const auto n = static_cast<std::size_t>(elements);
  const bool integers = is_integer(from_format) && is_integer(to_format);
  const bool same_scale = how.to.scales.empty() && how.from.scales.empty();
  if (from_format == to_format && (!integers || same_scale))
    return std::memcpy(to.data(), from.data(), from.size()), void();
  if (integers && same_scale && element_bits(to_format) >= element_bits(from_format)) {
    const auto from_codes = code_bytes(n, from_format), to_codes = code_bytes(n, to_format);
    widen(element_bits(from_format), from.first(from_codes), element_bits(to_format),
          to.first(to_codes), n);
    std::memcpy(to.data() + to_codes, from.data() + from_codes, from.size() - from_codes);
    return;
  }
  if (is_integer(from_format)) check_channels(how.from, n);
  if (is_integer(to_format)) check_channels(how.to, n);
  const Reader reader(from_format, from, n, how.from);
  const float scale = is_integer(to_format) && how.to.scales.empty()
                          ? scale_of_data(reader, n, element_bits(to_format))
                          : 1;
  const Writer writer(to_format, to, n, how, scale);
  by_piece(n, [&](std::size_t begin, std::span<float> values) {
    reader.read(begin, values);
    writer.write(begin, values);
  });
}

}  // namespace models
