#include <algorithm>

#include "optimizers/graph.h"
#include "optimizers/plan_programme.h"

/// From plans to solutions of PlanProgramme and back.
namespace optimizers {

using models::Plan;

std::vector<int> PlanProgramme::chosen_options(const Plan& plan) const {
  std::vector<int> chosen(at(problem_.operators), -1);
  for (int op = 0; op < problem_.operators; ++op) {
    for (int k = 0; k < options_of(op); ++k)
      if (option(op, k).device == at(plan.device, op) &&
          option(op, k).precision == at(plan.precision, op))
        at(chosen, op) = k;
    if (at(chosen, op) < 0) return {};
    if (at(programme_.columns, option_column(op, at(chosen, op))).high == 0) return {};
  }
  return chosen;
}

/// Whether the tensor is wanted on the device under the plan.
bool PlanProgramme::is_read(int tensor, int device, const Plan& plan) const {
  if (at(problem_.is_output, tensor) != 0 && problem_.stream_with(tensor).sink == device)
    return true;
  for (auto r = at(problem_.reader_begin, tensor); r < at(problem_.reader_begin, tensor + 1); ++r)
    if (at(plan.device, at(problem_.reader, r)) == device) return true;
  return false;
}

std::vector<double> PlanProgramme::solution(const Plan& plan) const {
  const auto chosen = chosen_options(plan);
  if (chosen.empty()) return {};
  std::vector<double> values(programme_.columns.size(), 0);
  for (int op = 0; op < problem_.operators; ++op) at(values, option_column(op, at(chosen, op))) = 1;
  for (const auto& edge : edges_)
    for (const auto& way : edge.ways)
      if (way.option == at(chosen, edge.maker) && way.to == at(plan.device, edge.reader))
        at(values, way.column) = 1;
  for (const auto& way : transfers_) {
    const int maker = at(problem_.producer, way.tensor);
    const bool is_made_so = maker < 0 || at(chosen, maker) == way.option;
    if (is_made_so && is_read(way.tensor, way.to, plan)) at(values, way.column) = 1;
  }
  raise_times(values);
  return values;
}

/// Raises the columns of times to what the others ask for.
void PlanProgramme::raise_times(std::vector<double>& values) const {
  // Every such column stands in rows of the form "column >= sum of others"; they were added after
  // what they depend on, but for ends, whose rows follow the order of the operators.
  const auto first_time = std::min({load_ < 0 ? 1 << 30 : load_, chain_ < 0 ? 1 << 30 : chain_,
                                    time_.empty() ? 1 << 30 : time_.front()});
  for (int pass = 0; pass < 3; ++pass)
    for (std::size_t row = 0; row < programme_.row_low.size(); ++row) {
      int raised = -1;
      double sum = 0;
      for (auto t = programme_.row_begin[row]; t < programme_.row_begin[row + 1]; ++t) {
        const auto& term = at(programme_.terms, t);
        if (term.factor == 1 && term.column >= first_time)
          raised = term.column;
        else
          sum -= term.factor * at(values, term.column);
      }
      if (raised >= 0) at(values, raised) = std::max(at(values, raised), sum);
    }
}

void PlanProgramme::choose(std::span<const double> values, Plan& plan) const {
  for (int op = 0; op < problem_.operators; ++op) {
    int best = 0;
    for (int k = 1; k < static_cast<int>(problem_.options(op).size()); ++k)
      if (at(values, option_column(op, k)) > at(values, option_column(op, best))) best = k;
    at(plan.device, op) = problem_.options(op)[at(best)].device;
    at(plan.precision, op) = problem_.options(op)[at(best)].precision;
  }
  for (int link = 0; link < problem_.links; ++link)
    at(plan.lanes, link) =
        static_cast<std::uint16_t>(at(problem_.lane_option, at(problem_.lane_begin, link + 1) - 1));
  for (int tensor = 0; tensor < problem_.tensors; ++tensor) choose_wires(tensor, plan);
}

/// A tensor travels in the smallest format.
void PlanProgramme::choose_wires(int tensor, Plan& plan) const {
  const int maker = at(problem_.producer, tensor);
  const int made = maker < 0 ? problem_.input_format : at(plan.precision, maker);
  const auto row = at(tensor) * at(problem_.formats);
  auto format = Plan::as_produced;
  auto fewest = problem_.bytes[row + at(made)];
  for (const auto wire : problem_.wire_option)
    if (wire != Plan::as_produced && problem_.bytes[row + wire] < fewest) {
      format = wire;
      fewest = problem_.bytes[row + wire];
    }
  for (int to = 0; to < problem_.devices; ++to)
    at(plan.wire, tensor * problem_.devices + to) =
        at(problem_.is_fixed, tensor) == 0 && travels(problem_, plan, tensor, to)
            ? format
            : Plan::as_produced;
}

}  // namespace optimizers
