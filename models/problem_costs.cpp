#include <algorithm>
#include <numeric>
#include <optional>
#include <tuple>

#include "models/cost/cost_model.h"
#include "models/error.h"
#include "models/index.h"
#include "models/problem_parts.h"

namespace models {
namespace {

/// Everything that a cost model looks at.
auto cost_parameters(const Device& device) {
  return std::tie(device.model, device.memory_bandwidth, device.slots, device.launch_overhead,
                  device.memory_energy, device.efficiency, device.formats, device.efficiencies,
                  device.durations, device.array, device.sram);
}

std::optional<Cost> cost_of(const CostModel& model, const Network& network, int op,
                            const Device& device, Precision format) {
  try {
    return model.of_operator(network, op, format);
  } catch (const std::range_error&) {
    throw InputError("operator '" + network.operators[at(op)].name + "' would take more than " +
                     "106 days on device '" + device.name + "' in " + name_of(format) +
                     "; check the device's rates");
  }
}

/// The same costs with one row per device where there was one per kind.
template <class Number>
void split(const Problem& p, std::vector<Number>& costs) {
  std::vector<Number> wide;
  wide.reserve(at(p.operators) * at(p.devices) * at(p.compute_formats));
  for (int o = 0; o < p.operators; ++o)
    for (int d = 0; d < p.devices; ++d)
      for (int f = 0; f < p.compute_formats; ++f) wide.push_back(costs[p.cost_index(o, d, f)]);
  costs = std::move(wide);
}

}  // namespace

void find_kinds(Problem& problem) {
  const auto& devices = problem.platform->devices;
  std::vector<const Device*> first_of_kind;
  for (const auto& device : devices) {
    const auto alike = std::ranges::find_if(first_of_kind, [&](const Device* first) {
      return cost_parameters(*first) == cost_parameters(device);
    });
    problem.device_kind.push_back(static_cast<std::int32_t>(alike - first_of_kind.begin()));
    if (alike == first_of_kind.end()) first_of_kind.push_back(&device);
  }
  problem.kinds = static_cast<int>(first_of_kind.size());
}

void cost_operators(Problem& problem) {
  const auto& network = *problem.network;
  const auto cells = at(problem.operators) * at(problem.kinds) * at(problem.compute_formats);
  problem.duration.assign(cells, -1);
  problem.energy.assign(cells, 0);
  problem.workspace.assign(cells, 0);
  for (const auto& op : network.operators) problem.is_free.push_back(op.costing == Costing::free);
  int costed = 0;  // kinds so far
  for (int d = 0; d < problem.devices; ++d) {
    if (problem.device_kind[at(d)] < costed) continue;
    ++costed;
    const auto& device = problem.platform->devices[at(d)];
    const auto model = make_cost_model(device);
    for (int o = 0; o < problem.operators; ++o)
      for (int f = 0; f < problem.compute_formats; ++f) {
        const auto cost = cost_of(*model, network, o, device, problem.format[at(f)]);
        if (!cost) continue;
        const auto cell = problem.cost_index(o, d, f);
        problem.duration[cell] = cost->duration.count();
        problem.energy[cell] = cost->joules;
        problem.workspace[cell] = cost->workspace.count;
      }
  }
}

void Problem::split_kinds() {
  split(*this, duration);
  split(*this, energy);
  split(*this, workspace);
  kinds = devices;
  std::iota(device_kind.begin(), device_kind.end(), 0);
}

}  // namespace models
