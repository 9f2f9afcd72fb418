#include "sim/activity_queue.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "models/random.h"

namespace {

using sim::Activity;

/// However many there are, and however they come and go.
TEST(ActivityQueue, GivesTheEarliestFirst) {
  for (const std::int64_t most : {1, 3, 15, 16, 17, 40, 500}) {
    models::Random random(static_cast<std::uint64_t>(most));
    sim::ActivityQueue queue;
    std::set<std::pair<std::int64_t, std::uint64_t>> expected;
    std::int64_t now = 0;
    for (std::uint64_t code = 1; code < 4000; ++code) {
      const auto grows = random.below(2 * most) >= static_cast<std::int64_t>(expected.size());
      if (grows) {
        const auto when = now + random.below(random.chance(0.1) ? 100'000 : 50);
        const auto scrambled = code * 0x9e3779b97f4a7c15;  // ties are not in order of arrival
        queue.push(when, {scrambled});
        expected.emplace(when, scrambled);
        continue;
      }
      ASSERT_FALSE(queue.empty());
      now = queue.when();
      ASSERT_EQ(std::pair(now, queue.activity().code), *expected.begin());
      queue.pop();
      expected.erase(expected.begin());
      ASSERT_EQ(queue.empty(), expected.empty());
    }
    queue.clear();
    EXPECT_TRUE(queue.empty());
  }
}

}  // namespace
