#include <algorithm>
#include <set>

#include "models/index.h"
#include "tests/sim/random_case.h"

namespace random_case {
namespace {

using models::at;
using models::Device;
using models::Link;
using models::Network;
using models::Operator;
using models::Precision;
using models::Random;
using models::Tensor;

int add_tensor(Network& network, Random& random, const std::string& name, Tensor::Role role,
               int producer) {
  Tensor tensor;
  tensor.name = name;
  tensor.shape = {one_of<std::int64_t>(random, {64, 128, 256, 512})};
  tensor.role = role;
  tensor.producer = producer;
  network.tensors.push_back(tensor);
  return static_cast<int>(network.tensors.size()) - 1;
}

/// One operator that reads some of `readable`.
void add_operator(Network& network, Random& random, std::vector<int>& readable,
                  const std::vector<int>& weights) {
  const auto index = static_cast<int>(network.operators.size());
  Operator op;
  op.name = "op" + std::to_string(index);
  op.type = one_of<std::string>(random, {"Conv", "Relu", "Add", "MatMul"});
  op.costing = models::Costing::counted;
  op.macs = 1000;
  op.element_operations = 1000;
  if (random.chance(0.15)) {
    op.type = "Reshape";
    op.costing = models::Costing::free;
    op.reason = "moves nothing";
    op.macs = op.element_operations = 0;
  }
  std::set<int> read;
  const auto last = static_cast<std::int64_t>(readable.size());
  for (auto count = 1 + random.below(3); count > 0; --count)
    // Mostly recent ones, so that chains and long skips both appear.
    read.insert(
        readable[at(random.chance(0.5) ? last - 1 - random.below(std::min<std::int64_t>(3, last))
                                       : random.below(last))]);
  op.inputs.assign(read.begin(), read.end());
  if (random.chance(0.3))
    op.inputs.push_back(add_tensor(network, random, op.name + ".w", Tensor::Role::weight, -1));
  if (random.chance(0.3)) op.inputs.push_back(weights[at(random.below(2))]);
  const int outputs = one_of(random, {1, 1, 1, 2, 3});
  for (int k = 0; k < outputs; ++k) {
    const int t = add_tensor(network, random, op.name + "." + std::to_string(k),
                             Tensor::Role::computed, index);
    if (random.chance(0.1)) network.tensors[at(t)].type = models::ElementType::int64;
    op.outputs.push_back(t);
    readable.push_back(t);
  }
  network.operators.push_back(op);
}

/// Every operator reaches an output, every input and weight is read, some outputs are read as well.
void finish(Network& network, Random& random) {
  std::set<int> read;
  for (const auto& op : network.operators) read.insert(op.inputs.begin(), op.inputs.end());
  for (const int input : network.inputs)
    if (!read.contains(input)) network.operators.front().inputs.push_back(input);
  for (const auto& op : network.operators) {
    const bool ends =
        std::none_of(op.outputs.begin(), op.outputs.end(), [&](int t) { return read.contains(t); });
    if (ends || random.chance(0.1)) network.outputs.push_back(op.outputs.front());
    if (op.outputs.size() > 1 && random.chance(0.2)) network.outputs.push_back(op.outputs.back());
  }
}

Device random_device(Random& random, int index) {
  Device device;
  device.name = "dev" + std::to_string(index);
  device.memory = {1'000'000};
  device.memory_bandwidth = {one_of(random, {1e10, 2e10, 4e9})};
  device.slots = one_of<std::int64_t>(random, {1, 1, 1, 2, 3});
  device.launch_overhead = models::Time(one_of<std::int64_t>(random, {0, 64'000}));
  for (const auto precision : {Precision::fp32, Precision::fp16, Precision::int8})
    // The first device can do everything, so that every operator can run somewhere.
    if (index == 0 || random.chance(0.8))
      device.formats.push_back({precision, {1e12}, {1e11}, {1e-12}});
  if (device.formats.empty()) device.formats.push_back({Precision::fp32, {1e12}, {1e11}, {1e-12}});
  device.static_power = {one_of(random, {0.0, 1.0, 5.0})};
  device.gated = random.chance(0.3);
  device.memory_energy = {1e-11};
  device.switch_time = models::Time(one_of<std::int64_t>(random, {0, 64'000, 100'000}));
  device.switch_energy = {1e-7};
  return device;
}

Link random_link(Random& random, const std::string& name, std::vector<std::string> ends,
                 const Wanted& wanted) {
  Link link;
  link.name = name;
  link.duplex = ends.size() > 2 || random.chance(0.4) ? Link::Duplex::half : Link::Duplex::full;
  link.ends = std::move(ends);
  link.lanes = one_of<std::int64_t>(random, {1, 2, 4});
  link.lane_rate = {one_of(random, {1e9, 2e9, 5e8})};
  link.efficiency = wanted.whole_bytes || random.chance(0.7) ? 1.0 : 0.8;
  link.latency = models::Time(one_of<std::int64_t>(random, {0, 0, 64'000, 100'000}));
  const bool fair = wanted.links == Wanted::Links::fair ||
                    (wanted.links == Wanted::Links::mixed && random.chance(0.5));
  link.sharing = fair ? Link::Sharing::fair : Link::Sharing::fifo;
  link.packet = {one_of<std::int64_t>(random, {1, 64, 256})};
  link.energy = {one_of(random, {1e-12, 5e-12})};
  link.lane_idle_power = {one_of(random, {0.0, 0.1})};
  link.gated = random.chance(0.3);
  return link;
}

/// A direct link for every pair, with given routes: here kinds may be mixed.
void add_mesh(models::Platform& platform, Random& random, const Wanted& wanted) {
  for (std::size_t a = 0; a < platform.devices.size(); ++a)
    for (std::size_t b = a + 1; b < platform.devices.size(); ++b) {
      const auto& from = platform.devices[a].name;
      const auto& to = platform.devices[b].name;
      const auto name = from + "-" + to;
      platform.links.push_back(random_link(random, name, {from, to}, wanted));
      platform.routes.push_back({from, to, {name}});
    }
}

/// Devices as the leaves of a tree of switches, sometimes with direct links beside it.
void add_tree(models::Platform& platform, Random& random, const Wanted& wanted) {
  for (auto count = 1 + random.below(3); count > 0; --count)
    platform.switches.push_back("switch" + std::to_string(count));
  const auto join = [&](const std::string& a, const std::string& b) {
    platform.links.push_back(random_link(random, a + "-" + b, {a, b}, wanted));
  };
  for (std::size_t i = 1; i < platform.switches.size(); ++i)
    join(platform.switches[at(random.below(static_cast<std::int64_t>(i)))], platform.switches[i]);
  for (const auto& device : platform.devices)
    join(device.name,
         platform.switches[at(random.below(static_cast<std::int64_t>(platform.switches.size())))]);
  if (random.chance(0.3)) join(platform.devices[0].name, platform.devices[1].name);
}

void add_bus(models::Platform& platform, Random& random, const Wanted& wanted) {
  std::vector<std::string> ends;
  for (const auto& device : platform.devices) ends.push_back(device.name);
  platform.links.push_back(random_link(random, "bus", ends, wanted));
}

}  // namespace

Network random_network(Random& random, int most_operators) {
  Network network;
  network.name = "random";
  std::vector<int> readable;
  for (auto count = 1 + random.below(2); count > 0; --count) {
    network.inputs.push_back(
        add_tensor(network, random, "in" + std::to_string(count), Tensor::Role::input, -1));
    readable.push_back(network.inputs.back());
  }
  const std::vector<int> weights = {
      add_tensor(network, random, "shared1", Tensor::Role::weight, -1),
      add_tensor(network, random, "shared2", Tensor::Role::weight, -1)};
  for (auto count = 1 + random.below(most_operators); count > 0; --count)
    add_operator(network, random, readable, weights);
  finish(network, random);
  return network;
}

models::Platform random_platform(Random& random, const Wanted& wanted) {
  models::Platform platform;
  platform.name = "random";
  const auto count = one_of(random, {1, 2, 2, 3, 3, 4, 6});
  for (int d = 0; d < count; ++d) platform.devices.push_back(random_device(random, d));
  if (count == 1) return platform;
  if (wanted.links == Wanted::Links::mixed || random.chance(0.3))
    add_mesh(platform, random, wanted);
  else if (count > 2 && random.chance(0.3))
    add_bus(platform, random, wanted);
  else
    add_tree(platform, random, wanted);
  return platform;
}

models::Workload random_workload(Random& random, const models::Platform& platform,
                                 const Wanted& wanted) {
  using Arrivals = models::Workload::Arrivals;
  models::Workload workload;
  workload.requests = wanted.stream ? 1 + random.below(10) : 1;
  workload.seed = random.below(1000);
  workload.source =
      platform.devices[at(random.below(static_cast<std::int64_t>(platform.devices.size())))].name;
  if (random.chance(0.5))
    workload.sink =
        platform.devices[at(random.below(static_cast<std::int64_t>(platform.devices.size())))].name;
  if (wanted.jitter && random.chance(0.3)) workload.jitter = one_of(random, {0.1, 0.5});
  workload.arrivals =
      one_of(random, {Arrivals::closed, Arrivals::periodic, Arrivals::poisson, Arrivals::trace});
  if (!wanted.closed && workload.arrivals == Arrivals::closed)
    workload.arrivals = Arrivals::periodic;
  if (workload.arrivals == Arrivals::closed) workload.in_flight = 1 + random.below(4);
  if (workload.arrivals == Arrivals::periodic)
    workload.period = models::Time(one_of<std::int64_t>(random, {64'000, 512'000, 1'024'000}));
  if (workload.arrivals == Arrivals::poisson) workload.rate = {one_of(random, {1e6, 5e6})};
  if (workload.arrivals == Arrivals::trace)
    for (std::int64_t r = 0, when = 128'000 * random.below(2); r < workload.requests; ++r)
      workload.trace.emplace_back(when += 128'000 * random.below(6));
  return workload;
}

}  // namespace random_case
