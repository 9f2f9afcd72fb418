#include "scenarios/speed/speed_case.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "models/index.h"
#include "models/random.h"

namespace scenarios {

using models::at;
using models::Precision;
using models::Tensor;

namespace {

/// Conv, Relu and residual Add with the shapes of a ResNet at 56 x 56.
class ResNetLike {
 public:
  explicit ResNetLike(int operators) {
    network_->name = "resnet_like";
    last_ = skip_ = add_tensor("input", image, Tensor::Role::input, -1);
    network_->inputs = {last_};
    for (int o = 0; o < operators; ++o) add_operator(o);
    network_->outputs = {last_};
  }
  std::shared_ptr<models::Network> network() const { return network_; }

 private:
  static inline const std::vector<std::int64_t> image = {1, 64, 56, 56};
  static constexpr std::int64_t points = 64LL * 56 * 56;

  int add_tensor(const std::string& name, const std::vector<std::int64_t>& shape, Tensor::Role role,
                 int producer) {
    Tensor tensor;
    tensor.name = name;
    tensor.shape = shape;
    tensor.role = role;
    tensor.producer = producer;
    network_->tensors.push_back(tensor);
    return static_cast<int>(network_->tensors.size()) - 1;
  }

  void add_operator(int number) {
    const int kind = number % 6;  // conv relu conv relu add relu
    const auto name = std::to_string(number);
    models::Operator op;
    op.type = kind == 4 ? "Add" : kind % 2 == 0 ? "Conv" : "Relu";
    op.name = op.type + "_" + name;
    op.costing = models::Costing::counted;
    op.inputs = {last_};
    if (op.type == "Conv") {
      op.macs = points * 64 * 9;
      op.reduction_channels = 64;
      op.inputs.push_back(add_tensor("w" + name, {64, 64, 3, 3}, Tensor::Role::weight, -1));
    } else {
      op.element_operations = points;
    }
    if (kind == 4) op.inputs.push_back(skip_);
    last_ = add_tensor("t" + name, image, Tensor::Role::computed, number);
    op.outputs = {last_};
    if (kind == 5) skip_ = last_;
    network_->operators.push_back(op);
  }

  std::shared_ptr<models::Network> network_ = std::make_shared<models::Network>();
  int last_ = 0;
  int skip_ = 0;
};

models::Device device(int number) {
  const double size = number % 4;
  models::Device it;
  it.name = "d" + std::to_string(number);
  it.memory = {1 << 30};
  it.memory_bandwidth = {(50 + 20 * size) * 1e9};
  it.launch_overhead = models::Time(1'000'000);
  for (const auto& [precision, rate] :
       {std::pair{Precision::fp32, 1.0}, std::pair{Precision::fp16, 2.0},
        std::pair{Precision::int8, 4.0}})
    it.formats.push_back({precision, {rate * (1 + size) * 1e12}, {rate * 1e11}, {1e-12 / rate}});
  it.static_power = {2};
  it.memory_energy = {20e-12};
  it.switch_time = models::Time(500'000);
  return it;
}

models::Link link(int number, models::Link::Sharing sharing) {
  models::Link it;
  it.name = "l" + std::to_string(number);
  it.ends = {"d" + std::to_string(number), "switch"};
  it.sharing = sharing;
  it.lanes = 8;
  it.lane_rate = {2e9};
  it.latency = models::Time(300'000);
  it.energy = {1e-12};
  it.packet = {64};
  return it;
}

}  // namespace

std::shared_ptr<const models::Problem> speed_problem(const SpeedCase& of) {
  auto platform = std::make_shared<models::Platform>();
  platform->name = "star";
  platform->switches = {"switch"};
  for (int d = 0; d < of.devices; ++d) {
    platform->devices.push_back(device(d));
    platform->links.push_back(link(d, of.sharing));
  }
  models::Workload workload;
  workload.requests = workload.in_flight = of.requests;
  models::Choices choices;
  if (of.everything) {
    choices.precisions = {Precision::fp32, Precision::fp16, Precision::int8};
    choices.wires = {Precision::int8};
  }
  choices.lanes = of.everything;
  return models::make_problem(ResNetLike(of.operators).network(), platform, workload, choices);
}

SpeedTrials::SpeedTrials(const models::Problem& problem, bool everything, int count)
    : base_(problem.first_plan()) {
  models::Random random(1);
  const auto stretch = std::clamp(problem.operators / problem.devices, 2, 30);
  std::uint16_t device = 0;
  for (int o = 0; o < problem.operators; ++o) {
    if (o % stretch == stretch - 1)
      device = static_cast<std::uint16_t>(random.below(problem.devices));
    base_.device[at(o)] = device;
    if (everything) base_.precision[at(o)] = static_cast<std::uint8_t>(o / 40 % 3);
  }
  batch_.bases = {&base_};
  using What = models::Change::What;
  auto& changes = batch_.changes;
  for (int i = 0; i < count; ++i) {
    const auto first = static_cast<int>(changes.size());
    const auto op = static_cast<std::int32_t>(random.below(problem.operators));
    const auto options = problem.options(op);
    const auto& option = options[at(random.below(static_cast<std::int64_t>(options.size())))];
    changes.push_back({What::device, op, option.device});
    if (everything) {
      changes.push_back({What::precision, op, option.precision});
      changes.push_back({What::wire,
                         static_cast<std::int32_t>(random.below(problem.tensors * problem.devices)),
                         static_cast<std::int32_t>(random.below(problem.formats))});
      changes.push_back({What::lanes, static_cast<std::int32_t>(random.below(problem.links)),
                         static_cast<std::int32_t>(1 << random.below(4))});
    }
    batch_.trials.push_back({0, first, static_cast<int>(changes.size())});
  }
}

}  // namespace scenarios
