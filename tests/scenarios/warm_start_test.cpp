// Searches that start from plans found elsewhere.
#include "scenarios/warm_start.h"

#include "models/error.h"
#include "results/plan_json.h"
#include "results/run_file.h"
#include "scenarios/study.h"
#include "workspace.h"

namespace scenarios {
namespace {

class WarmStart : public Workspace {
 protected:
  static constexpr const char* brief = "optimizer: {name: random, budget: 1, start: ";

  scenarios::Run run_of(const std::string& file, const Overrides& overrides = {}) const {
    return read_experiment(file, overrides).runs.front();
  }
  /// A study with a good search, and where its result is.
  std::filesystem::path study(const std::string& out = "study") const {
    const auto file = scenario("optimizer: {name: annealing, budget: 2000}\n", "good");
    EXPECT_EQ(partwise({"run", file, "--out", path(out)}).code, 0);
    return results::run_files(folder_ / out).front();
  }
  std::string refusal(const std::string& file) const {
    return partwise({"run", file, "--out", path("out")}).err;
  }
};

TEST_F(WarmStart, FromAStudyAResultOrAPlanIsAtLeastAsGood) {
  const auto result = study();
  const auto best = results::read_run(result).plans.front();
  write("plan.json", best.json);
  for (const auto& start : {std::string("study"), result.string(), std::string("plan.json")})
    for (const std::string name : {"random", "greedy", "annealing", "genetic"}) {
      const auto file =
          scenario("optimizer: {name: " + name + ", budget: 1, start: '" + start + "'}\n");
      const auto found = solve(run_of(file), {});
      ASSERT_EQ(found.evaluations, 1);
      EXPECT_EQ(found.best_plan()->plan, best.plan) << name << " from " << start;
    }
}

TEST_F(WarmStart, OnTheCommandLineMeansTheSame) {
  study();
  const auto plain = scenario("optimizer: {name: random, budget: 1}\n");
  const auto given = scenario(brief + std::string("study}\n"), "given");
  const auto inside = run_of(given), outside = run_of(plain, {{}, {}, {}, path("study")});
  EXPECT_EQ(inside.id, outside.id);
  EXPECT_NE(run_of(plain).id, inside.id);
  EXPECT_EQ(partwise({"run", plain, "--start", path("study"), "--out", path("out")}).code, 0);
}

TEST_F(WarmStart, WithOtherPlansIsAnotherRun) {
  study("one");
  const auto file = scenario(brief + std::string("plan.json}\n"));
  const auto run = results::read_run(results::run_files(folder_ / "one").front());
  write("plan.json", run.plans.front().json);
  const auto first = run_of(file);
  write("plan.json", run.plans.back().json);
  const auto second = run_of(file);
  EXPECT_NE(first.id, second.id);
  write("other.json", run.plans.back().json);
  EXPECT_EQ(run_of(scenario(brief + std::string("other.json}\n"), "renamed")).id, second.id);
  EXPECT_EQ(solve(second, {}).inputs.back().name, "plan.json");
}

TEST_F(WarmStart, LeavesTheIdsOfOtherRunsAlone) {
  const auto run = run_of(scenario());
  EXPECT_EQ(to_json(*run.scenario).find("\"start\""), std::string::npos);
}

TEST_F(WarmStart, FromNothingIsRefusedAtItsPlace) {
  const auto file = scenario(brief + std::string("nowhere}\n"));
  const auto place = file + ":27:45: optimizer: start: ";
  EXPECT_EQ(refusal(file), "partwise: " + place + "there is no '" + path("nowhere") +
                               "'; give a plan, a result file, or a folder that 'partwise run' "
                               "wrote\n");
  const auto checked = partwise({"check", file});
  EXPECT_EQ(checked.code, 2);
  EXPECT_EQ(checked.out.rfind(place + "there is no '", 0), 0U) << checked.out;
  std::filesystem::create_directory(path("nowhere"));
  EXPECT_EQ(refusal(file), "partwise: " + place + "the folder '" + path("nowhere") +
                               "' holds no results; give one that 'partwise run' wrote\n");
  EXPECT_EQ(partwise({"run", scenario(), "--start", path("none")}).err,
            "partwise: --start:1:1: optimizer: start: there is no '" + path("none") +
                "'; give a plan, a result file, or a folder that 'partwise run' wrote\n");
}

TEST_F(WarmStart, FromPlansThatDoNotFitIsRefusedAtItsPlace) {
  auto json = results::read_run(study()).plans.front().json;
  const auto file = scenario(brief + std::string("plan.json}\n"));
  auto other = json;
  for (auto at = other.find("\"npu\""); at != std::string::npos; at = other.find("\"npu\""))
    other.replace(at, 5, "\"gpu\"");
  write("plan.json", other);
  auto message = refusal(file);
  EXPECT_EQ(message.rfind(
                "partwise: " + file + ":27:45: optimizer: start: " + path("plan.json") + ":", 0),
            0U)
      << message;
  EXPECT_NE(message.find("'gpu'"), std::string::npos) << message;

  write("plan.json", json);
  const auto bound = scenario(
      brief + std::string("plan.json}\nrules: [{operators: '*', devices: [server]}]\n"), "bound");
  message = refusal(bound);
  EXPECT_NE(message.find(path("plan.json") + ": operator '"), std::string::npos) << message;
  EXPECT_NE(message.find("' may not run on 'npu' in that precision here\n"), std::string::npos)
      << message;
  EXPECT_FALSE(std::filesystem::exists(path("out")));
}

TEST_F(WarmStart, OfSeveralPlansTakesThoseThatFit) {
  const auto run = results::read_run(study());
  const auto run_problem = make_parts(*run_of(scenario()).scenario).problem;
  const std::vector<StartPlan> plans = {{"{}", "broken.json"}, {run.plans.front().json, "good"}};
  EXPECT_EQ(fitting(plans, *run_problem), std::vector{run.plans.front().plan});
  EXPECT_THROW(fitting({plans.front()}, *run_problem), models::InputError);
  EXPECT_TRUE(fitting({}, *run_problem).empty());
}

TEST_F(WarmStart, FromWhereTheResultsGoIsRefused) {
  study("out");
  const auto file = scenario(brief + std::string("out}\n"));
  EXPECT_EQ(refusal(file), "partwise: " + file + ":27:45: optimizer: start: '" + path("out") +
                               "' is where the results go; choose another with --out\n");
}

}  // namespace
}  // namespace scenarios
