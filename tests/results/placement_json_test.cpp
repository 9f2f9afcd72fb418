#include "results/placement_json.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "models/error.h"
#include "models/random.h"
#include "results/output.h"

namespace {

using results::read_placement;

/// Node 1, read by node -7; the texts stand for the first node's and the edge's further keys.
std::string graph(const std::string& node = "\"cpuLatency\": 2.5, \"fpgaLatency\": 0.25",
                  const std::string& edge = "\"destId\": -7, \"cost\": 0.125",
                  const std::string& more = "") {
  return "{\"maxSizePerFPGA\": 100.0, \"maxFPGAs\": 2, \"maxCPUs\": 1" + more +
         ",\n\"nodes\": [\n{\"id\": 1, \"supportedOnFpga\": 1, \"size\": 3.5, "
         "\"isBackwardNode\": 0, " +
         node +
         "},\n{\"id\": -7, \"supportedOnFpga\": false, \"size\": 1, \"isBackwardNode\": true, "
         "\"cpuLatency\": 1}],\n\"edges\": [{\"sourceId\": 1, " +
         edge + "}]}";
}

std::string complaint(const std::string& text, const results::PlacementOptions& options = {}) {
  try {
    read_placement(text, "g.json", options);
  } catch (const models::InputError& error) {
    return error.what();
  }
  return "fine";
}

TEST(PlacementJson, ReadsWhatTheBenchmarkWrites) {
  const auto [problem, names, notes] = read_placement(graph(), "g.json", {});
  ASSERT_EQ(problem.size(), 2);
  EXPECT_EQ(problem.nodes[0].cpu, models::Time(2'500'000'000));
  EXPECT_EQ(problem.nodes[0].accelerator, models::Time(250'000'000));
  EXPECT_EQ(problem.nodes[0].send, models::Time(125'000'000));
  EXPECT_EQ(problem.nodes[0].size, 4) << "bytes are rounded up";
  EXPECT_TRUE(problem.nodes[1].backward);
  EXPECT_FALSE(problem.nodes[1].on_accelerator);
  EXPECT_EQ(problem.nodes[1].id, -7);
  EXPECT_EQ(problem.memory, 100);
  EXPECT_EQ(problem.devices(), 3);
  EXPECT_TRUE(notes.empty());
}

TEST(PlacementJson, WhatIsAskedGoesBeforeWhatTheFileSays) {
  results::PlacementOptions options;
  options.accelerators = 5;
  options.cpus = 3;
  options.memory = 77;
  const auto problem = read_placement(graph(), "g.json", options).problem;
  EXPECT_EQ(problem.accelerators, 5);
  EXPECT_EQ(problem.cpus, 3);
  EXPECT_EQ(problem.memory, 77);
  options.objective = models::PlacementProblem::Objective::latency;
  EXPECT_EQ(read_placement(graph(), "g.json", options).problem.cpus, 1);
}

TEST(PlacementJson, UnknownKeysAreNotedOnce) {
  const auto notes =
      read_placement(graph("\"cpuLatency\": 1, \"fpgaLatency\": 1, \"colourClass\": 3, \"name\": "
                           "\"a\", \"layerId\": 3",
                           "\"destId\": -7, \"cost\": 1, \"size\": 4, \"width\": 3"),
                     "g.json", {})
          .notes;
  EXPECT_EQ(notes, (std::vector<std::string>{
                       "key 'colourClass' of nodes is not known and not used; did you mean "
                       "'colorClass'?",
                       "key 'width' of edges is not known and not used"}));
}

TEST(PlacementJson, ReadsBackWhatItWrote) {
  const auto problem = read_placement(graph(), "g.json", {}).problem;
  const auto text = results::placement_json(problem);
  const auto again = read_placement(text, "g.json", {}).problem;
  EXPECT_EQ(results::placement_json(again), text);
  EXPECT_EQ(again.nodes[0].send, problem.nodes[0].send);
}

TEST(PlacementJsonErrors, NameTheirPlace) {
  EXPECT_EQ(complaint(graph("\"cpuLatency\": -1, \"fpgaLatency\": 1")),
            "g.json:3:81: 'cpuLatency' must not be negative: -1");
  EXPECT_EQ(complaint(graph("\"cpuLatency\": 1")),
            "g.json:3:1: a node lacks the key 'fpgaLatency'");
  EXPECT_EQ(complaint(graph("\"fpgaLatency\": 1")),
            "g.json:3:1: a node lacks the key 'cpuLatency'");
  EXPECT_EQ(complaint(graph("\"cpuLatency\": null, \"fpgaLatency\": 1")),
            "g.json:3:81: 'cpuLatency' must be a number");
  EXPECT_EQ(complaint(graph("\"cpuLatency\": 1e300, \"fpgaLatency\": 1")),
            "g.json:3:81: 'cpuLatency' is too long: the limit is 26 days, in milliseconds");
  EXPECT_EQ(complaint(graph("\"cpuLatency\": NaN, \"fpgaLatency\": 1")),
            "g.json:3:81: this is no valid JSON: syntax error while parsing value - invalid "
            "literal; last read: '\"cpuLatency\": N'");
  EXPECT_EQ(complaint(graph("\"cpuLatency\": 1, \"fpgaLatency\": 1", "\"destId\": 3, \"cost\": 1")),
            "g.json:5:37: 'destId': there is no node with id 3");
  EXPECT_EQ(complaint(graph("\"cpuLatency\": 1, \"fpgaLatency\": 1", "\"destId\": -7")),
            "g.json:5:11: an edge lacks the key 'cost'");
}

TEST(PlacementJsonErrors, IdsAreOnce) {
  auto text = graph();
  text.replace(text.find("\"id\": -7"), 8, "\"id\": 1");
  EXPECT_EQ(complaint(text),
            "g.json:4:8: a node with id 1 is there already; every node needs an id of its own");
}

TEST(PlacementJsonErrors, CostsOfOneNodeAreEqual) {
  auto text = graph("\"cpuLatency\": 1, \"fpgaLatency\": 1",
                    "\"destId\": -7, \"cost\": 1},\n{\"sourceId\": 1, \"destId\": -7, \"cost\": 2");
  EXPECT_EQ(complaint(text),
            "g.json:6:39: 'cost' must be the same on all edges that leave node 1, not 2 ms here "
            "and 1 ms before");
}

TEST(PlacementJsonErrors, OfTheWholeGraphNameThePlaceOfACulprit) {
  const auto text =
      graph("\"cpuLatency\": 1, \"fpgaLatency\": 1",
            "\"destId\": -7, \"cost\": 1},\n{\"sourceId\": -7, \"destId\": 1, \"cost\": 2");
  EXPECT_EQ(complaint(text),
            "g.json:6:1: the edge from node -7 to node 1 closes a circle: 1 -> -7 -> 1; take one "
            "of its edges out");
  results::PlacementOptions options;
  options.cpus = 0;
  const std::string more = "; allow CPUs (maxCPUs or --cpus)";
  EXPECT_EQ(complaint(graph(), options),
            "g.json:4:1: no device can take node -7: there is no CPU, and node -7 is not "
            "supported on accelerators" +
                more);
  auto small = graph();
  small.replace(small.find("false"), 5, "true");
  small.replace(small.find("\"cpuLatency\": 1}"), 15, "\"cpuLatency\": 1, \"fpgaLatency\": 1");
  small.replace(small.find("100.0"), 5, "3    ");
  EXPECT_EQ(complaint(small, options),
            "g.json:3:1: no device can take node 1: there is no CPU, it takes 4 bytes, an "
            "accelerator has 3: 1 byte is missing" +
                more + " or give accelerators more memory");
  small.replace(small.find("\"maxFPGAs\": 2"), 13, "\"maxFPGAs\": 1");
  small.replace(small.find(": 3 "), 4, ": 4 ");
  EXPECT_EQ(complaint(small, options),
            "g.json:1:20: memory cannot hold any placement: there is no CPU, all nodes take 5 "
            "bytes, the accelerator has 4: 1 byte is missing" +
                more + ", or give the accelerators at least 5 bytes");
}

TEST(PlacementJsonErrors, OfDevicesPointAtWhatTheFileSaysOfThem) {
  const std::string none =
      "there is no device: neither accelerators nor CPUs; ask for some by maxFPGAs or --devices, "
      "maxCPUs or --cpus";
  results::PlacementOptions options;
  options.accelerators = options.cpus = 0;
  EXPECT_EQ(complaint(graph(), options), "g.json:2:10: " + none);
  auto text = graph();
  text.replace(text.find("\"maxFPGAs\": 2"), 13, "\"maxFPGAs\": 0");
  options.accelerators.reset();
  EXPECT_EQ(complaint(text, options), "g.json:1:39: " + none);
  text.replace(text.find("\"maxCPUs\": 1"), 12, "\"maxCPUs\": 0");
  EXPECT_EQ(complaint(text), "g.json:1:53: " + none);
}

TEST(PlacementJsonErrors, ATruncatedFileSaysSo) {
  const auto text = graph();
  EXPECT_EQ(complaint(text.substr(0, text.size() / 2)),
            "g.json:3:95: the text ends too early; is the file truncated?");
  EXPECT_EQ(complaint(""), "g.json:1:1: the file is empty");
}

/// Cuts, doubles, swaps and changes bytes.
std::string mutated(std::string text, models::Random& random) {
  const std::string bytes = "{}[]\",:-+.e0123456789ntfx \\\x80";
  for (std::int64_t changes = 1 + random.below(4); changes > 0 && !text.empty(); --changes) {
    const auto at = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(text.size())));
    const auto length = static_cast<std::size_t>(1 + random.below(40));
    const auto byte =
        bytes[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(bytes.size())))];
    switch (random.below(5)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, text.substr(at, length));
        break;
      case 2:
        text.insert(at, 1, byte);
        break;
      case 3:
        text[at] = byte;
        break;
      default:
        text.resize(at);
        break;
    }
  }
  return text;
}

TEST(PlacementJsonErrors, NoMutatedFileBreaksTheReader) {
  const auto text = graph("\"cpuLatency\": 1.5e0, \"fpgaLatency\": 1, \"colorClass\": 4");
  models::Random random(7);
  int fine = 0;
  constexpr int files = 5000;
  for (int i = 0; i < files; ++i) {
    results::PlacementOptions options;
    if (i % 2) options.objective = models::PlacementProblem::Objective::latency;
    const auto said = complaint(mutated(text, random), options);
    fine += said == "fine";
    EXPECT_TRUE(said == "fine" || said.starts_with("g.json:")) << said;
  }
  EXPECT_GT(fine, 50);
  EXPECT_LT(fine, files - 50);
}

TEST(PlacementJson, ReadsTheGraphsOfTheBenchmark) {
  const std::filesystem::path folder = "../shared/data/placement";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
  int graphs = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    const auto file = read_placement(results::read_file(entry), entry.path().string(), {});
    EXPECT_TRUE(file.notes.empty()) << file.notes.front();
    ++graphs;
  }
  EXPECT_GE(graphs, 9);
}

}  // namespace
