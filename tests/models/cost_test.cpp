#include <gtest/gtest.h>

#include <stdexcept>

#include "models/cost/cost_model.h"
#include "tests/models/samples.h"

namespace models {
namespace {

using namespace std::chrono_literals;

/// One operator that reads x (100 elements) and the weight w (300) and makes y (200).
Network one_operator() {
  Network network;
  const auto tensor = [](std::string name, std::int64_t elements, Tensor::Role role) {
    Tensor result;
    result.name = std::move(name);
    result.shape = {elements};
    result.role = role;
    return result;
  };
  network.tensors = {tensor("x", 100, Tensor::Role::input), tensor("w", 300, Tensor::Role::weight),
                     tensor("y", 200, Tensor::Role::computed)};
  network.tensors[2].producer = 0;
  Operator op;
  op.name = "conv1";
  op.type = "Conv";
  op.inputs = {0, 1, -1};
  op.outputs = {2};
  op.costing = Costing::counted;
  op.macs = 5'000;
  op.element_operations = 1'000;
  op.reduction_channels = 16;
  network.operators = {op};
  network.inputs = {0};
  network.outputs = {2};
  return network;
}

Cost cost_of(const Device& device, const Network& network, Precision p = Precision::fp32) {
  return make_cost_model(device)->of_operator(network, 0, p).value();
}

TEST(Roofline, AddsArithmeticOfBothKinds) {
  // 10,000 operations at 1 GOP/s and 1,000 at 0.1 GOP/s; 2,400 bytes at 1 GB/s take 2.4 us.
  const auto cost = cost_of(sample_device("d"), one_operator());
  EXPECT_EQ(cost.duration, 20us);
  EXPECT_EQ(cost.bound, Cost::Bound::compute);
}

TEST(Roofline, IsBoundByMemoryWhereThatTakesLonger) {
  Device device = sample_device("d");
  device.memory_bandwidth = {1e8};
  const auto cost = cost_of(device, one_operator());
  EXPECT_EQ(cost.duration, 24us);
  EXPECT_EQ(cost.bound, Cost::Bound::memory);
}

TEST(Roofline, AddsTheLaunchOverhead) {
  Device device = sample_device("d");
  device.launch_overhead = 5us;
  EXPECT_EQ(cost_of(device, one_operator()).duration, 25us);
  EXPECT_EQ(cost_of(device, one_operator()).bound, Cost::Bound::compute);
  device.launch_overhead = 50us;
  EXPECT_EQ(cost_of(device, one_operator()).duration, 70us);
  EXPECT_EQ(cost_of(device, one_operator()).bound, Cost::Bound::overhead);
}

TEST(Roofline, PaysForOperationsAndBytes) {
  Device device = sample_device("d");
  device.memory_energy = {10e-12};
  EXPECT_DOUBLE_EQ(cost_of(device, one_operator()).joules, 11'000 * 2e-12 + 2'400 * 10e-12);
  // Three tensors with a scale of four bytes each.
  EXPECT_DOUBLE_EQ(cost_of(device, one_operator(), Precision::int8).joules,
                   11'000 * 1e-12 + (600 + 12) * 10e-12);
}

TEST(Roofline, TakesASixteenthOfTheMatrixRateForElementsUnlessTold) {
  // 10,000 / 4e9 s and 1,000 / 0.25e9 s.
  EXPECT_EQ(cost_of(sample_device("d"), one_operator(), Precision::int8).duration, 6'500ns);
}

TEST(Roofline, GivesEachSlotItsPart) {
  Device device = sample_device("d");
  device.slots = 4;
  EXPECT_EQ(cost_of(device, one_operator()).duration, 80us);
}

TEST(Roofline, ReachesTheEfficiencyOfTheType) {
  Device device = sample_device("d");
  device.efficiency = 0.5;
  EXPECT_EQ(cost_of(device, one_operator()).duration, 40us);
  device.efficiencies = {{"Conv", 0.8}, {"depthwise", 0.1}};
  EXPECT_EQ(cost_of(device, one_operator()).duration, 25us);
  Network depthwise = one_operator();
  depthwise.operators[0].reduction_channels = 1;
  EXPECT_EQ(cost_of(device, depthwise).duration, 200us);
  device.efficiencies.pop_back();
  EXPECT_EQ(cost_of(device, depthwise).duration, 25us);
}

TEST(Roofline, CountsATensorOnceHoweverOftenItIsRead) {
  Device device = sample_device("d");
  device.memory_bandwidth = {1e8};
  Network twice = one_operator();
  twice.operators[0].inputs = {0, 1, 0, 1};
  EXPECT_EQ(cost_of(device, twice).duration, 24us);
}

TEST(Roofline, MovesTensorsThatAreNotRealAsTheyAre) {
  Device device = sample_device("d");
  device.memory_bandwidth = {1e8};
  Network network = one_operator();
  network.tensors[0].type = ElementType::int64;
  EXPECT_EQ(cost_of(device, network).duration, 28us);
  EXPECT_EQ(cost_of(device, network, Precision::int8).duration, 13'080ns);
}

TEST(Roofline, TakesNoTimeForWhatIsFree) {
  Device device = sample_device("d");
  device.launch_overhead = 5us;
  Network network = one_operator();
  network.operators[0].costing = Costing::free;
  for (const auto p : {Precision::fp32, Precision::bf16}) {
    const auto cost = cost_of(device, network, p);
    EXPECT_EQ(cost.duration, 0us);
    EXPECT_EQ(cost.joules, 0);
    EXPECT_EQ(cost.bound, Cost::Bound::none);
  }
}

TEST(Roofline, CostsAnUnknownOperatorByItsBytesWhenAsked) {
  Device device = sample_device("d");
  device.launch_overhead = 1us;
  Network network = one_operator();
  network.operators[0].costing = Costing::by_bytes;
  EXPECT_EQ(cost_of(device, network).duration, 3'400ns);
  EXPECT_EQ(cost_of(device, network).joules, 0);
  network.operators[0].costing = Costing::not_costed;
  EXPECT_THROW(cost_of(device, network), std::logic_error);
}

TEST(Roofline, KnowsWhatTheDeviceSupports) {
  const Device device = sample_device("d");
  const auto model = make_roofline(device);
  EXPECT_FALSE(model->of_operator(one_operator(), 0, Precision::bf16).has_value());
  EXPECT_TRUE(model->of_operator(one_operator(), 0, Precision::int8).has_value());
}

TEST(Roofline, ReadsOfATableOnlyWhatIsPicked) {
  Device device = sample_device("d");
  device.memory_energy = {10e-12};
  Network network = one_operator();
  auto& op = network.operators[0];
  op.inputs = {1, 0};  // 200 elements are picked from a table of 300 by 100 indices
  op.macs = op.element_operations = 0;
  EXPECT_DOUBLE_EQ(cost_of(device, network).joules, (300 + 100 + 200) * 4 * 10e-12);
  op.type = "Gather";
  EXPECT_DOUBLE_EQ(cost_of(device, network).joules, (200 + 100 + 200) * 4 * 10e-12);
}

TEST(Roofline, IsNeverSlowerOnAFasterDevice) {
  const Network network = one_operator();
  for (const double factor : {1.5, 2.0, 10.0}) {
    const Device device = sample_device("d");
    Device rates = device, memory = device;
    for (auto& format : rates.formats) format.matrix_rate.value *= factor;
    memory.memory_bandwidth.value *= factor;
    for (const auto p : {Precision::fp32, Precision::int8}) {
      EXPECT_LT(cost_of(rates, network, p).duration, cost_of(device, network, p).duration);
      EXPECT_LE(cost_of(memory, network, p).duration, cost_of(device, network, p).duration);
    }
  }
}

Device tabled_device() {
  Device device = sample_device("d");
  device.model = Device::Model::table;
  device.launch_overhead = 1ms;
  device.durations = {{"type:Conv", Precision::fp32, 7us, {}},
                      {"conv1", Precision::int8, 3us, {5e-6}},
                      {"type:Conv", Precision::bf16, 4us, {}}};
  return device;
}

TEST(Table, TakesTheDurationOfTheNameThenOfTheType) {
  Device device = tabled_device();
  EXPECT_EQ(cost_of(device, one_operator()).duration, 7us);
  EXPECT_EQ(cost_of(device, one_operator()).bound, Cost::Bound::table);
  EXPECT_EQ(cost_of(device, one_operator(), Precision::int8).duration, 3us);
  device.durations.push_back({"conv1", Precision::fp32, 6us, {}});
  EXPECT_EQ(cost_of(device, one_operator()).duration, 6us);
}

TEST(Table, TakesEnergyFromTheRooflineUnlessTold) {
  const Device device = tabled_device();
  EXPECT_DOUBLE_EQ(cost_of(device, one_operator(), Precision::int8).joules, 5e-6);
  EXPECT_DOUBLE_EQ(cost_of(device, one_operator()).joules, 11'000 * 2e-12);
  EXPECT_EQ(cost_of(device, one_operator(), Precision::bf16).joules, 0);
}

TEST(Table, FallsToTheRooflineWhereTheFormatIsDescribed) {
  Device device = tabled_device();
  device.durations = {{"other", Precision::fp32, 7us, {}}};
  EXPECT_EQ(cost_of(device, one_operator()).duration, 1'020us);
  EXPECT_FALSE(make_table(device)->of_operator(one_operator(), 0, Precision::fp16).has_value());
}

TEST(Table, LeavesFreeOperatorsFree) {
  Network network = one_operator();
  network.operators[0].costing = Costing::free;
  EXPECT_EQ(cost_of(tabled_device(), network).duration, 0us);
}

}  // namespace
}  // namespace models
