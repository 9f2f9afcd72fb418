#include "models/histogram.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "models/random.h"
#include "models/score.h"

namespace {

using models::Histogram;
using models::Random;

constexpr auto greatest = std::numeric_limits<std::int64_t>::max();

/// Expectation and actual side by side for every percentile.
void expect_close(const Histogram& actual, std::vector<std::int64_t> all, const std::string& what) {
  std::ranges::sort(all);
  const auto n = static_cast<std::int64_t>(all.size());
  __extension__ __int128 sum = 0;
  for (const auto each : all) sum += each;
  EXPECT_EQ(actual.count(), n) << what;
  EXPECT_EQ(actual.mean(), static_cast<std::int64_t>(sum / n)) << what;
  EXPECT_EQ(actual.least(), all.front()) << what;
  EXPECT_EQ(actual.largest(), all.back()) << what;
  for (int percent = 1; percent <= 100; ++percent) {
    const auto exact = all[static_cast<std::size_t>(models::percentile_index(n, percent))];
    const auto found = actual.percentile(percent);
    EXPECT_LE(std::abs(static_cast<double>(found - exact)), 0.001 * static_cast<double>(exact))
        << what << ", p" << percent << ": expected " << exact << ", actual " << found;
  }
}

struct Distribution {
  std::string name;
  std::function<std::int64_t(Random&)> draw;
};

std::vector<Distribution> distributions() {
  return {
      {"small", [](Random& random) { return random.below(1500); }},
      {"uniform", [](Random& random) { return random.below(4'000'000'000'000); }},
      {"exponential",
       [](Random& random) {
         return static_cast<std::int64_t>(-1e9 * models::portable_log(1 - random.unit()));
       }},
      {"heavy tail",
       [](Random& random) { return static_cast<std::int64_t>(1e6 / (1 - random.unit())); }},
      {"two peaks",
       [](Random& random) {
         return random.chance(0.95) ? 1'000'000 + random.below(10) : 77'000'000'000;
       }},
      {"equal", [](Random&) { return std::int64_t{123'456'789}; }},
      {"every power of two",
       [](Random& random) {
         return static_cast<std::int64_t>(random.next() >> (1 + random.below(63)));
       }},
  };
}

TEST(Histogram, PercentilesAreWithinATenthOfAPercent) {
  for (const auto& each : distributions())
    for (const int count : {1, 2, 7, 100, 20'000}) {
      Random random(static_cast<std::uint64_t>(count));
      Histogram histogram;
      std::vector<std::int64_t> all;
      for (int i = 0; i < count; ++i) {
        all.push_back(each.draw(random));
        histogram.add(all.back());
      }
      expect_close(histogram, all, each.name + ", " + std::to_string(count));
    }
}

/// Around every power of two, where buckets change their width, and at both ends.
TEST(Histogram, EveryNumberLandsNearItself) {
  const auto check = [](std::int64_t value) {
    Histogram histogram;
    // Neighbours far away, so that least and largest do not help.
    for (const auto each : {std::int64_t{0}, value, greatest}) histogram.add(each);
    expect_close(histogram, {0, value, greatest}, std::to_string(value));
  };
  for (int power = 0; power < 63; ++power)
    for (std::int64_t near = -3; near <= 3; ++near) {
      const auto value = (std::int64_t{1} << power) + near;
      if (value >= 0) check(value);
    }
  for (std::int64_t near = 0; near < 4; ++near) check(greatest - near);
  for (std::int64_t value = 0; value < 5000; value += 7) check(value);
}

TEST(Histogram, NumbersBelow1024AreExact) {
  Histogram histogram;
  for (std::int64_t value = 0; value < 1024; ++value) histogram.add(value);
  for (int percent = 1; percent <= 100; ++percent)
    EXPECT_EQ(histogram.percentile(percent), models::percentile_index(1024, percent));
}

TEST(Histogram, TheSumDoesNotOverflow) {
  Histogram histogram;
  for (int i = 0; i < 1000; ++i) histogram.add(greatest - 1);
  EXPECT_EQ(histogram.mean(), greatest - 1);
}

TEST(Histogram, MergingIsAddingAll) {
  Random random(5);
  Histogram parts[4], whole;
  std::vector<std::int64_t> all;
  for (int i = 0; i < 9000; ++i) {
    const auto value = random.below(1 << random.below(30)) + 1;
    all.push_back(value);
    whole.add(value);
    parts[random.below(3)].add(value);  // the last stays empty
  }
  Histogram merged;
  for (const auto& part : parts) merged.merge(part);
  expect_close(merged, all, "merged");
  for (int percent = 1; percent <= 100; ++percent)
    EXPECT_EQ(merged.percentile(percent), whole.percentile(percent));
}

TEST(Histogram, ClearingForgetsEverything) {
  Histogram histogram;
  EXPECT_EQ(histogram.percentile(50), 0);
  EXPECT_EQ(histogram.mean(), 0);
  for (const std::int64_t value : {1, 1'000'000, 5}) histogram.add(value);
  histogram.clear();
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.least(), 0);
  EXPECT_EQ(histogram.largest(), 0);
  histogram.add(7'000'000);
  expect_close(histogram, {7'000'000}, "after clearing");
}

}  // namespace
