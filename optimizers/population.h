#pragma once

#include <cstdint>
#include <vector>

#include "models/goal.h"
#include "models/plan.h"
#include "models/score.h"
#include "optimizers/state.h"

namespace optimizers {

/// A plan and what is known of it.
struct Individual {
  models::Plan plan;
  double violation = 0;
  double cost = 0;
  std::vector<double> values;  ///< of the objectives, all to be made small
  int front = 0;               ///< 0: dominated by none
  double crowding = 0;

  void keep(State& state) { state(plan, violation, cost, values, front, crowding); }
};

/// The survivors of a genetic search, after NSGA-II (Deb, Pratap, Agarwal, Meyarivan 2002). Where
/// the goal is one number rather than a front, plans are ranked by (violation, cost) instead.
class Population {
 public:
  Population(const models::Goal& goal, std::size_t size);

  /// Adds a plan; select() decides whether it stays.
  void add(const models::Plan& plan, const models::Score& score);
  /// Keeps the best; of plans with the same score one, as long as there are others.
  void select();

  std::size_t size() const { return alive_; }
  const Individual& operator[](std::size_t k) const { return members_[order_[k]]; }
  /// What was added last.
  const Individual& newest() const { return members_[order_[alive_ - 1]]; }
  /// Whether `a` is to be preferred as a parent: lower front, then less crowded.
  static bool better(const Individual& a, const Individual& b);
  /// Whether `a` is better than `b` in what the goal asks for.
  bool beats(const Individual& a, const Individual& b) const;

  void keep(State& state);

 private:
  void sort_into_fronts();
  void set_crowding(std::size_t begin, std::size_t end);
  void sort_by_cost();
  bool same_score(const Individual& a, const Individual& b) const;
  void put_copies_last();

  const models::Goal& goal_;
  std::size_t size_;
  bool is_front_;
  std::size_t alive_ = 0;            ///< members_[order_[k]] for k < alive_ are the population
  std::vector<Individual> members_;  ///< never shrinks, so that plans keep their memory
  std::vector<std::size_t> order_;
  std::vector<int> dominated_by_;  ///< scratch, [member]
  std::vector<std::size_t> sorted_, unique_, copies_;
  std::vector<double> distance_;
};

}  // namespace optimizers
