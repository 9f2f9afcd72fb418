// What describe() says of devices, links, platforms and workloads, as the strict reader sees it.
#include <gtest/gtest.h>

#include "models/platform/platform.h"
#include "models/workload.h"
#include "scenarios/section.h"
#include "scenarios/writer.h"
#include "scenarios/yaml.h"
#include "tests/models/samples.h"

namespace models {
namespace {

using namespace std::chrono_literals;

template <class Thing>
Thing read_from(const std::string& yaml) {
  Thing thing;
  scenarios::Faults faults;
  scenarios::read(scenarios::parse_yaml(yaml, "f.yaml"), thing, faults);
  scenarios::throw_first(faults);
  return thing;
}

template <class Thing>
std::string complaint_about(const std::string& yaml) {
  try {
    read_from<Thing>(yaml);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

template <class Thing>
std::string written(Thing& thing) {
  scenarios::Value value;
  scenarios::Writer writer(value);
  describe(thing, writer);
  return scenarios::to_json(value);
}

const std::string npu =
    "name: npu\n"
    "memory: 8 MiB\n"
    "memory_bandwidth: 34 GB/s\n"
    "launch_overhead: 5 us\n"
    "formats:\n"
    "  int8: {matrix_rate: 4 TOP/s, element_rate: 300 GOP/s, operation_energy: 0.2 pJ/op}\n"
    "  fp16: {matrix_rate: 2 TFLOP/s}\n"
    "efficiencies: {Conv: 0.7, depthwise: 0.1}\n"
    "efficiency: 0.5\n"
    "static_power: 0.5 W\n";

TEST(DeviceFile, IsRead) {
  const auto device = read_from<Device>(npu);
  EXPECT_EQ(device.memory.count, 8 << 20);
  EXPECT_EQ(device.launch_overhead, 5us);
  ASSERT_NE(device.support(Precision::int8), nullptr);
  EXPECT_EQ(device.element_rate(*device.support(Precision::int8)).value, 300e9);
  EXPECT_EQ(device.support(Precision::int8)->operation_energy.value, 0.2e-12);
  EXPECT_EQ(device.element_rate(*device.support(Precision::fp16)).value, 125e9);
  EXPECT_EQ(device.support(Precision::fp32), nullptr);
  ASSERT_EQ(device.efficiencies.size(), 2u);
  EXPECT_EQ(device.efficiencies[1].type, "depthwise");
  EXPECT_EQ(device.efficiencies[1].part, 0.1);
  EXPECT_EQ(device.slots, 1);
}

TEST(DeviceFile, IsReadWithATable) {
  const auto device = read_from<Device>(
      "name: d\nmodel: table\nmemory: 1 GiB\nmemory_bandwidth: 1 GB/s\ndurations:\n"
      "  - {of: conv1, precision: int8, duration: 3 us, energy: 2 uJ}\n"
      "  - {of: 'type:Relu', precision: fp32, duration: 1 us}\n");
  ASSERT_EQ(device.durations.size(), 2u);
  EXPECT_EQ(device.durations[0].precision, Precision::int8);
  EXPECT_EQ(device.durations[0].energy.value, 2e-6);
  EXPECT_EQ(device.durations[1].of, "type:Relu");
  EXPECT_EQ(device.durations[1].duration, 1us);
}

TEST(DeviceFile, PointsAtAnUnknownPrecision) {
  EXPECT_EQ(complaint_about<Device>("name: d\nmemory: 1 MB\nmemory_bandwidth: 1 GB/s\n"
                                    "formats:\n  fp7: {matrix_rate: 1 TOP/s}\n"),
            "f.yaml:5:8: fp7: 'fp7' is no precision to compute in; there are: fp32, tf32, fp16, "
            "bf16, fp8_e4m3, fp8_e5m2, mxfp8, mxint8, int16, int8, int4");
  EXPECT_NE(complaint_about<Device>("name: d\nmemory: 1 MB\nmemory_bandwidth: 1 GB/s\n"
                                    "formats:\n  int12: {matrix_rate: 1 TOP/s}\n"),
            "accepted");
}

TEST(DeviceFile, PointsAtARateThatIsNotPositive) {
  EXPECT_EQ(complaint_about<Device>("name: d\nmemory: 1 MB\nmemory_bandwidth: 0 GB/s\n"
                                    "formats:\n  fp32: {matrix_rate: 1 TOP/s}\n"),
            "f.yaml:3:19: memory_bandwidth: 0 GB/s must be greater than 0 B/s");
  EXPECT_EQ(complaint_about<Device>("name: d\nmemory: 1 MB\nmemory_bandwidth: 1 GB/s\n"
                                    "formats:\n  fp32: {matrix_rate: -1 TOP/s}\n"),
            "f.yaml:5:23: matrix_rate: -1 TOP/s must be greater than 0 op/s");
}

TEST(DeviceFile, NamesWhatIsMissing) {
  EXPECT_EQ(complaint_about<Device>("name: d\nmemory: 1 MB\n"),
            "f.yaml:1:1: 'memory_bandwidth' is missing (between memory and arithmetic)");
  EXPECT_EQ(
      complaint_about<Device>("name: d\nmemory: 1 MB\nmemory_bandwidth: 1 GB/s\n"),
      "f.yaml:1:1: 'formats' is missing (the precisions the device computes in, and how fast)");
  EXPECT_EQ(
      complaint_about<Device>("name: d\nmodel: table\nmemory: 1 MB\nmemory_bandwidth: 1 GB/s\n"
                              "formats:\n  fp32: {matrix_rate: 1 TOP/s}\n"),
      "f.yaml:2:8: model: the model 'table' needs 'durations'");
}

const std::string d2d = "name: d2d\nends: [a, b]\nlanes: 16\nlane_rate: 2 GB/s\nlatency: 20 ns\n";

TEST(LinkFile, IsRead) {
  const auto link = read_from<Link>(d2d +
                                    "widths: [4, 16]\nsharing: fair\npacket: 64 B\n"
                                    "energy: 0.5 pJ/b\nlane_idle_power: 5 mW\n");
  EXPECT_EQ(link.ends, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(link.allowed_widths(), (std::vector<std::int64_t>{4, 16}));
  EXPECT_EQ(link.bandwidth(16).value, 32e9);
  EXPECT_EQ(link.latency, 20ns);
  EXPECT_EQ(link.sharing, Link::Sharing::fair);
  EXPECT_EQ(link.packet.count, 64);
  EXPECT_EQ(link.energy.value, 0.5e-12);
}

TEST(LinkFile, PointsAtTheValueAtFault) {
  EXPECT_EQ(complaint_about<Link>("name: bus\nends: [a, b, c]\nlane_rate: 1 GB/s\nlatency: 0 s\n"),
            "f.yaml:2:7: ends: a link with more than two ends is a bus and needs 'duplex: half'");
  EXPECT_EQ(complaint_about<Link>(d2d + "widths: [4, 8]\n"),
            "f.yaml:6:9: widths: the largest must be the lane budget, 16, not 8");
  EXPECT_EQ(
      complaint_about<Link>("name: x\nends: [a, b]\nlanes: 0\nlane_rate: 1 GB/s\nlatency: 0 s\n"),
      "f.yaml:3:8: lanes: 0 is outside 1 to 4096");
  EXPECT_EQ(complaint_about<Link>(d2d + "efficiency: 0\n"),
            "f.yaml:6:13: efficiency: 0 must be greater than 0");
}

std::string platform_with(const std::string& more) {
  std::string text = "devices:\n";
  for (const std::string name : {"a", "b"})
    text += "  - {name: " + name +
            ", memory: 1 MB, memory_bandwidth: 1 GB/s, formats: {fp32: {matrix_rate: 1 TOP/s}}}\n";
  return text + more;
}

TEST(PlatformFile, IsRead) {
  const auto platform = read_from<Platform>(platform_with(
      "switches: [s]\nlinks:\n  - {name: as, ends: [a, s], lane_rate: 1 GB/s, latency: 1 us}\n"
      "  - {name: bs, ends: [b, s], lane_rate: 1 GB/s, latency: 1 us}\n"
      "routes:\n  - {from: a, to: b, via: [as, bs]}\n"));
  EXPECT_NO_THROW(platform.check());
  EXPECT_EQ(platform.devices.size(), 2u);
  EXPECT_EQ(platform.switches, (std::vector<std::string>{"s"}));
  EXPECT_EQ(platform.routes.front().via, (std::vector<std::string>{"as", "bs"}));
}

TEST(PlatformFile, PointsAtAnUnknownEnd) {
  EXPECT_EQ(complaint_about<Platform>(platform_with(
                "links:\n  - {name: ab, ends: [a, c], lane_rate: 1 GB/s, latency: 1 us}\n")),
            "f.yaml:5:26: ends: there is no device or switch 'c'; there are: a, b");
}

TEST(PlatformFile, PointsAtARouteThatDoesNotHoldTogether) {
  const std::string link =
      "links:\n  - {name: ab, ends: [a, b], lane_rate: 1 GB/s, latency: 1 us}\n";
  EXPECT_EQ(
      complaint_about<Platform>(platform_with(link + "routes:\n  - {from: a, to: b, via: [x]}\n")),
      "f.yaml:7:28: via: there is no link 'x'");
  EXPECT_EQ(
      complaint_about<Platform>(platform_with(link + "routes:\n  - {from: a, to: b, via: []}\n")),
      "f.yaml:7:27: via: these links do not lead from 'a' to 'b'");
}

TEST(PlatformFile, PointsAtANameGivenTwice) {
  EXPECT_EQ(complaint_about<Platform>(platform_with("switches: [s, b]\n")),
            "f.yaml:4:15: switches: 'b' is a device already");
  EXPECT_EQ(complaint_about<Platform>("devices: []\n"),
            "f.yaml:1:10: devices: a platform needs at least one device");
}

TEST(PlatformFile, ReadsBackWhatIsWritten) {
  Platform platform;
  platform.name = "p";
  platform.devices = {sample_device("a"), sample_device("b")};
  platform.devices[1].model = Device::Model::table;
  platform.devices[1].durations = {{"type:Conv", Precision::int8, 7us, {1e-6}}};
  platform.devices[1].efficiencies = {{"Conv", 0.3}};
  platform.switches = {"s"};
  platform.links = {sample_link("ab", {"a", "b"}), sample_link("bus", {"a", "b", "s"})};
  platform.links[0].lanes = 12;
  platform.links[0].widths = {4, 12};
  platform.links[1].duplex = Link::Duplex::half;
  platform.routes = {{"a", "b", {"bus"}}};
  const auto text = written(platform);
  auto again = read_from<Platform>(text);
  EXPECT_EQ(written(again), text);
  EXPECT_EQ(again.devices[1].durations[0].duration, 7us);
  EXPECT_EQ(again.devices[0].formats[1].precision, Precision::int8);
  EXPECT_EQ(again.links[0].widths, (std::vector<std::int64_t>{4, 12}));
}

TEST(WorkloadFile, IsRead) {
  const auto workload = read_from<Workload>(
      "requests: 2\narrivals: trace\ntrace: [1 ms, 2.5 ms]\njitter: 0.1\nseed: 7\nsource: a\n");
  EXPECT_EQ(workload.arrival_times(), (std::vector<Time>{1ms, 2'500us}));
  EXPECT_EQ(workload.jitter, 0.1);
  EXPECT_EQ(workload.seed, 7);
  EXPECT_EQ(workload.source, "a");
}

TEST(WorkloadFile, PointsAtWhatIsWrong) {
  EXPECT_EQ(complaint_about<Workload>("requests: 0\n"),
            "f.yaml:1:11: requests: 0 is outside 1 to 10000000");
  EXPECT_EQ(complaint_about<Workload>("requests: 2\narrivals: trace\ntrace: [1, 2 ms]\n"),
            "f.yaml:3:8: trace: '1' has no unit; write it like '1.2 ms'");
  EXPECT_EQ(complaint_about<Workload>("arrivals: periodic\n"),
            "f.yaml:1:1: 'periodic' arrivals need a 'period'");
}

TEST(WorkloadFile, ReadsBackWhatIsWritten) {
  Workload standard, other;
  other.arrivals = Workload::Arrivals::trace;
  other.requests = 3;
  other.trace = {0us, 1us, Time(1'234'567)};
  other.sink = "b";
  for (auto* workload : {&standard, &other}) {
    const auto text = written(*workload);
    auto again = read_from<Workload>(text);
    EXPECT_EQ(written(again), text);
    EXPECT_EQ(again.trace, workload->trace);
  }
}

}  // namespace
}  // namespace models
