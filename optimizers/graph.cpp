#include "optimizers/graph.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

namespace optimizers {

namespace {

/// Lists of numbers, one per operator, sorted and each once, laid end to end.
void flatten(std::vector<std::vector<std::int32_t>>& lists, std::vector<std::int32_t>& begin,
             std::vector<std::int32_t>& all) {
  begin.assign(1, 0);
  for (auto& list : lists) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    all.insert(all.end(), list.begin(), list.end());
    begin.push_back(static_cast<std::int32_t>(all.size()));
  }
}

}  // namespace

Graph::Graph(const models::Problem& problem) {
  const auto count = static_cast<std::size_t>(problem.operators);
  std::vector<std::vector<std::int32_t>> makers(count), readers(count);
  for (std::int32_t tensor = 0; tensor < problem.tensors; ++tensor) {
    const std::int32_t maker = at(problem.producer, tensor);
    if (maker < 0) continue;
    for (auto k = at(problem.reader_begin, tensor); k < at(problem.reader_begin, tensor + 1); ++k) {
      const std::int32_t reader = at(problem.reader, k);
      at(makers, reader).push_back(maker);
      at(readers, maker).push_back(reader);
      edges_.push_back({maker, reader, tensor});
    }
  }
  flatten(makers, maker_begin_, maker_);
  flatten(readers, reader_begin_, reader_);

  std::map<std::string, int> numbers;
  for (int op = 0; op < problem.operators; ++op) {
    const auto& name = at(problem.network->operators, op).type;
    type_.push_back(numbers.try_emplace(name, static_cast<int>(numbers.size())).first->second);
  }
  types_ = static_cast<int>(numbers.size());
}

void reset(const models::Problem& problem, models::Plan& plan) {
  const auto count = static_cast<std::size_t>(problem.operators);
  plan.device.resize(count);
  plan.precision.resize(count);
  for (int op = 0; op < problem.operators; ++op) {
    const auto option = problem.options(op).front();
    at(plan.device, op) = option.device;
    at(plan.precision, op) = option.precision;
  }
  plan.order.resize(count);
  std::iota(plan.order.begin(), plan.order.end(), 0);
  plan.wire.assign(
      static_cast<std::size_t>(problem.tensors) * static_cast<std::size_t>(problem.devices),
      models::Plan::as_produced);
  plan.lanes.resize(static_cast<std::size_t>(problem.links));
  for (int link = 0; link < problem.links; ++link)
    at(plan.lanes, link) =
        static_cast<std::uint16_t>(at(problem.lane_option, at(problem.lane_begin, link + 1) - 1));
  plan.discipline = problem.choices.discipline;
}

void positions(const models::Plan& plan, std::vector<std::int32_t>& position) {
  position.resize(plan.order.size());
  for (std::size_t k = 0; k < plan.order.size(); ++k)
    at(position, plan.order[k]) = static_cast<std::int32_t>(k);
}

bool travels(const models::Problem& problem, const models::Plan& plan, int tensor, int target) {
  if (problem.home(tensor, plan) == target) return false;
  if (at(problem.is_output, tensor) != 0 && target == problem.stream_with(tensor).sink) return true;
  for (auto k = at(problem.reader_begin, tensor); k < at(problem.reader_begin, tensor + 1); ++k)
    if (at(plan.device, at(problem.reader, k)) == target) return true;
  return false;
}

}  // namespace optimizers
