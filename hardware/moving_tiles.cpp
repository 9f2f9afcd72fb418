#include "hardware/moving_tiles.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "hardware/moving_stream.h"

namespace hardware::moving {
namespace {

constexpr std::int64_t line = 64;     ///< bytes of a cache line
constexpr std::int64_t vector = 16;   ///< bytes that every machine of ours moves as one
constexpr std::int64_t columns = 64;  ///< tiles side by side before going down

template <class T>
struct Block {
  static constexpr std::size_t size = vector / sizeof(T);
  typedef T Row __attribute__((vector_size(vector)));
  Row rows[size];
};

template <bool upper, class Row, std::size_t... i>
Row interleaved(Row a, Row b, std::index_sequence<i...>) {
  constexpr std::size_t size = sizeof...(i);
  constexpr std::size_t start = upper ? size / 2 : 0;
  return __builtin_shufflevector(a, b, static_cast<int>(start + i / 2 + (i % 2) * size)...);
}

/// Rows become columns: interleaving the upper with the lower half of the rows, as often as the
/// number of rows can be halved.
template <std::size_t halvings, class T>
Block<T> transposed(const Block<T>& block) {
  if constexpr (halvings == 0) {
    return block;
  } else {
    constexpr std::size_t size = Block<T>::size;
    constexpr auto all = std::make_index_sequence<size>();
    Block<T> next;
    [&]<std::size_t... i>(std::index_sequence<i...>) {
      ((next.rows[2 * i] = interleaved<false>(block.rows[i], block.rows[i + size / 2], all),
        next.rows[2 * i + 1] = interleaved<true>(block.rows[i], block.rows[i + size / 2], all)),
       ...);
    }
    (std::make_index_sequence<size / 2>());
    return transposed<halvings / 2>(next);
  }
}

/// A tile of line x line bytes / sizeof(T), through a small buffer, so that every line of either
/// side is touched at once: lines a power of two apart push each other out of the cache.
template <class T>
void move_tile(const std::byte* from, std::int64_t from_step, std::byte* to, std::int64_t to_step,
               bool streamed) {
  constexpr auto size = static_cast<std::int64_t>(Block<T>::size);
  constexpr auto side = line / static_cast<std::int64_t>(sizeof(T));
  alignas(line) std::byte tile[side * line];
  for (std::int64_t i = 0; i < side; i += size) {
    for (std::int64_t k = 0; k < side; k += size) {
      Block<T> block;
      for (std::int64_t r = 0; r < size; ++r)
        std::memcpy(&block.rows[r],
                    from + (i + r) * from_step + k * static_cast<std::int64_t>(sizeof(T)), vector);
      block = transposed<Block<T>::size / 2>(block);
      for (std::int64_t r = 0; r < size; ++r)
        std::memcpy(tile + (k + r) * line + i * static_cast<std::int64_t>(sizeof(T)),
                    &block.rows[r], vector);
    }
  }
  if (streamed)
    for (std::int64_t k = 0; k < side; ++k) stream_line(to + k * to_step, tile + k * line);
  else
    for (std::int64_t k = 0; k < side; ++k) std::memcpy(to + k * to_step, tile + k * line, line);
}

template <class T>
void move_few(std::int64_t outer, std::int64_t inner, std::int64_t from_step, std::int64_t to_step,
              const std::byte* from, std::byte* to) {
  constexpr auto size = static_cast<std::int64_t>(sizeof(T));
  for (std::int64_t i = 0; i < outer; ++i)
    for (std::int64_t k = 0; k < inner; ++k)
      std::memcpy(to + i * to_step + k * size, from + i * size + k * from_step, sizeof(T));
}

template <class T>
void move_tiles(MovedAxis outer, MovedAxis inner, const std::byte* from, std::byte* to,
                bool streamed) {
  constexpr auto size = static_cast<std::int64_t>(sizeof(T));
  constexpr auto side = line / size;
  streamed = streamed && outer.to % line == 0 && reinterpret_cast<std::uintptr_t>(to) % line == 0;
  const auto whole_outer = outer.count / side * side;
  const auto whole_inner = inner.count / side * side;
  for (std::int64_t start = 0; start < whole_outer; start += columns * side) {
    const auto end = std::min(start + columns * side, whole_outer);
    for (std::int64_t k = 0; k < whole_inner; k += side)
      for (auto i = start; i < end; i += side)
        move_tile<T>(from + i * size + k * inner.from, inner.from, to + i * outer.to + k * size,
                     outer.to, streamed);
    move_few<T>(end - start, inner.count - whole_inner, inner.from, outer.to,
                from + start * size + whole_inner * inner.from,
                to + start * outer.to + whole_inner * size);
  }
  move_few<T>(outer.count - whole_outer, inner.count, inner.from, outer.to,
              from + whole_outer * size, to + whole_outer * outer.to);
}

}  // namespace

TileMover tile_mover(std::size_t element) {
  switch (element) {
    case 1:
      return move_tiles<std::uint8_t>;
    case 2:
      return move_tiles<std::uint16_t>;
    case 4:
      return move_tiles<std::uint32_t>;
    default:
      return move_tiles<std::uint64_t>;
  }
}

}  // namespace hardware::moving
