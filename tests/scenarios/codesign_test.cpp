// Scenarios that search their platform.
#include <gtest/gtest.h>

#include <algorithm>

#include "results/run_file.h"
#include "scenarios/platforms.h"
#include "tests/scenarios/workspace.h"

namespace scenarios {
namespace {

class CodesignScenarios : public Workspace {
 protected:
  /// A host and an accelerator with areas; `codesign` is the section, `more` goes behind it.
  std::string file(const std::string& codesign, const std::string& more = "",
                   const std::string& host_area = "      area: 1 mm2\n") const {
    return write(
        "c.yaml",
        "network: {builtin: mobilenet_v2}\n"
        "platform:\n"
        "  devices:\n"
        "    - name: host\n"
        "      memory: 1 GiB\n"
        "      memory_bandwidth: 8 GB/s\n"
        "      formats: {int8: {matrix_rate: 50 GOP/s}}\n" +
            host_area +
            "    - name: npu\n"
            "      memory: 64 MiB\n"
            "      memory_bandwidth: 20 GB/s\n"
            "      array: {rows: 16, columns: 16, clock: 500 MHz}\n"
            "      formats: {int8: {}}\n"
            "      area: 0.5 mm2\n"
            "      area_per_cell: 1000 um2\n"
            "  switches: [hub]\n"
            "  links:\n"
            "    - {name: up, ends: [host, hub], lanes: 4, lane_rate: 4 Gb/s, latency: 1 us, "
            "area_per_lane: 0.1 mm2}\n"
            "    - {name: d2d, ends: [npu, hub], lanes: 4, lane_rate: 4 Gb/s, latency: 1 us, "
            "area_per_lane: 0.1 mm2}\n"
            "precisions: [int8]\n"
            "objectives: {latency_mean: 1}\n" +
            more +
            (more.find("optimizer:") == std::string::npos
                 ? "optimizer: {name: annealing, budget: 1500}\n"
                 : "") +
            codesign);
  }
  static std::string variables(const std::string& list) {
    return "codesign:\n  variables:\n" + list;
  }
  std::string fault(const std::string& file) const {
    auto text = partwise({"check", file}).out;
    const auto prefix = folder_.string() + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
      text.erase(at, prefix.size());
    return text;
  }
  results::RunFile run(const std::string& file, const std::string& out = "out") const {
    const auto spoken = partwise({"run", file, "--out", path(out)});
    EXPECT_EQ(spoken.code, 0) << spoken.err;
    return results::read_run(results::run_files(path(out)).front());
  }
  static std::string value_of(const results::StoredPlan& plan, const std::string& path) {
    const auto found = std::ranges::find(plan.platform, path, &results::NamedValue::name);
    return found == plan.platform.end() ? "" : found->value;
  }
};

const std::string rows = "platform.devices.npu.array.rows";
const std::string three_rows =
    "    - {path: platform.devices.npu.array.rows, values: [8, 16, 64]}\n"
    "    - {path: platform.links.d2d.lanes, values: [1, 4]}\n";

TEST_F(CodesignScenarios, ComeToWhatASweepOfEveryPlatformComesTo) {
  const std::string greedy = "optimizer: {name: greedy, budget: 1200}\n";
  const auto swept = write("s.yaml", content(file("", greedy)) +
                                         "sweep: {platform.devices.npu.array.rows: [8, 16, 64], "
                                         "platform.links.d2d.lanes: [1, 4]}\n");
  EXPECT_EQ(partwise({"run", swept, "--out", path("swept")}).code, 0);
  double least = 1e9;
  for (const auto& one : results::run_files(path("swept")))
    least =
        std::min(least, models::seconds(results::read_run(one).best_plan()->score.latency_mean));
  const auto found = run(file(variables(three_rows) + "  outer: exhaustive\n", greedy));
  EXPECT_LE(models::seconds(found.best_plan()->score.latency_mean), least);
  const auto value = value_of(*found.best_plan(), rows);
  EXPECT_TRUE(value == "8" || value == "16" || value == "64") << value;
}

TEST_F(CodesignScenarios, KeepToALimitOnArea) {
  for (const std::string kind : {"nested", "joint"}) {
    const auto section = variables(three_rows) + "  search: " + kind + "\n";
    const auto free = run(file(section), kind);
    const auto bound = run(file(section, "limits: {area: 2.5 mm2}\n"), kind + "2");
    EXPECT_GT(free.best_plan()->score.area, 2.5);
    EXPECT_LE(bound.best_plan()->score.area, 2.5);
    EXPECT_GT(bound.best_plan()->score.latency_mean, free.best_plan()->score.latency_mean);
    EXPECT_EQ(bound.best_plan()->outcome.score.area, bound.best_plan()->score.area);
    EXPECT_LE(free.bound.value, free.best_plan()->cost);
  }
}

TEST_F(CodesignScenarios, SameSeedSameResultForAnyNumberOfThreads) {
  for (const std::string kind : {"nested", "joint"}) {
    const auto text = file(variables(three_rows) + "  search: " + kind + "\n", "pareto: true\n");
    std::vector<results::RunFile> runs;
    for (const std::string threads : {"1", "3"}) {
      const auto out = path(kind + threads);
      EXPECT_EQ(partwise({"run", text, "--out", out, "--threads", threads}).code, 0);
      runs.push_back(results::read_run(results::run_files(out).front()));
    }
    ASSERT_EQ(runs[0].plans.size(), runs[1].plans.size());
    for (std::size_t p = 0; p < runs[0].plans.size(); ++p) {
      EXPECT_EQ(runs[0].plans[p].json, runs[1].plans[p].json);
      EXPECT_EQ(runs[0].plans[p].outcome.fingerprint, runs[1].plans[p].outcome.fingerprint);
    }
  }
}

TEST_F(CodesignScenarios, CountDevices) {
  const auto text = file(variables("    - {path: platform.devices.npu.count, values: [1, 2, 3]}\n"),
                         "workload: {requests: 8, in_flight: 8}\n"
                         "optimizer: {name: annealing, budget: 3000}\n");
  const auto found = run(text);
  ASSERT_NE(found.best_plan(), nullptr);
  const auto count = std::stoll(value_of(*found.best_plan(), "platform.devices.npu.count"));
  EXPECT_GE(std::ssize(found.names.devices), 1 + count);
  EXPECT_TRUE(found.best_plan()->simulated);
}

TEST_F(CodesignScenarios, CountTheLinksOfEveryDeviceAgainstALimitOnArea) {
  const auto text =
      file(variables("    - {path: platform.devices.npu.count, values: [1, 0, 2, 5]}\n"
                     "    - {path: platform.links.d2d.lanes, values: [4, 1]}\n"),
           "limits: {area: 1.5 mm2}\n");
  const auto experiment = read_experiment(text, {});
  const auto parts = make_parts(*experiment.runs.front().scenario);
  // The host, its link of four lanes, and so often an accelerator of 256 cells and its link.
  const std::vector areas = {2.556, 2.256, 1.4, 1.4, 3.712, 3.112, 7.18, 5.68};
  ASSERT_EQ(parts.platforms->count(), std::ssize(areas));
  for (std::uint32_t design = 0; design < areas.size(); ++design) {
    EXPECT_NEAR(parts.platforms->problem(design)->area, areas[design], 1e-9) << design;
    models::Score score;
    score.area = areas[design];
    EXPECT_NEAR(parts.platforms->excess(design, parts.goal), parts.goal.violation(score), 1e-9)
        << design;
  }
}

TEST_F(CodesignScenarios, PlansGoThroughTheOtherVerbsOnTheirOwnPlatform) {
  const auto text = file(variables(three_rows), "limits: {area: 2.5 mm2}\n");
  const auto found = run(text);
  EXPECT_EQ(partwise({"export", path("out"), "--to", "json", "--output", path("plan.json")}).code,
            0);
  EXPECT_NE(content(path("plan.json")).find("\"platform_values\""), std::string::npos);
  const auto simulated = partwise({"simulate", text, "--plan", path("plan.json"), "--json"});
  EXPECT_EQ(simulated.code, 0) << simulated.err;
  EXPECT_NE(simulated.out.find(found.best_plan()->outcome.fingerprint), std::string::npos);
  EXPECT_EQ(partwise({"explain", path("out")}).code, 0);
  const auto shown = partwise({"show", path("out")});
  EXPECT_NE(shown.out.find("Its platform"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find(rows), std::string::npos);
  const auto table = partwise({"export", path("out"), "--to", "csv", "--what", "plans"});
  EXPECT_NE(table.out.find(rows), std::string::npos);
  EXPECT_NE(partwise({"show", path("out"), "--json"}).out.find("\"" + rows + "\": \""),
            std::string::npos);
  const auto again = partwise({"run", text, "--out", path("out")});
  EXPECT_NE(again.err.find("1 run stored there already, not run again"), std::string::npos)
      << again.err;
  const auto other =
      file(variables("    - {path: platform.devices.npu.array.rows, values: [9]}\n"));
  const auto refused = partwise({"simulate", other, "--plan", path("plan.json")});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("which is not among those of the scenario's co-design"),
            std::string::npos)
      << refused.err;
}

TEST_F(CodesignScenarios, StartFromPlansOfTheirOwnAndOfPlainPlatforms) {
  const auto plain = file("");
  EXPECT_EQ(partwise({"run", plain, "--out", path("plain")}).code, 0);
  const auto before = results::read_run(results::run_files(path("plain")).front());
  for (const std::string search : {"nested", "joint"}) {
    // The plan powers four lanes, the first platform has one.
    const auto text = file(variables("    - {path: platform.links.d2d.lanes, values: [1, 4]}\n"
                                     "    - {path: platform.links.up.lanes, values: [4, 8]}\n") +
                               "  search: " + search + "\n",
                           "optimizer: {name: annealing, budget: 60}\n");
    const auto out = path(search), again = path(search + "2");
    const auto started = partwise({"run", text, "--start", path("plain"), "--out", out});
    EXPECT_EQ(started.code, 0) << started.err;
    const auto found = results::read_run(results::run_files(out).front());
    EXPECT_LE(found.best_plan()->score.latency_mean, before.best_plan()->score.latency_mean);
    EXPECT_EQ(partwise({"run", text, "--start", out, "--out", again}).code, 0);
    const auto best = results::read_run(results::run_files(again).front());
    EXPECT_LE(best.best_plan()->score.latency_mean, found.best_plan()->score.latency_mean);
  }
  const auto narrow = file(variables("    - {path: platform.links.d2d.lanes, values: [1, 2]}\n"));
  const auto refused = partwise({"run", narrow, "--start", path("plain"), "--out", path("no")});
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("link 'd2d' cannot power 4 lanes; it allows 1; it names none of the "
                             "platforms of the co-design, and was tried on the first of them and "
                             "on those that differ from it in one variable\n"),
            std::string::npos)
      << refused.err;
}

TEST_F(CodesignScenarios, WhatIsSetIsNotSearched) {
  const auto text = file(variables(three_rows));
  EXPECT_EQ(partwise({"run", text, "--out", path("out"), "--set", rows + "=32"}).code, 0);
  const auto found = results::read_run(results::run_files(path("out")).front());
  EXPECT_EQ(value_of(*found.best_plan(), rows), "");
  EXPECT_NE(value_of(*found.best_plan(), "platform.links.d2d.lanes"), "");
}

TEST_F(CodesignScenarios, RangesAndPresetsAndLockstep) {
  const auto found = run(file(variables(
      "    - {path: platform.devices.npu.memory, from: 8 MiB, to: 32 MiB, steps: 3, scale: log}\n"
      "    - {path: platform.links.d2d, presets: [{lanes: 2, latency: 2 us}, {lanes: 8}]}\n"
      "    - together:\n"
      "        - {path: platform.devices.npu.array.rows, values: [8, 16]}\n"
      "        - {path: platform.devices.npu.array.columns, values: [16, 8]}\n")));
  const auto& best = *found.best_plan();
  const auto memory = value_of(best, "platform.devices.npu.memory");
  EXPECT_TRUE(memory == "8 MiB" || memory == "16 MiB" || memory == "32 MiB") << memory;
  EXPECT_EQ(value_of(best, rows) == "8",
            value_of(best, "platform.devices.npu.array.columns") == "16");
}

TEST_F(CodesignScenarios, BadOnesAreRefusedAtTheirPlace) {
  const auto one = [&](const std::string& item) {
    return fault(file(variables("    - " + item + "\n")));
  };
  EXPECT_EQ(one("{path: platform.devices.npu.memry, values: [1 MiB]}"),
            "c.yaml:25:51: unknown key 'memry'; did you mean 'memory'?\n");
  EXPECT_EQ(one("{path: platform.devices.gpu.memory, values: [1 MiB]}"),
            "c.yaml:25:52: 'platform.devices.gpu.memory' has no element 'gpu'; there are: host, "
            "npu\n");
  EXPECT_EQ(one("{path: platform.devices.npu.memory, values: [1 MiB, 3 ms]}"),
            "c.yaml:25:59: memory: '3 ms' has an unknown unit; write it like '40 GiB'\n");
  EXPECT_EQ(one("{path: platform.devices.npu.memory, values: []}"),
            "c.yaml:25:51: codesign: expected the values of 'platform.devices.npu.memory' as a "
            "list, like [1, 2]\n");
  EXPECT_EQ(one("{path: workload.requests, values: [1, 2]}"),
            "c.yaml:25:14: codesign: 'workload.requests' is no part of the platform; paths start "
            "with 'platform.'\n");
  EXPECT_EQ(one("{path: platform.links.d2d.lanes, from: 1 MiB, to: 2 GiB, steps: 4}"),
            "c.yaml:25:46: codesign: 'from' and 'to' must have the same unit; '1 MiB' and '2 GiB' "
            "have not\n");
  EXPECT_EQ(one("{path: platform.links.d2d.lanes, values: [2, 2]}"),
            "c.yaml:25:52: codesign: 'platform.links.d2d.lanes' takes the same value twice\n");
  EXPECT_EQ(one("{path: platform.links.d2d.lanes, values: [2], steps: 3}"),
            "c.yaml:25:7: codesign: give 'platform.links.d2d.lanes' either 'values', or 'from', "
            "'to' and 'steps', or 'presets'\n");
  EXPECT_EQ(fault(file(variables(three_rows), "sweep: {platform.links.d2d.lanes: [1, 2]}\n")),
            "c.yaml:27:14: codesign: 'platform.links.d2d.lanes' is searched, and "
            "'platform.links.d2d.lanes' is swept; leave it to one of them\n");
  EXPECT_EQ(fault(file(variables(three_rows) + "  serach: joint\n")),
            "c.yaml:27:3: unknown key 'serach'; did you mean 'search'?\n");
  EXPECT_EQ(fault(file("codesign: {search: joint}\n")),
            "c.yaml:23:11: codesign: expected 'variables' as a list of paths with values\n");
  EXPECT_EQ(fault(file("", "limits: {area: 3 mm2}\n", "")),
            "c.yaml:21:16: area is asked for, and device 'host' does not say its own; give it "
            "'area: 0 mm2' if it does not count\n");
}

}  // namespace
}  // namespace scenarios
