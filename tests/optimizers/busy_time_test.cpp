#include "optimizers/busy_time.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "models/random.h"

namespace {

struct Span {
  std::int64_t start, end;
};

/// One span after the other.
std::int64_t plainly(const std::vector<Span>& spans, std::int64_t ready, std::int64_t length) {
  std::int64_t begin = ready;
  for (const auto& span : spans) {
    if (begin + length <= span.start) break;
    begin = std::max(begin, span.end);
  }
  return begin;
}

TEST(BusyTime, FindsTheFirstGapThatIsLongEnough) {
  models::Random random(3);
  for (int round = 0; round < 20; ++round) {
    optimizers::BusyTime busy;
    std::vector<Span> spans;
    for (int k = 0; k < 600; ++k) {
      const auto ready = random.below(4000), length = random.below(round + 2);
      const auto start = plainly(spans, ready, length);
      ASSERT_EQ(busy.earliest(ready, length), start) << "round " << round << ", span " << k;
      if (length == 0) continue;
      busy.take(start, start + length);
      spans.push_back({start, start + length});
      std::sort(spans.begin(), spans.end(),
                [](const Span& a, const Span& b) { return a.start < b.start; });
    }
  }
}

}  // namespace
