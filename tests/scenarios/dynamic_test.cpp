// What scenarios say about events, several networks, batches and what devices hold.
#include <gtest/gtest.h>

#include "models/error.h"
#include "scenarios/scenario.h"
#include "tests/scenarios/folder.h"

namespace scenarios {
namespace {

using namespace std::chrono_literals;
using What = models::Event::What;

const std::string platform =
    "platform:\n  devices:\n"
    "    - {name: cpu, memory: 1 GB, memory_bandwidth: 10 GB/s, formats: {fp32: {matrix_rate: 1 "
    "TOP/s}}}\n"
    "    - {name: npu, memory: 1 GB, memory_bandwidth: 10 GB/s, buffers: 4, copy_engines: 1, "
    "formats: {fp32: {matrix_rate: 2 TOP/s}}}\n"
    "  links: [{name: d2d, ends: [cpu, npu], lanes: 8, lane_rate: 1 GB/s, latency: 1 us, "
    "width_change_time: 2 us, width_change_energy: 3 mJ}]\n";
const std::string one = "network: {builtin: mobilenet_v2}\n" + platform;
const std::string two =
    "networks:\n"
    "  - {name: see, network: {builtin: mobilenet_v2}, workload: {requests: 4, in_flight: 2}, "
    "priority: 1}\n"
    "  - {name: read, network: {builtin: mobilenet_v2}, deadline: 5 ms}\n" +
    platform;

std::string complaint(std::string_view text) {
  const Folder folder;
  std::string all;
  for (const auto& error : faults(folder.write("s.yaml", text)))
    all += (all.empty() ? "" : "\n") + std::string(error.what());
  return folder.local(all);
}

std::shared_ptr<const Scenario> scenario(std::string_view text) {
  const Folder folder;
  return read_experiment(folder.write("s.yaml", text)).runs.front().scenario;
}

models::Event event(What what, models::Time when, const std::string& device,
                    const std::string& link) {
  models::Event made;
  made.what = what;
  made.at = when;
  made.device = device;
  made.link = link;
  return made;
}

TEST(Events, AreReadEachByItsKey) {
  const auto read = scenario(one +
                             "events:\n"
                             "  - {at: 5 ms, device: npu, speed: 50 %}\n"
                             "  - {at: 6 ms, link: d2d, load: 0.25}\n"
                             "  - {at: 7 ms, link: d2d, lanes: 4}\n"
                             "  - {at: 8 ms, device: npu, fails: true}\n"
                             "  - {at: 9 ms, device: npu, returns: true}\n"
                             "  - {at: 0 s, requests: 100, every: 10 ms, times: 3}\n");
  std::vector<models::Event> expected = {
      event(What::speed, 5ms, "npu", ""),   event(What::load, 6ms, "", "d2d"),
      event(What::lanes, 7ms, "", "d2d"),   event(What::fails, 8ms, "npu", ""),
      event(What::returns, 9ms, "npu", ""), event(What::burst, 0ms, "", "")};
  expected[0].value = 0.5;
  expected[1].value = 0.25;
  expected[2].count = 4;
  expected[5].every = 10ms;
  expected[5].times = 3;
  expected[5].count = 100;
  EXPECT_EQ(read->events, expected);
}

TEST(Events, WrittenOutReadBackAsTheSame) {
  const auto first = scenario(one +
                              "events:\n"
                              "  - {at: 5 ms, device: npu, speed: 30 %}\n"
                              "  - {at: 7 ms, link: d2d, lanes: 4, every: 1 ms, times: 2}\n"
                              "  - {at: 8 ms, link: d2d, fails: true}\n"
                              "  - {at: 9 ms, requests: 7}\n"
                              "workload: {requests: 9, batch: {size: 4, wait: 2 ms}}\n");
  const auto again = scenario(to_json(*first));
  EXPECT_EQ(again->events, first->events);
  EXPECT_EQ(to_json(*again), to_json(*first));
}

TEST(Events, PointAtWhatIsWrong) {
  const auto of = [](const std::string& event) {
    return complaint(one + "events:\n  - " + event + "\n");
  };
  EXPECT_EQ(of("{at: 5 ms, device: npu, speed: 50 %}"), "");
  EXPECT_EQ(of("{at: 5 ms, device: npi, speed: 50 %}"),
            "s.yaml:8:24: device: there is no device 'npi'; did you mean 'npu'?");
  EXPECT_EQ(of("{at: 5 ms, link: usb, fails: true}"),
            "s.yaml:8:22: link: there is no link 'usb'; there are: d2d");
  EXPECT_EQ(of("{at: 5 ms, device: npu}"),
            "s.yaml:8:5: nothing happens; give one of 'speed', 'load', 'lanes', 'fails', "
            "'returns' and 'requests'");
  EXPECT_EQ(of("{at: 5 ms, device: npu, speed: 50 %, fails: true}"),
            "s.yaml:8:5: several things happen at once; give one of 'speed', 'load', 'lanes', "
            "'fails', 'returns' and 'requests'");
  EXPECT_EQ(of("{at: 5 ms, device: npu, speed: fast}"),
            "s.yaml:8:36: speed: 'fast' is no part; write it like '50 %' or 0.5");
  EXPECT_EQ(of("{at: 5 ms, device: npu, speed: -1 %}"),
            "s.yaml:8:36: speed: '-1 %' is no part; write it like '50 %' or 0.5");
  EXPECT_EQ(of("{device: npu, speed: 50 %}"),
            "s.yaml:8:5: 'at' is missing (when, from the start of the run)");
  EXPECT_EQ(of("{at: 5, device: npu, speed: 50 %}").substr(0, 30),
            "s.yaml:8:10: at: '5' has no un");
  EXPECT_EQ(of("{at: 5 ms, device: npu, sped: 50 %}"),
            "s.yaml:8:5: nothing happens; give one of 'speed', 'load', 'lanes', 'fails', "
            "'returns' and 'requests'\n"
            "s.yaml:8:29: unknown key 'sped'; did you mean 'speed'?");
  EXPECT_EQ(of("{at: 5 ms, network: see, requests: 5}"),
            "s.yaml:8:25: network: is for scenarios with 'networks'");
  EXPECT_EQ(of("{at: 5 ms, link: d2d, lanes: 3}"),
            "s.yaml:8:5: link 'd2d' cannot power 3 lanes; it can power 1, 2, 4, 8");
  EXPECT_EQ(of("{at: 5 ms, device: npu, load: 100 %}"),
            "s.yaml:8:5: 'load' must be at least 0 and at most 0.999999");
  EXPECT_EQ(of("{at: 5 ms, link: d2d, speed: 50 %}"),
            "s.yaml:8:5: 'speed' is of a device; a link has 'lanes'");
  EXPECT_EQ(of("{at: 5 ms, device: npu, fails: true, times: 2}"),
            "s.yaml:8:5: 'times' needs 'every'");
}

TEST(Networks, ShareAPlatformEachWithItsRequests) {
  const auto read = scenario(two);
  ASSERT_EQ(read->networks.size(), 2u);
  EXPECT_EQ(read->networks[0].name, "see");
  EXPECT_EQ(read->networks[0].workload.in_flight, 2);
  EXPECT_EQ(read->networks[0].priority, 1);
  EXPECT_EQ(read->networks[1].deadline, models::Time(5ms));
  const auto problem = make_parts(*read).problem;
  ASSERT_EQ(problem->streams.size(), 2u);
  EXPECT_EQ(problem->operator_name(0).substr(0, 4), "see/");
  EXPECT_EQ(problem->operator_name(problem->operators - 1).substr(0, 5), "read/");
  EXPECT_EQ(to_json(*scenario(to_json(*read))), to_json(*read));
}

TEST(Networks, PointAtWhatIsWrong) {
  EXPECT_EQ(complaint(two), "");
  EXPECT_EQ(complaint(two + "network: {builtin: resnet50}\n"),
            "s.yaml:9:10: network: give either 'network' or 'networks'");
  EXPECT_EQ(complaint(two + "workload: {requests: 2}\n"),
            "s.yaml:9:11: workload: each of 'networks' has its own");
  EXPECT_EQ(complaint("networks: []\n" + platform),
            "s.yaml:1:1: 'network' is missing (the neural network)");
  EXPECT_EQ(complaint("networks:\n  - {name: a/b, network: {builtin: resnet50}}\n" + platform),
            "s.yaml:2:12: name: 'a/b' must be a name without '/'");
  EXPECT_EQ(complaint("networks:\n  - {name: a, network: {builtin: resnet50}}\n  - {name: a, "
                      "network: {builtin: resnet50}}\n" +
                      platform),
            "s.yaml:3:12: name: there are two networks 'a'");
  EXPECT_EQ(complaint("networks:\n  - {name: a, network: {builtin: resnet51}}\n" + platform)
                .substr(0, 40),
            "s.yaml:2:5: network 'a': there is no net");
  EXPECT_EQ(complaint("networks:\n  - {name: a, network: {builtin: resnet50}, priority: 15}\n" +
                      platform),
            "s.yaml:2:55: priority: 15 is outside 0 to 14");
  EXPECT_EQ(complaint(two + "events: [{at: 1 ms, requests: 5, network: sea}]\n"),
            "s.yaml:9:43: network: there is no network 'sea'; did you mean 'see'?");
}

TEST(Platforms, OfScenariosHoldBuffersCopyEnginesAndWidthChanges) {
  const auto read = scenario(one);
  EXPECT_EQ(read->platform.devices[0].buffers, 0);
  EXPECT_EQ(read->platform.devices[1].buffers, 4);
  EXPECT_EQ(read->platform.devices[1].copy_engines, 1);
  EXPECT_EQ(read->platform.links[0].width_change_time, models::Time(2us));
  EXPECT_EQ(read->platform.links[0].width_change_energy.value, 3e-3);
  EXPECT_EQ(complaint(one + "events: []\n"), "");
}

TEST(Batches, HaveASizeAndAWait) {
  const auto workload = scenario(one + "workload: {requests: 9, batch: {size: 4, wait: 2 ms}}\n")
                            ->networks[0]
                            .workload;
  EXPECT_EQ(workload.batch, 4);
  EXPECT_EQ(workload.batch_wait, models::Time(2ms));
  EXPECT_EQ(complaint(one + "workload: {requests: 9, batch: {wait: 2 ms}}\n"),
            "s.yaml:7:32: 'size' is missing (how many at most)");
  EXPECT_EQ(complaint(one + "workload: {requests: 9, batch: {size: 257}}\n"),
            "s.yaml:7:39: size: 257 is outside 1 to 256");
}

}  // namespace
}  // namespace scenarios
