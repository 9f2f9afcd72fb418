#include "hardware/moving_nest.h"

#include <algorithm>
#include <cstring>

#include "hardware/moving_elements.h"
#include "hardware/moving_tiles.h"

namespace hardware::moving {
namespace {

/// Neighbours stay neighbours; the inner count is in bytes.
void move_runs(const MovedAxis& outer, const MovedAxis& inner, const std::byte* from,
               std::byte* to) {
  for (std::int64_t i = 0; i < outer.count; ++i)
    std::memcpy(to + i * outer.to, from + i * outer.from, static_cast<std::size_t>(inner.count));
}

/// One element to many neighbours.
template <class T>
void repeat(const MovedAxis& outer, const MovedAxis& inner, const std::byte* from, std::byte* to) {
  for (std::int64_t i = 0; i < outer.count; ++i) {
    const auto value = load<T>(from + i * outer.from);
    auto* row = to + i * outer.to;
    for (std::int64_t k = 0; k < inner.count; ++k)
      store(row + k * static_cast<std::int64_t>(sizeof(T)), value);
  }
}

template <class T>
void move_any(const MovedAxis& outer, const MovedAxis& inner, const std::byte* from,
              std::byte* to) {
  for (std::int64_t i = 0; i < outer.count; ++i) {
    const auto* column = from + i * outer.from;
    auto* row = to + i * outer.to;
    for (std::int64_t k = 0; k < inner.count; ++k)
      store(row + k * inner.to, load<T>(column + k * inner.from));
  }
}

/// By element size: 1, 2, 4, 8.
template <template <class> class Pick>
auto by_size(std::size_t size) {
  switch (size) {
    case 1:
      return Pick<std::uint8_t>::leaf;
    case 2:
      return Pick<std::uint16_t>::leaf;
    case 4:
      return Pick<std::uint32_t>::leaf;
    default:
      return Pick<std::uint64_t>::leaf;
  }
}

template <class T>
struct Repeating {
  static constexpr auto leaf = &repeat<T>;
};
template <class T>
struct Moving {
  static constexpr auto leaf = &move_any<T>;
};

}  // namespace

MoveNest::MoveNest(std::size_t element, std::size_t axes) : element_(element) {
  axes_.reserve(axes + 2);
}

void MoveNest::set(std::span<const MovedAxis> axes) {
  join(axes);
  if (empty_) return;
  widen();
  const auto size = static_cast<std::int64_t>(wide_);
  for (auto& axis : axes_) {
    axis.from *= size;
    axis.to *= size;
  }
  choose();
}

void MoveNest::join(std::span<const MovedAxis> axes) {
  axes_.clear();
  empty_ = std::ranges::any_of(axes, [](const MovedAxis& axis) { return axis.count == 0; });
  if (empty_) return;
  for (const auto& axis : axes) {
    if (axis.count == 1) continue;
    if (!axes_.empty() && axes_.back().from == axis.from * axis.count &&
        axes_.back().to == axis.to * axis.count)
      axes_.back() = {axes_.back().count * axis.count, axis.from, axis.to};
    else
      axes_.push_back(axis);
  }
}

/// A few neighbours that stay together are one element of up to 8 bytes.
void MoveNest::widen() {
  wide_ = element_;
  if (axes_.size() < 2 || axes_.back().from != 1 || axes_.back().to != 1) return;
  const auto run = axes_.back().count;
  const auto bytes = run * static_cast<std::int64_t>(element_);
  if (bytes != 2 && bytes != 4 && bytes != 8) return;
  const auto divides = [&](const MovedAxis& axis) {
    return axis.from % run == 0 && axis.to % run == 0;
  };
  if (!std::all_of(axes_.begin(), axes_.end() - 1, divides)) return;
  axes_.pop_back();
  for (auto& axis : axes_) axis = {axis.count, axis.from / run, axis.to / run};
  wide_ = static_cast<std::size_t>(bytes);
}

void MoveNest::choose() {
  const auto size = static_cast<std::int64_t>(wide_);
  if (axes_.empty()) axes_.push_back({1, size, size});
  if (axes_.size() == 1) axes_.insert(axes_.begin(), MovedAxis{});
  auto& inner = axes_.back();
  if (inner.to == size && inner.from == size) {
    inner.count *= size;
    leaf_ = move_runs;
  } else if (inner.to == size && inner.from == 0) {
    leaf_ = by_size<Repeating>(wide_);
  } else {
    leaf_ = by_size<Moving>(wide_);
    // Where rows become columns: these two in tiles, and all else around them.
    const auto row = std::find_if(axes_.begin(), axes_.end() - 1,
                                  [&](const MovedAxis& axis) { return axis.from == size; });
    if (inner.to != size || row == axes_.end() - 1) return;
    std::rotate(row, row + 1, axes_.end() - 1);
    leaf_ = tile_mover(wide_);
  }
}

void MoveNest::run(const std::byte* from, std::byte* to) const {
  if (!empty_) walk(0, from, to);
}

void MoveNest::walk(std::size_t axis, const std::byte* from, std::byte* to) const {
  if (axis + 2 == axes_.size()) {
    leaf_(axes_[axis], axes_[axis + 1], from, to);
    return;
  }
  const auto& own = axes_[axis];
  for (std::int64_t i = 0; i < own.count; ++i) walk(axis + 1, from + i * own.from, to + i * own.to);
}

}  // namespace hardware::moving
