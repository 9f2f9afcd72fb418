#include "hardware/buffers.h"

#include <gtest/gtest.h>

#include "models/random.h"

namespace {

using hardware::Buffer;

bool overlap(const Buffer& a, const Buffer& b) {
  const bool in_time = a.first <= b.last && b.first <= a.last;
  return a.bytes > 0 && b.bytes > 0 && in_time && a.offset < b.offset + b.bytes &&
         b.offset < a.offset + a.bytes;
}

std::vector<Buffer> random_buffers(models::Random& random, int count) {
  std::vector<Buffer> buffers;
  for (int i = 0; i < count; ++i) {
    const auto first = static_cast<int>(random.below(40));
    const auto last = first + static_cast<int>(random.below(8));
    buffers.push_back({static_cast<std::size_t>(random.below(5000)), first, last, 0});
  }
  return buffers;
}

TEST(Buffers, NeverOverlapWhileBothLive) {
  models::Random random(1);
  for (int round = 0; round < 200; ++round) {
    auto buffers = random_buffers(random, 30);
    const auto total = place(buffers);
    EXPECT_GE(total, live_bytes(buffers));
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      EXPECT_LE(buffers[i].offset + buffers[i].bytes, total);
      EXPECT_EQ(buffers[i].offset % 64, 0U);
      for (std::size_t k = 0; k < i; ++k) EXPECT_FALSE(overlap(buffers[i], buffers[k])) << round;
    }
  }
}

// A chain with branches, as residual networks have: sizes fall, one tensor is kept over each block.
TEST(Buffers, OfAResidualNetworkTakeWhatIsLive) {
  std::vector<Buffer> buffers;
  std::size_t size = 64 * 1000;
  for (int block = 0; block < 8; ++block, size -= 64 * 100) {
    const int start = 3 * block;
    buffers.push_back({size, start, start + 3, 0});
    buffers.push_back({size / 2, start + 1, start + 2, 0});
    buffers.push_back({size / 2, start + 2, start + 3, 0});
  }
  const auto live = live_bytes(buffers);
  EXPECT_LE(place(buffers), live + live / 10);
}

TEST(Buffers, LiveBytesCountWhatTwoActionsShare) {
  EXPECT_EQ(hardware::live_bytes({{100, 0, 1, 0}, {50, 1, 2, 0}, {70, 2, 2, 0}}), 150U);
  EXPECT_EQ(hardware::live_bytes({}), 0U);
}

}  // namespace
