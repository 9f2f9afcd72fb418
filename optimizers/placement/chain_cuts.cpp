#include "optimizers/placement/chain_cuts.h"

#include <algorithm>
#include <limits>

#include "models/index.h"

namespace optimizers {

using models::at;
using Amount = Division::Amount;

namespace {

constexpr Amount never = std::numeric_limits<Amount>::max();

}  // namespace

void keep_useful_devices(Division& division, Amount limit) {
  int for_accelerators = 0, for_cpus = 0;
  for (const auto& item : division.items) {
    for_accelerators += item.on_accelerator ? 1 : 0;
    for_cpus += item.on_cpu && item.cpu_work <= limit ? 1 : 0;
  }
  division.accelerators = std::min(division.accelerators, for_accelerators);
  division.cpus = std::min(division.cpus, for_cpus);
}

std::int64_t states_of(const Division& division) {
  return (std::int64_t{division.accelerators} + 1) * (division.cpus + 1);
}

std::size_t most_down_sets(const Division& division) {
  constexpr std::int64_t most = 500'000, memory = 4'000'000'000;
  // Of the lattice: bits (twice while they grow), steps, hashes; of the rest what a set is.
  constexpr std::int64_t of_each = 300;
  const std::int64_t bits = 2 * 8 * ((std::int64_t{division.size()} + 63) / 64);
  const auto states = states_of(division) * static_cast<std::int64_t>(sizeof(Amount) + sizeof(int));
  return static_cast<std::size_t>(std::min(most, memory / (states + bits + of_each)));
}

ChainCuts::ChainCuts(const Division& division, const Lattice& lattice, Amount limit)
    : division_(division),
      lattice_(lattice),
      limit_(limit),
      states_(at(states_of(division))),
      best_(at(lattice.size()) * states_, never),
      from_(best_.size(), -1),
      seen_(at(lattice.size()), -1),
      sets_(at(lattice.size())) {
  for (std::size_t s = 0; s < states_; ++s) best_[s] = 0;
}

bool ChainCuts::run(const std::function<bool()>& stop, std::int64_t budget) {
  budget_ = budget;
  for (int ideal = 0; ideal < lattice_.size(); ++ideal) {
    if (effort_ >= budget_ || (ideal % 16 == 0 && stop())) return false;
    if (best(ideal, states_ - 1) <= limit_) spread(ideal, stop);
  }
  return effort_ < budget_ && !stop();
}

std::vector<int> ChainCuts::devices() const {
  std::vector<int> device(at(division_.size()));
  int ideal = lattice_.size() - 1, state = static_cast<int>(states_) - 1;
  while (ideal > 0) {
    const int before = from_[at(ideal) * states_ + at(state)] / 2;
    const bool cpu = from_[at(ideal) * states_ + at(state)] % 2 == 1;
    // The last device of its kind that is still to be used.
    const int per_row = division_.cpus + 1;
    const int chosen = cpu ? division_.accelerators + state % per_row - 1 : state / per_row - 1;
    for (int i = 0; i < division_.size(); ++i)
      if (lattice_.holds(ideal, i) && !lattice_.holds(before, i)) at(device, i) = chosen;
    state -= cpu ? 1 : per_row;
    ideal = before;
  }
  return device;
}

/// Tries every set that can follow a down-set. A set that is too large for both kinds of device
/// is not extended; cuts can become less with more items, work cannot.
void ChainCuts::spread(int base, const std::function<bool()>& stop) {
  queue_.assign(1, base);
  at(sets_, base) = {};
  at(seen_, base) = base;
  for (std::size_t q = 0; q < queue_.size(); ++q) {
    const int ideal = queue_[q];
    if (q % 4096 == 4095 && stop()) return;
    if (ideal != base) use(base, ideal, at(sets_, ideal));
    for (const auto& step : lattice_.steps(ideal)) {
      if (at(seen_, step.ideal) == base) continue;
      if (effort_ >= budget_) return;
      at(seen_, step.ideal) = base;
      const auto set = extended(base, ideal, at(sets_, ideal), step.item);
      if (!set.on_accelerator && !set.on_cpu) continue;
      at(sets_, step.ideal) = set;
      queue_.push_back(step.ideal);
    }
  }
}

ChainCuts::Set ChainCuts::extended(int base, int ideal, Set set, int item) {
  ++effort_;
  const auto& added = at(division_.items, item);
  set.work += added.work;
  set.cpu_work += added.cpu_work;
  set.size += added.size;
  set.on_accelerator = set.on_accelerator && added.on_accelerator && set.work <= limit_ &&
                       set.size <= division_.memory;
  set.on_cpu = set.on_cpu && added.on_cpu && set.cpu_work <= limit_;
  if (set.on_accelerator)
    for (const int net : at(division_.nets_of, item)) {
      bool any_in = false, any_out = false;
      for (const int other : at(division_.nets, net).items) {
        if (other == item) continue;
        const bool in = lattice_.holds(ideal, other) && !lattice_.holds(base, other);
        (in ? any_in : any_out) = true;
      }
      const auto cost = at(division_.nets, net).cost;
      set.cut += (any_out ? cost : 0) - (any_in ? cost : 0);
    }
  return set;
}

void ChainCuts::use(int base, int ideal, const Set& set) {
  const auto per_row = at(division_.cpus + 1);
  const Amount load = set.work + set.cut;
  const bool accelerator = set.on_accelerator && load <= limit_;
  for (std::size_t state = 0; state < states_; ++state) {
    const Amount before = best(base, state);
    if (before > limit_) continue;
    if (accelerator && state + per_row < states_)
      improve(ideal, state + per_row, std::max(before, load), 2 * base);
    if (set.on_cpu && state % per_row + 1 < per_row)
      improve(ideal, state + 1, std::max(before, set.cpu_work), 2 * base + 1);
  }
}

void ChainCuts::improve(int ideal, std::size_t state, Amount value, int from) {
  auto& known = best(ideal, state);
  if (value >= known) return;
  known = value;
  from_[at(ideal) * states_ + state] = from;
}

}  // namespace optimizers
