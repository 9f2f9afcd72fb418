#pragma once

#include "tests/optimizers/small_problem.h"

namespace optimizers_test {

/// A small random problem with a bit of everything: links that several transfers want, tight
/// memory, precisions, wire formats, slots, streams of requests, source and sink apart.
inline std::shared_ptr<const models::Problem> varied_problem(std::uint64_t seed) {
  models::Random random(seed);
  Shape shape;
  shape.operators = 2 + static_cast<int>(random.below(4));
  shape.devices = 2 + static_cast<int>(random.below(2));
  if (random.chance(0.5)) shape.precisions = {models::Precision::fp32, models::Precision::int8};
  auto network = random_network(shape.operators, random);
  auto platform = random_platform(shape, random);
  for (auto& device : platform->devices) {
    if (random.chance(0.4)) device.slots = 1 + random.below(2);
    if (random.chance(0.4)) device.memory = {100'000 * (1 + random.below(20))};
  }
  if (random.chance(0.3)) {  // a bus instead
    platform->links.resize(1);
    auto& bus = platform->links[0];
    bus.duplex = models::Link::Duplex::half;
    bus.ends.clear();
    for (const auto& device : platform->devices) bus.ends.push_back(device.name);
  }
  models::Workload workload;
  workload.requests = 1 + random.below(6);
  workload.in_flight = 1 + random.below(workload.requests);
  if (random.chance(0.2)) {
    workload.arrivals = models::Workload::Arrivals::periodic;
    workload.in_flight = 1;
    workload.period = models::Time(1'000'000 * (1 + random.below(300)));
  }
  if (random.chance(0.2)) workload.jitter = 0.3;
  workload.source = platform->devices[static_cast<std::size_t>(random.below(shape.devices))].name;
  workload.sink = platform->devices[static_cast<std::size_t>(random.below(shape.devices))].name;
  models::Choices choices;
  choices.precisions = shape.precisions;
  if (random.chance(0.3)) choices.wires = {models::Precision::int8};
  choices.rank = random.chance(0.3);
  choices.lanes = random.chance(0.3);
  return models::make_problem(network, platform, workload, choices);
}

}  // namespace optimizers_test
