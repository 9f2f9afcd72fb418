#include "optimizers/placement/loads.h"

#include <algorithm>

namespace optimizers {

Loads::Loads(const models::PlacementProblem& problem, const PlacementNets& nets)
    : nets_(nets),
      accelerators_(problem.accelerators),
      memory_(problem.memory),
      device_(static_cast<std::size_t>(nets.groups())),
      load_(static_cast<std::size_t>(problem.devices())),
      size_(load_.size()),
      count_(static_cast<std::size_t>(nets.nets()) * load_.size()) {}

void Loads::set(std::span<const int> device_of_group) {
  device_.assign(device_of_group.begin(), device_of_group.end());
  std::fill(load_.begin(), load_.end(), 0);
  std::fill(size_.begin(), size_.end(), 0);
  std::fill(count_.begin(), count_.end(), 0);
  journal_.clear();
  for (int group = 0; group < nets_.groups(); ++group) {
    const auto& g = nets_.group(group);
    const auto at = static_cast<std::size_t>(device(group));
    load_[at] += device(group) < accelerators_ ? g.accelerator : g.cpu;
    size_[at] += g.size;
  }
  for (int net = 0; net < nets_.nets(); ++net) {
    const int source = device(nets_.net(net).source);
    for (const int reader : nets_.readers(net)) {
      const int d = device(reader);
      if (++count(net, d) == 1 && d != source && d < accelerators_)
        load_[static_cast<std::size_t>(d)] += nets_.net(net).cost;
    }
    if (source < accelerators_ && counts(net)[source] < nets_.net(net).readers)
      load_[static_cast<std::size_t>(source)] += nets_.net(net).cost;
  }
  over_ = 0;
  for (int d = 0; d < accelerators_; ++d) over_ += over(d, size(d));
}

std::int64_t Loads::largest() const {
  return *std::max_element(load_.begin(), load_.end());
}

int Loads::ties() const {
  return static_cast<int>(std::count(load_.begin(), load_.end(), largest()));
}

Loads::Change Loads::change(int group, int to) const {
  const int from = device(group);
  const auto& g = nets_.group(group);
  Change change{-(from < accelerators_ ? g.accelerator : g.cpu),
                to < accelerators_ ? g.accelerator : g.cpu};
  // What moving outputs would cost if CPUs paid too; they do not.
  std::int64_t at_from = 0, at_to = 0;
  for (const int net : nets_.leaving(group)) {
    const auto& n = nets_.net(net);
    const int* there = counts(net);
    if (there[from] < n.readers) at_from -= n.cost;
    if (there[from] > 0) at_from += n.cost;
    if (there[to] > 0) at_to -= n.cost;
    if (there[to] < n.readers) at_to += n.cost;
  }
  for (const int net : nets_.entering(group)) {
    const auto& n = nets_.net(net);
    const int* there = counts(net);
    const int source = device(n.source);
    if (source == from)
      at_from += there[from] == n.readers ? n.cost : 0;
    else
      at_from -= there[from] == 1 ? n.cost : 0;
    if (source == to)
      at_to -= there[to] == n.readers - 1 ? n.cost : 0;
    else
      at_to += there[to] == 0 ? n.cost : 0;
  }
  if (from < accelerators_) change.from += at_from;
  if (to < accelerators_) change.to += at_to;
  return change;
}

void Loads::move(int group, int to) {
  const int from = device(group);
  if (from == to) return;
  journal_.push_back({group, from});
  shift(group, to);
}

void Loads::undo() {
  while (!journal_.empty()) {
    const auto back = journal_.back();
    journal_.pop_back();
    shift(back.group, back.device);
  }
}

void Loads::shift(int group, int to) {
  const int from = device(group);
  const auto moved = change(group, to);
  const auto bytes = nets_.group(group).size;
  load_[static_cast<std::size_t>(from)] += moved.from;
  load_[static_cast<std::size_t>(to)] += moved.to;
  over_ -= over(from, size(from)) + over(to, size(to));
  size_[static_cast<std::size_t>(from)] -= bytes;
  size_[static_cast<std::size_t>(to)] += bytes;
  over_ += over(from, size(from)) + over(to, size(to));
  for (const int net : nets_.entering(group)) {
    --count(net, from);
    ++count(net, to);
  }
  device_[static_cast<std::size_t>(group)] = to;
}

}  // namespace optimizers
