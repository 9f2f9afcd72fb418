#include <map>
#include <string>
#include <tuple>

#include "models/cost/cost_model.h"

namespace models {
namespace {

class Table final : public CostModel {
 public:
  explicit Table(const Device& device) : roofline_(make_roofline(device)) {
    for (const auto& entry : device.durations)
      entries_[{entry.of, entry.precision, entry.batch}] = &entry;
  }

  std::optional<Cost> of_operator(const Network& network, int index, Precision p) const override {
    const auto& op = network.operators[static_cast<std::size_t>(index)];
    if (op.costing == Costing::free) return Cost{};
    const TabledDuration* entry = find(op.name, p, network.batch);
    if (!entry) entry = find("type:" + op.type, p, network.batch);
    if (!entry) return roofline_->of_operator(network, index, p);
    const auto times = network.batch / entry->batch;
    std::int64_t duration = 0;
    if (__builtin_mul_overflow(entry->duration.count(), times, &duration))
      throw std::range_error("the duration is beyond the range of Time");
    return Cost{.duration = Time(duration),
                .joules = entry->energy.value > 0 ? entry->energy.value * static_cast<double>(times)
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

  const TabledDuration* find(const std::string& of, Precision p, std::int64_t batch) const {
    auto found = entries_.find({of, p, batch});
    if (found == entries_.end()) found = entries_.find({of, p, 1});
    return found == entries_.end() ? nullptr : found->second;
  }

  std::unique_ptr<CostModel> roofline_;
  std::map<std::tuple<std::string, Precision, std::int64_t>, const TabledDuration*> entries_;
};

}  // namespace

std::unique_ptr<CostModel> make_table(const Device& device) {
  return std::make_unique<Table>(device);
}

}  // namespace models
