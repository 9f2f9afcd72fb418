#include <csignal>

#include "models/placement/generate.h"
#include "results/output.h"
#include "results/placement_json.h"
#include "results/placement_report.h"
#include "scenarios/interruption.h"
#include "scenarios/placing.h"
#include "workspace.h"

namespace scenarios {
namespace {

class Place : public Workspace {
 protected:
  /// Four nodes in a row, the first and the last of one class, of which accelerators take 100
  /// bytes.
  std::string graph() const {
    const auto node = [](int id, const std::string& more) {
      return "{\"id\": " + std::to_string(id) + ", \"supportedOnFpga\": 1, \"cpuLatency\": 8, " +
             "\"fpgaLatency\": 2, \"isBackwardNode\": false, \"size\": 40" + more + "}";
    };
    const auto edge = [](int from) {
      return "{\"sourceId\": " + std::to_string(from) +
             ", \"destId\": " + std::to_string(from + 1) + ", \"cost\": 0.5}";
    };
    return write("graph.json",
                 "{\"maxSizePerFPGA\": 100, \"maxFPGAs\": 2, \"maxCPUs\": 1,\n\"nodes\": [" +
                     node(1, ", \"colorClass\": 1") + ",\n" + node(2, "") + ",\n" + node(3, "") +
                     ",\n" + node(4, ", \"colorClass\": 1") + "],\n\"edges\": [" + edge(1) + ", " +
                     edge(2) + ", " + edge(3) + "]}\n");
  }
};

TEST_F(Place, AnswersWithValueBoundAndPlacement) {
  const auto answer =
      partwise({"place", graph(), "--budget", "100", "--json", "--algorithm", "greedy"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  // 1 and 4 on one accelerator (2 + 2 + 0.5 in + 0.5 out), 2 and 3 on the other.
  EXPECT_NE(answer.out.find("\n  \"kind\": \"throughput\",\n  \"objective\": 5,\n"),
            std::string::npos)
      << answer.out;
  for (const std::string part :
       {"\"valid\": true", "\"algorithm\": \"greedy\"", "\"lower_bound\": ", "\"gap\": ",
        "\"seconds\": ", "\"1\": \"accelerator", "\"name\": \"cpu0\", \"kind\": \"cpu\""})
    EXPECT_NE(answer.out.find(part), std::string::npos) << part << answer.out;
}

TEST_F(Place, TellsPeopleWhatBinds) {
  const auto answer = partwise({"place", graph(), "--budget", "100", "--algorithm", "greedy"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_NE(answer.out.find("4 nodes in 3 groups, 2 accelerators of 100 B, 1 CPU"),
            std::string::npos)
      << answer.out;
  EXPECT_NE(answer.out.find("has the largest load, 5 ms, of which 1 ms is moving"),
            std::string::npos)
      << answer.out;
  const auto latency = partwise(
      {"place", graph(), "--objective", "latency", "--budget", "100", "--algorithm", "greedy"});
  EXPECT_NE(latency.out.find("any number of CPUs"), std::string::npos) << latency.out;
  EXPECT_NE(latency.out.find("each waits for the one before"), std::string::npos) << latency.out;
}

TEST_F(Place, TakesUpAnEarlierAnswer) {
  const auto file = graph();
  ASSERT_EQ(partwise({"place", file, "--budget", "100", "--output", path("a.json")}).code, 0);
  const auto again = partwise({"place", file, "--budget", "1", "--start", path("a.json"),
                               "--algorithm", "greedy", "--json"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_NE(again.out.find("\"objective\": 5,"), std::string::npos) << again.out;
}

TEST_F(Place, TakesUpTheSplitsOfTheBenchmark) {
  const auto split = write("split.json",
                           "{\"fpgas\": [{\"load\": -1, \"nodes\": [1, 4]}, {\"nodes\": [2]}], "
                           "\"cpus\": [{\"nodes\": [3]}], \"maxLoad\": 3}");
  const auto answer = partwise(
      {"place", graph(), "--budget", "1", "--start", split, "--algorithm", "greedy", "--json"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_NE(answer.out.find("\"3\": \"cpu0\""), std::string::npos) << answer.out;
}

TEST_F(Place, TheSameSeedGivesTheSameAnswer) {
  const auto graph_file = path("made.json");
  ASSERT_EQ(partwise({"place", "--generate", "nodes=60,seed=4", "--output", graph_file}).code, 0);
  const auto once = [&] {
    auto text = partwise({"place", graph_file, "--budget", "2000", "--seed", "3", "--json"}).out;
    const auto at = text.find("\"seconds\"");
    return text.erase(at, text.find('\n', at) - at);
  };
  EXPECT_EQ(once(), once());
}

TEST_F(Place, NotesAreThoseOfTheEnd) {
  // Its exact method first runs out of steps, and proves the optimum with more of them.
  const auto file = path("graph.json");
  ASSERT_EQ(partwise({"place", "--generate", "shape=branches,nodes=250,devices=4,memory=0.5,seed=1",
                      "--output", file})
                .code,
            0);
  const auto answer = partwise({"place", file, "--objective", "latency", "--algorithm", "portfolio",
                                "--budget", "2000000", "--json"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_NE(answer.out.find("\"proven\": true"), std::string::npos) << answer.out;
  EXPECT_NE(answer.out.find("\"notes\": [],"), std::string::npos) << answer.out;
}

TEST_F(Place, WhatIsGeneratedReadsBack) {
  const auto made = partwise({"place", "--generate", "shape=training,nodes=30,seed=9"});
  EXPECT_EQ(made.code, 0) << made.err;
  const auto problem = results::read_placement(made.out, "made.json", {}).problem;
  EXPECT_EQ(problem.size(), 30);
  EXPECT_EQ(results::placement_json(problem), made.out);
}

TEST_F(Place, RefusesWhatCannotBe) {
  const auto file = graph();
  const auto other =
      write("other.json", "{\"placement\": {\"1\": \"accelerator0\", \"2\": \"cpu0\"}}");
  const auto wrong = write("wrong.json", "{\"placement\": {\"1\": \"accelerator7\"}}");
  const auto twice = write("twice.json", "{\"fpgas\": [{\"nodes\": [1, 1]}], \"cpus\": []}");
  const auto apart = write("apart.json",
                           "{\"placement\": {\"1\": \"accelerator0\", \"2\": \"cpu0\", "
                           "\"3\": \"cpu0\", \"4\": \"cpu0\"}}");
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--objective", "speed"},
       "place: --objective: there is no 'speed' (there are throughput, latency)"},
      {{"--algorithm", "gredy"},
       "place: there is no algorithm 'gredy'; did you mean 'greedy'? (there are greedy"},
      {{"--seconds", "0"}, "place: --seconds: '0' is no number above 0"},
      {{"--seconds", "nan"}, "place: --seconds: 'nan' is no number above 0"},
      {{"--budget", "0"}, "place: --budget: '0' is no whole number from 1 to 9223372036854775807"},
      {{"--devices", "x"}, "place: --devices: 'x' is no whole number from 0 to 100000"},
      {{"--memory", "16"}, "place: --memory: "},
      {{"--objective", "latency", "--cpus", "2"},
       "place: --cpus and --contiguous are for throughput; for latency there are any number of "
       "CPUs and every accelerator's set is contiguous"},
      {{"--devices", "0", "--cpus", "0"},
       file + ":2:10: there is no device: neither accelerators nor CPUs"},
      {{"--cpus", "0", "--devices", "1"},
       file + ":1:20: memory cannot hold any placement: there is no CPU, all nodes take 160 "
              "bytes, the accelerator has 100: 60 bytes are missing"},
      {{"--cpus", "0", "--memory", "79 B"},
       file + ":2:11: no device can take the nodes of one colour class (1 and 4): there is no "
              "CPU, they take 80 bytes, an accelerator has 79: 1 byte is missing"},
      {{"--start", other}, other + ":1:1: node 3 is not placed"},
      {{"--start", wrong},
       wrong + ":1:21: there is no device 'accelerator7', but accelerator0 to accelerator1 and "
               "cpu0"},
      {{"--start", twice}, twice + ":1:26: node 1 is placed twice"},
      {{"--start", apart},
       apart + ": this placement cannot be started from: node 1 and node 4 are of one colour class "
               "and on two devices"},
      {{"--start", "no.json"}, "there is no file 'no.json'; give an answer of 'partwise place'"},
      {{"--generate", "nodes=3"},
       "place: --generate makes a graph and takes none; --output says where to"},
  };
  for (auto [arguments, message] : cases) {
    arguments.insert(arguments.begin(), {"place", file});
    const auto answer = partwise(arguments);
    EXPECT_EQ(answer.code, 2) << message;
    EXPECT_EQ(answer.err.substr(0, message.size() + 10), "partwise: " + message);
    EXPECT_EQ(answer.out, "");
  }
  EXPECT_EQ(partwise({"place"}).code, 2);
}

TEST_F(Place, SaysWhatOfAFileIsNotUsed) {
  auto text = content(graph());
  text.replace(text.find("\"size\": 40, \"colorClass\""), 24, "\"colourClass\"");
  const auto answer = partwise({"place", write("graph.json", text), "--budget", "10"});
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.err, path("graph.json") +
                            ": key 'colourClass' of nodes is not known and not used; did you mean "
                            "'colorClass'?\n" +
                            path("graph.json") + ": 1 node has no 'size': it counts as 0 bytes\n");
}

TEST(Placing, AnInterruptedSearchKeepsWhatItHas) {
  const auto made =
      make_placement_problem(models::parse_placement_recipe("nodes=300,devices=4,seed=1"));
  std::ostringstream out, err;
  const Console console{out, err};
  Progress progress(console);
  PlacingChoice choice;
  choice.algorithm = "annealing";
  const Interruption interruption;
  std::raise(SIGINT);
  const auto placing = find_placement(made, choice, progress);
  EXPECT_TRUE(placing.report.interrupted);
  EXPECT_TRUE(placing.report.found());
  EXPECT_FALSE(placing.report.proven());
}

TEST(Placing, KnowsWhenItCameCloseToTheBest) {
  Placing placing;
  using models::Time;
  placing.history = {{0.1, 1, Time(2000), {}}, {0.5, 5, Time(1005), {}}, {2, 9, Time(1000), {}}};
  EXPECT_EQ(placing.seconds_to(Time(1000), 0.01), 0.5);
  EXPECT_EQ(placing.seconds_to(Time(1000), 0), 2);
  EXPECT_LT(placing.seconds_to(Time(900), 0.01), 0);
}

}  // namespace
}  // namespace scenarios
