#include "optimizers/placement/division.h"

#include <algorithm>
#include <map>

#include "models/index.h"

namespace optimizers {
namespace {

using models::at;
using Nets = std::map<std::vector<int>, Division::Amount>;

void add_net(Nets& nets, std::vector<int> items, Division::Amount cost) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  if (cost > 0 && items.size() > 1) nets[std::move(items)] += cost;
}

void set_nets(Division& division, const Nets& nets) {
  division.nets_of.assign(division.items.size(), {});
  for (const auto& [items, cost] : nets) {
    for (const int item : items)
      at(division.nets_of, item).push_back(static_cast<int>(division.nets.size()));
    division.nets.push_back({cost, items});
  }
}

}  // namespace

Division division_of(const models::PlacementProblem& problem) {
  Division division;
  division.accelerators = problem.accelerators;
  division.cpus = problem.cpus;
  division.memory = problem.memory;
  division.items.resize(at(problem.groups()));
  Nets nets;
  for (int n = 0; n < problem.size(); ++n) {
    const auto& node = at(problem.nodes, n);
    auto& item = at(division.items, at(problem.group_of, n));
    item.work += node.accelerator.count();
    item.cpu_work += node.cpu.count();
    item.size += node.size;
    item.on_accelerator = item.on_accelerator && node.on_accelerator;
    item.on_cpu = problem.cpus > 0;
    std::vector<int> pins = {at(problem.group_of, n)};
    for (const int reader : problem.readers(n)) pins.push_back(at(problem.group_of, reader));
    add_net(nets, std::move(pins), node.send.count());
  }
  for (auto& item : division.items)
    item.on_accelerator =
        item.on_accelerator && item.size <= problem.memory && problem.accelerators > 0;
  set_nets(division, nets);
  return division;
}

Division contracted(const Division& division, std::span<const int> part_of, int parts) {
  Division result;
  result.accelerators = division.accelerators;
  result.cpus = division.cpus;
  result.memory = division.memory;
  result.items.resize(at(parts));
  for (std::size_t i = 0; i < division.items.size(); ++i) {
    const auto& from = division.items[i];
    auto& to = at(result.items, part_of[i]);
    to.work += from.work;
    to.cpu_work += from.cpu_work;
    to.size += from.size;
    to.on_accelerator = to.on_accelerator && from.on_accelerator;
    to.on_cpu = to.on_cpu && from.on_cpu;
  }
  for (auto& item : result.items)
    item.on_accelerator = item.on_accelerator && item.size <= result.memory;
  Nets nets;
  for (const auto& net : division.nets) {
    std::vector<int> pins;
    for (const int item : net.items) pins.push_back(part_of[at(item)]);
    add_net(nets, std::move(pins), net.cost);
  }
  set_nets(result, nets);
  return result;
}

models::Placement placement_of(const models::PlacementProblem& problem,
                               std::span<const int> device_of_group) {
  models::Placement placement;
  for (int n = 0; n < problem.size(); ++n)
    placement.push_back(device_of_group[at(at(problem.group_of, n))]);
  return placement;
}

Division::Amount load_of(const Division& division, const std::vector<bool>& set) {
  Division::Amount load = 0;
  for (std::size_t i = 0; i < division.items.size(); ++i)
    if (set[i]) load += division.items[i].work;
  for (const auto& net : division.nets) {
    const auto inside =
        std::count_if(net.items.begin(), net.items.end(), [&](int item) { return set[at(item)]; });
    if (inside > 0 && inside < static_cast<std::ptrdiff_t>(net.items.size())) load += net.cost;
  }
  return load;
}

}  // namespace optimizers
