#include "tests/scenarios/verbs.h"

namespace scenarios {
namespace {

namespace fs = std::filesystem;

TEST_F(Verbs, WhatWaitsForWhatIsSaidWhenNothingCanGoOn) {
  const auto plan = write("plan.json",
                          R"({"format": "partwise-plan", "version": 1,
                              "operators": {"*": {"device": "server", "precision": "fp32"}}})");
  const auto events = scenario(
      "workload: {requests: 3, arrivals: periodic, period: 10 ms}\n"
      "events: [{at: 15 ms, link: d2d, fails: true}]\n");
  const auto answer = partwise({"simulate", events, "--plan", plan});
  EXPECT_EQ(answer.code, 1);
  EXPECT_NE(answer.out.find("latency mean"), std::string::npos);
  EXPECT_EQ(answer.err,
            "partwise: 1 request cannot complete; at 20 ms nothing can happen any more:\n"
            "  request 3, the transfer of tensor 'image' from 'npu' to 'server' waits for link "
            "'d2d', which has failed, to return\n");
  const auto found = partwise({"run", events, "--out", path("out")});
  EXPECT_EQ(found.code, 0) << found.err;  // all on the NPU needs no link
}

TEST_F(Verbs, DryRunRunsNothing) {
  const auto answer = run(two_runs, {"--dry-run"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_NE(answer.out.find("small: 2 runs, nothing is run now"), std::string::npos) << answer.out;
  EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(Verbs, ResultsDoNotDependOnHowManyRunAtOnce) {
  ASSERT_EQ(run(two_runs, {"-j", "1"}).code, 0);
  const auto one = stored();
  fs::remove_all(path("out"));
  ASSERT_EQ(run(two_runs, {"-j", "2"}).code, 0);
  const auto two = stored();
  ASSERT_EQ(one.size(), two.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].id, two[i].id);
    ASSERT_EQ(one[i].plans.size(), two[i].plans.size());
    for (std::size_t p = 0; p < one[i].plans.size(); ++p) {
      EXPECT_EQ(one[i].plans[p].json, two[i].plans[p].json);
      EXPECT_EQ(one[i].plans[p].outcome.fingerprint, two[i].plans[p].outcome.fingerprint);
    }
  }
}

TEST_F(Verbs, WhatIsStoredIsNotRunAgain) {
  ASSERT_EQ(run(two_runs).code, 0);
  const auto file = results::run_file(path("out"), stored().front().id);
  const auto before = fs::last_write_time(file);
  const auto again = run(two_runs);
  EXPECT_EQ(again.code, 0);
  EXPECT_NE(again.err.find("2 runs stored there already, not run again"), std::string::npos)
      << again.err;
  EXPECT_EQ(fs::last_write_time(file), before);
  const auto more = run(two_runs, {"--seed", "7"});
  EXPECT_EQ(more.code, 0);
  EXPECT_EQ(stored().size(), 4u);
}

TEST_F(Verbs, FolderOfAnotherScenarioIsRefused) {
  ASSERT_EQ(run().code, 0);
  const auto other = scenario("finalists: 2\n", "other");
  const auto answer = partwise({"run", other, "--out", path("out")});
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.err, "partwise: the folder '" + path("out") +
                            "' holds results of another scenario, 'small' (" + path("small.yaml") +
                            "); choose another with --out, or remove it\n");
  const auto changed = run("finalists: 2\n");
  EXPECT_EQ(changed.code, 2);
  EXPECT_NE(changed.err.find("holds results of an earlier version of 'small'"), std::string::npos);
  const auto foreign = partwise({"run", other, "--out", folder_.string()});
  EXPECT_EQ(foreign.code, 2);
  EXPECT_EQ(foreign.err, "partwise: the folder '" + folder_.string() +
                             "' holds something else than results; choose another with --out, or "
                             "remove it\n");
}

TEST_F(Verbs, ADamagedNoteSaysWhatToDo) {
  ASSERT_EQ(run().code, 0);
  write("out/experiment.json", "{");
  const auto remedy = "partwise: " + path("out/experiment.json") +
                      ":1:2: the text ends too early; is the file truncated?; the folder is "
                      "damaged: run the scenario again with another --out\n";
  EXPECT_EQ(run().err, remedy);
  EXPECT_EQ(partwise({"show", path("out")}).err, remedy);
}

TEST_F(Verbs, AnUnfinishedNoteOfAnotherProcessIsNoOtherScenario) {
  std::filesystem::create_directories(path("out"));
  write("out/.experiment.json.123.part", "{");
  EXPECT_EQ(partwise({"run", scenario(), "--out", path("out")}).code, 0);
}

TEST_F(Verbs, RunRefusesNoJobsAndNoThreads) {
  const auto file = scenario();
  EXPECT_EQ(partwise({"run", file, "-j", "0"}).err, "partwise: run: -j must be 1 or more\n");
  for (const std::string threads : {"0", "1025"})
    EXPECT_EQ(partwise({"run", file, "--threads", threads}).err,
              "partwise: run: --threads must be 1 to 1024\n");
}

TEST_F(Verbs, TheProgressLineSaysHowGoodThePlanIs) {
  std::ostringstream out, err;
  const auto file = scenario(
      "objectives: {latency_mean: 1}\n"
      "optimizer: {name: annealing, budget: 3000}\n");
  ASSERT_EQ(do_command({"run", file, "--out", path("out")}, {out, err, true}), 0);
  EXPECT_NE(err.str().find("of 3000 plans, latency_mean "), std::string::npos) << err.str();
  const auto gap = err.str().find("s, gap ");
  ASSERT_NE(gap, std::string::npos) << err.str();
  EXPECT_NE(err.str().find(" % (bound ", gap), std::string::npos) << err.str();
}

TEST_F(Verbs, RefusedRunsOfASweepAreToldAndTheOthersDone) {
  const auto file = scenario(
      "sweep: {optimizer.name: [exhaustive, annealing, greedy]}\n"
      "optimizer: {name: annealing, budget: 300}\n");
  for (const int others : {2, 0}) {  // the second time they are stored already
    const auto answer = partwise({"run", file, "--out", path("out")});
    EXPECT_EQ(answer.code, 1) << answer.err;
    EXPECT_EQ(stored().size(), 2u);
    EXPECT_NE(answer.err.find("name=exhaustive: " + file +
                              ":28:12: optimizer: exhaustive search would have to try"),
              std::string::npos)
        << answer.err;
    EXPECT_NE(answer.err.find("\npartwise: 1 of 3 runs without a result\n"), std::string::npos)
        << answer.err;
    EXPECT_EQ(answer.err.find("2 runs stored there already") == std::string::npos, others == 2);
    EXPECT_NE(answer.out.find("name=greedy"), std::string::npos);
  }
  const auto none = partwise({"run", file, "--out", path("none"), "--set",
                              "sweep={optimizer.name: [exhaustive], workload.requests: [1, 2]}"});
  EXPECT_EQ(none.code, 2) << none.err;
  EXPECT_FALSE(std::filesystem::exists(path("none")));
}

TEST_F(Verbs, WhatCannotRunIsRefusedAtItsPlaceBeforeAnythingIsWritten) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"platform.links=[]",
       ":4:3: platform: device 'server' cannot be reached from 'npu'; join them by links and "
       "switches, or give a route (devices do not forward by themselves)\n"},
      {"platform.devices.npu.memory_bandwidth=1e-3 B/s",
       "would take more than 106 days on device 'npu' in "},
      {"workload.requests=10000000", "could take more than 53 days of simulated time"},
      {"platform.devices.npu.static_power=1e308 W",
       "--set:1:35: static_power: 1e308 W is too large; at most 1e30 of the basic unit\n"},
      {"optimizer={name: exhaustive, budget: 1}", "optimizer: exhaustive search would have to try"},
      {"workload={requests: 2, arrivals: poisson, rate: 1e-300 /s}",
       "would arrive after more than 106 days; raise 'rate'\n"},
  };
  for (const auto& [set, message] : cases) {
    const auto answer = partwise({"run", scenario(), "--out", path("out"), "--set", set, "--set",
                                  "platform.devices.server.launch_overhead=30 s"});
    EXPECT_EQ(answer.code, 2) << set;
    EXPECT_NE(answer.err.find(message), std::string::npos) << answer.err;
    EXPECT_FALSE(std::filesystem::exists(path("out"))) << set;
  }
}

TEST_F(Verbs, AFolderThatCannotBeMadeIsTheSurroundingsFault) {
  const auto answer = partwise({"run", scenario(), "--out", "/proc/partwise"});
  EXPECT_EQ(answer.code, 3);
  EXPECT_EQ(answer.err.rfind("partwise: cannot make the folder '/proc/partwise': ", 0), 0u)
      << answer.err;
}

TEST_F(Verbs, ALimitThatNothingSatisfiesIsNamed) {
  const auto answer = run("limits: {latency_mean: 1 us}\n");
  EXPECT_EQ(answer.code, 1);
  EXPECT_NE(answer.err.find("small: no plan holds all limits; of the best found, latency_mean is "),
            std::string::npos)
      << answer.err;
  EXPECT_NE(answer.err.find("limit 1 us: "), std::string::npos) << answer.err;
  EXPECT_EQ(run("limits: {latency_mean: 1 us}\nexpect: [{feasible: false}]\n").code, 0);
}

TEST_F(Verbs, AnAnswerOtherThanExpectedIsSaid) {
  const auto answer = run("expect:\n  - {metric: energy, at_most: 1 pJ}\n");
  EXPECT_EQ(answer.code, 4);
  EXPECT_NE(
      answer.err.find("partwise: not as expected: " + path("small.yaml") + ":29:5: energy is "),
      std::string::npos)
      << answer.err;
  const auto fine = run("expect:\n  - {metric: energy, at_least: 1 pJ}\n");
  EXPECT_EQ(fine.code, 0);
  EXPECT_NE(fine.out.find("As expected: 1 claim\n"), std::string::npos);
}

TEST_F(Verbs, AnUnfitRunDoesNotKeepOthersFromRunning) {
  const auto answer = run("sweep: {rules: [[], [{operators: nothing_like_it, devices: [npu]}]]}\n");
  EXPECT_EQ(answer.code, 1);
  EXPECT_NE(answer.err.find("nothing_like_it"), std::string::npos) << answer.err;
  EXPECT_EQ(stored().size(), 1u);
}

}  // namespace
}  // namespace scenarios
