#include <algorithm>

#include "tests/scenarios/verbs.h"

namespace scenarios {
namespace {

namespace fs = std::filesystem;

TEST_F(Verbs, RunStoresAndShows) {
  const auto answer = run(two_runs);
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(stored().size(), 2u);
  for (const std::string part :
       {"what runs where?", "lanes=2", "lanes=8", "Best plan", "all on server", "Pareto set",
        "Where energy went", "Where latency went", "What partitioning brings"})
    EXPECT_NE(answer.out.find(part), std::string::npos) << part;
  EXPECT_EQ(answer.err.find('\r'), std::string::npos) << "a progress line outside a terminal";
  const auto shown = partwise({"show", path("out")});
  EXPECT_EQ(shown.code, 0);
  EXPECT_NE(shown.out.find("Best plan"), std::string::npos);
}

TEST_F(Verbs, AreaAndPriceAreShownWhereThePlatformSaysThem) {
  EXPECT_EQ(run("").out.find("\narea "), std::string::npos);
  const auto said = partwise(
      {"run", scenario(), "--out", path("out2"), "--set", "platform.devices.npu.area=2 mm2",
       "--set", "platform.devices.server.area=3 mm2", "--set", "platform.links.d2d.area=0.5 mm2"});
  EXPECT_NE(said.out.find("\narea "), std::string::npos) << said.out << said.err;
  EXPECT_NE(said.out.find(" 5.5 mm2\n"), std::string::npos) << said.out;
  EXPECT_EQ(said.out.find("\nprice "), std::string::npos);
}

TEST_F(Verbs, ShowTakesOneResultFile) {
  ASSERT_EQ(run(two_runs).code, 0);
  const auto id = stored().front().id;
  const auto file = results::run_file(path("out"), id).string();
  const auto shown = partwise({"show", file});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_NE(shown.out.find("(run " + id + ")"), std::string::npos) << shown.out;
  EXPECT_EQ(partwise({"show", file, "--run", id}).out, shown.out);
  EXPECT_NE(partwise({"show", file, "--json"}).out.find("\"best\": \"" + id + "\""),
            std::string::npos);
  const auto curves = partwise({"show", file, "--curves"});
  EXPECT_NE(curves.out.find("| after | 1 | 3 | 10 | 30 | 100 | 300 | "), std::string::npos)
      << curves.out;
  const auto no_result = partwise({"show", path("small.yaml")});
  EXPECT_EQ(no_result.code, 2);
  EXPECT_NE(no_result.err.find(path("small.yaml") + ": this is no result file of Partwise"),
            std::string::npos)
      << no_result.err;
}

TEST_F(Verbs, ADamagedResultIsRunAgainAndNotShown) {
  ASSERT_EQ(run().code, 0);
  const auto file = results::run_file(path("out"), stored().front().id);
  fs::resize_file(file, fs::file_size(file) / 2);
  const auto shown = partwise({"show", path("out")});
  EXPECT_EQ(shown.code, 2);
  EXPECT_EQ(shown.err.rfind("partwise: " + file.string() + ": ", 0), 0u) << shown.err;
  const auto again = run();
  EXPECT_EQ(again.code, 0);
  EXPECT_NE(again.err.find("it is run again"), std::string::npos) << again.err;
  EXPECT_EQ(partwise({"show", path("out")}).code, 0);
}

TEST_F(Verbs, SeveralSeedsAreSummedUp) {
  const auto answer = run("seeds: 3\n");
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_NE(answer.out.find("Over seeds, mean ± standard deviation"), std::string::npos)
      << answer.out;
}

TEST_F(Verbs, SweptOptimizersStandSideBySide) {
  const auto answer =
      run("workload: {requests: 8, in_flight: 4}\nobjectives: {throughput: 1}\nseeds: 2\n"
          "sweep: {optimizer.name: [greedy, annealing], platform.links.d2d.lanes: [1, 8]}\n");
  for (const auto* expected :
       {"Optimizers side by side\n  lanes  one device ", " annealing ", "of 2: at least 1.1 in "})
    EXPECT_NE(answer.out.find(expected), std::string::npos) << expected << '\n' << answer.out;
  EXPECT_NE(answer.out.find(", below 1 in 0\n"), std::string::npos) << answer.out;
  EXPECT_EQ(run("seeds: 3\n").out.find("side by side"), std::string::npos);
}

/// What no plan beats is in the unit of the metric: for rates it is the most, not the least.
TEST_F(Verbs, JsonBoundsThroughputFromAbove) {
  ASSERT_EQ(run("objectives: {throughput: 1}\n", {"--json"}).code, 0);
  const auto record = stored().front();
  const auto text = partwise({"show", path("out"), "--json"}).out;
  const auto key = text.find("\"upper_bound\": ");
  ASSERT_NE(key, std::string::npos) << text;
  const double bound = std::stod(text.substr(key + 15));
  EXPECT_DOUBLE_EQ(bound, 1 / record.bounds.front().value);
  EXPECT_GE(bound, 1 / record.best_plan()->outcome.score.period_seconds);
}

TEST_F(Verbs, RunAsJsonIsOneObject) {
  const auto answer = run(two_runs, {"--json"});
  const Json json(answer.out);
  EXPECT_EQ(json.size("runs"), 2u);
  EXPECT_EQ(json.text("scenario"), "small");
  const auto shown = partwise({"show", path("out"), "--json"});
  EXPECT_EQ(shown.out, answer.out);
}

TEST_F(Verbs, RunsAreChosenByIdStartOrLabel) {
  ASSERT_EQ(run(two_runs).code, 0);
  const auto runs = stored();
  EXPECT_EQ(&choose_run(runs, runs[1].id), &runs[1]);
  EXPECT_EQ(&choose_run(runs, runs[1].id.substr(0, 6)), &runs[1]);
  EXPECT_EQ(&choose_run(runs, "lanes=8"), &runs[1]);
  const auto answer = partwise({"show", path("out"), "--run", "lanes=3"});
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.err, "partwise: --run: there is no run 'lanes=3'; there are:\n  " + runs[0].id +
                            "  lanes=2\n  " + runs[1].id + "  lanes=8\n");
}

TEST_F(Verbs, AnExportedPlanSimulatesAsItWasFound) {
  ASSERT_EQ(run().code, 0);
  ASSERT_EQ(partwise({"export", path("out"), "--to", "json", "--output", path("plan.json")}).code,
            0);
  const auto answer = partwise({"simulate", scenario(), "--plan", path("plan.json"), "--timeline",
                                path("t.json"), "--json"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(answer.out, partwise({"export", path("out"), "--to", "json", "--what", "outcome"}).out);
  EXPECT_EQ(partwise({"verify", path("t.json")}).code, 0);
  EXPECT_EQ(content(path("t.json")),
            partwise({"export", path("out"), "--to", "json", "--what", "timeline"}).out);
}

TEST_F(Verbs, SimulateSaysWhyAPlanCannotRun) {
  ASSERT_EQ(run().code, 0);
  ASSERT_EQ(partwise({"export", path("out"), "--to", "json", "--output", path("plan.json")}).code,
            0);
  const auto answer = partwise({"simulate", scenario(), "--plan", path("plan.json"), "--set",
                                "platform.devices.npu.memory=1 kB", "--set",
                                "platform.devices.server.memory=1 kB"});
  EXPECT_EQ(answer.code, 1);
  EXPECT_EQ(answer.err.rfind("partwise: the plan cannot be executed: ", 0), 0u) << answer.err;
  EXPECT_EQ(answer.out, "");
}

TEST_F(Verbs, SimulateRefusesAPlanForAnotherNetwork) {
  ASSERT_EQ(run().code, 0);
  ASSERT_EQ(partwise({"export", path("out"), "--to", "json", "--output", path("plan.json")}).code,
            0);
  const auto answer = partwise(
      {"simulate", scenario(), "--plan", path("plan.json"), "--set", "network.builtin=resnet50"});
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.err.rfind("partwise: " + path("plan.json") + ":", 0), 0u) << answer.err;
}

TEST_F(Verbs, VerifyFindsABrokenLaw) {
  ASSERT_EQ(run().code, 0);
  auto text = partwise({"export", path("out"), "--to", "json", "--what", "timeline"}).out;
  EXPECT_EQ(partwise({"verify", write("t.json", text)}).code, 0);
  const std::string capacity = "\"capacity\": [";
  const auto at = text.find(capacity) + capacity.size();
  text.replace(at, text.find(',', at) - at, "10");
  const auto answer = partwise({"verify", write("t.json", text)});
  EXPECT_EQ(answer.code, 4);
  EXPECT_NE(answer.out.find("npu"), std::string::npos) << answer.out;
}

TEST_F(Verbs, ExportsForSpreadsheetsAndForPerfetto) {
  ASSERT_EQ(run(two_runs).code, 0);
  const auto runs = partwise({"export", path("out"), "--to", "csv"}).out;
  EXPECT_EQ(std::ranges::count(runs, '\n'), 3) << runs;
  EXPECT_GT(std::ranges::count(
                partwise({"export", path("out"), "--to", "csv", "--what", "plans"}).out, '\n'),
            3);
  const auto trace = partwise({"export", path("out"), "--to", "perfetto", "--run", "lanes=2"});
  EXPECT_EQ(trace.err, "");
  EXPECT_GT(Json(trace.out).size("traceEvents"), 100u);
  const auto wrong = partwise({"export", path("out"), "--to", "perfeto"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_EQ(wrong.err,
            "partwise: --to: there is no format 'perfeto'; did you mean 'perfetto'? (there are "
            "json, csv, perfetto)\n");
  const auto nonsense = partwise({"export", path("out"), "--to", "csv", "--what", "plan"});
  EXPECT_EQ(nonsense.err,
            "partwise: --what: 'plan' does not go to csv; did you mean 'plans'? (there are runs, "
            "plans, timeline)\n");
}

TEST_F(Verbs, AStoredScenarioReadsBackAsItWas) {
  ASSERT_EQ(run(two_runs).code, 0);
  for (const auto& one : stored())
    EXPECT_EQ(to_json(stored_scenario(one, folder_)), one.scenario_text);
}

TEST_F(Verbs, TheBestOfRunsWithDifferentLimitsHoldsItsOwn) {
  ASSERT_EQ(run("sweep: {limits: [{energy: 0.01 mJ}, {energy: 1 J}]}\n").code, 1);
  const auto runs = stored();
  EXPECT_NE(runs[0].complaint, "");
  EXPECT_EQ(&best_run(runs), &runs[1]);
}

TEST_F(Verbs, SeveralNetworksAreToldApartEverywhere) {
  auto text = content(scenario("optimizer: {name: greedy, budget: 20}\n"));
  const std::string one = "network: {builtin: mobilenet_v2}\n";
  text.replace(text.find(one), one.size(),
               "networks:\n  - {name: see, network: {builtin: mobilenet_v2}, deadline: 1 us}\n"
               "  - {name: look, network: {builtin: mobilenet_v2}, workload: {requests: 2}}\n");
  const auto file = write("two.yaml", text);
  EXPECT_EQ(partwise({"check", file}).out, file + ": no faults\n");
  const auto answer = partwise({"run", file, "--out", path("out")});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_NE(answer.out.find("\nNetworks\nnetwork  requests"), std::string::npos) << answer.out;
  const auto runs = stored();
  const auto& results = runs.front().best_plan()->outcome.networks;
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].name, "see");
  EXPECT_EQ(results[0].deadline_misses, 1);
  EXPECT_EQ(results[1].requests, 2);
  EXPECT_EQ(partwise({"explain", path("out")}).code, 0);
  EXPECT_EQ(partwise({"export", path("out"), "--to", "json", "--output", path("plan.json")}).code,
            0);
  EXPECT_NE(content(path("plan.json")).find("\"look/conv\""), std::string::npos);
  EXPECT_EQ(partwise({"simulate", file, "--plan", path("plan.json")}).code, 0);
  ASSERT_EQ(partwise({"export", path("out"), "--to", "json", "--what", "timeline", "--output",
                      path("t.json")})
                .code,
            0);
  EXPECT_EQ(partwise({"verify", path("t.json")}).code, 0);
}

}  // namespace
}  // namespace scenarios
