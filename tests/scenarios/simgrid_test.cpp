#include <cstdlib>

#include "results/run_file.h"
#include "sim/simgrid_check.h"
#include "workspace.h"

namespace scenarios {
namespace {

/// Runs with SimGrid as it was built, with a faulty one, and without.
class SimgridRuns : public Workspace {
 protected:
  void SetUp() override {
    if (!sim::SimgridCheck::is_there()) GTEST_SKIP() << "partwise-simgrid is not built";
  }
  void TearDown() override { ::unsetenv("PARTWISE_SIMGRID"); }

  static void use(const std::string& program) { ::setenv("PARTWISE_SIMGRID", program.c_str(), 1); }
  static std::string faulty() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "faulty_simgrid";
  }
  std::string small() const {
    return scenario("optimizer: {name: random, budget: 40}\nfinalists: 2\n");
  }
  results::RunFile only_run(const std::string& folder) const {
    return results::read_run(results::run_files(path(folder)).at(0));
  }
};

TEST_F(SimgridRuns, TheBestPlansAreCheckedAndTheDifferenceIsKept) {
  const auto answer = partwise({"run", small(), "--out", path("out")});
  ASSERT_EQ(answer.code, 0) << answer.err;
  EXPECT_NE(answer.out.find("\nChecked on SimGrid\n  3 plans simulated on both; largest relative "
                            "difference of an instant: 0\n"),
            std::string::npos)
      << answer.out;
  EXPECT_NE(partwise({"show", path("out")}).out.find("\nChecked on SimGrid\n"), std::string::npos);
  int checked = 0;
  for (const auto& plan : only_run("out").plans) {
    EXPECT_EQ(plan.simgrid_difference >= 0, plan.simulated) << plan.label;
    if (plan.simgrid_difference < 0) continue;
    ++checked;
    EXPECT_LE(plan.simgrid_difference, 1e-9);
  }
  EXPECT_EQ(checked, 3);
}

TEST_F(SimgridRuns, AnAuditTakesTheSameShareEachTime) {
  ASSERT_EQ(partwise({"run", small(), "--out", path("a"), "--audit", "0.25"}).code, 0);
  ASSERT_EQ(partwise({"run", small(), "--out", path("b"), "--audit", "0.25"}).code, 0);
  const auto audit = only_run("a").audit;
  EXPECT_GT(audit.plans, 0);
  EXPECT_LT(audit.plans, 30);
  EXPECT_EQ(audit.disagreements, 0);
  EXPECT_EQ(audit, only_run("b").audit);
}

TEST_F(SimgridRuns, ADisagreementEndsWith4AndThePlanIsWrittenDown) {
  use(faulty());
  const auto answer = partwise({"run", small(), "--out", path("out"), "--audit", "1"});
  EXPECT_EQ(answer.code, 4);
  EXPECT_NE(answer.err.find("the engines disagree on plan best: "), std::string::npos)
      << answer.err;
  const auto record = only_run("out");
  EXPECT_GT(record.audit.disagreements, 4);
  std::vector<std::filesystem::path> plans;
  for (const auto& each : std::filesystem::directory_iterator(path("out") + "/disagreements"))
    plans.push_back(each.path());
  EXPECT_EQ(std::ssize(plans), record.audit.disagreements);
  ::unsetenv("PARTWISE_SIMGRID");
  EXPECT_EQ(partwise({"simulate", small(), "--plan", plans.front().string()}).code, 0);
}

TEST_F(SimgridRuns, WithoutItARunSaysSoOnceAndGoesOn) {
  use("/nowhere/partwise-simgrid");
  const auto answer = partwise({"run", small(), "--out", path("out")});
  EXPECT_EQ(answer.code, 0);
  const std::string words = "SimGrid not built: plans are not checked on it";
  const auto first = answer.err.find(words);
  ASSERT_NE(first, std::string::npos) << answer.err;
  EXPECT_EQ(answer.err.find(words, first + 1), std::string::npos);
  EXPECT_EQ(answer.out.find("Checked on SimGrid"), std::string::npos);
  for (const std::vector<std::string>& asked :
       {std::vector<std::string>{"--audit", "1"}, {"--engine", "simgrid"}}) {
    std::vector<std::string> words_of{"run", small(), "--out", path("other")};
    words_of.insert(words_of.end(), asked.begin(), asked.end());
    const auto refusal = partwise(words_of);
    EXPECT_EQ(refusal.code, 3);
    EXPECT_EQ(refusal.err,
              "partwise: SimGrid is not there: no 'partwise-simgrid' beside partwise or in PATH; "
              "install libsimgrid-dev and build again, or use the fast engine\n");
  }
}

TEST_F(SimgridRuns, SimulatesWhatOurEngineSimulates) {
  ASSERT_EQ(partwise({"run", small(), "--out", path("out"), "--engine", "simgrid"}).code, 0);
  const auto plan =
      write("plan.json", partwise({"export", path("out"), "--to", "json", "--what", "plan"}).out);
  const std::vector<std::string> simulate{"simulate", small(), "--plan", plan, "--engine"};
  const auto with = [&](const char* engine) {
    auto words = simulate;
    words.emplace_back(engine);
    return partwise(words);
  };
  EXPECT_EQ(with("fast").out, with("simgrid").out);
  EXPECT_EQ(with("quick").err,
            "partwise: --engine: 'quick' is no engine; there are 'fast' and 'simgrid'\n");
}

TEST_F(SimgridRuns, RefusesAShareThatIsNone) {
  for (const char* share : {"0", "2", "some", "1e-4x"}) {
    const auto answer = partwise({"run", small(), "--out", path("out"), "--audit", share});
    EXPECT_EQ(answer.code, 2);
    EXPECT_EQ(answer.err, "partwise: --audit: '" + std::string(share) +
                              "' is no share; give a number such as 1e-4\n");
  }
}

}  // namespace
}  // namespace scenarios
