#include "hardware/moving_nest.h"

#include <algorithm>
#include <cstring>

#include "hardware/moving_elements.h"
#include "hardware/moving_stream.h"
#include "hardware/moving_tiles.h"

namespace hardware::moving {
namespace {

/// Neighbours stay neighbours; the inner count is in bytes.
void move_runs(MovedAxis outer, MovedAxis inner, const std::byte* from, std::byte* to,
               bool streamed) {
  const auto bytes = static_cast<std::size_t>(inner.count);
  for (std::int64_t i = 0; i < outer.count; ++i) {
    // Short runs far apart are not foreseen by the processor.
    foresee(from, (i + 12) * outer.from);
    if (streamed)
      stream(to + i * outer.to, from + i * outer.from, bytes);
    else
      std::memcpy(to + i * outer.to, from + i * outer.from, bytes);
  }
}

/// One element to many neighbours.
template <class T>
void repeat(MovedAxis outer, MovedAxis inner, const std::byte* from, std::byte* to, bool) {
  for (std::int64_t i = 0; i < outer.count; ++i) {
    const auto value = load<T>(from + i * outer.from);
    auto* row = to + i * outer.to;
    for (std::int64_t k = 0; k < inner.count; ++k)
      store(row + k * static_cast<std::int64_t>(sizeof(T)), value);
  }
}

template <class T>
void move_any(MovedAxis outer, MovedAxis inner, const std::byte* from, std::byte* to, bool) {
  for (std::int64_t i = 0; i < outer.count; ++i) {
    const auto* column = from + i * outer.from;
    auto* row = to + i * outer.to;
    for (std::int64_t k = 0; k < inner.count; ++k)
      store(row + k * inner.to, load<T>(column + k * inner.from));
  }
}

/// Every `step`th element of a row, or backwards.
template <class T, int step>
void skip(MovedAxis outer, MovedAxis inner, const std::byte* from, std::byte* to, bool) {
  constexpr auto size = static_cast<std::int64_t>(sizeof(T));
  for (std::int64_t i = 0; i < outer.count; ++i) {
    const auto* const column = from + i * outer.from;
    auto* const row = to + i * outer.to;
    for (std::int64_t k = 0; k < inner.count; ++k)
      store(row + k * size, load<T>(column + k * step * size));
  }
}

/// `count` neighbours of one row each, from as many rows.
template <class T, int count>
void interleave(MovedAxis outer, MovedAxis inner, const std::byte* from, std::byte* to, bool) {
  constexpr auto size = static_cast<std::int64_t>(sizeof(T));
  for (std::int64_t i = 0; i < outer.count; ++i)
    for (int k = 0; k < count; ++k)
      store(to + (i * count + k) * size, load<T>(from + k * inner.from + i * size));
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

template <int step>
struct Skipping {
  template <class T>
  struct Of {
    static constexpr auto leaf = &skip<T, step>;
  };
};
template <int count>
struct Interleaving {
  template <class T>
  struct Of {
    static constexpr auto leaf = &interleave<T, count>;
  };
};

/// Bytes of the room in which pieces are made: well inside the first-level cache.
constexpr std::int64_t room_bytes = 8192;
/// Runs of that many bytes are streamed on their own.
constexpr std::int64_t long_run = 1024;

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
  std::int64_t bytes = size;
  for (const auto& axis : axes_) bytes *= axis.count;
  streamed_ = streams(static_cast<std::size_t>(bytes));
  staged_ = axes_.size();
  auto& inner = axes_.back();
  const auto& outer = axes_[axes_.size() - 2];
  if (inner.to == size && inner.from == size) {
    inner.count *= size;
    leaf_ = move_runs;
    if (streamed_ && inner.count < long_run) stage();
    return;
  }
  const bool rows = outer.from == size && outer.to == size * inner.count && inner.to == size;
  if (choose_tiles()) return;
  if (inner.to == size && inner.from == 0)
    leaf_ = by_size<Repeating>(wide_);
  else if (rows && inner.count == 2)
    leaf_ = by_size<Interleaving<2>::Of>(wide_);
  else if (rows && inner.count == 3)
    leaf_ = by_size<Interleaving<3>::Of>(wide_);
  else if (rows && inner.count == 4)
    leaf_ = by_size<Interleaving<4>::Of>(wide_);
  else if (inner.to == size && inner.from == 2 * size)
    leaf_ = by_size<Skipping<2>::Of>(wide_);
  else if (inner.to == size && inner.from == -size)
    leaf_ = by_size<Skipping<-1>::Of>(wide_);
  else
    leaf_ = by_size<Moving>(wide_);
  if (streamed_) stage();
}

/// Where rows become columns, and both are longer than a line: these two in tiles, and all else
/// around them.
bool MoveNest::choose_tiles() {
  const auto size = static_cast<std::int64_t>(wide_);
  const auto row = std::find_if(axes_.begin(), axes_.end() - 1, [&](const MovedAxis& axis) {
    return axis.from == size && axis.count * size >= line;
  });
  const auto& inner = axes_.back();
  if (inner.to != size || inner.from == 0 || inner.count * size < line || row == axes_.end() - 1)
    return false;
  std::rotate(row, row + 1, axes_.end() - 1);
  leaf_ = tile_mover(wide_);
  return true;
}

/// Which axis to do in pieces: as many bytes as there is room for that follow each other.
void MoveNest::stage() {
  const bool in_bytes = leaf_ == move_runs;
  std::int64_t bytes = in_bytes ? 1 : static_cast<std::int64_t>(wide_);
  for (auto axis = axes_.size(); axis-- > 0;) {
    const auto& own = axes_[axis];
    const bool follows =
        own.to == bytes || own.count == 1 || (in_bytes && axis + 1 == axes_.size());
    if (!follows) break;
    staged_ = axis;
    piece_ = room_bytes / bytes;
    if (own.count > piece_) break;
    bytes *= own.count;
  }
}

void MoveNest::run(const std::byte* from, std::byte* to) const {
  if (empty_) return;
  alignas(64) std::byte room[room_bytes];
  walk(0, from, to, room);
  if (streamed_) end_streams();
}

void MoveNest::walk(std::size_t axis, const std::byte* from, std::byte* to, std::byte* room) const {
  const auto& own = axes_[axis];
  if (axis == staged_) {
    pieces(axis, from, to, room);
  } else if (axis + 2 < axes_.size() || axis + 1 == staged_) {
    for (std::int64_t i = 0; i < own.count; ++i)
      walk(axis + 1, from + i * own.from, to + i * own.to, room);
  } else {
    leaf_(own, axes_[axis + 1], from, to, streamed_ && room != nullptr);
  }
}

void MoveNest::pieces(std::size_t axis, const std::byte* from, std::byte* to,
                      std::byte* room) const {
  auto piece = axes_[axis];
  const bool last = axis + 1 == axes_.size();
  const auto from_step = last && leaf_ == move_runs ? 1 : piece.from;
  const auto to_step = last && leaf_ == move_runs ? 1 : piece.to;
  for (std::int64_t i = 0; i < axes_[axis].count; i += piece_) {
    piece.count = std::min(piece_, axes_[axis].count - i);
    const auto* const start = from + i * from_step;
    if (last)
      leaf_(MovedAxis{}, piece, start, room, false);
    else if (axis + 2 == axes_.size())
      leaf_(piece, axes_[axis + 1], start, room, false);
    else
      for (std::int64_t k = 0; k < piece.count; ++k)
        walk(axis + 1, start + k * from_step, room + k * to_step, nullptr);
    stream(to + i * to_step, room, static_cast<std::size_t>(piece.count * to_step));
  }
}

}  // namespace hardware::moving
