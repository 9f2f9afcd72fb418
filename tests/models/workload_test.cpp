#include "models/workload.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/error.h"

namespace models {
namespace {

using namespace std::chrono_literals;

std::string complaint_about(const Workload& workload) {
  try {
    check(workload);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

Workload with(Workload::Arrivals arrivals) {
  Workload workload;
  workload.arrivals = arrivals;
  return workload;
}

TEST(Arrivals, OfClosedWorkloadsAreNotKnownBefore) {
  EXPECT_TRUE(with(Workload::Arrivals::closed).arrival_times().empty());
}

TEST(Arrivals, AreAPeriodApart) {
  Workload workload = with(Workload::Arrivals::periodic);
  workload.requests = 4;
  workload.period = 3ms;
  EXPECT_EQ(workload.arrival_times(), (std::vector<Time>{0ms, 3ms, 6ms, 9ms}));
}

TEST(Arrivals, FollowTheTraceAsFarAsThereAreRequests) {
  Workload workload = with(Workload::Arrivals::trace);
  workload.requests = 2;
  workload.trace = {1ms, 1ms, 5ms};
  EXPECT_EQ(workload.arrival_times(), (std::vector<Time>{1ms, 1ms}));
}

TEST(Arrivals, OfAPoissonProcessHaveItsMeanAndSpread) {
  Workload workload = with(Workload::Arrivals::poisson);
  workload.requests = 100'000;
  workload.rate = {1000};
  const auto times = workload.arrival_times();
  ASSERT_EQ(times.size(), 100'000u);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  EXPECT_NEAR(seconds(times.back()), 100, 1);
  int short_gaps = 0;  // below ln 2 of the mean: half of an exponential distribution
  for (std::size_t i = 1; i < times.size(); ++i)
    short_gaps += seconds(times[i] - times[i - 1]) < 0.000693147;
  EXPECT_NEAR(short_gaps, 50'000, 600);
}

TEST(Arrivals, RepeatForTheSameSeedOnly) {
  Workload workload = with(Workload::Arrivals::poisson);
  workload.requests = 10;
  workload.rate = {30};
  Workload other = workload;
  other.seed = 2;
  EXPECT_EQ(workload.arrival_times(), workload.arrival_times());
  EXPECT_NE(workload.arrival_times(), other.arrival_times());
  // Fixed, so that another compiler or library cannot change it unseen.
  EXPECT_EQ(workload.arrival_times().front(), Time(4'790'931'239));
}

TEST(Arrivals, BeyondTheRangeOfTimeAreRefused) {
  Workload workload = with(Workload::Arrivals::periodic);
  workload.requests = 1000;
  workload.period = 24h;
  EXPECT_THROW(workload.arrival_times(), InputError);
}

TEST(Workload, NeedsWhatItsArrivalsNeed) {
  EXPECT_EQ(complaint_about({}), "accepted");
  EXPECT_EQ(complaint_about(with(Workload::Arrivals::periodic)),
            "'periodic' arrivals need a 'period'");
  EXPECT_EQ(complaint_about(with(Workload::Arrivals::poisson)), "'poisson' arrivals need a 'rate'");
  EXPECT_EQ(complaint_about(with(Workload::Arrivals::trace)), "'trace' arrivals need a 'trace'");
}

TEST(Workload, RefusesWhatItsArrivalsDoNotUse) {
  Workload workload;
  workload.period = 1ms;
  EXPECT_EQ(complaint_about(workload), "a 'period' is for 'periodic' arrivals only");
  workload = with(Workload::Arrivals::periodic);
  workload.period = 1ms;
  workload.in_flight = 2;
  EXPECT_EQ(complaint_about(workload), "'in_flight' is for 'closed' arrivals only");
}

TEST(Workload, RefusesATraceThatIsShortOrGoesBack) {
  Workload workload = with(Workload::Arrivals::trace);
  workload.requests = 3;
  workload.trace = {1ms, 2ms};
  EXPECT_EQ(complaint_about(workload), "'trace' has 2 instants for 3 requests");
  workload.trace = {1ms, 3ms, 2ms};
  EXPECT_EQ(complaint_about(workload), "'trace' goes back from 3 ms to 2 ms; instants must ascend");
}

TEST(Jitter, StaysWithinItsBounds) {
  double low = 2, high = 0, sum = 0;
  for (int request = 0; request < 100; ++request)
    for (int position = 0; position < 100; ++position) {
      const double factor = jitter_factor(0.2, 1, request, position);
      low = std::min(low, factor), high = std::max(high, factor), sum += factor;
    }
  EXPECT_GE(low, 0.8);
  EXPECT_LT(low, 0.81);
  EXPECT_LE(high, 1.2);
  EXPECT_GT(high, 1.19);
  EXPECT_NEAR(sum / 10'000, 1, 0.005);
  EXPECT_EQ(jitter_factor(0, 1, 2, 3), 1);
}

TEST(Jitter, TellsSeedRequestAndPositionApart) {
  const double factor = jitter_factor(0.2, 1, 2, 3);
  EXPECT_EQ(factor, jitter_factor(0.2, 1, 2, 3));
  EXPECT_NE(factor, jitter_factor(0.2, 1, 3, 2));
  EXPECT_NE(factor, jitter_factor(0.2, 2, 1, 3));
  EXPECT_NE(factor, jitter_factor(0.2, 1, 2, 4));
}

TEST(Jitter, ExponentialHasMeanAndDeviationOne) {
  Workload workload;
  workload.jitter = 1;
  workload.jitter_shape = Workload::JitterShape::exponential;
  double sum = 0, squares = 0, high = 0;
  for (int request = 0; request < 40'000; ++request) {
    const double factor = jitter_factor(workload, request, 3);
    EXPECT_GE(factor, 0);
    sum += factor, squares += factor * factor, high = std::max(high, factor);
  }
  EXPECT_NEAR(sum / 40'000, 1, 0.02);
  EXPECT_NEAR(squares / 40'000, 2, 0.1);
  EXPECT_GT(high, 8);
}

TEST(Jitter, OnlyExponentialFactorsReachZero) {
  Workload workload;
  workload.jitter = 1;
  EXPECT_EQ(complaint_about(workload), "'jitter' must be at least 0 and less than 1");
  workload.jitter_shape = Workload::JitterShape::exponential;
  EXPECT_EQ(complaint_about(workload), "accepted");
}

}  // namespace
}  // namespace models
