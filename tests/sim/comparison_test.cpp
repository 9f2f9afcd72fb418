#include "sim/comparison.h"

#include <gtest/gtest.h>

#include "sim/event_engine.h"
#include "tests/sim/late_kernel.h"
#include "tests/sim/random_case.h"

namespace {

/// A second engine whose kernel is late by so many picoseconds.
class LateEngine final : public sim::SecondEngine {
 public:
  explicit LateEngine(std::int64_t late) : kernel_(late) {}
  void run(const sim::Job& job, sim::Tally& tally, sim::Observer* observer) override {
    control_.run(job, kernel_, tally, observer);
  }
  std::vector<sim::KernelLog::End> replay(const sim::KernelLog& log) override {
    return replayed(log, kernel_);
  }

 private:
  LateKernel kernel_;
  sim::Control control_;
};

sim::Verdict verdict(std::int64_t late) {
  const auto example = random_case::make(2, {.jitter = false, .tight = false});
  LateEngine engine(late);
  sim::Workbench bench(*example.problem);
  return sim::Comparison(engine).compare(bench.prepare(example.plan));
}

TEST(Comparison, EqualKernelsAgreeToThePicosecond) {
  const auto found = verdict(0);
  EXPECT_TRUE(found.agreement.holds());
  EXPECT_EQ(found.agreement.worst, 0);
  EXPECT_GT(found.agreement.compared, 100);
  EXPECT_EQ(found.difference(), 0);
}

TEST(Comparison, WhatAddsUpIsWithinTheLawOnceDecisionsAreEqual) {
  const auto found = verdict(1);
  EXPECT_FALSE(found.agreement.holds());
  EXPECT_TRUE(found.near_tie);
  EXPECT_TRUE(found.holds());
  EXPECT_EQ(found.forced.worst, 1);
}

TEST(Comparison, AFaultIsNoTie) {
  const auto found = verdict(1000);
  EXPECT_FALSE(found.holds());
  EXPECT_EQ(found.forced.worst, 1000);
  EXPECT_NE(found.agreement.first_beyond.find(" ps on the first, at "), std::string::npos)
      << found.agreement.first_beyond;
}

TEST(Agreement, TheLawIsTwoPicosecondsAndABillionth) {
  const auto holds = [](std::int64_t a, std::int64_t b) {
    sim::Agreement agreement;
    agreement.add(a, b, [] { return std::string("it"); });
    return agreement.holds();
  };
  EXPECT_TRUE(holds(1000, 1002));
  EXPECT_FALSE(holds(1000, 1003));
  EXPECT_TRUE(holds(1'000'000'000'000, 1'000'000'001'000));
  EXPECT_FALSE(holds(1'000'000'000'000, 1'000'000'002'000));
}

TEST(Agreement, TheEarliestDifferenceIsTold) {
  sim::Agreement agreement;
  agreement.add(900, 950, [] { return std::string("late"); });
  agreement.add(100, 150, [] { return std::string("early"); });
  agreement.add_missing(500, [] { return std::string("missing"); });
  EXPECT_EQ(agreement.beyond, 3);
  EXPECT_EQ(agreement.first_beyond, "early at 100 ps on the first, at 150 ps on the second");
}

}  // namespace
