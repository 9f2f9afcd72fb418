#pragma once

#include <cstddef>
#include <cstdint>

namespace hardware::moving {

/// Bytes of a cache line.
inline constexpr std::int64_t line = 64;

/// Whether an output of that many bytes is written past the caches: it would not stay in them, and
/// lines need not be read before they are written.
bool streams(std::size_t bytes);

/// A memcpy past the caches. What is neither a whole line nor aligned to one goes through them.
void stream(std::byte* to, const std::byte* from, std::size_t bytes);
/// One line; `to` is aligned to it.
void stream_line(std::byte* to, const std::byte* from);
/// To be called before others may read what was streamed.
void end_streams();

/// Asks for the line `offset` bytes further on, which may lie anywhere, even outside.
inline void foresee(const std::byte* from, std::int64_t offset) {
  const auto place = reinterpret_cast<std::uintptr_t>(from) + static_cast<std::uintptr_t>(offset);
  __builtin_prefetch(reinterpret_cast<const void*>(place));
}

/// Writes an output from its start to its end in small pieces, which reach memory as whole lines.
class LineWriter {
 public:
  explicit LineWriter(std::byte* to) : to_(to) {}
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;
  ~LineWriter() {
    flush();
    end_streams();
  }
  /// Most bytes of a piece.
  static constexpr std::size_t most = 8192;
  /// Where to write the next piece.
  std::byte* room(std::size_t bytes) {
    if (used_ + bytes > most) flush();
    auto* const place = held_ + used_;
    used_ += bytes;
    return place;
  }

 private:
  void flush() {
    stream(to_, held_, used_);
    to_ += used_;
    used_ = 0;
  }

  alignas(64) std::byte held_[most];
  std::byte* to_;
  std::size_t used_ = 0;
};

}  // namespace hardware::moving
