#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace optimizers {

/// When a resource is taken: disjoint spans of time, and where between them something still fits.
/// Spans are kept in chunks that know their widest gap, so that a search passes over whole chunks:
/// about the square root of the number of spans.
class BusyTime {
 public:
  void clear() { chunks_.clear(); }

  /// The first instant from `ready` on at which `length` is free.
  std::int64_t earliest(std::int64_t ready, std::int64_t length) const;

  /// Takes [start, end), which is free and not empty.
  void take(std::int64_t start, std::int64_t end);

 private:
  static constexpr std::size_t most = 64;  ///< spans of a chunk before it is split

  struct Span {
    std::int64_t start;
    std::int64_t end;
  };
  struct Chunk {
    std::vector<Span> spans;
    std::int64_t widest = 0;  ///< gap before one of its spans
  };

  void note_gaps(std::size_t chunk);

  std::vector<Chunk> chunks_;  ///< none empty, ascending
};

}  // namespace optimizers
