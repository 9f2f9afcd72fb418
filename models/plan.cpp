#include "models/plan.h"

#include <algorithm>
#include <utility>

namespace models {
namespace {

/// Puts the value at the index and answers what was there.
template <class Number>
std::int32_t replace(std::vector<Number>& values, std::int32_t index, std::int32_t value) {
  return std::exchange(values[static_cast<std::size_t>(index)], static_cast<Number>(value));
}

/// The element at `from` moves to `to`, those between close up.
void move(std::vector<std::int32_t>& order, std::int32_t from, std::int32_t to) {
  const auto at = order.begin();
  if (from < to)
    std::rotate(at + from, at + from + 1, at + to + 1);
  else
    std::rotate(at + to, at + from, at + from + 1);
}

}  // namespace

Change apply(Plan& plan, Change change) {
  const auto [what, index, value] = change;
  switch (what) {
    case Change::What::device:
      return {what, index, replace(plan.device, index, value)};
    case Change::What::precision:
      return {what, index, replace(plan.precision, index, value)};
    case Change::What::wire:
      return {what, index, replace(plan.wire, index, value)};
    case Change::What::lanes:
      return {what, index, replace(plan.lanes, index, value)};
    case Change::What::rank:
      move(plan.order, index, value);
      break;
  }
  return {what, value, index};
}

Plan Batch::plan(std::size_t trial) const {
  const auto& [base, first, end] = trials[trial];
  Plan plan = *bases[static_cast<std::size_t>(base)];
  for (int i = first; i < end; ++i) apply(plan, changes[static_cast<std::size_t>(i)]);
  return plan;
}

}  // namespace models
