#include <algorithm>
#include <array>
#include <stdexcept>

#include "models/precision/convert.h"
#include "models/precision/mx_kernels.h"

namespace models {
namespace {

void same_blocks(std::size_t from, std::size_t to, std::size_t scales) {
  if (from != to || scales != mx_scales(from))
    throw std::invalid_argument("MX needs as many elements, and one scale per started block of 32");
}

/// Whole blocks at once, and the last, incomplete one filled up with zeros.
template <class From, class To, class Kernel>
void by_blocks(std::span<const From> from, std::span<To> to, Kernel&& kernel) {
  const auto blocks = from.size() / mx_block, done = blocks * mx_block;
  kernel(from.data(), to.data(), std::size_t{0}, blocks);
  if (done == from.size()) return;
  std::array<From, mx_block> in{};
  std::array<To, mx_block> out;
  std::copy(from.begin() + static_cast<std::ptrdiff_t>(done), from.end(), in.begin());
  kernel(in.data(), out.data(), blocks, std::size_t{1});
  std::copy_n(out.begin(), from.size() - done, to.begin() + static_cast<std::ptrdiff_t>(done));
}

template <class Code, class Kernel>
void encode(std::span<const float> from, std::span<Code> to, std::span<std::uint8_t> scales,
            const Rounding& rounding, Kernel&& kernel) {
  same_blocks(from.size(), to.size(), scales.size());
  by_blocks(from, to, [&](const float* f, Code* t, std::size_t block, std::size_t blocks) {
    if (rounding.mode == Rounding::Mode::nearest_even)
      return kernel(f, t, scales.data() + block, blocks, nullptr);
    // A run of blocks ends where the upper half of its first element's index changes.
    for (std::size_t b = 0; b < blocks;) {
      const auto index = rounding.first + (block + b) * mx_block;
      const auto left =
          ((std::uint64_t{1} << 32) - static_cast<std::uint32_t>(index) + mx_block - 1) / mx_block;
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(blocks - b, left));
      const StochasticRun run{
          stochastic_keys(rounding.seed, static_cast<std::uint32_t>(index >> 32)),
          static_cast<std::uint32_t>(index)};
      kernel(f + b * mx_block, t + b * mx_block, scales.data() + block + b, count, &run);
      b += count;
    }
  });
}

template <class Code, class Kernel>
void decode(std::span<const Code> from, std::span<const std::uint8_t> scales, std::span<float> to,
            Kernel&& kernel) {
  same_blocks(from.size(), to.size(), scales.size());
  by_blocks(from, to, [&](const Code* f, float* t, std::size_t block, std::size_t blocks) {
    kernel(f, scales.data() + block, t, blocks);
  });
}

}  // namespace

void to_mxfp8(std::span<const float> from, std::span<std::uint8_t> to,
              std::span<std::uint8_t> scales, Rounding rounding) {
  encode(from, to, scales, rounding, mx_kernels().to_mxfp8);
}

void from_mxfp8(std::span<const std::uint8_t> from, std::span<const std::uint8_t> scales,
                std::span<float> to) {
  decode(from, scales, to, mx_kernels().from_mxfp8);
}

void to_mxint8(std::span<const float> from, std::span<std::int8_t> to,
               std::span<std::uint8_t> scales, Rounding rounding) {
  encode(from, to, scales, rounding, mx_kernels().to_mxint8);
}

void from_mxint8(std::span<const std::int8_t> from, std::span<const std::uint8_t> scales,
                 std::span<float> to) {
  decode(from, scales, to, mx_kernels().from_mxint8);
}

}  // namespace models
