#include "scenarios/trace.h"

#include <gtest/gtest.h>

#include "models/error.h"
#include "models/random.h"
#include "scenarios/scenario.h"
#include "tests/scenarios/folder.h"

namespace scenarios {
namespace {

using namespace std::chrono_literals;
using models::Time;

std::string refusal(std::string_view text) {
  try {
    parse_trace(text, "t.csv");
  } catch (const models::InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Trace, HasAUnitOnEveryLineOrInItsFirst) {
  const std::vector<Time> expected = {0ms, 1500us, 1500us, 2s};
  EXPECT_EQ(parse_trace("0 ms\n1.5 ms\n1500us\n2 s\n", "t.csv"), expected);
  EXPECT_EQ(parse_trace("arrival [ms]\n0\n1.5\n1.5\n2000", "t.csv"), expected);
  EXPECT_EQ(parse_trace("\xef\xbb\xbf"
                        "time (us)\r\n0\r\n1500\r\n1500\r\n2000000\r\n\r\n\n",
                        "t.csv"),
            expected);
  EXPECT_EQ(parse_trace("s\n0\n 1.5 ms\n\t0.0015 \n2", "t.csv"), expected);
}

TEST(Trace, PointsAtWhatIsWrong) {
  EXPECT_EQ(refusal(""), "t.csv:1:1: there are no instants");
  EXPECT_EQ(refusal("ms\n\n"), "t.csv:1:1: there are no instants");
  EXPECT_EQ(refusal("1 ms\n 2\n"),
            "t.csv:2:2: '2' has no unit; write it like '2 ms', or begin the file with a line "
            "'arrival [ms]'");
  EXPECT_EQ(refusal("arrival\n2\n"),
            "t.csv:1:1: 'arrival' names no unit; write it like 'arrival [ms]' (s, ms, us, ns or "
            "ps)");
  EXPECT_EQ(refusal("arrival [min]\n2\n"),
            "t.csv:1:1: 'arrival [min]' names no unit; write it like 'arrival [ms]' (s, ms, us, ns "
            "or ps)");
  EXPECT_EQ(refusal("1 ms\n3 ms\n2 ms\n"),
            "t.csv:3:1: '2 ms' is before the line above, 3 ms; instants must ascend");
  EXPECT_EQ(refusal("-1 ms\n"), "t.csv:1:1: '-1 ms' is before 0");
  EXPECT_EQ(refusal("1 ms\n\n\n2 ms\n"), "t.csv:2:1: an empty line among the instants");
  EXPECT_EQ(refusal("1 ms,2 ms\n"),
            "t.csv:1:5: expected one instant per line, without separators or quotes");
  EXPECT_EQ(refusal("ms\n1\n\"2\"\n"),
            "t.csv:3:1: expected one instant per line, without separators or quotes");
  EXPECT_EQ(refusal("ms\n1\nabc\n").substr(0, 11), "t.csv:3:1: ");
  EXPECT_EQ(refusal("ms\n1e40\n").substr(0, 11), "t.csv:2:1: ");
}

TEST(Trace, OfRandomBytesIsReadOrRefusedWithAPlace) {
  models::Random random(5);
  const std::string_view letters = "0123456789.eE+- msun\n\n\r,[]\"\0\xff";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto left = random.below(30); left > 0; --left)
      text += letters[static_cast<std::size_t>(
          random.below(static_cast<std::int64_t>(letters.size())))];
    try {
      EXPECT_FALSE(parse_trace(text, "t.csv").empty());
    } catch (const models::InputError& error) {
      EXPECT_EQ(std::string(error.what()).substr(0, 6), "t.csv:") << text;
    }
  }
}

const std::string start =
    "network: {builtin: mobilenet_v2}\nplatform: {devices: [{name: a, memory: 1 GB, "
    "memory_bandwidth: 10 GB/s, formats: {fp32: {matrix_rate: 1 TOP/s}}}]}\n";

std::string complaint(const Folder& folder, const std::filesystem::path& file) {
  std::string all;
  for (const auto& error : faults(file))
    all += (all.empty() ? "" : "\n") + std::string(error.what());
  return folder.local(all);
}

TEST(Trace, IsReadFromBesideTheScenarioAndSetsTheNumberOfRequests) {
  const Folder folder;
  folder.write("data/t.csv", "arrival [us]\n0\n10\n30\n");
  const auto file =
      folder.write("s.yaml", start + "workload: {arrivals: trace, trace: data/t.csv}\n");
  EXPECT_EQ(complaint(folder, file), "");
  const auto experiment = read_experiment(file);
  const auto& workload = experiment.runs.front().scenario->networks.front().workload;
  EXPECT_EQ(workload.requests, 3);
  EXPECT_EQ(workload.trace, (std::vector<Time>{0us, 10us, 30us}));
  const auto fewer = read_experiment(file, {.set = {"workload.requests=2"}, .seed = {}});
  EXPECT_EQ(fewer.runs.front().scenario->networks.front().workload.requests, 2);
  EXPECT_NE(fewer.runs.front().id, experiment.runs.front().id);
}

TEST(Trace, IsPartOfWhatNamesARun) {
  const Folder folder;
  const auto file = folder.write("s.yaml", start + "workload: {arrivals: trace, trace: t.csv}\n");
  folder.write("t.csv", "us\n0\n10\n");
  const auto id = read_experiment(file).runs.front().id;
  folder.write("t.csv", "us\n0\n11\n");
  EXPECT_NE(read_experiment(file).runs.front().id, id);
}

TEST(Trace, FaultsNameTheirFile) {
  const Folder folder;
  const auto file = folder.write("s.yaml", start + "workload: {arrivals: trace, trace: t.csv}\n");
  EXPECT_EQ(complaint(folder, file), "s.yaml:3:36: trace: there is no file 't.csv'");
  folder.write("t.csv", "us\n0\n11\n10\n");
  EXPECT_EQ(complaint(folder, file),
            "t.csv:4:1: '10' is before the line above, 11 us; instants must ascend");
  const auto other = folder.write("o.yaml", start + "workload: {arrivals: trace, trace: t.txt}\n");
  EXPECT_EQ(complaint(folder, other),
            "o.yaml:3:36: trace: 't.txt' is neither a list of instants nor a file *.csv");
}

}  // namespace
}  // namespace scenarios
