#include "optimizers/random_plan.h"

namespace optimizers {

using models::Plan;
using models::Random;

void RandomPlans::draw(Random& random, Plan& plan) {
  reset(problem_, plan);
  if (problem_.choices.rank) draw_order(random, plan);
  draw_options(random, plan);
  draw_wires(random, plan);
  for (int link = 0; link < problem_.links; ++link) {
    const auto begin = at(problem_.lane_begin, link);
    const auto count = at(problem_.lane_begin, link + 1) - begin;
    at(plan.lanes, link) =
        static_cast<std::uint16_t>(at(problem_.lane_option, begin + random.below(count)));
  }
}

void RandomPlans::draw_order(Random& random, Plan& plan) {
  missing_.resize(static_cast<std::size_t>(problem_.operators));
  ready_.clear();
  for (int op = 0; op < problem_.operators; ++op) {
    at(missing_, op) = static_cast<std::int32_t>(graph_.makers(op).size());
    if (at(missing_, op) == 0) ready_.push_back(op);
  }
  for (auto& placed : plan.order) {
    auto& chosen = at(ready_, random.below(static_cast<std::int64_t>(ready_.size())));
    placed = chosen;
    chosen = ready_.back();
    ready_.pop_back();
    for (const auto reader : graph_.readers(placed))
      if (--at(missing_, reader) == 0) ready_.push_back(reader);
  }
}

void RandomPlans::draw_options(Random& random, Plan& plan) {
  std::int64_t stretch = 1;
  while (stretch < problem_.operators && random.chance(0.75)) stretch *= 2;
  models::Problem::Option wanted;
  bool any_precision = false;
  for (std::size_t k = 0; k < plan.order.size(); ++k) {
    const int op = plan.order[k];
    const auto options = problem_.options(op);
    const auto& drawn = at(options, random.below(static_cast<std::int64_t>(options.size())));
    if (k == 0 || random.below(stretch) == 0) {
      wanted = drawn;
      any_precision = random.chance(0.5);
    }
    const auto* chosen = &drawn;
    if (drawn.device != wanted.device || (!any_precision && drawn.precision != wanted.precision))
      for (const auto& option : options)
        if (option.device == wanted.device && option.precision == wanted.precision)
          chosen = &option;
    at(plan.device, op) = chosen->device;
    at(plan.precision, op) = chosen->precision;
  }
}

void RandomPlans::draw_wires(Random& random, Plan& plan) {
  const auto count = static_cast<std::int64_t>(problem_.wire_option.size());
  if (count < 2) return;
  const bool alike = random.chance(0.5);
  const auto common = at(problem_.wire_option, random.below(count));
  for (int tensor = 0; tensor < problem_.tensors; ++tensor) {
    if (at(problem_.is_fixed, tensor) != 0) continue;
    for (int target = 0; target < problem_.devices; ++target)
      at(plan.wire, tensor * problem_.devices + target) =
          alike ? common : at(problem_.wire_option, random.below(count));
  }
}

}  // namespace optimizers
