#include <algorithm>

#include "models/index.h"
#include "results/reasons.h"
#include "scenarios/platforms.h"

namespace scenarios {
namespace {

using models::at;
using models::Plan;
using models::Resource;

/// [index in `own`] index in `all`, where names that are missing are added.
std::vector<std::size_t> numbers_in(std::vector<std::string>& all,
                                    const std::vector<std::string>& own) {
  std::vector<std::size_t> numbers;
  for (const auto& name : own) {
    const auto found = std::ranges::find(all, name);
    numbers.push_back(static_cast<std::size_t>(found - all.begin()));
    if (found == all.end()) all.push_back(name);
  }
  return numbers;
}

/// How one platform's numbers translate.
struct Numbers {
  std::vector<std::size_t> devices, links, channels;

  Numbers(results::Names& all, const results::Names& own)
      : devices(numbers_in(all.devices, own.devices)),
        links(numbers_in(all.links, own.links)),
        channels(numbers_in(all.channels, own.channels)) {}

  void translate(models::Score& score) const {
    const auto& numbers = score.bottleneck.kind == Resource::Kind::device ? devices : channels;
    if (score.bottleneck.kind != Resource::Kind::none)
      score.bottleneck.index = static_cast<int>(numbers[at(score.bottleneck.index)]);
  }

  void translate(Plan& plan, const results::Names& all) const {
    for (auto& device : plan.device) device = static_cast<std::uint16_t>(devices[device]);
    std::vector<std::uint8_t> wire(all.tensors.size() * all.devices.size(), Plan::as_produced);
    for (std::size_t t = 0; t < all.tensors.size(); ++t)
      for (std::size_t d = 0; d < devices.size(); ++d)
        wire[t * all.devices.size() + devices[d]] = plan.wire[t * devices.size() + d];
    plan.wire = std::move(wire);
    std::vector<std::uint16_t> lanes(all.links.size(), 0);
    for (std::size_t l = 0; l < links.size(); ++l) lanes[links[l]] = plan.lanes[l];
    plan.lanes = std::move(lanes);
  }
};

}  // namespace

void use_common_names(results::RunFile& record, const Parts& parts) {
  if (!parts.platforms || record.best_plan() == nullptr) return;
  record.names = results::names_of(*parts_at(parts, record.best_plan()->plan.platform).problem);
  std::vector<Numbers> numbers;
  for (const auto& stored : record.plans)
    numbers.emplace_back(record.names,
                         results::names_of(*parts_at(parts, stored.plan.platform).problem));
  for (std::size_t p = 0; p < record.plans.size(); ++p) {
    auto& stored = record.plans[p];
    numbers[p].translate(stored.score);
    if (stored.simulated) numbers[p].translate(stored.outcome.score);
    numbers[p].translate(stored.plan, record.names);
  }
  results::give_reasons(record.plans, record.goal, record.names);
}

}  // namespace scenarios
