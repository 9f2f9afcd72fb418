#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <stdexcept>

#include "models/cost/cost_model.h"
#include "models/cost/product.h"

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

/// Cycles of a product on a systolic array whose weights stay where they are.
double cycles_of(const Product& product, const CellArray& array) {
  const auto rows = static_cast<double>(array.rows), columns = static_cast<double>(array.columns);
  const double folds = std::ceil(product.k / rows) * std::ceil(product.n / columns);
  return product.count * folds * (2 * rows + columns + product.m - 2);
}

class Roofline final : public CostModel {
 public:
  Roofline(const Device& device, bool systolic)
      : device_(device), systolic_(systolic), slots_(static_cast<double>(device.slots)) {}

  std::optional<Cost> of_operator(const Network& network, int index, Precision p) const override {
    const auto& op = network.operators[static_cast<std::size_t>(index)];
    if (op.costing == Costing::free) return Cost{};
    if (op.costing == Costing::not_costed)
      throw std::logic_error("operator '" + op.name + "' is not costed: " + op.reason);
    const FormatSupport* format = device_.support(p);
    if (!format) return std::nullopt;

    const Bytes bytes = moved_bytes(network, op, p);
    const bool counted = op.costing == Costing::counted;
    const double matrix = counted ? 2 * static_cast<double>(op.macs) : 0;
    const double element = counted ? static_cast<double>(op.element_operations) : 0;
    const double part = efficiency(op) / slots_;
    const double computing = seconds_of_products(network, op, *format, part) +
                             element / (device_.element_rate(*format).value * part);
    const double moving = seconds_to_move(bytes);

    Cost cost;
    cost.duration = device_.launch_overhead + rounded_up(std::max(computing, moving));
    cost.joules = (matrix + element) * format->operation_energy.value + energy_to_move(bytes);
    cost.bound = bound(computing, moving);
    return cost;
  }

 private:
  /// With that part of the peak rate.
  double seconds_of_products(const Network& network, const Operator& op,
                             const FormatSupport& format, double part) const {
    if (op.costing != Costing::counted || op.macs == 0) return 0;
    const auto product = systolic_ ? product_of(network, op) : std::nullopt;
    if (product)
      return cycles_of(*product, device_.array) /
             (device_.array.clock.value * format.cell_rate * part);
    return 2 * static_cast<double>(op.macs) / (device_.matrix_rate(format).value * part);
  }

  /// Every tensor once, or what tiling into a small on-chip memory takes.
  Bytes moved_bytes(const Network& network, const Operator& op, Precision p) const {
    const Bytes once = touched_bytes(network, op, p);
    if (device_.sram.count == 0) return once;
    const auto product = product_of(network, op);
    if (!product) return once;
    const double element = static_cast<double>(element_bits(p)) / 8;
    const double bytes =
        traffic_of(*product, static_cast<double>(device_.sram.count) / element) * element;
    if (bytes >= 0x1p62) throw std::range_error("the duration is beyond the range of Time");
    return {std::max(once.count, static_cast<std::int64_t>(bytes))};
  }

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
  bool systolic_;
  double slots_;
};

}  // namespace

std::unique_ptr<CostModel> make_roofline(const Device& device) {
  return std::make_unique<Roofline>(device, false);
}

std::unique_ptr<CostModel> make_systolic(const Device& device) {
  return std::make_unique<Roofline>(device, true);
}

}  // namespace models
