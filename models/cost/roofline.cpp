#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "models/cost/cost_model.h"

namespace models {
namespace {

Bytes size_of(const Tensor& tensor, Precision p) {
  if (is_real(tensor.type)) return payload(tensor.elements(), p);
  return {(tensor.elements() * bits_of(tensor.type) + 7) / 8};
}

/// Whether the operator reads of its first input no more than it passes on: of an embedding table
/// the rows of the tokens at hand.
bool picks(std::string_view type) {
  static constexpr std::array<std::string_view, 4> types = {"Gather", "GatherElements", "GatherND",
                                                            "Slice"};
  return std::ranges::find(types, type) != types.end();
}

/// Bytes of everything the operator reads and writes, each tensor once.
Bytes touched_bytes(const Network& network, const Operator& op, Precision p) {
  const auto size = [&](int t) {
    return size_of(network.tensors[static_cast<std::size_t>(t)], p).count;
  };
  std::set<int> touched(op.inputs.begin(), op.inputs.end());
  touched.insert(op.outputs.begin(), op.outputs.end());
  touched.erase(-1);
  Bytes sum;
  for (const int t : touched)
    sum.count += picks(op.type) && t == op.inputs.front()
                     ? std::min(size(t), size(op.outputs.front()))
                     : size(t);
  return sum;
}

class Roofline final : public CostModel {
 public:
  explicit Roofline(const Device& device)
      : device_(device), slots_(static_cast<double>(device.slots)) {}

  std::optional<Cost> of_operator(const Network& network, int index, Precision p) const override {
    const auto& op = network.operators[static_cast<std::size_t>(index)];
    if (op.costing == Costing::free) return Cost{};
    if (op.costing == Costing::not_costed)
      throw std::logic_error("operator '" + op.name + "' is not costed: " + op.reason);
    const FormatSupport* format = device_.support(p);
    if (!format) return std::nullopt;

    const Bytes bytes = touched_bytes(network, op, p);
    const bool counted = op.costing == Costing::counted;
    const double matrix = counted ? 2 * static_cast<double>(op.macs) : 0;
    const double element = counted ? static_cast<double>(op.element_operations) : 0;
    const double part = efficiency(op) / slots_;
    const double computing =
        matrix / (format->matrix_rate.value * part) + element / (format->element().value * part);
    const double moving = seconds_to_move(bytes);

    Cost cost;
    cost.duration = device_.launch_overhead + rounded_up(std::max(computing, moving));
    cost.joules = (matrix + element) * format->operation_energy.value + energy_to_move(bytes);
    cost.bound = bound(computing, moving);
    return cost;
  }

 private:
  double seconds_to_move(Bytes bytes) const {
    return static_cast<double>(bytes.count) / (device_.memory_bandwidth.value / slots_);
  }
  double energy_to_move(Bytes bytes) const {
    return static_cast<double>(bytes.count) * device_.memory_energy.value;
  }

  Cost::Bound bound(double computing, double moving) const {
    const double longer = std::max(computing, moving);
    if (seconds(device_.launch_overhead) > longer) return Cost::Bound::overhead;
    if (longer == 0) return Cost::Bound::none;
    return computing > moving ? Cost::Bound::compute : Cost::Bound::memory;
  }

  const TypeEfficiency* listed(std::string_view type) const {
    const auto& all = device_.efficiencies;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.type == type; });
    return found == all.end() ? nullptr : &*found;
  }

  double efficiency(const Operator& op) const {
    const TypeEfficiency* entry = op.reduction_channels == 1 ? listed("depthwise") : nullptr;
    if (!entry) entry = listed(op.type);
    return entry ? entry->part : device_.efficiency;
  }

  const Device& device_;
  double slots_;
};

}  // namespace

std::unique_ptr<CostModel> make_roofline(const Device& device) {
  return std::make_unique<Roofline>(device);
}

}  // namespace models
