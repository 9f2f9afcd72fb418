#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/fine.h"

namespace sim {

/// Ends that move: a heap that knows where each item is. Items are small numbers from 0.
class EndQueue {
 public:
  struct End {
    Fine when;
    std::int32_t item = 0;
  };

  void clear();
  bool empty() const { return heap_.empty(); }
  const End& front() const { return heap_.front(); }
  /// In no particular order.
  std::span<const End> all() const { return heap_; }
  /// Puts an item in, or gives it another end.
  void set(std::int32_t item, Fine when);
  /// Takes an item out that is in.
  void remove(std::int32_t item);

 private:
  static constexpr std::int32_t nowhere = -1;
  void up(std::size_t place, End end);
  void down(std::size_t place, End end);
  void put(std::size_t place, const End& end);

  std::vector<End> heap_;
  std::vector<std::int32_t> place_;  ///< [item] in the heap
};

}  // namespace sim
