#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hardware::moving {

/// One loop of a nest that moves elements. Steps are in elements.
struct MovedAxis {
  std::int64_t count = 1;
  std::int64_t from =
      0;                ///< to the next element where they come from: 0 repeats, below 0 goes back
  std::int64_t to = 0;  ///< to the next element where they go
};

/// Elements of 1, 2, 4 or 8 bytes moved by a nest of loops: what transposing, slicing, repeating,
/// joining and parting tensors come down to. Loops that follow each other in memory become one.
class MoveNest {
 public:
  /// `axes`: as many as will be set at most; set() allocates nothing then.
  explicit MoveNest(std::size_t element, std::size_t axes = 8);
  /// Outermost first, as they lie where they go.
  void set(std::span<const MovedAxis> axes);
  /// From and to the first element of each. They do not overlap.
  void run(const std::byte* from, std::byte* to) const;

 private:
  // By value: what is written may lie anywhere, for all the compiler knows.
  using Leaf = void (*)(MovedAxis outer, MovedAxis inner, const std::byte* from, std::byte* to,
                        bool streamed);
  void join(std::span<const MovedAxis> axes);
  void widen();
  void choose();
  bool choose_tiles();
  void stage();
  void walk(std::size_t axis, const std::byte* from, std::byte* to, std::byte* room) const;
  void pieces(std::size_t axis, const std::byte* from, std::byte* to, std::byte* room) const;

  std::size_t element_;
  std::size_t wide_ = 1;         ///< bytes moved as one element, where neighbours stay together
  std::vector<MovedAxis> axes_;  ///< steps in bytes once set; the leaf does the last two
  bool empty_ = false;
  bool streamed_ = false;
  std::size_t staged_ =
      0;  ///< axis that is done a piece at a time in a room of its own; size: none
  std::int64_t piece_ = 0;  ///< its length
  Leaf leaf_ = nullptr;
};

}  // namespace hardware::moving
