// Large problems: how long 1,000 devices take to set up, what a compiled problem of 5,000 operators
// weighs, and how long a plan on both takes to simulate. CPU time, one thread, medians.
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "models/random.h"
#include "sim/event_engine.h"
#include "sim/static_evaluator.h"

namespace {

using models::Precision;

double cpu_milliseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& each) {
    return 1e3 * static_cast<double>(each.tv_sec) + 1e-3 * static_cast<double>(each.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

double median_of(int repetitions, const std::function<void()>& work) {
  std::vector<double> spent;
  for (int i = 0; i < repetitions; ++i) {
    const double start = cpu_milliseconds();
    work();
    spent.push_back(cpu_milliseconds() - start);
  }
  std::ranges::sort(spent);
  return spent[spent.size() / 2];
}

double megabytes_in_use() {
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) * 1e-6;
}

/// Operators in eight branches that exchange tensors now and then.
std::shared_ptr<models::Network> branches(int operators) {
  auto network = std::make_shared<models::Network>();
  network->name = "branches";
  models::Random random(3);
  const auto add_tensor = [&](const std::string& name, models::Tensor::Role role, int producer) {
    models::Tensor tensor;
    tensor.name = name;
    tensor.shape = {1, 64, 28, 28};
    tensor.role = role;
    tensor.producer = producer;
    network->tensors.push_back(tensor);
    return static_cast<int>(network->tensors.size()) - 1;
  };
  network->inputs = {add_tensor("input", models::Tensor::Role::input, -1)};
  std::vector<int> last(8, network->inputs.front());
  for (int o = 0; o < operators; ++o) {
    models::Operator op;
    op.type = o % 3 == 0 ? "Conv" : o % 3 == 1 ? "Relu" : "Add";
    op.name = op.type + "_" + std::to_string(o);
    op.costing = models::Costing::counted;
    auto& branch = last[static_cast<std::size_t>(o) % last.size()];
    op.inputs = {branch};
    if (op.type == "Conv") {
      op.macs = 64LL * 64 * 9 * 28 * 28;
      op.reduction_channels = 64;
    }
    op.element_operations = 64LL * 28 * 28;
    if (op.type == "Add") {
      const auto other = last[static_cast<std::size_t>(random.below(8))];
      if (other != branch) op.inputs.push_back(other);
    }
    branch = add_tensor("t" + std::to_string(o), models::Tensor::Role::computed, o);
    op.outputs = {branch};
    network->operators.push_back(op);
  }
  network->outputs = last;
  return network;
}

/// Four kinds of device, 32 on a switch, the switches on one in the middle.
std::shared_ptr<models::Platform> tree(int devices, bool all_differ) {
  auto platform = std::make_shared<models::Platform>();
  platform->name = "tree";
  platform->switches = {"middle"};
  const auto join = [&](const std::string& a, const std::string& b) {
    models::Link link;
    link.name = a + "-" + b;
    link.ends = {a, b};
    link.lanes = 8;
    link.lane_rate = {2e9};
    link.latency = models::Time(300'000);
    link.energy = {1e-12};
    link.packet = {64};
    platform->links.push_back(link);
  };
  for (int d = 0; d < devices; ++d) {
    if (d % 32 == 0) {
      platform->switches.push_back("s" + std::to_string(d / 32));
      join(platform->switches.back(), "middle");
    }
    models::Device device;
    device.name = "d" + std::to_string(d);
    device.memory = {1 << 30};
    device.memory_bandwidth = {(50 + 20 * (all_differ ? d : d % 4)) * 1e9};
    device.launch_overhead = models::Time(1'000'000);
    for (const auto& [precision, rate] :
         {std::pair{Precision::fp32, 1.0}, std::pair{Precision::fp16, 2.0},
          std::pair{Precision::int8, 4.0}})
      device.formats.push_back(
          {precision, {rate * (1 + d % 4) * 1e12}, {rate * 1e11}, {1e-12 / rate}});
    device.static_power = {2};
    device.memory_energy = {20e-12};
    device.switch_time = models::Time(500'000);
    platform->devices.push_back(device);
    join(device.name, platform->switches.back());
  }
  return platform;
}

models::Plan spread_plan(const models::Problem& problem) {
  models::Random random(1);
  auto plan = problem.first_plan();
  for (auto& device : plan.device)
    device = static_cast<std::uint16_t>(random.below(problem.devices));
  return plan;
}

void report(const char* what, int operators, int devices, double value, const char* unit) {
  std::printf("%-58s %9d %8d %10.1f %s\n", what, operators, devices, value, unit);
  std::fflush(stdout);
}

}  // namespace

int main() {
  models::Choices choices;
  choices.precisions = {Precision::fp32, Precision::fp16, Precision::int8};
  choices.wires = {Precision::int8};
  const models::Workload workload;
  std::printf("%-58s %9s %8s\n", "what", "operators", "devices");

  for (const int devices : {64, 400, 1000}) {
    const auto platform = tree(devices, false);
    report("routes resolved", 0, devices, median_of(5, [&] { resolve_routes(*platform); }), "ms");
    const auto small = branches(16);
    report("set up: platform checked, routes, small network compiled", 16, devices,
           median_of(5, [&] { models::make_problem(small, platform, workload, choices); }), "ms");
  }
  const auto network = branches(5000);
  struct Size {
    int devices;
    bool all_differ;
  };
  for (const auto [devices, all_differ] : {Size{64, false}, Size{64, true}, Size{1000, false}}) {
    const auto platform = tree(devices, all_differ);
    const auto what = [&](const char* words) {
      return std::string(words) +
             (all_differ ? ", no two devices alike" : ", four kinds of device");
    };
    std::shared_ptr<const models::Problem> problem;
    const double before = megabytes_in_use();
    const double spent =
        median_of(1, [&] { problem = models::make_problem(network, platform, workload, choices); });
    report(what("compiled").c_str(), 5000, devices, spent, "ms");
    report(what("compiled problem").c_str(), 5000, devices, megabytes_in_use() - before, "MB");
    const auto plan = spread_plan(*problem);
    const double empty = megabytes_in_use();
    std::unique_ptr<models::Evaluator> events, fixed;
    report(what("event engine made").c_str(), 5000, devices,
           median_of(1, [&] { events = sim::make_event_evaluator(problem); }), "ms");
    report(what("event engine").c_str(), 5000, devices, megabytes_in_use() - empty, "MB");
    report(what("a plan by events").c_str(), 5000, devices,
           median_of(7, [&] { events->score(plan); }), "ms");
    fixed = sim::make_static_evaluator(problem);
    report(what("a plan in one pass").c_str(), 5000, devices,
           median_of(7, [&] { fixed->score(plan); }), "ms");
    const auto engine = sim::make_event_engine(problem, {.timeline = true});
    report(what("a plan executed, timeline kept").c_str(), 5000, devices,
           median_of(3, [&] { engine->execute(plan); }), "ms");
  }
}
