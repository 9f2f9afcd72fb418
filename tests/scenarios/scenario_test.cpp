#include "scenarios/scenario.h"

#include <gtest/gtest.h>

#include <set>

#include "models/error.h"
#include "tests/scenarios/folder.h"

namespace scenarios {
namespace {

const std::string devices =
    "  devices:\n"
    "    - {name: a, memory: 1 GB, memory_bandwidth: 10 GB/s, formats: {fp32: {matrix_rate: 1 "
    "TOP/s}}}\n"
    "    - {name: b, memory: 1 GB, memory_bandwidth: 10 GB/s, formats: {fp32: {matrix_rate: 2 "
    "TOP/s}}}\n";
const std::string links =
    "  links: [{name: d2d, ends: [a, b], lanes: 8, lane_rate: 1 GB/s, latency: 1 us}]\n";
const std::string whole =
    "question: what?\nnetwork: {builtin: mobilenet_v2}\nplatform:\n" + devices + links;

std::string complaint(const Folder& folder, const std::filesystem::path& file,
                      const Overrides& overrides = {}) {
  std::string all;
  for (const auto& error : faults(file, overrides))
    all += (all.empty() ? "" : "\n") + std::string(error.what());
  return folder.local(all);
}

std::string complaint(std::string_view text, const Overrides& overrides = {}) {
  const Folder folder;
  return complaint(folder, folder.write("s.yaml", text), overrides);
}

Experiment experiment(std::string_view text, const Overrides& overrides = {}) {
  const Folder folder;
  return read_experiment(folder.write("s.yaml", text), overrides);
}

std::vector<std::string> labels(const Experiment& experiment) {
  std::vector<std::string> all;
  for (const auto& run : experiment.runs) all.push_back(run.label);
  return all;
}

TEST(Scenario, WhatIsNotGivenHasItsStandard) {
  const auto one = experiment(whole);
  ASSERT_EQ(one.runs.size(), 1u);
  const auto& scenario = *one.runs[0].scenario;
  EXPECT_EQ(one.name, "s");
  EXPECT_EQ(one.question, "what?");
  EXPECT_EQ(one.runs[0].label, "");
  EXPECT_EQ(one.runs[0].seed, 1u);
  EXPECT_EQ(scenario.optimizer.name, "annealing");
  ASSERT_EQ(scenario.goal.objectives.size(), 1u);
  EXPECT_EQ(scenario.goal.objectives[0].metric, models::Metric::latency_mean);
  EXPECT_EQ(scenario.choices.precisions, std::vector{models::Precision::fp32});
}

TEST(Scenario, ReadsEveryKey) {
  const auto one = experiment(
      "name: trial.1\n" + whole +
      "workload: {requests: 8, in_flight: 2}\nprecisions: [fp16, int8]\nwires: [int12]\n"
      "rules: [{operators: 'type:Conv', devices: [a], precisions: [fp16]}]\n"
      "search: {rank: false, lanes: false}\norder: ready\nobjectives: {energy: 2, throughput: 1}\n"
      "pareto: true\nlimits: {latency_p95: 10 ms, memory: 2 GB, throughput: 100 /s, energy: 0.5 J, "
      "accuracy_loss: 0.25}\noptimizer: {name: random, budget: 50, time_limit: 3 s}\nfinalists: 4\n"
      "timeline: false\nengine: simgrid\n");
  const auto& scenario = *one.runs[0].scenario;
  EXPECT_EQ(scenario.name, "trial.1");
  EXPECT_EQ(scenario.networks.front().workload.in_flight, 2);
  EXPECT_EQ(scenario.choices.wires, std::vector{models::integer_of_width(12)});
  ASSERT_EQ(scenario.choices.rules.size(), 1u);
  EXPECT_EQ(scenario.choices.rules[0].operators, "type:Conv");
  EXPECT_FALSE(scenario.choices.rank);
  EXPECT_FALSE(scenario.choices.lanes);
  EXPECT_EQ(scenario.choices.discipline, models::Plan::Discipline::ready);
  EXPECT_EQ(scenario.goal.objectives[0].weight, 2);
  EXPECT_EQ(scenario.goal.objectives[1].metric, models::Metric::throughput);
  ASSERT_EQ(scenario.goal.limits.size(), 5u);
  EXPECT_DOUBLE_EQ(scenario.goal.limits[0].bound, 0.01);
  EXPECT_EQ(scenario.goal.limits[1].bound, 2e9);
  EXPECT_EQ(scenario.goal.limits[2].bound, 100);
  EXPECT_EQ(scenario.goal.limits[3].bound, 0.5);
  EXPECT_EQ(scenario.goal.limits[4].bound, 0.25);
  EXPECT_EQ(scenario.optimizer.budget, 50);
  EXPECT_EQ(scenario.optimizer.time_limit, models::Time(std::chrono::seconds(3)));
  EXPECT_EQ(scenario.finalists, 4);
  EXPECT_FALSE(scenario.timeline);
  EXPECT_EQ(scenario.engine, Engine::simgrid);
}

TEST(Scenario, TheEngineOfTheCommandLineReplacesTheFilesAndKeepsItsClaims) {
  const auto text = whole + "expect: [{metric: energy, at_most: 1 J}]\n";
  const auto one =
      experiment(text + "engine: fast\n", {.set = {}, .seed = {}, .engine = "simgrid"});
  EXPECT_EQ(one.runs[0].scenario->engine, Engine::simgrid);
  EXPECT_EQ(one.claims.size(), 1u);
  EXPECT_EQ(experiment(text).runs[0].scenario->engine, Engine::fast);
  EXPECT_EQ(complaint(whole + "engine: quick\n").rfind("s.yaml:8:9: engine: ", 0), 0u);
}

TEST(Scenario, WrittenOutReadsBackAsTheSame) {
  const auto first =
      experiment(whole + "limits: {latency_mean: 1.7 ms, memory: 3 MB}\nwires: [int8]\n");
  const auto text = to_json(*first.runs[0].scenario);
  const auto second = experiment(text);
  EXPECT_EQ(to_json(*second.runs[0].scenario), text);
  EXPECT_EQ(fingerprint(*second.runs[0].scenario), fingerprint(*first.runs[0].scenario));
  EXPECT_EQ(second.runs[0].id, first.runs[0].id);
}

TEST(Scenario, PointsAtWhatIsWrong) {
  EXPECT_EQ(complaint(whole), "");
  EXPECT_EQ(complaint(whole + "optimiser: {name: greedy}\n"),
            "s.yaml:8:1: unknown key 'optimiser'; did you mean 'optimizer'?");
  EXPECT_EQ(complaint(whole + "optimizer: {name: gredy}\n")
                .find("s.yaml:8:19: name: there is no optimizer 'gredy'; there are "),
            0u);
  EXPECT_EQ(complaint(whole + "optimizer: {name: greedy, settings: {heat: 1}}\n")
                .find("s.yaml:8:44: heat: no such parameter of 'greedy'; it has"),
            0u);
  EXPECT_EQ(
      complaint(whole + "optimizer: {budget: 0}\n").find("s.yaml:8:21: budget: 0 is outside 1 to "),
      0u);
  EXPECT_EQ(
      complaint(whole + "objectives: {latency_maen: 1}\n"),
      "s.yaml:8:28: latency_maen: 'latency_maen' is no metric; did you mean 'latency_mean'? ('list "
      "metrics' shows them all)");
  EXPECT_EQ(complaint(whole + "limits: {latency_mean: 5}\n")
                .find("s.yaml:8:24: latency_mean: '5' has no unit"),
            0u);
  EXPECT_EQ(
      complaint(whole + "precisions: [fp32, int9]\n")
          .find(
              "s.yaml:8:20: precisions: 'int9' is for wires only; operators compute in fp32, tf32"),
      0u);
  EXPECT_EQ(complaint(whole + "precisions: [fp32, fp32]\n"),
            "s.yaml:8:20: precisions: 'fp32' is given twice");
  EXPECT_EQ(
      complaint(whole + "wires: [fp31]\n").find("s.yaml:8:9: wires: 'fp31' is no number format"),
      0u);
  EXPECT_EQ(complaint(whole + "rules: [{operators: '*'}]\n"),
            "s.yaml:8:9: this rule restricts nothing; give 'devices' or 'precisions'");
  EXPECT_EQ(complaint(whole + "name: a/b\n"),
            "s.yaml:8:7: name: 'a/b' cannot name a folder; use letters, digits, '_', '-' and '.'");
  EXPECT_EQ(complaint("network: {}\nplatform:\n" + devices + links),
            "s.yaml:1:10: network: give either 'file' (ONNX) or 'builtin'");
  EXPECT_EQ(complaint("network: {file: x.onnx, batch: 4}\nplatform:\n" + devices + links),
            "s.yaml:1:32: batch: is for built-in networks; of a file, set 'dims'");
}

TEST(Scenario, AllFaultsAreReportedAtOnce) {
  EXPECT_EQ(
      complaint(whole +
                "finalists: 0\ntimeline: perhaps\nseeds: [1, x]\nexpect: [{metric: energi}]\n"),
      "s.yaml:8:12: finalists: 0 is outside 1 to 1000\n"
      "s.yaml:9:11: timeline: 'perhaps' is neither true nor false\n"
      "s.yaml:10:8: seeds: expected a list of whole numbers, like [1, 2, 3], or how many\n"
      "s.yaml:11:10: expect: give 'at_least', 'at_most' or 'equals'\n"
      "s.yaml:11:19: metric: 'energi' is no metric; did you mean 'energy'? ('list metrics' shows "
      "them "
      "all)");
}

TEST(Scenario, FaultsOfNetworkAndPlatformHaveTheirPlace) {
  EXPECT_EQ(complaint("network: {builtin: resnet51}\nplatform:\n" + devices + links)
                .find("s.yaml:1:10: network: "),
            0u);
  EXPECT_EQ(complaint("network: {file: none.onnx}\nplatform:\n" + devices + links)
                .find("s.yaml:1:10: network: "),
            0u);
  EXPECT_EQ(complaint("network: {builtin: mobilenet_v2}\nplatform:\n" + devices)
                .find("s.yaml:3:3: platform: "),
            0u);
  EXPECT_EQ(complaint(whole + "precisions: [int8]\n").find("s.yaml:1:1: "), 0u);
}

TEST(Scenario, SaysWhenThereIsNoFile) {
  const Folder folder;
  EXPECT_EQ(complaint(folder, folder.path() / "no.yaml"), "no.yaml: no such file; check the path");
  std::filesystem::create_directory(folder.path() / "sub");
  EXPECT_EQ(complaint(folder, folder.path() / "sub"), "sub: a folder, not a YAML file");
  EXPECT_EQ(complaint(""), "s.yaml:1:1: expected 'key: value' lines, found nothing");
}

TEST(Include, FillsInWhatIsNotGivenBeside) {
  const Folder folder;
  folder.write("parts/p.yaml",
               "name: p\n" + std::string("meaning: m\n") + "include: d/devices.yaml\n");
  folder.write(
      "parts/d/devices.yaml",
      "devices: [{name: a, memory: 1 GB, memory_bandwidth: 1 GB/s, formats: {fp32: {matrix_rate: 1 "
      "TOP/s}}}]\nname: d\n");
  const auto file = folder.write(
      "s.yaml",
      "network: {builtin: mobilenet_v2}\nplatform: {include: parts/p.yaml, meaning: mine}\n");
  const auto platform = read_experiment(file).runs.at(0).scenario->platform;
  EXPECT_EQ(platform.name, "p");
  EXPECT_EQ(platform.meaning, "mine");
  EXPECT_EQ(platform.devices.at(0).name, "a");
}

TEST(Include, FaultsNameTheIncludedFile) {
  const Folder folder;
  folder.write("p.yaml", "name: p\ndevices:\n  - {name: a, memory: 1, memory_bandwidth: 1 GB/s}\n");
  const auto file =
      folder.write("s.yaml", "network: {builtin: mobilenet_v2}\nplatform: {include: p.yaml}\n");
  EXPECT_EQ(complaint(folder, file).find("p.yaml:3:23: memory: '1' has no unit"), 0u)
      << complaint(folder, file);
}

TEST(Include, RefusesLoopsAndWhatIsNotThere) {
  const Folder folder;
  folder.write("p.yaml", "include: q.yaml\n");
  folder.write("q.yaml", "name: q\nlinks: [{include: p.yaml}]\n");
  folder.write("list.yaml", "[1, 2]\n");
  const auto with = [&](const std::string& path) {
    return complaint(folder, folder.write("s.yaml", "platform: {include: " + path + "}\n"));
  };
  EXPECT_EQ(with("p.yaml"), "q.yaml:2:19: include: 'p.yaml' includes itself");
  EXPECT_EQ(with("s.yaml"), "s.yaml:1:21: include: 's.yaml' includes itself");
  EXPECT_EQ(with("no.yaml"), "s.yaml:1:21: include: there is no file 'no.yaml'");
  EXPECT_EQ(with("list.yaml"), "s.yaml:1:21: include: 'list.yaml' holds no 'key: value' lines");
  EXPECT_EQ(
      with("/etc/passwd"),
      "s.yaml:1:21: include: '/etc/passwd' must be a path relative to the folder of this file");
  EXPECT_EQ(with("[a]"), "s.yaml:1:21: include: expected a path, found a list");
}

TEST(Sweep, IsACrossProductWithTheLastFastest) {
  const auto one =
      experiment(whole +
                 "sweep: {platform.links.d2d.lanes: [4, 8], optimizer.name: [greedy, random]}\n"
                 "seeds: [3, 5]\n");
  EXPECT_EQ(labels(one),
            (std::vector<std::string>{"lanes=4 name=greedy seed=3", "lanes=4 name=greedy seed=5",
                                      "lanes=4 name=random seed=3", "lanes=4 name=random seed=5",
                                      "lanes=8 name=greedy seed=3", "lanes=8 name=greedy seed=5",
                                      "lanes=8 name=random seed=3", "lanes=8 name=random seed=5"}));
  EXPECT_EQ(one.runs[4].scenario->platform.links[0].lanes, 8);
  EXPECT_EQ(one.runs[6].scenario->optimizer.name, "random");
  EXPECT_EQ(one.swept, (std::vector<std::string>{"platform.links.d2d.lanes", "optimizer.name"}));
  std::set<std::string> ids;
  for (const auto& run : one.runs) ids.insert(run.id);
  EXPECT_EQ(ids.size(), 8u);
}

TEST(Sweep, TogetherIsInLockstep) {
  const auto one =
      experiment(whole +
                 "sweep:\n  together:\n    - platform.devices.a.memory: [1 GB, 2 GB]\n"
                 "      platform.devices.1.memory: [3 GB, 4 GB]\n  finalists: [1, 2]\n");
  EXPECT_EQ(labels(one), (std::vector<std::string>{"a.memory=1 GB 1.memory=3 GB finalists=1",
                                                   "a.memory=1 GB 1.memory=3 GB finalists=2",
                                                   "a.memory=2 GB 1.memory=4 GB finalists=1",
                                                   "a.memory=2 GB 1.memory=4 GB finalists=2"}));
  EXPECT_EQ(one.runs[3].scenario->platform.devices[1].memory.count, 4'000'000'000);
}

TEST(Sweep, MakesKeysThatTheFileLeavesOut) {
  const auto one = experiment(
      whole + "sweep: {optimizer.budget: [10, 20], precisions: [[fp32], [fp32, fp16]]}\n");
  EXPECT_EQ(one.runs[2].scenario->optimizer.budget, 20);
  EXPECT_EQ(one.runs[1].label, "budget=10 precisions=fp32+fp16");
}

TEST(Sweep, PointsAtWhatIsWrong) {
  EXPECT_EQ(complaint(whole + "sweep: {platform.links.d2x.lanes: [4]}\n"),
            "s.yaml:8:36: 'platform.links.d2x.lanes' has no element 'd2x'; there are: d2d");
  EXPECT_EQ(complaint(whole + "sweep: {platform.links.d2d.lane: [4]}\n"),
            "s.yaml:8:35: unknown key 'lane'; did you mean 'lanes'?");
  EXPECT_EQ(complaint(whole + "sweep: {platform.links.d2d.lanes: [4, 0]}\n"),
            "s.yaml:8:39: lanes: 0 is outside 1 to 4096");
  EXPECT_EQ(complaint(whole + "sweep: {optimizer.budget: 4}\n"),
            "s.yaml:8:27: sweep: expected the values of 'optimizer.budget' as a list, like [1, 2]");
  EXPECT_EQ(complaint(whole + "sweep: {question.of: [4]}\n"),
            "s.yaml:8:23: 'question.of' leads through 'what?', which is a single value");
  EXPECT_EQ(complaint(whole + "sweep: {together: [{finalists: [1, 2], optimizer.budget: [1]}]}\n"),
            "s.yaml:8:58: sweep: 'optimizer.budget' has 1 values, 'finalists' beside it has 2");
  EXPECT_EQ(complaint(whole + "sweep: {name: [a, b]}\n"),
            "s.yaml:8:8: sweep: 'name' cannot be swept");
  std::string many = "[1";
  for (int i = 2; i < 200; ++i) many += ", " + std::to_string(i);
  many += "]";
  EXPECT_EQ(complaint(whole + "sweep: {finalists: " + many + ", optimizer.budget: " + many + "}\n"),
            "s.yaml:1:1: sweep: more than 20000 runs; sweep fewer values");
}

TEST(Sweep, RefusesTheSameValueTwice) {
  EXPECT_EQ(complaint(whole, {.set = {"sweep={finalists: [3, 4, 3]}"}, .seed = {}}),
            "--set:1:26: sweep: 'finalists' takes the same value twice");
}

TEST(Seeds, AreAListOrACount) {
  EXPECT_EQ(labels(experiment(whole + "seeds: 2\n")),
            (std::vector<std::string>{"seed=1", "seed=2"}));
  EXPECT_EQ(experiment(whole + "seeds: 3\n", {.set = {}, .seed = 9}).runs.at(0).seed, 9u);
  EXPECT_EQ(complaint(whole + "seeds: []\n"), "s.yaml:8:8: seeds: give 1 to 10000 of them");
  EXPECT_EQ(complaint(whole + "seeds: [1, 1]\n"), "s.yaml:8:8: seeds: a seed is given twice");
}

TEST(Overrides, WinOverFileAndSweep) {
  const std::string swept = whole + "sweep: {platform.links.d2d.lanes: [4, 8]}\n";
  const auto one =
      experiment(swept, {.set = {"platform.links.d2d.lanes=2", "optimizer.budget=7"}, .seed = {}});
  ASSERT_EQ(one.runs.size(), 1u);
  EXPECT_EQ(one.runs[0].scenario->platform.links[0].lanes, 2);
  EXPECT_EQ(one.runs[0].scenario->optimizer.budget, 7);
  const auto two =
      experiment(swept, {.set = {"sweep.platform.links.d2d.lanes=[1, 2, 4]"}, .seed = {}});
  EXPECT_EQ(two.runs.size(), 3u);
}

TEST(Overrides, LeaveOutClaimsAboutTheFileAsItIsWritten) {
  const std::string claiming = whole +
                               "sweep: {finalists: [1, 2]}\nseeds: [1, 2]\n"
                               "expect: [{feasible: true, where: {finalists: 2, seed: 2}}]\n";
  EXPECT_EQ(experiment(claiming).claims.size(), 1u);
  EXPECT_EQ(experiment(claiming, {.set = {}, .seed = 5}).claims.size(), 1u);
  EXPECT_TRUE(experiment(claiming, {.set = {"finalists=3"}, .seed = {}}).claims.empty());
}

TEST(Overrides, PointAtWhatIsWrong) {
  EXPECT_EQ(complaint(whole, {.set = {"optimizer.budget"}, .seed = {}}),
            "--set:1:1: 'optimizer.budget' must be written like 'optimizer.budget=500'");
  EXPECT_EQ(complaint(whole, {.set = {"finalists=2", "optimizer.budgit=5"}, .seed = {}}),
            "--set:2:18: unknown key 'budgit'; did you mean 'budget'?");
  EXPECT_EQ(complaint(whole, {.set = {"optimizer.budget=many"}, .seed = {}}),
            "--set:1:18: budget: 'many' is not a number");
  EXPECT_EQ(complaint(whole, {.set = {"platfrom.name=x"}, .seed = {}}),
            "--set:1:15: unknown key 'platfrom'; did you mean 'platform'?");
  EXPECT_EQ(complaint(whole, {.set = {"finalists=2", "optimizer={budgit: 3}"}, .seed = {}}),
            "--set:2:12: unknown key 'budgit'; did you mean 'budget'?");
}

TEST(Run, IdsDependOnWhatIsAskedAndOnNothingElse) {
  const auto id = [](const std::string& text) { return experiment(text).runs.at(0).id; };
  EXPECT_EQ(id(whole), id(whole + "name: other\n"));
  EXPECT_EQ(id(whole), id(whole + "optimizer: {budget: 10000}\n"));
  EXPECT_NE(id(whole), id(whole + "optimizer: {budget: 10001}\n"));
  EXPECT_NE(id(whole), id(whole + "seeds: [2]\n"));
  const Folder folder;
  const std::string onnx = "network: {file: n.onnx}\nplatform:\n" + devices + links;
  const auto file = folder.write("s.yaml", onnx);
  folder.write("n.onnx", "one");
  const auto before = read_experiment(file).runs.at(0).id;
  folder.write("n.onnx", "two");
  EXPECT_NE(read_experiment(file).runs.at(0).id, before);
}

TEST(Experiment, FingerprintTellsQuestionsApart) {
  const auto of = [](const std::string& text) { return experiment(text).fingerprint; };
  EXPECT_EQ(of(whole), of(whole + "seeds: 4\n"));
  EXPECT_EQ(of(whole), of(whole + "expect: [{feasible: true}]\n"));
  EXPECT_NE(of(whole), of(whole + "sweep: {finalists: [1, 2]}\n"));
  EXPECT_NE(of(whole), of(whole + "finalists: 2\n"));
}

TEST(Scenario, PenaltiesAndEpsilonAreRead) {
  const auto one = experiment(
      whole +
      "objectives: {latency_mean: 1, energy: 2}\npareto: true\nepsilon: {energy: 0.05}\n"
      "penalties: {transferred_bytes: {above: 1 MiB, weight: 2}, load_balance: {above: 1.2},\n"
      "  throughput: {below: 30 /s}}\n");
  const auto& goal = one.runs[0].scenario->goal;
  EXPECT_EQ(goal.objectives[0].epsilon, 0);
  EXPECT_EQ(goal.objectives[1].epsilon, 0.05);
  ASSERT_EQ(goal.penalties.size(), 3u);
  EXPECT_EQ(goal.penalties[0].metric, models::Metric::transferred_bytes);
  EXPECT_EQ(goal.penalties[0].threshold, 1048576);
  EXPECT_EQ(goal.penalties[0].weight, 2);
  EXPECT_EQ(goal.penalties[1].threshold, 1.2);
  EXPECT_EQ(goal.penalties[1].weight, 1);
  EXPECT_EQ(goal.penalties[2].threshold, 30);
}

TEST(Scenario, PenaltiesThatMeanNothingAreRefused) {
  EXPECT_EQ(complaint(whole + "penalties: {transfers: {above: 1 MiB}}\n"),
            "s.yaml:8:24: transfers: 'transfers' is no metric ('list metrics' shows them all)");
  EXPECT_EQ(complaint(whole + "penalties: {load_balance: {above: 0}}\n"),
            "s.yaml:8:35: above: 0 must be greater than 0");
  EXPECT_EQ(complaint(whole + "penalties: {energy: {above: 1 ms}}\n"),
            "s.yaml:8:29: above: '1 ms' has an unknown unit; write it like '2 mJ'");
  EXPECT_EQ(complaint(whole + "penalties: {throughput: {above: 3 /s}}\n"),
            "s.yaml:8:25: 'below' is missing (requests per second over the makespan)\n"
            "s.yaml:8:26: unknown key 'above'");
  EXPECT_EQ(complaint(whole + "penalties: {energy: {weight: 3}}\n"),
            "s.yaml:8:21: 'above' is missing (energy per request, static power included)");
}

TEST(Scenario, EpsilonIsForObjectivesOfAFront) {
  EXPECT_EQ(complaint(whole + "pareto: true\nepsilon: {energy: 0.1}\n"),
            "s.yaml:9:19: energy: is none of the objectives");
  EXPECT_EQ(complaint(whole + "epsilon: {latency_mean: 0.1}\n"),
            "s.yaml:8:10: epsilon: thins out a front, and none is asked for; set 'pareto: true'");
  EXPECT_EQ(complaint(whole + "pareto: true\nepsilon: {latency_mean: 2}\n"),
            "s.yaml:9:25: latency_mean: 2 is outside 0 to 1");
}

}  // namespace
}  // namespace scenarios
