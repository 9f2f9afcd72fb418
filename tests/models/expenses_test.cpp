#include "models/platform/expenses.h"

#include <gtest/gtest.h>

#include "models/error.h"

namespace models {
namespace {

Device device(const std::string& name) {
  Device made;
  made.name = name;
  made.memory = {std::int64_t{4} << 20};
  made.memory_bandwidth = {1e10};
  made.formats.push_back({Precision::int8, {1e12}, {}, {}});
  return made;
}

Link link(const std::string& name, std::vector<std::string> ends) {
  Link made;
  made.name = name;
  made.ends = std::move(ends);
  made.lanes = 8;
  made.lane_rate = {1e9};
  return made;
}

Platform platform() {
  Platform made;
  made.devices = {device("host"), device("npu")};
  made.switches = {"switch"};
  made.links = {link("up", {"host", "switch"}), link("down", {"npu", "switch"})};
  return made;
}

std::string refusal(const Platform& platform) {
  try {
    with_copies(platform);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Expenses, AreTheSumOfWhatIsGivenPerPart) {
  auto made = platform();
  made.devices[0].area.fixed = 2;
  auto& npu = made.devices[1];
  npu.formats[0].matrix_rate = {};
  npu.array = {16, 32, {1e9}};
  npu.sram = {std::int64_t{1} << 19};
  npu.area = {0.5, 0.001, 1.5, 2};
  made.links[0].area = 0.25;
  made.links[1].area_per_lane = 0.1;
  EXPECT_DOUBLE_EQ(expenses_of(made).area, 2 + (0.5 + 0.512 + 6 + 1) + 0.25 + 0.8);
  EXPECT_EQ(expenses_of(made).without_area, "");
}

TEST(Expenses, OfCopiesCountAsOftenAsThereAreCopies) {
  auto made = platform();
  made.devices[0].price = made.devices[1].price = {10, -1, -1, -1};
  made.links[0].price = made.links[1].price = 1;
  made.devices[1].count = 3;
  EXPECT_EQ(expenses_of(with_copies(made)).price, 10 + 3 * 10 + 1 + 3 * 1);
}

TEST(Expenses, AreNotGivenWhereOnePartSaysNothing) {
  auto made = platform();
  made.devices[0].area.fixed = 2;
  EXPECT_EQ(expenses_of(made).area, 0);
  EXPECT_EQ(expenses_of(made).without_area, "device 'npu'");
  made.devices[1].area.fixed = 0;
  EXPECT_EQ(expenses_of(made).without_area, "link 'up'");
}

TEST(Expenses, AddUpOverDevicesAndLinks) {
  auto made = platform();
  auto& npu = made.devices[1];
  made.devices[0].area = made.devices[0].price = {0, -1, -1, -1};
  for (auto& link : made.links) link.area = link.price = 0;
  EXPECT_EQ(expenses_of(made).without_area, "device 'npu'");
  npu.formats[0].matrix_rate = {};
  npu.array = {8, 8, {1e9}};
  npu.sram = {std::int64_t{1} << 20};
  npu.area = {1, 0.01, 0.5, 2};
  npu.price = {10, 0.25, 3, 7};
  EXPECT_DOUBLE_EQ(expenses_of(made).area, 1 + 0.64 + 2 + 2);
  EXPECT_DOUBLE_EQ(expenses_of(made).price, 10 + 16 + 12 + 7);
  npu.array.rows = 16;  // as many cells again
  EXPECT_DOUBLE_EQ(expenses_of(made).area, 5.64 + 0.64);
  EXPECT_DOUBLE_EQ(expenses_of(made).price, 45 + 16);
  npu.sram = {std::int64_t{3} << 20};
  EXPECT_DOUBLE_EQ(expenses_of(made).area, 6.28 + 2 * 2);
  EXPECT_DOUBLE_EQ(expenses_of(made).price, 61 + 2 * 7);
  npu.count = 3;
  EXPECT_DOUBLE_EQ(expenses_of(made).area, 3 * 10.28);
  EXPECT_DOUBLE_EQ(expenses_of(with_copies(made)).price, 3 * 75);
  npu.count = 0;
  EXPECT_EQ(expenses_of(with_copies(made)).area, 0);
}

TEST(Copies, HaveNamesAndLinksOfTheirOwn) {
  auto made = platform();
  made.devices[1].count = 3;
  const auto all = with_copies(made);
  ASSERT_EQ(all.devices.size(), 4U);
  EXPECT_EQ(all.devices[1].name, "npu");
  EXPECT_EQ(all.devices[3].name, "npu_3");
  ASSERT_EQ(all.links.size(), 4U);
  EXPECT_EQ(all.links[3].name, "down_3");
  EXPECT_EQ(all.links[3].ends, (std::vector<std::string>{"npu_3", "switch"}));
  EXPECT_NO_THROW(all.check());
}

TEST(Copies, OnABusAreFurtherEnds) {
  auto made = platform();
  made.devices.push_back(device("camera"));
  made.links = {link("bus", {"host", "npu", "camera"})};
  made.links[0].duplex = Link::Duplex::half;
  made.devices[1].count = 2;
  EXPECT_EQ(with_copies(made).links[0].ends,
            (std::vector<std::string>{"host", "npu", "npu_2", "camera"}));
}

TEST(Copies, NoneTakeTheirLinksWithThem) {
  auto made = platform();
  made.devices[1].count = 0;
  const auto all = with_copies(made);
  EXPECT_EQ(all.devices.size(), 1U);
  EXPECT_EQ(all.links.size(), 1U);
}

TEST(Copies, AreRefusedWhereItIsNotClearWhatTheyWouldBe) {
  auto made = platform();
  made.devices[0].count = made.devices[1].count = 2;
  made.links.push_back(link("direct", {"host", "npu"}));
  EXPECT_EQ(refusal(made),
            "link 'direct' joins 'host' and 'npu', which both have a 'count'; join them over a "
            "switch");
  made = platform();
  made.devices[1].count = 2;
  made.routes = {{"host", "npu", {"up", "down"}}};
  EXPECT_EQ(refusal(made),
            "the route from 'host' to 'npu' is over device 'npu', of which there are several; "
            "leave the route out");
  made = platform();
  made.devices[1].count = 2;
  made.devices.push_back(device("npu_2"));
  EXPECT_EQ(refusal(made), "'npu_2' is the name of a copy, and is taken; rename one of them");
}

}  // namespace
}  // namespace models
