#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "models/goal.h"
#include "models/problem.h"
#include "models/random.h"

namespace optimizers_test {

/// What a small random problem is to be like.
struct Shape {
  int operators = 5;
  int devices = 2;
  std::vector<models::Precision> precisions = {models::Precision::fp32};
  std::vector<models::Precision> wires = {};
  bool rank = true;
  bool lanes = true;
  std::int64_t requests = 1;
};

/// Convolution-like operators that read one or two of the tensors before them.
inline std::shared_ptr<models::Network> random_network(int operators, models::Random& random) {
  auto network = std::make_shared<models::Network>();
  network->name = "small";
  const auto add_tensor = [&](const std::string& name, models::Tensor::Role role, int producer) {
    models::Tensor tensor;
    tensor.name = name;
    tensor.shape = {1, 1000 * (1 + random.below(60))};
    tensor.role = role;
    tensor.producer = producer;
    network->tensors.push_back(tensor);
    return static_cast<int>(network->tensors.size()) - 1;
  };
  std::vector<int> made = {add_tensor("x", models::Tensor::Role::input, -1)};
  std::vector<bool> read = {false};
  network->inputs = made;
  for (int k = 0; k < operators; ++k) {
    models::Operator op;
    op.name = "op" + std::to_string(k);
    op.type = k % 3 == 0 ? "Add" : "Conv";
    op.costing = models::Costing::counted;
    op.macs = 100'000 * (1 + random.below(50));
    const auto reads = k == 0 ? 1 : 1 + random.below(2);
    for (int r = 0; r < reads; ++r) {
      const auto near = std::min<std::int64_t>(static_cast<std::int64_t>(made.size()), 3);
      const auto which = made.size() - 1 - static_cast<std::size_t>(random.below(near));
      if (r == 1 && op.inputs[0] == made[which]) continue;
      op.inputs.push_back(made[which]);
      read[which] = true;
    }
    const auto weight = add_tensor(op.name + ".weight", models::Tensor::Role::weight, -1);
    op.inputs.push_back(weight);
    op.outputs = {add_tensor(op.name + ".out", models::Tensor::Role::computed, k)};
    made.push_back(op.outputs[0]);
    read.push_back(false);
    network->operators.push_back(op);
  }
  if (!read[0]) network->operators[0].inputs.insert(network->operators[0].inputs.begin(), made[0]);
  for (std::size_t k = 1; k < made.size(); ++k)
    if (!read[k]) network->outputs.push_back(made[k]);
  return network;
}

/// Devices of different speed and thirst, joined in a ring or by one link.
inline std::shared_ptr<models::Platform> random_platform(const Shape& shape,
                                                         models::Random& random) {
  auto platform = std::make_shared<models::Platform>();
  platform->name = "small";
  for (int k = 0; k < shape.devices; ++k) {
    models::Device device;
    device.name = "device" + std::to_string(k);
    device.memory = {1'000'000'000};
    device.memory_bandwidth = {2e10};
    device.launch_overhead = models::Time(1'000'000);
    double rate = 1e11 * static_cast<double>(1 + random.below(8));
    double joules = 1e-12 * static_cast<double>(1 + random.below(9));
    for (const auto precision : shape.precisions) {
      device.formats.push_back({precision, {rate}, {rate / 16}, {joules}});
      rate *= 2;
      joules /= 2;
    }
    device.static_power = {0.1 * static_cast<double>(1 + random.below(10))};
    device.memory_energy = {1e-11};
    device.switch_time = models::Time(2'000'000);
    platform->devices.push_back(device);
  }
  for (int k = 0; k + 1 < shape.devices || (k < shape.devices && shape.devices > 2); ++k) {
    models::Link link;
    link.name = "link" + std::to_string(k);
    link.ends = {platform->devices[static_cast<std::size_t>(k)].name,
                 platform->devices[static_cast<std::size_t>((k + 1) % shape.devices)].name};
    link.lanes = 2;
    link.lane_rate = {1e9 * static_cast<double>(1 + random.below(4))};
    link.latency = models::Time(500'000);
    link.energy = {1e-11};
    link.lane_idle_power = {0.2};
    platform->links.push_back(link);
  }
  return platform;
}

inline std::shared_ptr<const models::Problem> random_problem(const Shape& shape,
                                                             std::uint64_t seed) {
  models::Random random(seed);
  auto network = random_network(shape.operators, random);
  auto platform = random_platform(shape, random);
  models::Workload workload;
  workload.requests = shape.requests;
  workload.in_flight = shape.requests;
  models::Choices choices;
  choices.precisions = shape.precisions;
  choices.wires = shape.wires;
  choices.rank = shape.rank;
  choices.lanes = shape.lanes;
  return models::make_problem(network, platform, workload, choices);
}

inline models::Goal goal_of(std::initializer_list<models::Metric> metrics, bool pareto = false) {
  models::Goal goal;
  for (const auto metric : metrics) goal.objectives.push_back({metric, 1, 1});
  goal.pareto = pareto;
  return goal;
}

}  // namespace optimizers_test
