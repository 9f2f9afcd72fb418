#include "hardware/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "models/error.h"
#include "models/random.h"
#include "tests/hardware/running.h"

namespace {

using hardware::Calibration;
using hardware::Range;
using hardware::RangeMethod;
using hardware::Ranges;
using models::ElementType;
using models::TensorValue;

hardware::Observed observed(const std::string& name, const TensorValue& value) {
  return {name, value.type, value.span()};
}

Range range_of(RangeMethod method, const std::vector<TensorValue>& samples,
               double percentile = 99.99) {
  Calibration calibration(method, percentile);
  for (const auto& sample : samples) calibration.take(observed("x", sample), "sample");
  if (calibration.counts())
    for (const auto& sample : samples) calibration.count(observed("x", sample));
  return calibration.ranges().at("x");
}

/// So many numbers of a bell, and one far out.
TensorValue bell_with(double outlier, bool positive = false) {
  models::Random random(3);
  std::vector<double> numbers = {outlier};
  for (int i = 0; i < 20000; ++i) {
    double sum = -6;
    for (int k = 0; k < 12; ++k) sum += random.unit();
    numbers.push_back(positive ? std::abs(sum) : sum);
  }
  return floats({static_cast<std::int64_t>(numbers.size())}, numbers);
}

/// Mean square error of 8 bits with this range.
double error_of(const TensorValue& value, const Range& range) {
  const double codes = range.low < 0 ? 127 : 255;
  const double scale = std::max(-range.low, range.high) / codes;
  double sum = 0;
  for (const double number : numbers_of(value)) {
    const double code =
        std::clamp(std::nearbyint(number / scale), range.low < 0 ? -codes : 0.0, codes);
    sum += (number - code * scale) * (number - code * scale);
  }
  return sum;
}

TEST(Calibration, MinMaxIsOverAllSamples) {
  const auto range = range_of(RangeMethod::minmax,
                              {floats({3}, {1, -2, 0}), floats({2}, {5, 1}), floats({1}, {-1})});
  EXPECT_EQ(range.low, -2);
  EXPECT_EQ(range.high, 5);
}

TEST(Calibration, ConstantZeroHasTheEmptyRange) {
  for (const auto method : {RangeMethod::minmax, RangeMethod::percentile, RangeMethod::mse}) {
    const auto range = range_of(method, {floats({4}, {0, 0, 0, 0})});
    EXPECT_EQ(range.low, 0);
    EXPECT_EQ(range.high, 0);
  }
}

TEST(Calibration, TensorsWithoutElementsHaveTheEmptyRange) {
  const auto range = range_of(RangeMethod::mse, {floats({0}, {})});
  EXPECT_EQ(range.low, 0);
  EXPECT_EQ(range.high, 0);
}

TEST(Calibration, PercentileLeavesOutThatManyOfTheLargest) {
  std::vector<double> numbers;
  for (int i = 0; i <= 1000; ++i) numbers.push_back(i);
  const auto range = range_of(RangeMethod::percentile, {floats({1001}, numbers)}, 90);
  EXPECT_EQ(range.low, 0);
  EXPECT_NEAR(range.high, 900, 1);
  EXPECT_EQ(range_of(RangeMethod::percentile, {floats({1001}, numbers)}, 100).high, 1000);
}

TEST(Calibration, PercentileClipsBothSidesAlike) {
  std::vector<double> numbers = {-3000, 2000};
  for (int i = 0; i < 998; ++i) numbers.push_back(i % 2 == 0 ? 30 : -20);
  const auto range = range_of(RangeMethod::percentile, {floats({1000}, numbers)}, 99);
  EXPECT_NEAR(range.high, 30, 3);
  EXPECT_EQ(range.low, -range.high);
}

TEST(Calibration, LeastErrorIsNotWorseThanMinMaxAndBetterWhereOneIsFarOut) {
  for (const bool positive : {false, true})
    for (const double outlier : {0.0, 5.0, 10.0, 40.0, 1000.0}) {
      const auto value = bell_with(outlier, positive);
      const auto plain = error_of(value, range_of(RangeMethod::minmax, {value}));
      const auto least = error_of(value, range_of(RangeMethod::mse, {value}));
      EXPECT_LE(least, plain * 1.02) << outlier;
      if (outlier == 10) {
        EXPECT_LT(least, plain * 0.98);
      }
    }
}

TEST(Calibration, RangesOfNegativeNumbersStayInOrder) {
  for (const auto method : {RangeMethod::percentile, RangeMethod::mse}) {
    const auto range = range_of(method, {floats({3}, {-5, -4, -3})}, 10);
    EXPECT_LE(range.low, range.high);
    EXPECT_LT(range.high, 0);
  }
}

TEST(Calibration, OtherRealTypesHaveRangesToo) {
  for (const auto type : {ElementType::float64, ElementType::float16, ElementType::bfloat16}) {
    const auto range = range_of(RangeMethod::minmax, {value_of(type, {2}, {-0.5, 4})});
    EXPECT_EQ(range.low, -0.5);
    EXPECT_EQ(range.high, 4);
  }
  Calibration calibration(RangeMethod::minmax);
  calibration.take(observed("x", value_of(ElementType::int64, {1}, {7})), "sample");
  EXPECT_TRUE(calibration.ranges().empty());
}

TEST(Calibration, TheSmallestNumbersAreCounted) {
  const double tiny = std::numeric_limits<float>::denorm_min();
  for (const auto method : {RangeMethod::percentile, RangeMethod::mse})
    EXPECT_LE(range_of(method, {floats({2}, {tiny, 2 * tiny})}).high, 2 * tiny);
}

TEST(Calibration, NamesTensorAndSampleOfWhatIsNotFinite) {
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    Calibration calibration(RangeMethod::minmax);
    try {
      calibration.take(observed("made", floats({3}, {1, bad, 2})), "x.npy, sample 3");
      FAIL();
    } catch (const models::InputError& error) {
      EXPECT_STREQ(error.what(),
                   "x.npy, sample 3: tensor 'made' has elements that are infinite or not a number, "
                   "and so no range; leave this sample out, or keep what makes the tensor in fp32");
    }
  }
}

}  // namespace
