// How fast whole networks are computed on this machine, in fp32, bf16 and int8, next to the sum of
// their oneDNN primitives' own times: each alone, once with its weights cold (a buffer is walked
// before each call) and once with everything warm. CPU time of one thread, medians of rounds that
// take turns among the precisions. Random weights, ranges of one input.
// Usage: networks_bench [network] [rounds] [instruction set]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "hardware/calibration.h"
#include "hardware/cpu.h"
#include "hardware/program.h"
#include "models/network/zoo.h"
#include "scenarios/random_values.h"

namespace {

using hardware::Program;
using hardware::Step;
using models::Precision;

double seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double median(std::vector<double> times) {
  std::ranges::sort(times);
  return times[times.size() / 2];
}

template <class Work>
double time_of(Work work) {
  const double start = seconds();
  work();
  return seconds() - start;
}

/// A network in one precision, and how long it took in each round.
struct Case {
  std::string name;
  Program program;
  std::vector<double> whole = {};
};

models::ValuedNetwork network_of(const std::string& name) {
  auto network = models::without_values(models::make_network(name));
  scenarios::fill_unknown(network, 1);
  return network;
}

std::vector<models::TensorValue> inputs_of(const models::Network& network) {
  std::vector<models::TensorValue> inputs;
  for (const int input : network.inputs) {
    const auto& tensor = network.tensors[static_cast<std::size_t>(input)];
    inputs.push_back(scenarios::random_value(tensor.type, tensor.shape, 2));
  }
  return inputs;
}

hardware::Ranges ranges_of(const models::ValuedNetwork& network,
                           const std::vector<models::TensorValue>& inputs) {
  Program program(network, hardware::uniform_recipe(network.network, Precision::fp32),
                  {.ranges = {}, .apart = true});
  hardware::Calibration calibration(hardware::RangeMethod::minmax);
  program.observe(inputs, [&](const hardware::Observed& tensor) { calibration.take(tensor, ""); });
  return calibration.ranges();
}

/// Sum over the steps that oneDNN computes of each one's own time.
double own_times(Program& program, int rounds, bool cold) {
  static std::vector<char> buffer(std::size_t{64} << 20, 1);
  double sum = 0;
  for (std::size_t s = 0; s < program.steps().size(); ++s) {
    const auto& step = program.steps()[s];
    if (step.kind != Step::Kind::compute || !step.implementation.starts_with("onednn")) continue;
    std::vector<double> times;
    for (int round = 0; round < rounds; ++round) {
      if (cold)
        for (std::size_t i = 0; i < buffer.size(); i += 64) ++buffer[i];
      times.push_back(time_of([&] { program.run_step(s); }));
    }
    sum += median(times);
  }
  return sum;
}

std::int64_t macs_of(const Program& program) {
  std::int64_t macs = 0;
  for (const auto& step : program.steps()) macs += step.macs;
  return macs;
}

void show_others(const Program& program) {
  for (const auto& step : program.steps())
    if (!step.implementation.starts_with("onednn") || step.emulated ||
        step.kind != Step::Kind::compute)
      std::printf("    not oneDNN: %s (%s) by %s%s\n", step.name.c_str(), step.type.c_str(),
                  step.implementation.c_str(), step.emulated ? ", emulated" : "");
}

}  // namespace

int main(int count, char** words) {
  const std::string name = count > 1 ? words[1] : "resnet50";
  const int rounds = count > 2 ? std::atoi(words[2]) : 15;
  hardware::limit_cpu({1, count > 3 ? words[3] : ""});
  const auto network = network_of(name);
  const auto inputs = inputs_of(network.network);
  const auto ranges = ranges_of(network, inputs);
  std::vector<Case> cases;
  for (const auto precision : {Precision::fp32, Precision::bf16, Precision::int8})
    cases.push_back(
        {name_of(precision), Program(network, hardware::uniform_recipe(network.network, precision),
                                     {.ranges = ranges})});
  for (int round = 0; round <= rounds; ++round)
    for (auto& each : cases) {
      const double time = time_of([&] { each.program.run(inputs); });
      if (round > 0) each.whole.push_back(time);
    }
  std::printf("%s on %s, %s, one thread\n", name.c_str(), hardware::cpu_name().c_str(),
              hardware::isa_in_effect().c_str());
  std::printf("%-6s %10s %10s %14s %14s %8s\n", "", "ms", "GFLOP/s", "of own, cold", "of own, warm",
              "of fp32");
  for (auto& each : cases) {
    const double whole = median(each.whole);
    std::printf("%-6s %10.2f %10.0f %14.3f %14.3f %8.2f\n", each.name.c_str(), whole * 1e3,
                2e-9 * static_cast<double>(macs_of(each.program)) / whole,
                whole / own_times(each.program, rounds, true),
                whole / own_times(each.program, rounds, false), median(cases[0].whole) / whole);
    show_others(each.program);
  }
}
