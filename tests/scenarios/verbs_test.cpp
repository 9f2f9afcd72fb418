#include <algorithm>
#include <cctype>

#include "results/json_document.h"
#include "scenarios/folder.h"
#include "workspace.h"

namespace scenarios {
namespace {

namespace fs = std::filesystem;

/// Values of a JSON object by key; it is an error when one is missing.
class Json {
 public:
  explicit Json(const std::string& text) : text_(text), document_(text_, "output") {}

  const results::JsonValue& at(const std::string& key) const {
    return results::JsonKeys(document_, document_.root(), "output").need(key);
  }
  std::int64_t whole(const std::string& key) const { return document_.whole(at(key), key); }
  std::string text(const std::string& key) const { return document_.text(at(key), key); }
  std::size_t size(const std::string& key) const { return document_.list(at(key), key).size(); }
  const results::JsonDocument& document() const { return document_; }

 private:
  std::string text_;
  results::JsonDocument document_;
};

TEST(List, EachCatalogueHasLinesAndReadsAsJson) {
  for (const std::string what : {"optimizers", "placements", "devices", "links", "metrics",
                                 "precisions", "operators", "kernels", "networks", "platforms"}) {
    const auto text = partwise({"list", what});
    EXPECT_EQ(text.code, 0) << text.err;
    const auto lines = std::ranges::count(text.out, '\n');
    EXPECT_GE(lines, 3) << what;
    const auto json = partwise({"list", what, "--json"});
    const results::JsonDocument document(json.out, "output");
    EXPECT_EQ(std::ssize(document.list(document.root(), what)), lines);
  }
}

/// The part of docs/operators.md below its words.
TEST(List, TheOperatorsPageIsWhatTheProgramSays) {
  const auto page = content("docs/operators.md");
  const auto table = page.find("| name |");
  ASSERT_NE(table, std::string::npos);
  const auto said = partwise({"list", "kernels", "--markdown"});
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(page.substr(table), said.out)
      << "make it anew: keep the words, then partwise list kernels --markdown >> docs/operators.md";
}

TEST(List, SaysWhichMetricsAreEstimates) {
  EXPECT_NE(partwise({"list", "metrics"})
                .out.find("noise-to-signal ratio at the outputs "
                          "(estimated)"),
            std::string::npos);
}

TEST(Inspect, CountsResNet50) {
  const auto answer = partwise({"inspect", "resnet50", "--json"});
  ASSERT_EQ(answer.code, 0) << answer.err;
  const Json json(answer.out);
  EXPECT_EQ(json.size("inputs"), 1u);
  EXPECT_EQ(json.size("outputs"), 1u);
  EXPECT_EQ(json.size("not_costed"), 0u);
  EXPECT_NEAR(static_cast<double>(json.whole("macs")), 4.09e9, 0.05e9);
  EXPECT_NEAR(static_cast<double>(json.whole("parameters")), 25.5e6, 0.2e6);
}

TEST(Inspect, TypesAddUpToTheWhole) {
  const auto answer = partwise({"inspect", "bert_base", "--sequence", "16", "--json"});
  const Json json(answer.out);
  std::int64_t operators = 0, macs = 0, parameters = 0;
  for (const auto& type : json.document().object(json.at("by_type"), "by_type")) {
    results::JsonKeys keys(json.document(), type.value, type.key);
    operators += json.document().whole(keys.need("operators"), "operators");
    macs += json.document().whole(keys.need("macs"), "macs");
    parameters += json.document().whole(keys.need("parameters"), "parameters");
  }
  EXPECT_EQ(operators, json.whole("operators"));
  EXPECT_EQ(macs, json.whole("macs"));
  EXPECT_EQ(parameters, json.whole("parameters"));
}

TEST(Inspect, RefusesWhatDoesNotFit) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"inspect", "resnet50", "--batch", "0"}, "--batch: '0' is not a whole number of 1 or more"},
      {{"inspect", "resnet50", "--dims", "batch=1"},
       "inspect: --dims and --unknown are for files; 'resnet50' is built in and takes --batch and "
       "--sequence"},
      {{"inspect", "README.md", "--batch", "2"},
       "inspect: --batch and --sequence are for built-in networks; of a file, set --dims"},
      {{"inspect", "README.md", "--dims", "batch"},
       "--dims: 'batch' must be written like 'batch=1'"},
      {{"inspect", "README.md", "--unknown", "guess"},
       "--unknown: 'guess' is no way to cost an operator; there is 'bandwidth'"},
  };
  for (const auto& [arguments, message] : cases) {
    const auto answer = partwise(arguments);
    EXPECT_EQ(answer.code, 2);
    EXPECT_EQ(answer.err, "partwise: " + message + "\n");
  }
}

TEST(Inspect, AgreesWithTheFactsOfForeignFiles) {
  const fs::path folder = "../shared/data/onnx-light";
  if (!fs::exists(folder)) GTEST_SKIP() << "no files in " << folder;
  const auto text = content(folder / "facts.json");
  const results::JsonDocument facts(text, "facts.json");
  for (const auto& [file, at, fact] : facts.object(facts.root(), "facts")) {
    const auto answer = partwise({"inspect", (folder / file).string(), "--json"});
    ASSERT_EQ(answer.code, 0) << answer.err;
    const Json json(answer.out);
    results::JsonKeys keys(facts, fact, file);
    EXPECT_EQ(json.whole("macs"), facts.whole(keys.need("macs_in_conv_gemm_matmul"), "macs"))
        << file;
    EXPECT_EQ(json.whole("parameters"), facts.whole(keys.need("params"), "params")) << file;
    EXPECT_EQ(json.size("not_costed"), 0u) << file;
  }
}

class Verbs : public Workspace {
 protected:
  Spoken run(const std::string& more = "", std::vector<std::string> options = {}) const {
    std::vector<std::string> arguments = {"run", scenario(more), "--out", path("out")};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return partwise(arguments);
  }
  std::vector<results::RunFile> stored() const {
    return stored_runs(path("out"), results::Depth::whole);
  }
  static constexpr const char* two_runs = "sweep: {platform.links.d2d.lanes: [2, 8]}\n";
};

TEST_F(Verbs, InspectSavesWhatReadsBackEqual) {
  ASSERT_EQ(partwise({"inspect", "mobilenet_v2", "--batch", "2", "--save", path("n.onnx")}).code,
            0);
  // The notes tell of the constant fills that were folded, all else is the same.
  const auto facts = [](const std::string& json) { return json.substr(0, json.find("\"notes\"")); };
  const auto again = partwise({"inspect", path("n.onnx"), "--json"}).out;
  const auto made = partwise({"inspect", "mobilenet_v2", "--batch", "2", "--json"}).out;
  EXPECT_EQ(facts(again), facts(made));
}

TEST_F(Verbs, CheckFindsEveryFaultOfEveryFile) {
  const auto good = scenario();
  const auto bad = write("bad.yaml", content(good) + "limts: {energy: 1 mJ}\nfinalists: 0\n");
  const auto answer = partwise({"check", good, bad});
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.out, good + ": no faults\n" + bad +
                            ":28:1: unknown key 'limts'; did you mean 'limits'?\n" + bad +
                            ":29:12: finalists: 0 is outside 1 to 1000\n");
  const auto json = partwise({"check", good, bad, "--json"});
  EXPECT_EQ(json.code, 2);
  const results::JsonDocument document(json.out, "output");
  EXPECT_EQ(document.list(document.root(), "files").size(), 2u);
}

TEST_F(Verbs, CheckReadsNetworksToo) {
  ASSERT_EQ(partwise({"inspect", "resnet50", "--save", path("n.onnx")}).code, 0);
  EXPECT_EQ(partwise({"check", path("n.onnx")}).out, path("n.onnx") + ": no faults\n");
  const auto half = content(path("n.onnx"));
  const auto truncated = write("half.onnx", half.substr(0, half.size() / 2));
  const auto answer = partwise({"check", truncated});
  EXPECT_EQ(answer.code, 2);
  EXPECT_NE(answer.out.find(truncated), std::string::npos) << answer.out;
}

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

TEST_F(Verbs, ListPrintsTheSchema) {
  const auto answer = partwise({"list", "schema"});
  EXPECT_EQ(answer.code, 0);
  const results::JsonDocument schema(answer.out, "schema");
  EXPECT_NE(answer.out.find("\"events\""), std::string::npos);
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

/// A shipped example is a test: its `expect:` holds.
class Example : public Workspace, public testing::WithParamInterface<fs::path> {};

std::vector<fs::path> examples() {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("scenarios/examples", error))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

TEST_P(Example, AnswersAsItSays) {
  const auto answer = partwise({"run", GetParam().string(), "--out", path("out")});
  EXPECT_EQ(answer.code, 0) << answer.err;
}

INSTANTIATE_TEST_SUITE_P(Shipped, Example, testing::ValuesIn(examples()), [](const auto& of) {
  auto name = of.param.stem().string();
  std::ranges::replace_if(
      name, [](char letter) { return !std::isalnum(letter); }, '_');
  return name;
});

}  // namespace
}  // namespace scenarios
