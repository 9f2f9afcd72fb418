#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace hardware {

/// Memory for one purpose, aligned to 64 bytes, and as large as it says.
class Memory64 {
 public:
  Memory64() = default;
  explicit Memory64(std::size_t bytes);
  std::byte* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(std::byte* bytes) const;
  };
  std::unique_ptr<std::byte, Free> bytes_;
  std::size_t size_ = 0;
};

/// What is stored from when to when. Times are positions in the list of actions.
struct Buffer {
  std::size_t bytes = 0;
  int first = 0;           ///< written by this action
  int last = 0;            ///< read by this action at the latest
  std::size_t offset = 0;  ///< where it lies, found by place()
};

/// Finds offsets, multiples of 64, such that buffers that live at the same time do not overlap; the
/// largest first, each in the smallest gap that holds it (Pisarchyk & Lee, Efficient Memory
/// Management for Deep Neural Net Inference, 2020). Answers the bytes needed in all.
std::size_t place(std::vector<Buffer>& buffers);

/// The largest sum of bytes of buffers that live at the same time: what no placing can go below.
std::size_t live_bytes(const std::vector<Buffer>& buffers);

}  // namespace hardware
