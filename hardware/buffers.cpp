#include "hardware/buffers.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <new>
#include <numeric>

namespace hardware {
namespace {

constexpr std::size_t alignment = 64;

std::size_t aligned(std::size_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

}  // namespace

Memory64::Memory64(std::size_t bytes) : size_(bytes) {
  if (bytes == 0) return;
  bytes_.reset(static_cast<std::byte*>(std::aligned_alloc(alignment, aligned(bytes))));
  if (bytes_ == nullptr) throw std::bad_alloc();
}

void Memory64::Free::operator()(std::byte* bytes) const {
  std::free(bytes);
}

std::size_t place(std::vector<Buffer>& buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return buffers[a].bytes > buffers[b].bytes; });
  std::vector<std::size_t> placed;  // by offset
  std::size_t total = 0;
  for (const auto index : order) {
    auto& buffer = buffers[index];
    const auto size = aligned(buffer.bytes);
    std::size_t end = 0, best = 0;
    bool found = false;
    std::size_t smallest = 0;
    for (const auto other : placed) {
      const auto& it = buffers[other];
      if (it.first > buffer.last || it.last < buffer.first) continue;
      if (it.offset >= end + size && (!found || it.offset - end < smallest)) {
        found = true;
        smallest = it.offset - end;
        best = end;
      }
      end = std::max(end, it.offset + aligned(it.bytes));
    }
    buffer.offset = found ? best : end;
    total = std::max(total, buffer.offset + size);
    const auto after = std::ranges::upper_bound(
        placed, buffer.offset, {}, [&](std::size_t other) { return buffers[other].offset; });
    placed.insert(after, index);
  }
  return total;
}

std::size_t live_bytes(const std::vector<Buffer>& buffers) {
  std::map<int, std::ptrdiff_t> changes;
  for (const auto& buffer : buffers) {
    changes[buffer.first] += static_cast<std::ptrdiff_t>(buffer.bytes);
    changes[buffer.last + 1] -= static_cast<std::ptrdiff_t>(buffer.bytes);
  }
  std::ptrdiff_t live = 0, most = 0;
  for (const auto& [when, change] : changes) most = std::max(most, live += change);
  return static_cast<std::size_t>(most);
}

}  // namespace hardware
