#include "optimizers/designs.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "models/error.h"
#include "optimizers/graph.h"

namespace optimizers {

using models::Plan;
using models::Problem;

Designs::Designs(std::vector<std::int64_t> sizes) : sizes_(std::move(sizes)) {
  for (const auto size : sizes_) {
    if (size > most_designs / count_)
      throw models::InputError("the variables make more than " + std::to_string(most_designs) +
                               " platforms; give them fewer values");
    count_ *= size;
  }
}

std::int64_t Designs::value(std::uint32_t design, std::size_t variable) const {
  std::int64_t rest = design;
  for (auto v = sizes_.size(); v-- > variable + 1;) rest /= sizes_[v];
  return rest % sizes_[variable];
}

std::uint32_t Designs::with(std::uint32_t design, std::size_t variable, std::int64_t value) const {
  std::int64_t stride = 1;
  for (auto v = sizes_.size(); v-- > variable + 1;) stride *= sizes_[v];
  return static_cast<std::uint32_t>(design + (value - this->value(design, variable)) * stride);
}

std::uint32_t Designs::drawn(models::Random& random) const {
  return static_cast<std::uint32_t>(random.below(count_));
}

std::uint32_t Designs::neighbour(std::uint32_t design, models::Random& random) const {
  std::vector<std::size_t> open;
  for (std::size_t v = 0; v < sizes_.size(); ++v)
    if (sizes_[v] > 1) open.push_back(v);
  if (open.empty()) return design;
  const auto v = at(open, random.below(std::ssize(open)));
  const auto now = value(design, v);
  if (random.below(3) < 2) {
    const bool up = now == 0 || (now + 1 < sizes_[v] && random.chance(0.5));
    return with(design, v, up ? now + 1 : now - 1);
  }
  const auto other = random.below(sizes_[v] - 1);
  return with(design, v, other < now ? other : other + 1);
}

namespace {

/// [device] the device of the same name there; -1 where there is none.
std::vector<int> devices_of_name(const Problem& from, const Problem& to) {
  std::vector<int> same;
  for (int d = 0; d < from.devices; ++d)
    same.push_back(to.platform->device_index(from.device_name(d)));
  return same;
}

/// Of the operator's options, the same device and precision, else the fastest: on the device, on
/// any device that the plan uses, anywhere.
Problem::Option nearest(const Problem& to, int op, int device, int precision,
                        const std::vector<bool>& is_used) {
  const Problem::Option* best = nullptr;
  std::pair<int, std::int64_t> least;
  for (const auto& option : to.options(op)) {
    const int far = option.device == device ? 0 : at(is_used, option.device) ? 1 : 2;
    if (far == 0 && option.precision == precision) return option;
    const std::pair rank(far, at(to.duration, to.cost_index(op, option.device, option.precision)));
    if (best != nullptr && rank >= least) continue;
    best = &option;
    least = rank;
  }
  return *best;
}

std::uint16_t nearest_width(const Problem& from, const Plan& plan, const Problem& to, int link) {
  const auto widths =
      std::span(to.lane_option)
          .subspan(static_cast<std::size_t>(at(to.lane_begin, link)),
                   static_cast<std::size_t>(at(to.lane_begin, link + 1) - at(to.lane_begin, link)));
  const int old = from.platform->link_index(to.link_name(link));
  if (old < 0 || at(plan.lanes, old) == at(from.lane_budget, old))
    return static_cast<std::uint16_t>(widths.back());
  const int wanted = at(plan.lanes, old);
  return static_cast<std::uint16_t>(*std::ranges::min_element(
      widths, {}, [&](std::int32_t width) { return std::abs(width - wanted); }));
}

}  // namespace

Plan carried_over(const Problem& from, const Plan& plan, const Problem& to) {
  Plan carried;
  reset(to, carried);
  carried.order = plan.order;
  carried.discipline = plan.discipline;
  const auto same = devices_of_name(from, to);
  std::vector<bool> is_used(static_cast<std::size_t>(to.devices));
  for (const auto device : plan.device)
    if (at(same, device) >= 0) is_used[static_cast<std::size_t>(at(same, device))] = true;
  for (int op = 0; op < to.operators; ++op) {
    const auto option =
        nearest(to, op, at(same, at(plan.device, op)), at(plan.precision, op), is_used);
    at(carried.device, op) = option.device;
    at(carried.precision, op) = option.precision;
  }
  for (int tensor = 0; tensor < to.tensors; ++tensor)
    for (int d = 0; d < from.devices; ++d)
      if (at(same, d) >= 0)
        at(carried.wire, tensor * to.devices + at(same, d)) =
            at(plan.wire, tensor * from.devices + d);
  for (int link = 0; link < to.links; ++link)
    at(carried.lanes, link) = nearest_width(from, plan, to, link);
  return carried;
}

}  // namespace optimizers
