#include "optimizers/placement/latency_terrain.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "models/index.h"

namespace optimizers {

using models::at;

LatencyTerrain::LatencyTerrain(const models::PlacementProblem& problem, const PlacementNets& nets)
    : problem_(problem),
      nets_(nets),
      state_(problem, nets),
      reach_(problem),
      mark_(at(nets.groups())),
      after_(reach_.none()),
      before_(reach_.none()) {}

bool LatencyTerrain::set(std::span<const int> device_of_group) {
  state_.set(device_of_group);
  if (!state_.walk()) return false;
  value_ = state_.value();
  energy_ = energy();
  return true;
}

void LatencyTerrain::sharpen(double share) {
  const double next = 0.5 * (1 - share) + 0.001;
  state_.walk();
  share_ = next;
  energy_ = energy();
}

double LatencyTerrain::attempt(std::span<const Shift> shifts) {
  const auto over = memory_over();
  for (const auto& shift : shifts) state_.move(shift.group, shift.device);
  if (!state_.walk()) return std::numeric_limits<double>::infinity();
  double change = (energy() - energy_) / std::max(energy_, 1.0);
  if (memory_over() != over)
    change += price_ * static_cast<double>(memory_over() - over) /
              static_cast<double>(problem_.memory + 1);
  return change;
}

void LatencyTerrain::take() {
  state_.keep();
  value_ = state_.value();
  energy_ = energy();
}

void LatencyTerrain::add(int group) {
  if (chosen(group)) return;
  at(mark_, group) = marks_;
  chosen_.push_back(group);
}

int LatencyTerrain::target(models::Random& random, int group) const {
  const auto near = nets_.neighbours(group);
  if (!near.empty() && random.below(4) != 0) {
    const int there = device(near[at(random.below(static_cast<std::int64_t>(near.size())))]);
    if (there != device(group)) return there;
  }
  return static_cast<int>(random.below(problem_.accelerators));
}

void LatencyTerrain::add_between(models::Random& random, int node) {
  // A walk along the edges, and all that lies between its ends.
  int last = node;
  const bool forward = random.below(2) == 0;
  for (auto steps = random.below(2 << random.below(7)); steps > 0; --steps) {
    const auto next = forward ? problem_.readers(last) : problem_.makers(last);
    if (next.empty()) break;
    last = next[at(random.below(static_cast<std::int64_t>(next.size())))];
    if (!reach_.known()) add(group_of(last));
  }
  add(group_of(node));
  add(group_of(last));
}

void LatencyTerrain::add_side(models::Random& random, int group) {
  add(group);
  if (!reach_.known()) return;
  const bool forward = random.below(2) == 0;
  std::fill(after_.begin(), after_.end(), 0);
  for (const int node : problem_.members(group))
    forward ? reach_.add_after(node, after_) : reach_.add_before(node, after_);
  for (std::size_t word = 0; word < after_.size(); ++word)
    for (auto bits = after_[word]; bits != 0; bits &= bits - 1) {
      const int other = group_of(static_cast<int>(word) * 64 + std::countr_zero(bits));
      if (device(other) == device(group)) add(other);
    }
}

bool LatencyTerrain::close(int slot, bool cleared) {
  if (!reach_.known()) return true;
  std::fill(after_.begin(), after_.end(), 0);
  std::fill(before_.begin(), before_.end(), 0);
  const auto span = [&](int group) {
    for (const int node : problem_.members(group)) {
      reach_.add_after(node, after_);
      reach_.add_before(node, before_);
    }
  };
  if (!cleared)
    for (int group = 0; group < nets_.groups(); ++group)
      if (device(group) == slot) span(group);
  std::size_t spanned = 0;
  while (spanned < chosen_.size()) {
    for (; spanned < chosen_.size(); ++spanned) {
      if (!nets_.group(chosen_[spanned]).on_accelerator) return false;
      span(chosen_[spanned]);
    }
    for (std::size_t word = 0; word < after_.size(); ++word)
      for (auto bits = after_[word] & before_[word]; bits != 0; bits &= bits - 1) {
        const int group = group_of(static_cast<int>(word) * 64 + std::countr_zero(bits));
        if (cleared || device(group) != slot) add(group);
      }
  }
  return true;
}

/// What has all it is joined to in the slot comes along: parameters above all.
void LatencyTerrain::absorb(int slot) {
  const auto there = [&](int node) {
    return chosen(group_of(node)) || device(group_of(node)) == slot;
  };
  for (std::size_t i = 0; i < chosen_.size(); ++i)
    for (const int near : nets_.neighbours(chosen_[i])) {
      if (!nets_.group(near).on_accelerator || chosen(near)) continue;
      const bool free =
          std::all_of(problem_.members(near).begin(), problem_.members(near).end(), [&](int node) {
            const auto readers = problem_.readers(node);
            const auto makers = problem_.makers(node);
            return std::all_of(makers.begin(), makers.end(), there) &&
                   std::all_of(readers.begin(), readers.end(), there);
          });
      if (free) add(near);
    }
}

bool LatencyTerrain::into(models::Random& random, int slot, bool cleared,
                          std::vector<Shift>& shifts) {
  if (!close(slot, cleared)) return false;
  if (random.below(4) != 0) absorb(slot);
  for (const int group : chosen_)
    if (!nets_.group(group).on_accelerator) return false;
  if (cleared)
    for (int group = 0; group < nets_.groups(); ++group)
      if (device(group) == slot && !chosen(group)) shifts.push_back({group, problem_.accelerators});
  for (const int group : chosen_) shifts.push_back({group, slot});
  return true;
}

bool LatencyTerrain::draw(models::Random& random, std::vector<Shift>& shifts) {
  shifts.clear();
  if (problem_.accelerators == 0) return false;
  chosen_.clear();
  ++marks_;
  const int node = static_cast<int>(random.below(problem_.size()));
  const int group = group_of(node);
  const int slot = target(random, group);
  const auto kind = random.below(100);
  if (kind < 25) {
    add(group);
  } else if (kind < 65 || on_cpu(group)) {
    add_between(random, node);
  } else {
    add_side(random, group);
  }
  if (slot < problem_.accelerators && (kind < 65 || kind >= 85))
    return into(random, slot, kind >= 50 && kind < 65, shifts);
  for (const int one : chosen_) shifts.push_back({one, problem_.accelerators});
  return true;
}

void LatencyTerrain::perturb(models::Random& random, std::vector<Shift>& shifts) {
  shifts.clear();
  if (problem_.accelerators == 0) return;
  chosen_.clear();
  ++marks_;
  add_between(random, static_cast<int>(random.below(problem_.size())));
  if (!into(random, static_cast<int>(random.below(problem_.accelerators)), true, shifts))
    shifts.clear();
}

void LatencyTerrain::aimed(models::Random&, std::vector<Shift>& single) {
  single.clear();
  for (int group = 0; group < nets_.groups(); ++group) {
    for (const int near : nets_.neighbours(group)) {
      const int to = device(near);
      if (to == device(group)) continue;
      if (to < problem_.accelerators && !nets_.group(group).on_accelerator) continue;
      single.push_back({group, to});
    }
  }
}

}  // namespace optimizers
