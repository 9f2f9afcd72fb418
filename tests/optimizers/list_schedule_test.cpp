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

struct PaperEdge {
  int from, to, cost;
};
struct Paper {
  std::array<PaperEdge, 15> edges;
  int costs[10][3];
};
/// The example of the paper on HEFT and CPOP (Topcuoglu 2002, figures 2 to 4): ten tasks, three
/// processors.
constexpr Paper topcuoglu = {{{{1, 2, 18},
                               {1, 3, 12},
                               {1, 4, 9},
                               {1, 5, 11},
                               {1, 6, 14},
                               {2, 8, 19},
                               {2, 9, 16},
                               {3, 7, 23},
                               {4, 8, 27},
                               {4, 9, 23},
                               {5, 9, 13},
                               {6, 8, 15},
                               {7, 10, 17},
                               {8, 10, 11},
                               {9, 10, 13}}},
                             {{14, 16, 9},
                              {13, 19, 18},
                              {11, 13, 19},
                              {13, 8, 17},
                              {12, 13, 10},
                              {13, 16, 9},
                              {7, 15, 11},
                              {5, 11, 14},
                              {18, 12, 20},
                              {21, 7, 16}}};
/// That of the paper on PEFT (Arabnejad 2014, figures 1 and 2), of the same size.
constexpr Paper arabnejad = {{{{1, 2, 17},
                               {1, 3, 31},
                               {1, 4, 29},
                               {1, 5, 13},
                               {1, 6, 7},
                               {2, 8, 3},
                               {2, 9, 30},
                               {3, 7, 16},
                               {4, 8, 11},
                               {4, 9, 7},
                               {5, 9, 57},
                               {6, 8, 5},
                               {7, 10, 9},
                               {8, 10, 42},
                               {9, 10, 7}}},
                             {{22, 21, 36},
                              {22, 18, 18},
                              {32, 27, 43},
                              {7, 10, 4},
                              {29, 27, 35},
                              {26, 17, 24},
                              {14, 25, 30},
                              {29, 23, 36},
                              {15, 21, 8},
                              {13, 16, 33}}};
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
std::shared_ptr<Network> paper_network(const Paper& paper) {
  auto network = std::make_shared<Network>();
  network->name = "paper";
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
  for (const auto& edge : paper.edges) {
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
std::shared_ptr<models::Platform> paper_platform(const Paper& paper) {
  auto platform = std::make_shared<models::Platform>();
  platform->name = "paper";
  for (int p = 0; p < 3; ++p) {
    Device device;
    device.name = "p" + std::to_string(p + 1);
    device.model = Device::Model::table;
    device.memory = {1'000'000'000};
    device.memory_bandwidth = {1e12};
    for (int k = 0; k < 10; ++k)
      device.durations.push_back({"n" + std::to_string(k + 1),
                                  models::Precision::fp32,
                                  models::Time(paper.costs[k][p] * microsecond),
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

struct Schedule {
  std::string where;  ///< processors of the tasks, from 1
  std::vector<std::int32_t> order;
  std::int64_t makespan;  ///< in units of the paper
};

Schedule schedule_of(const Paper& paper, optimizers::Policy::Method method) {
  const auto problem = models::make_problem(paper_network(paper), paper_platform(paper), {}, {});
  const optimizers::Graph graph(*problem);
  models::Plan plan;
  optimizers::ListScheduler scheduler(*problem, graph);
  scheduler.schedule({.method = method}, plan);
  EXPECT_NO_THROW(models::check_plan(*problem, plan));
  Schedule schedule{"", plan.order, scheduler.makespan() / microsecond};
  for (const auto device : plan.device) schedule.where += std::to_string(device + 1);
  return schedule;
}

using Method = optimizers::Policy::Method;

TEST(ListSchedule, HeftFindsTheScheduleOfItsPaper) {
  const auto schedule = schedule_of(topcuoglu, Method::heft);
  EXPECT_EQ(schedule.where, "3132323122");
  // By starting times 0, 9, 18, 26, 27, 28, 38, 56, 57 and 73.
  EXPECT_EQ(schedule.order, (std::vector<std::int32_t>{0, 2, 3, 5, 1, 4, 6, 8, 7, 9}));
  EXPECT_EQ(schedule.makespan, 80);
}

TEST(ListSchedule, CpopFindsTheScheduleOfItsPaper) {
  const auto schedule = schedule_of(topcuoglu, Method::cpop);
  for (const std::size_t critical : {0U, 1U, 8U, 9U}) EXPECT_EQ(schedule.where[critical], '2');
  EXPECT_EQ(schedule.makespan, 86);
}

TEST(ListSchedule, PeftFindsTheScheduleOfItsPaper) {
  const auto schedule = schedule_of(arabnejad, Method::peft);
  EXPECT_EQ(schedule.where, "1111321232");
  EXPECT_EQ(schedule.makespan, 122);
}

TEST(ListSchedule, HeftDoesWorseOnTheExampleOfPeft) {
  EXPECT_EQ(schedule_of(arabnejad, Method::heft).makespan, 133);
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
