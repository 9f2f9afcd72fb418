#include "models/platform/platform.h"

#include <gtest/gtest.h>

#include "models/error.h"
#include "tests/models/samples.h"

namespace models {
namespace {

using namespace std::chrono_literals;

std::string complaint_about(const Platform& platform) {
  try {
    platform.check();
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

/// A pair of devices, a and b, with the one link ab.
Platform pair() {
  Platform platform;
  platform.devices = {sample_device("a"), sample_device("b")};
  platform.links = {sample_link("ab", {"a", "b"})};
  return platform;
}

TEST(Link, BandwidthIsWhatCodingLeavesOfThePoweredLanes) {
  Link link = sample_link("x", {"a", "b"});
  link.lane_rate = {2e9};
  link.efficiency = 0.75;
  EXPECT_EQ(link.bandwidth(4).value, 6e9);
}

TEST(Link, WiderIsNeverSlower) {
  Link link = sample_link("x", {"a", "b"});
  link.lanes = 64;
  Time before = Time::max();
  for (const auto width : link.allowed_widths()) {
    const Time now = transfer_time(Bytes{12'345'678}, link.bandwidth(width));
    EXPECT_LT(now, before);
    before = now;
  }
}

TEST(Link, MayPowerPowersOfTwoAndTheBudget) {
  Link link = sample_link("x", {"a", "b"});
  EXPECT_EQ(link.allowed_widths(), (std::vector<std::int64_t>{1}));
  link.lanes = 8;
  EXPECT_EQ(link.allowed_widths(), (std::vector<std::int64_t>{1, 2, 4, 8}));
  link.lanes = 12;
  EXPECT_EQ(link.allowed_widths(), (std::vector<std::int64_t>{1, 2, 4, 8, 12}));
  link.widths = {12, 3};
  EXPECT_EQ(link.allowed_widths(), (std::vector<std::int64_t>{3, 12}));
}

TEST(Platform, FindsItsPartsByName) {
  const Platform platform = pair();
  EXPECT_EQ(complaint_about(platform), "accepted");
  EXPECT_EQ(platform.device_index("b"), 1);
  EXPECT_EQ(platform.device_index("ab"), -1);
  EXPECT_EQ(platform.link_index("ab"), 0);
  EXPECT_EQ(platform.link_index("b"), -1);
}

TEST(Platform, MayBeASingleDevice) {
  Platform platform;
  platform.devices = {sample_device("a")};
  EXPECT_EQ(complaint_about(platform), "accepted");
  EXPECT_EQ(complaint_about({}), "a platform needs at least one device");
}

TEST(Platform, RefusesANameGivenTwice) {
  Platform platform = pair();
  platform.devices[1].name = "a";
  EXPECT_EQ(complaint_about(platform), "device 'a': name: there are two devices 'a'");
  platform = pair();
  platform.links.push_back(platform.links[0]);
  EXPECT_EQ(complaint_about(platform), "link 'ab': name: there are two links 'ab'");
  platform = pair();
  platform.switches = {"s", "s"};
  EXPECT_EQ(complaint_about(platform), "platform: switches: there are two switches 's'");
  platform.switches = {"a"};
  EXPECT_EQ(complaint_about(platform), "platform: switches: 'a' is a device already");
}

TEST(Platform, RefusesAnUnknownEnd) {
  Platform platform = pair();
  platform.switches = {"s"};
  platform.links[0].ends[1] = "c";
  EXPECT_EQ(complaint_about(platform),
            "link 'ab': ends: there is no device or switch 'c'; there are: a, b, s");
}

TEST(Platform, RefusesAFullDuplexBus) {
  Platform platform = pair();
  platform.devices.push_back(sample_device("c"));
  platform.links[0].ends = {"a", "b", "c"};
  EXPECT_EQ(complaint_about(platform),
            "link 'ab': ends: a link with more than two ends is a bus and needs 'duplex: half'");
  platform.links[0].duplex = Link::Duplex::half;
  EXPECT_EQ(complaint_about(platform), "accepted");
  platform.links[0].ends = {"a", "b", "a"};
  EXPECT_EQ(complaint_about(platform), "link 'ab': ends: an end is given twice");
  platform.links[0].ends = {"a"};
  EXPECT_EQ(complaint_about(platform),
            "link 'ab': ends: a link joins two ends, or several as a bus");
}

TEST(Platform, RefusesWidthsThatDoNotEndAtTheBudget) {
  Platform platform = pair();
  platform.links[0].lanes = 16;
  platform.links[0].widths = {1, 8};
  EXPECT_EQ(complaint_about(platform),
            "link 'ab': widths: the largest must be the lane budget, 16, not 8");
  platform.links[0].widths = {0, 16};
  EXPECT_EQ(complaint_about(platform), "link 'ab': widths: must be at least 1");
  platform.links[0].lanes = 5000;
  EXPECT_EQ(complaint_about(platform), "link 'ab': lanes: is outside 1 to 4096");
}

TEST(Platform, RefusesRatesThatAreNotPositive) {
  Platform platform = pair();
  platform.links[0].lane_rate = {-1};
  EXPECT_EQ(complaint_about(platform), "link 'ab': lane_rate: must be greater than 0");
  platform = pair();
  platform.devices[0].memory_bandwidth = {0};
  EXPECT_EQ(complaint_about(platform), "device 'a': memory_bandwidth: must be greater than 0");
  platform = pair();
  platform.devices[0].formats[0].matrix_rate = {0};
  EXPECT_EQ(
      complaint_about(platform),
      "device 'a': formats: 'fp32' has no 'matrix_rate', and there is no 'array' that says it");
  platform = pair();
  platform.devices[0].efficiency = 1.5;
  EXPECT_EQ(complaint_about(platform),
            "device 'a': efficiency: must be greater than 0 and at most 1");
}

TEST(Platform, RefusesADeviceThatComputesInNothing) {
  Platform platform = pair();
  platform.devices[0].formats.clear();
  EXPECT_EQ(
      complaint_about(platform),
      "device 'a': 'formats' is missing (the precisions the device computes in, and how fast)");
  platform.devices[0].model = Device::Model::table;
  platform.devices[0].durations = {{"type:Conv", Precision::int8, 1ms, {}}};
  EXPECT_EQ(complaint_about(platform), "accepted");
  platform.devices[0].model = Device::Model::roofline;
  EXPECT_EQ(complaint_about(platform),
            "device 'a': durations: only the model 'table' has durations; add 'model: table'");
}

TEST(Platform, RefusesRoutesThatDoNotHoldTogether) {
  Platform platform = pair();
  platform.switches = {"s"};
  platform.links.push_back(sample_link("as", {"a", "s"}));
  const auto with_route = [&](Route route) {
    platform.routes = {std::move(route)};
    return complaint_about(platform);
  };
  EXPECT_EQ(with_route({"a", "b", {"ab"}}), "accepted");
  EXPECT_EQ(with_route({"a", "b", {"as"}}),
            "route from 'a' to 'b': via: these links do not lead from 'a' to 'b'");
  EXPECT_EQ(with_route({"a", "b", {}}),
            "route from 'a' to 'b': via: these links do not lead from 'a' to 'b'");
  EXPECT_EQ(with_route({"a", "b", {"ac"}}), "route from 'a' to 'b': via: there is no link 'ac'");
  EXPECT_EQ(with_route({"a", "s", {"as"}}), "route from 'a' to 's': to: there is no device 's'");
  EXPECT_EQ(with_route({"a", "a", {"ab"}}), "route from 'a' to 'a': to: is where the route starts");
  EXPECT_EQ(with_route({"a", "b", {"ab", "ab"}}),
            "route from 'a' to 'b': via: link 'ab' is used twice");
  platform.routes = {{"a", "b", {"ab"}}, {"a", "b", {"ab"}}};
  EXPECT_EQ(complaint_about(platform),
            "route from 'a' to 'b': the route from 'a' to 'b' is given twice");
}

TEST(Platform, RefusesADeviceThatCannotBeReached) {
  Platform platform = pair();
  platform.devices.push_back(sample_device("c"));
  EXPECT_EQ(
      complaint_about(platform),
      "device 'c' cannot be reached from 'a'; join them by links and switches, or give a route "
      "(devices do not forward by themselves)");
}

}  // namespace
}  // namespace models
