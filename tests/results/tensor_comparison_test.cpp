#include "results/tensor_comparison.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/hardware/running.h"

namespace {

using results::compare;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(TensorComparison, IsInsideUpToBothTolerances) {
  const auto reference = floats({4}, {100, -100, 0, 1});
  EXPECT_TRUE(compare(floats({4}, {100.09, -100.09, 0, 1}), reference, 1e-3, 0).holds());
  const auto off = compare(floats({4}, {100, -100.2, 0, 1}), reference, 1e-3, 0);
  EXPECT_EQ(off.outside, 1);
  EXPECT_EQ(off.first_outside, 1);
  EXPECT_NEAR(off.largest_absolute, 0.2, 1e-5);
  EXPECT_NEAR(off.largest_relative, 0.002, 1e-7);
  EXPECT_TRUE(compare(floats({4}, {100, -100, 0.5, 1}), reference, 0, 0.5).holds());
}

TEST(TensorComparison, NotANumberEqualsOnlyItself) {
  EXPECT_TRUE(compare(floats({2}, {nan, 1}), floats({2}, {nan, 1}), 0, 0).holds());
  const auto lost = compare(floats({2}, {nan, 1}), floats({2}, {2, 1}), 1e-3, 1e-7);
  EXPECT_EQ(lost.outside, 1);
  EXPECT_EQ(lost.largest_absolute, infinity);
  EXPECT_EQ(lost.signal_to_noise_db, -infinity);
  EXPECT_FALSE(compare(floats({1}, {1}), floats({1}, {nan}), 1, 1).holds());
}

TEST(TensorComparison, InfinityEqualsOnlyItself) {
  EXPECT_TRUE(compare(floats({1}, {infinity}), floats({1}, {infinity}), 0, 0).holds());
  EXPECT_FALSE(compare(floats({1}, {-infinity}), floats({1}, {infinity}), 1, 1).holds());
  EXPECT_FALSE(compare(floats({1}, {1e30}), floats({1}, {infinity}), 1, 1).holds());
}

TEST(TensorComparison, SignalToNoiseIsInDecibel) {
  const auto it = compare(floats({2}, {1.1, 0.9}), floats({2}, {1, 1}), 1, 1);
  EXPECT_NEAR(it.signal_to_noise_db, 20, 1e-4);
  EXPECT_EQ(compare(floats({1}, {1}), floats({1}, {1}), 0, 0).signal_to_noise_db, infinity);
}

TEST(TensorComparison, RanksRowsByTheirLargestElement) {
  const auto reference = floats({3, 6}, {0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0, 0, 0, 9, 0, 0, 0});
  const auto ours = floats({3, 6}, {0, 1, 2, 3, 5, 4, 0, 1, 2, 3, 4, 5, 0, 0, 9, 0, 0, 0});
  const auto it = compare(ours, reference, 10, 10);
  EXPECT_EQ(it.rows, 3);
  EXPECT_EQ(it.top_1, 1);
  EXPECT_EQ(it.top_5, 2);
}

TEST(TensorComparison, BrokenRowsAgreeWithNothing) {
  const auto reference = floats({1, 6}, {0, 1, 2, 3, 4, 5});
  EXPECT_EQ(compare(floats({1, 6}, {0, 0, 0, 0, 0, 0}), reference, 1, 1).top_5, 0);
  EXPECT_EQ(compare(floats({1, 6}, {nan, nan, nan, nan, nan, nan}), reference, 1, 1).top_5, 0);
}

TEST(TensorComparison, SaysWhatDoesNotMatch) {
  EXPECT_EQ(compare(floats({2}, {1, 1}), floats({1, 2}, {1, 1}), 1, 1).mismatch,
            "2 float32, the reference is 1x2 float32");
}

}  // namespace
