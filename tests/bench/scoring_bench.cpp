// Plans scored per second: the static evaluators and the event engine on a ResNet-like network of
// 150 operators and 4 devices; placement only, and with precisions, conversions, wire precisions
// and link widths. CPU time, one thread, medians of several repetitions.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "models/random.h"
#include "sim/event_engine.h"
#include "sim/period_delta.h"
#include "sim/static_evaluator.h"

namespace {

using models::Precision;

std::vector<std::string> wanted;

/// Conv, Relu and residual Add: 150 operators with the shapes of a ResNet at 56 x 56.
std::shared_ptr<models::Network> resnet_like(int operators) {
  auto network = std::make_shared<models::Network>();
  network->name = "resnet_like";
  const auto add_tensor = [&](const std::string& name, std::vector<std::int64_t> shape,
                              models::Tensor::Role role, int producer) {
    models::Tensor tensor;
    tensor.name = name;
    tensor.shape = std::move(shape);
    tensor.role = role;
    tensor.producer = producer;
    network->tensors.push_back(tensor);
    return static_cast<int>(network->tensors.size()) - 1;
  };
  const std::vector<std::int64_t> shape = {1, 64, 56, 56};
  int last = add_tensor("input", shape, models::Tensor::Role::input, -1);
  network->inputs = {last};
  int skip = last;
  for (int o = 0; o < operators; ++o) {
    models::Operator op;
    const int kind = o % 6;  // conv relu conv relu add relu
    op.type = kind == 4 ? "Add" : kind % 2 == 0 ? "Conv" : "Relu";
    op.name = op.type + "_" + std::to_string(o);
    op.costing = models::Costing::counted;
    op.inputs = {last};
    const std::string name = std::to_string(o);
    if (op.type == "Conv") {
      op.macs = 64LL * 64 * 9 * 56 * 56;
      op.reduction_channels = 64;
      op.inputs.push_back(add_tensor("w" + name, {64, 64, 3, 3}, models::Tensor::Role::weight, -1));
    } else {
      op.element_operations = 64LL * 56 * 56;
    }
    if (kind == 4) op.inputs.push_back(skip);
    last = add_tensor("t" + name, shape, models::Tensor::Role::computed, o);
    op.outputs = {last};
    if (kind == 5) skip = last;
    network->operators.push_back(op);
  }
  network->outputs = {last};
  return network;
}

std::shared_ptr<models::Platform> four_devices() {
  auto platform = std::make_shared<models::Platform>();
  platform->name = "four";
  platform->switches = {"switch"};
  for (int d = 0; d < 4; ++d) {
    models::Device device;
    device.name = "d" + std::to_string(d);
    device.memory = {1 << 30};
    device.memory_bandwidth = {(50 + 20 * d) * 1e9};
    device.launch_overhead = models::Time(1'000'000);
    for (const auto& [precision, rate] :
         {std::pair{Precision::fp32, 1.0}, std::pair{Precision::fp16, 2.0},
          std::pair{Precision::int8, 4.0}})
      device.formats.push_back({precision, {rate * (1 + d) * 1e12}, {rate * 1e11}, {1e-12 / rate}});
    device.static_power = {2};
    device.memory_energy = {20e-12};
    device.switch_time = models::Time(500'000);
    platform->devices.push_back(device);
    models::Link link;
    link.name = "l" + std::to_string(d);
    link.ends = {device.name, "switch"};
    link.lanes = 8;
    link.lane_rate = {2e9};
    link.latency = models::Time(300'000);
    link.energy = {1e-12};
    link.packet = {64};
    platform->links.push_back(link);
  }
  return platform;
}

/// Plans as a search would try them: a base, and trials that differ from it in one operator's
/// device; with `everything` also in its precision, a wire precision and a link's width.
struct Trials {
  models::Plan base;
  models::Batch batch;
};

Trials make_trials(const models::Problem& problem, int count, bool everything) {
  models::Random random(1);
  Trials trials{problem.first_plan(), {}};
  int device = 0;
  for (std::size_t o = 0; o < trials.base.device.size(); ++o) {
    if (o % 30 == 29) device = static_cast<int>(random.below(problem.devices));
    trials.base.device[o] = static_cast<std::uint16_t>(device);
    if (everything) trials.base.precision[o] = static_cast<std::uint8_t>(o / 40 % 3);
  }
  trials.batch.bases = {&trials.base};
  using What = models::Change::What;
  auto& changes = trials.batch.changes;
  for (int i = 0; i < count; ++i) {
    const auto op = static_cast<std::int32_t>(random.below(problem.operators));
    const auto option = problem.options(op)[static_cast<std::size_t>(
        random.below(static_cast<std::int64_t>(problem.options(op).size())))];
    const int first = static_cast<int>(changes.size());
    changes.push_back({What::device, op, option.device});
    if (everything) {
      changes.push_back({What::precision, op, option.precision});
      changes.push_back({What::wire,
                         static_cast<std::int32_t>(random.below(problem.tensors * problem.devices)),
                         static_cast<std::int32_t>(random.below(problem.formats))});
      changes.push_back({What::lanes, static_cast<std::int32_t>(random.below(problem.links)),
                         static_cast<std::int32_t>(1 << random.below(4))});
    }
    trials.batch.trials.push_back({0, first, static_cast<int>(changes.size())});
  }
  return trials;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Median per second over seven repetitions of at least 0.2 s of what `once` does `count` times.
double rate(std::size_t count, const std::function<void()>& once) {
  once();
  std::vector<double> rates;
  for (int repetition = 0; repetition < 7; ++repetition) {
    const double start = cpu_seconds();
    double spent = 0;
    std::size_t done = 0;
    while ((spent = cpu_seconds() - start) < 0.2) {
      once();
      done += count;
    }
    rates.push_back(static_cast<double>(done) / spent);
  }
  std::ranges::sort(rates);
  return rates[rates.size() / 2];
}

double rate(models::Evaluator& evaluator, const models::Batch& batch) {
  std::vector<models::Score> scores(batch.trials.size());
  return rate(scores.size(), [&] { evaluator.score(batch, scores); });
}

/// One plan after the other, each told in full.
double single_rate(models::Evaluator& evaluator, const models::Batch& batch) {
  std::vector<models::Plan> plans;
  for (std::size_t i = 0; i < batch.trials.size(); ++i) plans.push_back(batch.plan(i));
  return rate(plans.size(), [&] {
    for (const auto& plan : plans) evaluator.score(plan);
  });
}

/// How often per second the compiled arrays that scoring reads can be touched once.
double floor_rate(const models::Problem& problem) {
  volatile std::int64_t sink = 0;
  const auto touch = [](const auto& values) {
    std::int64_t sum = 0;
    const auto* const bytes = reinterpret_cast<const char*>(values.data());
    for (std::size_t i = 0; i + 8 <= values.size() * sizeof(values[0]); i += 8) {
      std::int64_t word = 0;
      std::memcpy(&word, bytes + i, 8);
      sum += word;
    }
    return sum;
  };
  return rate(1, [&] {
    sink = sink + touch(problem.duration) + touch(problem.energy) + touch(problem.workspace) +
           touch(problem.noise) + touch(problem.weight_bytes) + touch(problem.input_begin) +
           touch(problem.input_tensor) + touch(problem.output_begin) + touch(problem.bytes) +
           touch(problem.reader_begin) + touch(problem.reader) + touch(problem.is_free);
  });
}

double move_rate(const models::Problem& problem, const Trials& trials) {
  sim::PeriodDelta delta(problem);
  delta.start(trials.base);
  struct Wanted {
    std::int32_t op;
    int device, precision;
  };
  std::vector<Wanted> moves;
  models::Random random(2);
  for (int i = 0; i < 256; ++i) {
    const auto op = static_cast<std::int32_t>(random.below(problem.operators));
    const auto& options = problem.options(op);
    const auto& option =
        options[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(options.size())))];
    moves.push_back({op, option.device, option.precision});
  }
  volatile std::int64_t sink = 0;
  return rate(moves.size(), [&] {
    std::int64_t sum = 0;
    for (const auto& move : moves)
      sum += delta.after_move(move.op, move.device, move.precision).period.count();
    sink = sum;
  });
}

void measure(bool everything, std::int64_t requests) {
  models::Workload workload;
  workload.requests = requests;
  workload.in_flight = requests;
  models::Choices choices;
  if (everything) {
    choices.precisions = {Precision::fp32, Precision::fp16, Precision::int8};
    choices.wires = {Precision::int8};
  }
  choices.lanes = everything;
  const auto problem = models::make_problem(resnet_like(150), four_devices(), workload, choices);
  const auto trials = make_trials(*problem, 256, everything);
  const auto report = [&](const char* what, const std::function<double()>& measured) {
    const auto line = std::string(everything ? "everything" : "placement only") + ", " + what +
                      ", " + std::to_string(requests) + ".";
    for (const auto& word : wanted)
      if (line.find(word) == std::string::npos) return;
    const double found = measured();
    std::printf("%-16s %-36s %9d %9lld %14.0f\n", everything ? "everything" : "placement only",
                what, problem->operators, static_cast<long long>(requests), found);
    std::fflush(stdout);
  };
  if (requests == 1) report("floor: arrays touched once", [&] { return floor_rate(*problem); });
  const auto evaluator = sim::make_static_evaluator(problem);
  report("one pass, single plans", [&] { return single_rate(*evaluator, trials.batch); });
  report("one pass", [&] { return rate(*evaluator, trials.batch); });
  report("lanes", [&] { return rate(*sim::make_lane_evaluator(problem), trials.batch); });
  if (requests == 1) report("period bound, moves", [&] { return move_rate(*problem, trials); });
  report("event engine", [&] { return rate(*sim::make_event_evaluator(problem), trials.batch); });
}

}  // namespace

/// Words among the arguments say which lines are measured; all without any.
int main(int count, char** words) {
  wanted.assign(words + 1, words + count);
  std::printf("%-16s %-36s %9s %9s %14s\n", "problem", "what", "operators", "requests",
              "per second");
  for (const bool everything : {false, true})
    for (const std::int64_t requests : {1, 16}) measure(everything, requests);
}
