#pragma once

#include <hwy/cache_control.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>

#include "models/precision/float_kernels.h"

namespace models {

inline void same_size(std::size_t from, std::size_t to) {
  if (from != to) throw std::invalid_argument("a conversion needs as many destinations as sources");
}

/// Asks for a part of `bytes` bytes at `at`, page by page in turns: the processor fetches ahead
/// within pages, so that several at once keep more lines on their way than one after the other.
/// Inlined by force: GCC 12 takes a function that only prefetches for one without effect, and drops
/// its calls.
HWY_INLINE void prefetch_pages(const std::byte* at, std::size_t bytes, std::size_t part,
                               std::size_t parts) {
  constexpr std::size_t page = 4096, line = 64;
  const auto share = page / parts;
  for (std::size_t within = part * share; within < (part + 1) * share; within += line)
    for (std::size_t begin = 0; begin < bytes; begin += page) hwy::Prefetch(at + begin + within);
}

/// Lets `kernel(from, to, n)` convert an array of any size. One that is too large for the caches is
/// converted block by block and written past them, as memcpy does: otherwise every line would be
/// read before it is overwritten. Meanwhile the next block is fetched, where reading is most of the
/// work.
template <class From, class To, class Kernel>
void convert_all(std::span<const From> from, std::span<To> to, Kernel&& kernel) {
  same_size(from.size(), to.size());
  constexpr std::size_t large = 4 << 20, line = 64;
  if (to.size_bytes() + from.size_bytes() < large)
    return kernel(from.data(), to.data(), from.size());
  constexpr bool narrows = sizeof(From) > sizeof(To);
  constexpr std::size_t block = narrows ? 8192 : 1024, parts = narrows ? 32 : 1;
  constexpr std::size_t piece = block / parts;
  alignas(64) std::array<To, block> held;
  // Up to a line's begin, so that all further blocks are whole lines.
  const auto head = (line - reinterpret_cast<std::uintptr_t>(to.data()) % line) % line / sizeof(To);
  kernel(from.data(), to.data(), head);
  auto i = head;
  for (; i + block <= from.size(); i += block) {
    const auto* const next = reinterpret_cast<const std::byte*>(from.data() + i + block);
    for (std::size_t part = 0; part < parts; ++part) {
      if constexpr (narrows) prefetch_pages(next, block * sizeof(From), part, parts);
      kernel(from.data() + i + part * piece, held.data() + part * piece, piece);
    }
    float_kernels().stream(reinterpret_cast<const std::byte*>(held.data()),
                           reinterpret_cast<std::byte*>(to.data() + i), block * sizeof(To));
  }
  kernel(from.data() + i, to.data() + i, from.size() - i);
  hwy::FlushStream();
}

/// Calls each(begin, count, run) for parts in which the upper halves of the elements' indices are
/// equal.
template <class Each>
void by_stochastic_run(std::uint64_t seed, std::uint64_t first, std::size_t n, Each&& each) {
  for (std::size_t i = 0; i < n;) {
    const auto index = first + i;
    const auto low = static_cast<std::uint32_t>(index);
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(n - i, (std::uint64_t{1} << 32) - low));
    each(i, count,
         StochasticRun{stochastic_keys(seed, static_cast<std::uint32_t>(index >> 32)), low});
    i += count;
  }
}

}  // namespace models
