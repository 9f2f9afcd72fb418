#include "models/placement/as_network.h"

#include <algorithm>

#include "models/index.h"
#include "models/placement/detail.h"

namespace models {
namespace {

constexpr std::int64_t picoseconds_per_byte = 100'000;  // at placement_bytes_per_second
constexpr std::int64_t most_slots = 1024;
const char* const host = "host";

std::string node_name(const PlacementProblem& problem, int node) {
  return "node" + std::to_string(at(problem.nodes, node).id);
}

std::int64_t output_bytes(const PlacementProblem& problem, int node) {
  const auto send = at(problem.nodes, node).send.count();
  const bool is_read = !problem.readers(node).empty();
  return is_read
             ? std::max<std::int64_t>(1, (send + picoseconds_per_byte / 2) / picoseconds_per_byte)
             : 1;
}

/// Whether all of the node's class may run there.
bool is_supported(const PlacementProblem& problem, int node) {
  const auto members = problem.members(at(problem.group_of, node));
  return std::all_of(members.begin(), members.end(),
                     [&](int member) { return at(problem.nodes, member).on_accelerator; });
}

class Maker {
 public:
  explicit Maker(const PlacementProblem& problem) : problem_(problem), output_(at(problem.size())) {
    network_.name = "placement";
    network_.inputs.push_back(add_tensor("sample", 1, Tensor::Role::input, -1));
    for (const int node : problem.sorted) add(node);
    network_.check();
  }
  Network network() && { return std::move(network_); }

 private:
  int add_tensor(std::string name, std::int64_t bytes, Tensor::Role role, int producer) {
    Tensor tensor;
    tensor.name = std::move(name);
    tensor.shape = {bytes};
    tensor.type = ElementType::uint8;  // travels as it is, whatever a plan says of precisions
    tensor.role = role;
    tensor.producer = producer;
    network_.tensors.push_back(std::move(tensor));
    return static_cast<int>(network_.tensors.size()) - 1;
  }

  void add(int node) {
    Operator op;
    op.name = node_name(problem_, node);
    op.type = "partwise.Placed";
    op.costing = Costing::by_bytes;
    for (const int maker : problem_.makers(node)) op.inputs.push_back(at(output_, maker));
    if (op.inputs.empty()) op.inputs.push_back(network_.inputs.front());
    if (const auto size = at(problem_.nodes, node).size; size > 0)
      op.inputs.push_back(add_tensor(op.name + "_weights", size, Tensor::Role::weight, -1));
    const int index = static_cast<int>(network_.operators.size());
    at(output_, node) = add_tensor(op.name + "_output", output_bytes(problem_, node),
                                   Tensor::Role::computed, index);
    op.outputs = {at(output_, node)};
    if (problem_.readers(node).empty()) network_.outputs.push_back(at(output_, node));
    network_.operators.push_back(std::move(op));
  }

  const PlacementProblem& problem_;
  std::vector<int> output_;  // [node] tensor
  Network network_;
};

/// The table of an accelerator or of a CPU.
std::vector<TabledDuration> durations(const PlacementProblem& problem, bool accelerator) {
  std::vector<TabledDuration> table;
  for (int n = 0; n < problem.size(); ++n) {
    const auto& node = at(problem.nodes, n);
    if (accelerator && !is_supported(problem, n)) continue;
    TabledDuration entry;
    entry.of = node_name(problem, n);
    entry.duration = accelerator ? node.accelerator : node.cpu;
    table.push_back(std::move(entry));
  }
  return table;
}

Link link_to_host(const std::string& device, bool accelerator) {
  Link link;
  link.name = device + "_link";
  link.ends = {device, host};
  link.lane_rate = {accelerator ? placement_bytes_per_second : 1e15};
  link.duplex = Link::Duplex::half;
  return link;
}

}  // namespace

Network placement_network(const PlacementProblem& problem) {
  return Maker(problem).network();
}

Platform placement_platform(const PlacementProblem& problem) {
  Platform platform;
  platform.name = "placement";
  platform.meaning = "accelerators beside a host, with given times";
  platform.switches = {host};
  // An execution also counts tensors; with room for all of them only nodes can be too large.
  std::int64_t tensors = 1, bytes = 0;
  for (int n = 0; n < problem.size(); ++n) {
    tensors += output_bytes(problem, n);
    bytes += at(problem.nodes, n).size;
  }
  Device accelerator, cpu;
  accelerator.model = cpu.model = Device::Model::table;
  accelerator.memory_bandwidth = cpu.memory_bandwidth = {1e12};
  accelerator.memory = {std::min(problem.memory, bytes) + tensors};
  cpu.memory = {bytes + tensors};
  accelerator.durations = durations(problem, true);
  cpu.durations = durations(problem, false);
  if (problem.objective == PlacementProblem::Objective::latency)
    cpu.slots = std::min<std::int64_t>(problem.size(), most_slots);
  for (int d = 0; d < problem.devices(); ++d) {
    auto device = problem.is_accelerator(d) ? accelerator : cpu;
    device.name = device_name(problem, d);
    platform.links.push_back(link_to_host(device.name, problem.is_accelerator(d)));
    platform.devices.push_back(std::move(device));
  }
  if (platform.devices.size() == 1) {
    platform.switches.clear();
    platform.links.clear();
  }
  return platform;
}

Choices placement_choices() {
  Choices choices;
  choices.rank = false;
  choices.lanes = false;
  return choices;
}

}  // namespace models
