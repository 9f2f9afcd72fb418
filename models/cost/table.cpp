#include <map>
#include <string>
#include <utility>

#include "models/cost/cost_model.h"

namespace models {
namespace {

class Table final : public CostModel {
 public:
  explicit Table(const Device& device) : roofline_(make_roofline(device)) {
    for (const auto& entry : device.durations) entries_[{entry.of, entry.precision}] = &entry;
  }

  std::optional<Cost> of_operator(const Network& network, int index, Precision p) const override {
    const auto& op = network.operators[static_cast<std::size_t>(index)];
    if (op.costing == Costing::free) return Cost{};
    const TabledDuration* entry = find(op.name, p);
    if (!entry) entry = find("type:" + op.type, p);
    if (!entry) return roofline_->of_operator(network, index, p);
    return Cost{.duration = entry->duration,
                .joules = entry->energy.value > 0 ? entry->energy.value
                                                  : roofline_joules(network, index, p),
                .workspace = {},
                .bound = Cost::Bound::table};
  }

 private:
  /// 0 where the device describes no energies of the format, or operations are not known.
  double roofline_joules(const Network& network, int index, Precision p) const {
    if (network.operators[static_cast<std::size_t>(index)].costing == Costing::not_costed) return 0;
    const auto cost = roofline_->of_operator(network, index, p);
    return cost ? cost->joules : 0;
  }

  const TabledDuration* find(const std::string& of, Precision p) const {
    const auto found = entries_.find({of, p});
    return found == entries_.end() ? nullptr : found->second;
  }

  std::unique_ptr<CostModel> roofline_;
  std::map<std::pair<std::string, Precision>, const TabledDuration*> entries_;
};

}  // namespace

std::unique_ptr<CostModel> make_table(const Device& device) {
  return std::make_unique<Table>(device);
}

}  // namespace models
