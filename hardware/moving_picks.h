#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hardware/moving.h"

namespace hardware::moving {

/// A tensor made of another by choosing along each axis apart: output place i of axis a shows the
/// input's place sources(a)[i], or nothing where that is negative. Of padding and of resizing to
/// the nearest.
class AxisPicks {
 public:
  /// Shapes of equal rank; elements of that many bytes.
  AxisPicks(models::Shape from, models::Shape to, std::size_t element);
  /// To be written, then settled.
  std::vector<std::int64_t>& sources(std::size_t axis) { return sources_[axis]; }
  void settle();
  /// Where there is nothing to show, `otherwise`.
  void run(const std::byte* from, std::byte* to, const Element& otherwise) const;
  std::size_t held() const;  ///< bytes of tables

 private:
  bool is_whole(std::size_t axis) const;
  void find_stretch();
  /// `put` says where bytes of the output go, piece by piece, and how they get there; `copy` moves
  /// what is between two neighbours on the last axis that is not as in the input.
  template <class Put, class Copy>
  void walk(std::size_t axis, const std::byte* from, const Element& otherwise, Put& put,
            Copy copy) const;
  template <class Copy>
  void row(const std::byte* from, std::byte* to, const Element& otherwise, Copy copy) const;
  template <class Copy>
  void some(std::int64_t begin, std::int64_t end, const std::byte* from, std::byte* to,
            const Element& otherwise, Copy copy) const;

  models::Shape from_;
  models::Shape to_;
  models::Shape from_bytes_;  ///< between neighbours
  models::Shape to_bytes_;
  std::size_t element_;
  std::vector<std::vector<std::int64_t>> sources_;  ///< [axis][output place]
  std::size_t inner_ = 0;     ///< axes from here on are as in the input: one run
  std::int64_t run_ = 0;      ///< its bytes
  std::int64_t first_ = 0;    ///< where the longest stretch of neighbours is, on the axis before
  std::int64_t stretch_ = 0;  ///< and how many they are
};

}  // namespace hardware::moving
