#include "hardware/moving_stream.h"

#include <algorithm>
#include <cstring>
#include <limits>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace hardware::moving {
namespace {

/// Several times the second-level cache of a core; what is smaller may still be there when the next
/// operator reads it.
constexpr std::size_t least_streamed = std::size_t{8} << 20;

}  // namespace

bool streams(std::size_t bytes) {
#ifdef __SSE2__
  return bytes >= least_streamed;
#else
  return bytes == std::numeric_limits<std::size_t>::max();
#endif
}

void stream_line(std::byte* to, const std::byte* from) {
#ifdef __SSE2__
  for (int i = 0; i < 4; ++i)
    _mm_stream_si128(reinterpret_cast<__m128i*>(to) + i,
                     _mm_loadu_si128(reinterpret_cast<const __m128i*>(from) + i));
#else
  std::memcpy(to, from, static_cast<std::size_t>(line));
#endif
}

void stream(std::byte* to, const std::byte* from, std::size_t bytes) {
  constexpr auto size = static_cast<std::size_t>(line);
  const auto over = reinterpret_cast<std::uintptr_t>(to) % size;
  const auto head = std::min(over == 0 ? 0 : size - over, bytes);
  std::memcpy(to, from, head);
  std::size_t done = head;
  for (; done + size <= bytes; done += size) stream_line(to + done, from + done);
  std::memcpy(to + done, from + done, bytes - done);
}

void end_streams() {
#ifdef __SSE2__
  _mm_sfence();
#endif
}

}  // namespace hardware::moving
