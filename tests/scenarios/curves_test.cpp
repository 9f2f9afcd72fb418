#include "scenarios/verbs/curves.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "results/csv.h"

namespace scenarios {
namespace {

using results::RunFile;

/// A run that found plans of these costs after 1, 100 and 1000 evaluations, 1000 per second.
RunFile run_of(const std::string& problem, const std::string& optimizer, double first,
               double second, double third) {
  RunFile run;
  run.swept = {{"platform", problem}, {"optimizer.name", optimizer}};
  run.optimizer = optimizer;
  run.evaluations = 1000;
  run.seconds = 1;
  run.trace = {{1, first, 0, {}}, {100, second, 0, {}}, {1000, third, 0, {}}};
  return run;
}

TEST(Curves, AreMeansOverSeedsOfWhatWasFoundByThen) {
  const auto rows = curve_rows({run_of("a", "x", 9, 4, 2), run_of("a", "x", 9, 6, 2)});
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(rows[0].effort, 100);
  EXPECT_EQ(rows[0].cost.mean, 5);
  EXPECT_DOUBLE_EQ(rows[0].cost.deviation * rows[0].cost.deviation, 2);
  EXPECT_EQ(rows[1].effort, 300);
  EXPECT_EQ(rows[1].cost.mean, 5) << "nothing better yet";
  EXPECT_EQ(rows[2].cost.mean, 2);
  EXPECT_TRUE(rows[3].in_seconds);
  EXPECT_EQ(rows[3].effort, 0.1);
  EXPECT_EQ(rows[3].cost.mean, 5) << "100 evaluations take so long";
}

TEST(Curves, KnowWhatARunHadByTheSecond) {
  auto run = run_of("a", "x", 9, 4, 2);
  run.seconds = 10;
  run.curve = {{1, 0.01, 9, 0}, {50, 1, 9, 0}, {900, 9, 4, 0}};
  const auto rows = curve_rows({run, run});
  const auto after = [&](double seconds) {
    return std::ranges::find_if(
               rows, [&](const CurveRow& row) { return row.in_seconds && row.effort == seconds; })
        ->cost.mean;
  };
  EXPECT_EQ(after(1), 9) << "slow at first";
  EXPECT_EQ(after(3), 4) << "at its mean speed it would have had all that before";
  EXPECT_EQ(after(10), 2);
}

TEST(Curves, SayNothingOfARunAfterItWasCutShort) {
  auto cut = run_of("a", "x", 9, 4, 2), whole = run_of("a", "y", 9, 5, 3);
  cut.evaluations = 200;
  cut.interrupted = true;
  const auto text = curves_text(curve_rows({cut, whole}));
  EXPECT_NE(text.find("| x | **4** | cut short | cut short |"), std::string::npos) << text;
  EXPECT_NE(text.find("| y | 5 | **5** | **3** |"), std::string::npos) << text;
}

TEST(Curves, SayHowFarEachIsBehindTheBestOfItsProblem) {
  // The optimizer is swept first: problems are held together all the same.
  const auto rows = curve_rows({run_of("a", "x", 9, 4, 2), run_of("b", "x", 900, 400, 200),
                                run_of("a", "y", 9, 5, 1), run_of("b", "y", 900, 100, 100)});
  ASSERT_EQ(rows.size(), 24u);
  for (const auto& row : rows) {
    const bool a = row.problem.front().value == "a", x = row.optimizer == "x";
    if (row.in_seconds) continue;
    const double expected = row.effort < 1000 ? (a ? (x ? 0 : 0.25) : (x ? 3 : 0)) : (x ? 1 : 0);
    EXPECT_DOUBLE_EQ(row.behind, expected)
        << row.problem.front().value << row.optimizer << row.effort;
  }
}

TEST(Curves, HaveNoMeanWhereASeedHasNoPlanYet) {
  auto late = run_of("a", "x", 9, 4, 2);
  late.trace[0].violation = late.trace[1].violation = 1;
  const auto rows = curve_rows({run_of("a", "x", 9, 4, 2), late, run_of("a", "y", 9, 9, 9)});
  EXPECT_EQ(rows[0].cost.count, 0u);
  EXPECT_EQ(rows[2].cost.count, 2u);
  EXPECT_EQ(rows[6].behind, 0) << "the others are compared all the same";
}

TEST(Curves, AreMarkdown) {
  auto slow = run_of("a", "portfolio", 9, 5, 1);
  auto quick = run_of("a", "x", 9, 4, 2);
  slow.seconds = quick.seconds = 0.1;
  const auto deviates = curves_text(curve_rows({quick, run_of("a", "x", 9, 6, 2), slow}));
  EXPECT_NE(deviates.find("| x | **5** ± 28.3 % |"), std::string::npos) << deviates;
  EXPECT_EQ(curves_text(curve_rows({quick, slow})),
            "a\n\n"
            "| after | 100 | 300 | 1 k | 0.1 s |\n"
            "|---|---|---|---|---|\n"
            "| x | **4** | **4** | 2 | 2 |\n"
            "| portfolio | 5 | 5 | **1** | **1** |\n"
            "| *portfolio is behind by* | 25 % | 25 % | 0 % | 0 % |\n");
}

TEST(Curves, AreATable) {
  auto run = run_of("a", "x", 9, 4, 2);
  run.evaluations = 100;
  run.seconds = 0.01;
  EXPECT_EQ(results::csv(curves_table(curve_rows({run, run}))),
            "platform,optimizer,effort in,effort,seeds,mean cost,deviation,behind\r\n"
            "a,x,evaluations,100,2,4,0,0\r\n"
            "a,x,seconds,0.01,2,4,0,0\r\n");
}

TEST(Curves, EndWithAllEffort) {
  auto run = run_of("a", "x", 9, 4, 2), other = run_of("a", "y", 9, 4, 3);
  run.evaluations = other.evaluations = 4500;
  run.seconds = other.seconds = 0.25;
  EXPECT_EQ(curves_text(curve_rows({run, other})),
            "a\n\n"
            "| after | 100 | 300 | 1 k | 3 k | 4.5 k | 0.1 s | 0.25 s |\n"
            "|---|---|---|---|---|---|---|---|\n"
            "| x | **4** | **4** | **2** | **2** | **2** | "
            "**2** | **2** |\n"
            "| y | **4** | **4** | 3 | 3 | 3 | 3 | 3 |\n");
}

TEST(Curves, OfOneRunBeginWithItsFirstPlan) {
  auto run = run_of("a", "x", 9, 4, 2);
  run.evaluations = 40;
  run.seconds = 0.004;
  EXPECT_EQ(curves_text(curve_rows({run})),
            "a\n\n"
            "| after | 1 | 3 | 10 | 30 | 40 | 1 ms | 3 ms | 4 ms |\n"
            "|---|---|---|---|---|---|---|---|---|\n"
            "| x | **9** | **9** | **9** | **9** | **9** | "
            "**9** | **9** | **9** |\n");
}

}  // namespace
}  // namespace scenarios
