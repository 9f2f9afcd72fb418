#include "tests/sim/hand_made.h"

#include "models/index.h"

using models::at;

void HandMade::add_device(const std::string& name, std::int64_t slots) {
  models::Device device;
  device.name = name;
  device.memory = {std::int64_t{1} << 50};
  device.memory_bandwidth = {1e12};
  device.slots = slots;
  device.formats = {{models::Precision::fp32, {1e12}, {1e12}, {}}};
  platform_.devices.push_back(device);
}

models::Link& HandMade::add_link(const std::string& name, std::vector<std::string> ends,
                                 double bytes_per_second, models::Link::Sharing sharing,
                                 models::Time latency) {
  models::Link link;
  link.name = name;
  if (ends.size() > 2) link.duplex = models::Link::Duplex::half;
  link.ends = std::move(ends);
  link.lane_rate = {bytes_per_second};
  link.sharing = sharing;
  link.latency = latency;
  platform_.links.push_back(link);
  return platform_.links.back();
}

int HandMade::add_tensor(const std::string& name, std::int64_t bytes, models::Tensor::Role role,
                         int producer) {
  models::Tensor tensor;
  tensor.name = name;
  tensor.shape = {bytes / 4};
  tensor.role = role;
  tensor.producer = producer;
  network_.tensors.push_back(tensor);
  return static_cast<int>(network_.tensors.size()) - 1;
}

int HandMade::add_input(std::int64_t bytes) {
  network_.inputs.push_back(add_tensor("in" + std::to_string(network_.inputs.size()), bytes,
                                       models::Tensor::Role::input, -1));
  return network_.inputs.back();
}

int HandMade::add_operator(const std::string& name, const std::string& device,
                           std::vector<int> reads, std::int64_t bytes, models::Time duration) {
  const auto index = static_cast<int>(network_.operators.size());
  models::Operator op;
  op.name = name;
  op.type = "Relu";
  op.costing = models::Costing::counted;
  op.element_operations = 1;
  op.inputs = std::move(reads);
  if (op.inputs.empty())
    op.inputs.push_back(add_tensor(name + ".w", 4, models::Tensor::Role::weight, -1));
  op.outputs = {add_tensor(name + ".out", bytes, models::Tensor::Role::computed, index)};
  network_.operators.push_back(op);
  devices_.push_back(device);
  durations_.push_back(duration);
  return op.outputs.front();
}

void HandMade::end_network(const std::string& name, std::int64_t priority, models::Time deadline) {
  ended_.push_back(
      {name, std::make_shared<models::Network>(network_), workload, priority, deadline});
  network_ = {};
}

models::Device& HandMade::device(const std::string& name) {
  return platform_.devices[at(platform_.device_index(name))];
}

void HandMade::add_event(const std::string& resource, models::Time when, models::Event::What what,
                         double value) {
  models::Event event;
  event.what = what;
  event.at = when;
  event.value = value;
  event.count = static_cast<std::int64_t>(value);
  if (what == models::Event::What::burst)
    event.network = resource;
  else
    (platform_.device_index(resource) >= 0 ? event.device : event.link) = resource;
  events_.push_back(event);
}

std::shared_ptr<models::Problem> HandMade::problem() const {
  models::Choices choices;
  choices.discipline = discipline;
  auto uses = ended_;
  if (uses.empty()) uses.push_back({"", std::make_shared<models::Network>(network_), workload});
  auto problem = std::make_shared<models::Problem>(*models::make_problem(
      std::move(uses), std::make_shared<models::Platform>(platform_), choices, events_));
  const auto set_durations = [&](models::Problem& of, std::int64_t batch) {
    for (int o = 0; o < of.operators; ++o)
      for (int d = 0; d < of.devices; ++d)
        of.duration[of.cost_index(o, d, 0)] = batch * durations_[at(o)].count();
  };
  set_durations(*problem, 1);
  for (std::size_t b = 0; b < problem->batched.size(); ++b) {
    auto larger = std::make_shared<models::Problem>(*problem->batched[b]);
    set_durations(*larger, static_cast<std::int64_t>(b) + 2);
    problem->batched[b] = std::move(larger);
  }
  return problem;
}

models::Plan HandMade::plan(const models::Problem& problem) const {
  auto plan = problem.first_plan();
  for (std::size_t o = 0; o < devices_.size(); ++o)
    plan.device[o] = static_cast<std::uint16_t>(platform_.device_index(devices_[o]));
  return plan;
}
