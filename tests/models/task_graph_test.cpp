#include "models/task_graph.h"

#include <gtest/gtest.h>

#include "models/accuracy/noise.h"
#include "models/index.h"

namespace models {
namespace {

using models::at;

/// in -> a -> t -> b, c -> out: one tensor of 100 elements that two operators read.
std::shared_ptr<Network> fork() {
  auto network = std::make_shared<Network>();
  network->name = "fork";
  const auto tensor = [&](const std::string& name, Tensor::Role role, int producer) {
    Tensor it;
    it.name = name;
    it.shape = {100};
    it.role = role;
    it.producer = producer;
    network->tensors.push_back(it);
    return static_cast<int>(network->tensors.size()) - 1;
  };
  const auto add = [&](const std::string& name, int input) {
    Operator op;
    op.name = name;
    op.type = "Relu";
    op.costing = Costing::counted;
    op.element_operations = 100;
    op.inputs = {input};
    op.outputs = {
        tensor(name + ".out", Tensor::Role::computed, static_cast<int>(network->operators.size()))};
    network->operators.push_back(op);
    return op.outputs.front();
  };
  network->inputs = {tensor("in", Tensor::Role::input, -1)};
  const int t = add("a", 0);
  const int b = add("b", t), c = add("c", t);
  network->outputs = {b, c};
  return network;
}

/// Devices "p" (source and sink) and "q", which run fp32, fp16 and int8; a link of 1 GB/s.
Platform pair() {
  Platform platform;
  platform.name = "pair";
  for (const char* name : {"p", "q"}) {
    Device device;
    device.name = name;
    device.memory = {1'000'000};
    device.memory_bandwidth = {1e9};
    for (const auto precision : {Precision::fp32, Precision::fp16, Precision::int8})
      device.formats.push_back({precision, {1e9}, {1e9}, {}});
    platform.devices.push_back(device);
  }
  Link link;
  link.name = "l";
  link.ends = {"p", "q"};
  link.lane_rate = {1e9};
  link.latency = Time(10);
  platform.links = {link};
  return platform;
}

class TaskGraphOfAFork : public testing::Test {
 protected:
  TaskGraphOfAFork() {
    Choices choices;
    choices.precisions = {Precision::fp32, Precision::fp16, Precision::int8};
    problem = make_problem(fork(), std::make_shared<Platform>(platform), {}, choices);
    plan = problem->first_plan();
  }

  /// "compute a@p", "convert a.out@p fp32>int8", "send a.out@p->q int8".
  std::vector<std::string> tasks() {
    graph = std::make_unique<TaskGraph>(*problem);
    graph->build(plan);
    std::vector<std::string> all;
    for (const auto& task : graph->tasks()) all.push_back(text_of(task));
    return all;
  }

  std::string text_of(const TaskGraph::Task& task) const {
    const auto format = [&](std::uint8_t f) { return name_of(problem->format[f]); };
    const auto& device = problem->device_name(task.device);
    switch (task.kind) {
      case TaskGraph::Kind::compute:
        return "compute " + problem->operator_name(task.subject) + "@" + device;
      case TaskGraph::Kind::convert:
        return "convert " + problem->tensor_name(task.subject) + "@" + device + " " +
               format(task.from) + ">" + format(task.to);
      case TaskGraph::Kind::transfer:
        break;
    }
    return "send " + problem->tensor_name(task.subject) + "@" + device + "->" +
           problem->device_name(task.target) + " " + format(task.to);
  }

  std::int64_t memory_of(int device) const {
    return graph->totals().devices[at(device)].per_request;
  }

  Platform platform = pair();
  std::shared_ptr<const Problem> problem;
  Plan plan;
  std::unique_ptr<TaskGraph> graph;
};

constexpr std::uint8_t fp16 = 1, int8 = 2;
using List = std::vector<std::string>;

TEST_F(TaskGraphOfAFork, OnOneDeviceIsItsOperators) {
  EXPECT_EQ(tasks(), (List{"compute a@p", "compute b@p", "compute c@p"}));
  // in (400 B) with a's result; then a's result, b's and c's: three tensors of 400 B.
  EXPECT_EQ(memory_of(0), 1200);
  EXPECT_EQ(graph->totals().transferred_bytes, 0);
}

TEST_F(TaskGraphOfAFork, ATensorIsSentOncePerDevice) {
  plan.device = {0, 1, 1};
  EXPECT_EQ(tasks(), (List{"compute a@p", "send a.out@p->q fp32", "compute b@q",
                           "send b.out@q->p fp32", "compute c@q", "send c.out@q->p fp32"}));
  EXPECT_EQ(graph->totals().transferred_bytes, 1200);
  EXPECT_EQ(graph->tasks()[1].duration, 400'000);  // 400 B at 1 GB/s
}

TEST_F(TaskGraphOfAFork, AWireConversionFollowsItsProducer) {
  plan.device = {0, 1, 1};
  plan.wire[at(1 * problem->devices + 1)] = int8;  // tensor 1 is a.out
  EXPECT_EQ(tasks(), (List{"compute a@p", "convert a.out@p fp32>int8", "send a.out@p->q int8",
                           "convert a.out@q int8>fp32", "compute b@q", "send b.out@q->p fp32",
                           "compute c@q", "send c.out@q->p fp32"}));
  EXPECT_EQ(graph->tasks()[2].bytes, 104);  // 100 elements and a scale
  // Read 400 B, write 104 B at 1 GB/s.
  EXPECT_EQ(graph->tasks()[1].duration, 504'000);
}

TEST_F(TaskGraphOfAFork, OtherConversionsPrecedeTheirFirstReader) {
  plan.precision = {0, int8, int8};
  EXPECT_EQ(tasks(),
            (List{"compute a@p", "convert a.out@p fp32>int8", "compute b@p", "compute c@p"}));
  plan.precision = {0, 0, int8};
  EXPECT_EQ(tasks(),
            (List{"compute a@p", "compute b@p", "convert a.out@p fp32>int8", "compute c@p"}));
}

TEST_F(TaskGraphOfAFork, AConversionServesWireAndLocalReader) {
  plan.device = {0, 0, 1};
  plan.precision = {0, int8, int8};
  plan.wire[at(1 * problem->devices + 1)] = int8;
  EXPECT_EQ(tasks(), (List{"compute a@p", "convert a.out@p fp32>int8", "send a.out@p->q int8",
                           "compute b@p", "compute c@q", "send c.out@q->p int8"}));
}

TEST_F(TaskGraphOfAFork, InputsElsewhereAreSentBeforeEverything) {
  plan.device = {1, 1, 1};
  plan.precision = {fp16, fp16, fp16};
  EXPECT_EQ(tasks(),
            (List{"send in@p->q fp32", "convert in@q fp32>fp16", "compute a@q", "compute b@q",
                  "send b.out@q->p fp16", "compute c@q", "send c.out@q->p fp16"}));
  EXPECT_EQ(graph->finals().size(), 2u);
}

TEST_F(TaskGraphOfAFork, OrderFollowsRank) {
  plan.order = {0, 2, 1};
  EXPECT_EQ(tasks(), (List{"compute a@p", "compute c@p", "compute b@p"}));
}

TEST_F(TaskGraphOfAFork, ReadyPlansHoldEverything) {
  plan.discipline = Plan::Discipline::ready;
  tasks();
  EXPECT_EQ(memory_of(0), 1600);  // in, a.out, b.out, c.out
}

TEST_F(TaskGraphOfAFork, SaysWhatDoesNotFit) {
  platform.devices[0].memory = {1000};
  Choices choices;
  choices.precisions = {Precision::fp32};
  problem = make_problem(fork(), std::make_shared<Platform>(platform), {}, choices);
  plan = problem->first_plan();
  tasks();
  EXPECT_EQ(graph->totals().memory_over, 200);
  EXPECT_EQ(infeasibility(*graph, plan),
            "device 'p' lacks 200 B of memory: it has 1000 B for weights of 0 B and 1.172 KiB per "
            "request; largest: tensor 'a.out' 400 B, tensor 'b.out' 400 B, tensor 'c.out' 400 B");
}

TEST_F(TaskGraphOfAFork, SaysWhatCannotRun) {
  platform.devices[1].formats.pop_back();  // q without int8
  Choices choices;
  choices.precisions = {Precision::fp32, Precision::fp16, Precision::int8};
  problem = make_problem(fork(), std::make_shared<Platform>(platform), {}, choices);
  plan = problem->first_plan();
  plan.device = {0, 1, 1};
  plan.wire[at(1 * problem->devices + 1)] = int8;  // q gets int8 and computes in fp32
  tasks();
  EXPECT_EQ(infeasibility(*graph, plan),
            "device 'q' cannot convert tensor 'a.out' from or to int8, which it does not support");
  plan.precision = {0, int8, 0};
  tasks();
  EXPECT_EQ(infeasibility(*graph, plan), "operator 'b' cannot run on device 'q' in int8");
}

TEST_F(TaskGraphOfAFork, NoiseIsZeroAtTheReferenceAndGrowsWithEveryRounding) {
  tasks();
  EXPECT_EQ(graph->totals().noise, 0);
  plan.precision = {int8, 0, 0};
  tasks();
  const double one = graph->totals().noise;
  EXPECT_GT(one, 0);
  plan.precision = {int8, int8, 0};
  tasks();
  EXPECT_GT(graph->totals().noise, one);
}

TEST(Sensitivity, SharesTheSignalWhereTensorsJoin) {
  auto network = fork();
  const auto carried = sensitivity(*network);
  EXPECT_DOUBLE_EQ(carried.tensor[2], 0.5);  // one of two outputs
  EXPECT_DOUBLE_EQ(carried.tensor[1], 1.0);  // reaches both
  EXPECT_DOUBLE_EQ(carried.reading[1], 0.5);
}

}  // namespace
}  // namespace models
