#include "optimizers/population.h"

#include <algorithm>

#include "optimizers/crowding.h"

namespace optimizers {

Population::Population(const models::Goal& goal, std::size_t size)
    : goal_(goal), size_(size), is_front_(goal.pareto && goal.objectives.size() > 1) {}

void Population::add(const models::Plan& plan, const models::Score& score) {
  if (alive_ == order_.size()) {
    order_.push_back(members_.size());
    members_.emplace_back();
  }
  auto& member = members_[order_[alive_++]];
  member.plan = plan;
  member.violation = goal_.violation(score);
  member.cost = goal_.cost(score);
  member.values.resize(goal_.objectives.size());
  goal_.values(score, member.values);
}

bool Population::better(const Individual& a, const Individual& b) {
  return a.front != b.front ? a.front < b.front : a.crowding > b.crowding;
}

/// As models::dominates, on values that are kept; but plans that miss the limits by the same part
/// are compared by their objectives, so that the search is not blind where nothing is feasible yet.
bool Population::beats(const Individual& a, const Individual& b) const {
  if (a.violation != b.violation) return a.violation < b.violation;
  if (!is_front_) return a.cost < b.cost;
  bool somewhere = false;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    if (a.values[i] > b.values[i]) return false;
    somewhere |= a.values[i] < b.values[i];
  }
  return somewhere;
}

bool Population::same_score(const Individual& a, const Individual& b) const {
  return a.violation == b.violation && a.cost == b.cost && a.values == b.values;
}

void Population::select() {
  sort_by_cost();
  put_copies_last();
  if (is_front_) sort_into_fronts();
  for (std::size_t k = 0; k < alive_ && !is_front_; ++k)
    members_[order_[k]].front = static_cast<int>(k);
  alive_ = std::min(alive_, size_);
}

/// Of members that are not alive only their places count: they decide between equals.
void Population::keep(State& state) {
  state(alive_, order_);
  if (state.reading()) members_.resize(order_.size());
  for (std::size_t k = 0; k < alive_; ++k) state(members_[order_[k]]);
}

void Population::sort_by_cost() {
  std::sort(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(alive_),
            [this](std::size_t i, std::size_t j) {
              const auto &a = members_[i], &b = members_[j];
              if (a.violation != b.violation) return a.violation < b.violation;
              if (a.cost != b.cost) return a.cost < b.cost;
              if (a.values != b.values) return a.values < b.values;
              return i < j;
            });
}

void Population::put_copies_last() {
  unique_.clear();
  copies_.clear();
  for (std::size_t k = 0; k < alive_; ++k) {
    const bool copy = !unique_.empty() && same_score(members_[unique_.back()], members_[order_[k]]);
    (copy ? copies_ : unique_).push_back(order_[k]);
  }
  std::copy(copies_.begin(), copies_.end(),
            std::copy(unique_.begin(), unique_.end(), order_.begin()));
}

void Population::sort_into_fronts() {
  const std::size_t count = unique_.size();
  dominated_by_.assign(count, 0);
  for (std::size_t a = 0; a < count; ++a)
    for (std::size_t b = 0; b < count; ++b)
      if (beats(members_[unique_[b]], members_[unique_[a]])) ++dominated_by_[a];
  std::size_t placed = 0;
  std::vector<std::size_t>& now = sorted_;
  for (int front = 0; placed < count && placed < size_; ++front) {
    now.clear();
    for (std::size_t a = 0; a < count; ++a)
      if (dominated_by_[a] == 0) now.push_back(a);
    const std::size_t begin = placed;
    for (const auto a : now) {
      dominated_by_[a] = -1;
      members_[unique_[a]].front = front;
      order_[placed++] = unique_[a];
      for (std::size_t b = 0; b < count; ++b)
        if (dominated_by_[b] > 0 && beats(members_[unique_[a]], members_[unique_[b]]))
          --dominated_by_[b];
    }
    set_crowding(begin, placed);
  }
  for (std::size_t a = 0; a < count; ++a)
    if (dominated_by_[a] >= 0) order_[placed++] = unique_[a];
  for (std::size_t k = count; k < alive_; ++k) members_[order_[k]].front = static_cast<int>(k);
}

void Population::set_crowding(std::size_t begin, std::size_t end) {
  crowding_distances(
      end - begin, goal_.objectives.size(),
      [&](std::size_t k, std::size_t i) { return members_[order_[begin + k]].values[i]; }, copies_,
      distance_);
  for (std::size_t k = begin; k < end; ++k) members_[order_[k]].crowding = distance_[k - begin];
  std::sort(order_.begin() + static_cast<std::ptrdiff_t>(begin),
            order_.begin() + static_cast<std::ptrdiff_t>(end),
            [this](std::size_t i, std::size_t j) {
              const double a = members_[i].crowding, b = members_[j].crowding;
              return a != b ? a > b : i < j;
            });
}

}  // namespace optimizers
