#include "models/problem.h"

#include <gtest/gtest.h>

#include <memory>

#include "models/error.h"
#include "models/problem_parts.h"
#include "tests/models/samples.h"

namespace models {
namespace {

/// A Relu of 1000 elements on devices 'p' and 'q', joined by one lane of 1 GB/s.
class ProblemTest : public testing::Test {
 protected:
  ProblemTest() {
    network.name = "n";
    network.tensors.resize(2);
    network.tensors[0].name = "x";
    network.tensors[0].role = Tensor::Role::input;
    network.tensors[1].name = "y";
    network.tensors[1].producer = 0;
    for (auto& tensor : network.tensors) tensor.shape = {1000};
    Operator op;
    op.name = "relu";
    op.type = "Relu";
    op.inputs = {0};
    op.outputs = {1};
    op.costing = Costing::counted;
    op.element_operations = 1000;
    network.operators = {op};
    network.inputs = {0};
    network.outputs = {1};
    platform.name = "two";
    platform.devices = {sample_device("p"), sample_device("q")};
    platform.links = {sample_link("l", {"p", "q"})};
  }

  std::shared_ptr<const Problem> made() const {
    return make_problem(std::make_shared<Network>(network), std::make_shared<Platform>(platform),
                        workload, choices);
  }

  std::string refusal() const {
    try {
      made();
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  }

  Network network;
  Platform platform;
  Workload workload;
  Choices choices;
};

TEST_F(ProblemTest, RefusesWhatCannotBeCosted) {
  network.operators[0].costing = Costing::not_costed;
  EXPECT_EQ(refusal(),
            "network 'n': 1 operators cannot be costed: 'relu' (Relu); set 'unknown_operators: "
            "bandwidth' to cost them by their bytes");
}

TEST_F(ProblemTest, NamesTheDevicesThereAre) {
  workload.sink = "r";
  EXPECT_EQ(refusal(), "sink: there is no device 'r'; there are: p, q");
}

TEST_F(ProblemTest, RefusesRulesThatLeaveAnOperatorNothing) {
  choices.rules = {{"conv", {"p"}, {}}};
  EXPECT_EQ(refusal(),
            "rule 'conv' is about no operator of network 'n'; write a name, 'type:Conv' or '*'");
  choices.rules = {{"relu", {"r"}, {}}};
  EXPECT_EQ(refusal(), "rule 'relu': there is no device 'r'; there are: p, q");
  choices.precisions = {Precision::int8, Precision::bf16};
  choices.rules = {{"type:Relu", {"q"}, {Precision::bf16}}};
  EXPECT_EQ(
      refusal(),
      "operator 'relu' (Relu) can run nowhere: no permitted device has a permitted precision");
}

TEST_F(ProblemTest, LetsTheLastRuleCount) {
  choices.rules = {{"*", {"p"}, {}}, {"type:Relu", {"q"}, {}}};
  const auto problem = made();
  ASSERT_EQ(problem->options(0).size(), 1U);
  EXPECT_EQ(problem->options(0)[0].device, 1);
}

TEST_F(ProblemTest, RefusesTimesThatCannotBeCounted) {
  platform.devices[1].formats[0].element_rate = {1e-5};
  EXPECT_EQ(refusal(),
            "operator 'relu' would take more than 106 days on device 'q' in fp32; check the "
            "device's rates");
  platform.devices[1] = sample_device("q");
  platform.links[0].lane_rate = {1e-4};
  EXPECT_EQ(refusal(), "link 'l': lane_rate: leaves less than 1 B/s of payload to a lane");
  platform.links[0].lane_rate = {1};
  for (auto& tensor : network.tensors) tensor.shape = {2'000'000};
  EXPECT_EQ(refusal(),
            "tensor 'x' would take more than 53 days to be sent over the slowest route; check the "
            "links' rates");
}

TEST_F(ProblemTest, RefusesMoreRequestsThanTimeHolds) {
  workload.requests = 10'000'000;
  EXPECT_EQ(refusal(), "accepted");
  platform.devices[1].formats[0].element_rate = {1e3};
  EXPECT_EQ(refusal(),
            "10000000 requests could take more than 53 days of simulated time, with the slowest "
            "choices; lower 'requests', or check the rates of devices and links");
}

TEST(CheckSizes, RefusesMoreThanCanBeNumbered) {
  Network network;
  network.name = "n";
  Platform platform;
  platform.name = "many";
  Problem problem;
  problem.network = std::make_shared<Network>(network);
  problem.platform = std::make_shared<Platform>(platform);
  const auto refusal = [&]() -> std::string {
    try {
      check_sizes(problem);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  problem.devices = 4096;
  problem.tensors = 131'071;
  EXPECT_EQ(refusal(), "accepted");
  problem.tensors = 131'072;
  EXPECT_EQ(refusal(), "network 'n' has 131072 tensors, too many to plan for on 4096 devices");
  problem.devices = 4097;
  EXPECT_EQ(refusal(), "platform 'many' has 4097 devices; at most 4096 can be planned for");
}

TEST_F(ProblemTest, DevicesThatCostTheSameAreOfOneKind) {
  platform.devices[1] = platform.devices[0];
  platform.devices[1].name = "q";
  platform.devices[1].memory.count *= 2;  // has no say in costs
  auto problem = *make_problem(std::make_shared<Network>(network),
                               std::make_shared<Platform>(platform), {}, {});
  EXPECT_EQ(problem.kinds, 1);
  EXPECT_EQ(problem.duration.size(), 1u);
  EXPECT_EQ(problem.cost_index(0, 0, 0), problem.cost_index(0, 1, 0));
  EXPECT_EQ(problem.options(0).size(), 2u);
  problem.split_kinds();
  EXPECT_EQ(problem.kinds, 2);
  EXPECT_NE(problem.cost_index(0, 0, 0), problem.cost_index(0, 1, 0));
  EXPECT_EQ(problem.duration[0], problem.duration[1]);
  platform.devices[1].memory_bandwidth.value *= 2;
  EXPECT_EQ(
      make_problem(std::make_shared<Network>(network), std::make_shared<Platform>(platform), {}, {})
          ->kinds,
      2);
}

TEST_F(ProblemTest, OfFiveThousandOperatorsAndSixtyFourDevicesTakesLessThan64Megabytes) {
  for (int o = 1; o < 5000; ++o) {
    auto op = network.operators.front();
    op.name += std::to_string(o);
    op.inputs = {o};
    op.outputs = {o + 1};
    network.operators.push_back(op);
    network.tensors.push_back(network.tensors[1]);
    network.tensors.back().name += std::to_string(o);
    network.tensors.back().producer = o;
  }
  network.outputs = {5000};
  platform.switches = {"s"};
  platform.links.clear();
  const auto like = platform.devices.front();
  platform.devices.clear();
  for (int d = 0; d < 64; ++d) {
    auto& device = platform.devices.emplace_back(like);
    device.name = "d" + std::to_string(d);
    device.memory_bandwidth.value *= 1 + d;  // no two cost the same
    device.formats = {{Precision::fp32, {1e12}, {1e11}, {}},
                      {Precision::fp16, {2e12}, {1e11}, {}},
                      {Precision::int8, {4e12}, {1e11}, {}}};
    platform.links.push_back(sample_link("l" + device.name, {device.name, "s"}));
  }
  Choices three;
  three.precisions = {Precision::fp32, Precision::fp16, Precision::int8};
  const auto problem = make_problem(std::make_shared<Network>(network),
                                    std::make_shared<Platform>(platform), {}, three);
  const auto bytes = [](const auto&... arrays) {
    return ((arrays.capacity() * sizeof(arrays[0])) + ...);
  };
  const auto& p = *problem;
  EXPECT_EQ(p.kinds, 64);
  EXPECT_LT(bytes(p.duration, p.energy, p.workspace, p.noise, p.weight_bytes, p.input_begin,
                  p.input_tensor, p.output_begin, p.shared_begin, p.tensor_of, p.producer,
                  p.elements, p.bytes, p.reader_begin, p.reader, p.reader_sensitivity,
                  p.output_sensitivity, p.route_begin, p.route_channel, p.route_latency,
                  p.route_packet, p.route_energy_per_bit, p.option_begin, p.option_end, p.option),
            64'000'000u);
}

}  // namespace
}  // namespace models
