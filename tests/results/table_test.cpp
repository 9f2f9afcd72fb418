#include <gtest/gtest.h>

#include "results/pareto.h"
#include "results/show.h"
#include "results/statistics.h"
#include "results/text_table.h"
#include "tests/results/small_case.h"

namespace {

TEST(TextTable, AlignsNumbersRightAndWordsLeft) {
  results::TextTable table({"name", "time", "note"});
  table.add({"ä", "1.5 ms", ""});
  table.add({"longer", "12.25 ms", "x"});
  EXPECT_EQ(table.text("  "),
            "  name        time  note\n"
            "  ä         1.5 ms\n"
            "  longer  12.25 ms  x\n");
}

TEST(Pareto, KeepsWhatNothingDominates) {
  const std::vector<std::vector<double>> values = {{1, 5}, {2, 2}, {3, 3}, {5, 1}, {2, 2}};
  const std::vector<double> none(5, 0.0);
  EXPECT_EQ(results::pareto_front(values, none), (std::vector<std::size_t>{0, 1, 3}));
}

TEST(Pareto, LimitsComeFirst) {
  const std::vector<std::vector<double>> values = {{1, 1}, {2, 2}, {3, 3}};
  EXPECT_EQ(results::pareto_front(values, std::vector<double>{1, 0, 0}),
            std::vector<std::size_t>{1});
  EXPECT_EQ(results::pareto_front(values, std::vector<double>{3, 2, 2.5}),
            std::vector<std::size_t>{1});
  EXPECT_TRUE(results::pareto_front({}, {}).empty());
}

TEST(Statistics, OfAHandfulOfValues) {
  const auto result = results::statistics(std::vector<double>{2, 4, 4, 4, 5, 5, 7, 9});
  EXPECT_DOUBLE_EQ(result.mean, 5);
  EXPECT_NEAR(result.deviation, 2.138089935, 1e-9);
  EXPECT_EQ(result.least, 2);
  EXPECT_EQ(result.most, 9);
  EXPECT_EQ(results::statistics(std::vector<double>{3}).deviation, 0);
  EXPECT_EQ(results::statistics(std::vector<double>{0.1, 0.1, 0.1}).deviation, 0);
  EXPECT_EQ(results::statistics({}).count, 0u);
}

TEST(Show, SaysWhereTheTimeWent) {
  models::Outcome outcome;
  outcome.devices = {{"npu", {500'000, 0, 0, 250'000, 0, 0, 250'000}, 0, 0, 0, 0, 0, 0}};
  EXPECT_EQ(results::time_text(outcome),
            "device  compute %  convert %  switch %  wait input %  wait memory %  down %  idle %  "
            "slot time\n"
            "npu          50.0        0.0       0.0          25.0            0.0     0.0    25.0  "
            "     1 us\n");
}

TEST(Show, MarksTheBestPlanAndWhatIsEstimated) {
  results::RunFile run;
  run.id = "r1";
  run.goal.objectives = {{models::Metric::accuracy_loss, 1, 1}};
  run.plans.resize(2);
  run.plans[0].label = "one";
  run.plans[1].label = "two";
  run.plans[1].pareto = true;
  run.best = 1;
  const auto text = results::plans_text(run);
  EXPECT_NE(text.find("accuracy loss (estimated)"), std::string::npos) << text;
  EXPECT_NE(text.find("\n*  two"), std::string::npos) << text;
  EXPECT_NE(text.find("\n   one"), std::string::npos) << text;
  EXPECT_EQ(results::pareto_text(run).find("one"), std::string::npos);
  EXPECT_NE(results::runs_text({run}).find("r1"), std::string::npos);
}

TEST(Show, CountsOperatorsPerDevice) {
  const auto text =
      results::placement_text(small_case::plan(), results::names_of(*small_case::problem()));
  EXPECT_EQ(text,
            "device  operators  precisions\n"
            "npu             2  int8 x 2\n"
            "server          1  fp32 x 1\n"
            "link 'd2d' powers 2 lanes\n");
}

}  // namespace
