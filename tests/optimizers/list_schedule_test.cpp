#include "optimizers/list_schedule.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "sim/static_evaluator.h"
#include "tests/optimizers/small_problem.h"

namespace {

using models::Device;
using models::Network;
using models::Tensor;

/// The example of the paper on HEFT (Topcuoglu 2002, figures 2 and 3): ten tasks, three processors.
struct PaperEdge {
  int from, to, cost;
};
constexpr std::array paper_edges = {
    PaperEdge{1, 2, 18},  PaperEdge{1, 3, 12},  PaperEdge{1, 4, 9},  PaperEdge{1, 5, 11},
    PaperEdge{1, 6, 14},  PaperEdge{2, 8, 19},  PaperEdge{2, 9, 16}, PaperEdge{3, 7, 23},
    PaperEdge{4, 8, 27},  PaperEdge{4, 9, 23},  PaperEdge{5, 9, 13}, PaperEdge{6, 8, 15},
    PaperEdge{7, 10, 17}, PaperEdge{8, 10, 11}, PaperEdge{9, 10, 13}};
constexpr int paper_costs[10][3] = {{14, 16, 9},  {13, 19, 18}, {11, 13, 19}, {13, 8, 17},
                                    {12, 13, 10}, {13, 16, 9},  {7, 15, 11},  {5, 11, 14},
                                    {18, 12, 20}, {21, 7, 16}};
constexpr std::int64_t microsecond = 1'000'000;  // in picoseconds

int add_tensor(Network& network, const std::string& name, std::int64_t elements, Tensor::Role role,
               int producer) {
  Tensor tensor;
  tensor.name = name;
  tensor.shape = {elements};
  tensor.role = role;
  tensor.producer = producer;
  network.tensors.push_back(tensor);
  return static_cast<int>(network.tensors.size()) - 1;
}

/// One tensor per edge, a thousand elements for every unit of cost.
std::shared_ptr<Network> paper_network() {
  auto network = std::make_shared<Network>();
  network->name = "topcuoglu";
  network->operators.resize(10);
  for (int k = 0; k < 10; ++k) {
    auto& op = network->operators[static_cast<std::size_t>(k)];
    op.name = "n" + std::to_string(k + 1);
    op.type = "Conv";
    op.costing = models::Costing::counted;
    op.macs = 1;
  }
  network->inputs = {add_tensor(*network, "x", 1, Tensor::Role::input, -1)};
  network->operators[0].inputs = network->inputs;
  for (const auto& edge : paper_edges) {
    const auto from = static_cast<std::size_t>(edge.from - 1),
               to = static_cast<std::size_t>(edge.to - 1);
    const int tensor =
        add_tensor(*network, "t" + std::to_string(edge.from) + "_" + std::to_string(edge.to),
                   1000 * edge.cost, Tensor::Role::computed, edge.from - 1);
    network->operators[from].outputs.push_back(tensor);
    network->operators[to].inputs.push_back(tensor);
  }
  network->outputs = {add_tensor(*network, "y", 1, Tensor::Role::computed, 9)};
  network->operators[9].outputs = network->outputs;
  return network;
}

/// Every pair joined by a link of its own, 1000 fp32 elements per microsecond. Shared fairly: the
/// paper knows no queues.
std::shared_ptr<models::Platform> paper_platform() {
  auto platform = std::make_shared<models::Platform>();
  platform->name = "topcuoglu";
  for (int p = 0; p < 3; ++p) {
    Device device;
    device.name = "p" + std::to_string(p + 1);
    device.model = Device::Model::table;
    device.memory = {1'000'000'000};
    device.memory_bandwidth = {1e12};
    for (int k = 0; k < 10; ++k)
      device.durations.push_back({"n" + std::to_string(k + 1),
                                  models::Precision::fp32,
                                  models::Time(paper_costs[k][p] * microsecond),
                                  {1e-6}});
    platform->devices.push_back(device);
    models::Link link;
    link.name = "l" + std::to_string(p + 1);
    link.ends = {"p" + std::to_string(p + 1), "p" + std::to_string((p + 1) % 3 + 1)};
    link.lane_rate = {4e9};
    link.sharing = models::Link::Sharing::fair;
    platform->links.push_back(link);
  }
  return platform;
}

TEST(ListSchedule, FindsTheScheduleOfThePaper) {
  const auto problem = models::make_problem(paper_network(), paper_platform(), {}, {});
  const optimizers::Graph graph(*problem);
  models::Plan plan;
  optimizers::ListScheduler(*problem, graph).schedule({}, plan);
  EXPECT_NO_THROW(models::check_plan(*problem, plan));
  std::string where;
  for (const auto device : plan.device) where += std::to_string(device + 1);
  EXPECT_EQ(where, "3132323122");
  // By starting times 0, 9, 18, 26, 27, 28, 38, 56, 57 and 73.
  EXPECT_EQ(plan.order, (std::vector<std::int32_t>{0, 2, 3, 5, 1, 4, 6, 8, 7, 9}));
}

TEST(ListSchedule, KeepsToTheWidthThePrecisionAndTheWireFormat) {
  const auto problem = optimizers_test::random_problem(
      {.operators = 12,
       .precisions = {models::Precision::fp16, models::Precision::int8},
       .wires = {models::Precision::int4}},
      1);
  const optimizers::Graph graph(*problem);
  models::Plan plan;
  optimizers::ListScheduler(*problem, graph)
      .schedule({.precision = 1, .width = 1, .wire = problem->wire_option.back()}, plan);
  EXPECT_EQ(plan.precision, std::vector<std::uint8_t>(12, 1));
  EXPECT_EQ(plan.lanes, std::vector<std::uint16_t>{1});
  EXPECT_EQ(plan.wire[0], problem->wire_option.back());
}

TEST(ListSchedule, LeavesADeviceThatIsFull) {
  models::Random random(4);
  auto network = optimizers_test::random_network(10, random);
  for (auto& tensor : network->tensors)
    if (tensor.role == Tensor::Role::weight) tensor.shape = {1'000'000};
  auto platform = optimizers_test::random_platform({.operators = 10}, random);
  for (auto& device : platform->devices) device.memory = {25'000'000};
  const auto problem = models::make_problem(network, platform, {}, {});
  const optimizers::Graph graph(*problem);
  models::Plan plan;
  optimizers::ListScheduler(*problem, graph).schedule({}, plan);
  EXPECT_TRUE(sim::make_evaluator(problem)->score(plan).feasible());
}

}  // namespace
