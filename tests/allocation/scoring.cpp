// A program of its own, since it counts every allocation of the process: scoring a plan must not
// allocate once an evaluator is warm.
#include <cstdio>
#include <cstdlib>
#include <new>
#include <vector>

#include "models/network/zoo.h"
#include "models/problem.h"
#include "models/random.h"
#include "sim/event_engine.h"
#include "sim/static_evaluator.h"

namespace {
long allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace {

models::Platform two_devices() {
  models::Platform platform;
  platform.name = "two";
  for (const char* name : {"a", "b"}) {
    models::Device device;
    device.name = name;
    device.memory = {std::int64_t{1} << 33};
    device.memory_bandwidth = {1e11};
    device.formats = {{models::Precision::fp32, {1e12}, {1e11}, {}},
                      {models::Precision::int8, {4e12}, {2e11}, {}}};
    platform.devices.push_back(device);
  }
  models::Link link;
  link.name = "l";
  link.ends = {"a", "b"};
  link.lanes = 4;
  link.lane_rate = {1e9};
  platform.links = {link};
  return platform;
}

/// Allocations per plan of scoring the same random plans for the second time.
double allocations_per_plan(models::Evaluator& evaluator, const models::Problem& problem) {
  models::Random random(7);
  std::vector<models::Plan> plans(50, problem.first_plan());
  for (auto& plan : plans)
    for (std::size_t o = 0; o < plan.device.size(); ++o) {
      plan.device[o] = static_cast<std::uint16_t>(random.below(2));
      plan.precision[o] = static_cast<std::uint8_t>(random.below(2));
    }
  for (const auto& plan : plans) evaluator.score(plan);
  const long before = allocations;
  for (const auto& plan : plans) evaluator.score(plan);
  return static_cast<double>(allocations - before) / static_cast<double>(plans.size());
}

}  // namespace

int main() {
  int failed = 0, passed = 0;
  for (const std::int64_t requests : {1, 8}) {
    models::Workload workload;
    workload.requests = requests;
    workload.in_flight = 4;
    models::Choices choices;
    choices.precisions = {models::Precision::fp32, models::Precision::int8};
    const auto problem = models::make_problem(
        std::make_shared<models::Network>(models::make_network("mobilenet_v2")),
        std::make_shared<models::Platform>(two_devices()), workload, choices);
    const auto check = [&](const char* what, models::Evaluator& evaluator) {
      const double found = allocations_per_plan(evaluator, *problem);
      std::printf("%s, %d requests: %g allocations per plan\n", what, static_cast<int>(requests),
                  found);
      ++(found == 0 ? passed : failed);
    };
    check("one pass", *sim::make_static_evaluator(problem));
    check("event engine", *sim::make_event_evaluator(problem));
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
