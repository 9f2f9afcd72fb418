#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/goal.h"
#include "models/plan.h"
#include "models/score.h"
#include "optimizers/state.h"

namespace optimizers {

/// What a search has found so far: the best plan, and the plans that no other beats in all
/// objectives. Depends only on what is offered and in which order.
class Archive {
 public:
  struct Member {
    models::Plan plan;
    models::Score score;
    std::int64_t trial = 0;  ///< counted from 0 over all that was offered
    double violation = 0;
    double cost = 0;
    std::vector<double> values;  ///< of the goal's objectives, all to be made small
    std::vector<double> boxes;   ///< that the values lie in; without epsilon the values

    void keep(State& state) { state(plan, score, trial, violation, cost, values, boxes); }
  };

  /// The goal outlives the archive. At most `capacity` plans stay in the front; the most crowded go
  /// first (crowding distance, Deb 2002), the extremes of each objective never. Where every
  /// objective has an epsilon, the front has no capacity but a guarantee: for every plan offered
  /// that holds all limits it has one that is at most by that part worse in any objective. The
  /// objectives' logarithms are cut into boxes, of which none that is kept dominates another
  /// (Laumanns, Thiele, Deb, Zitzler, Combining convergence and diversity in evolutionary
  /// multiobjective optimization, 2002).
  explicit Archive(const models::Goal& goal, std::size_t capacity = 100);

  /// Keeps the plan if it is worth it, and answers whether it is. A plan that is not kept is not
  /// copied. The first of several that are equally good stays.
  bool offer(const models::Batch& batch, std::size_t trial, const models::Score& score);
  /// The same for a plan by itself.
  bool offer(const models::Plan& plan, const models::Score& score);

  std::int64_t offered() const { return offered_; }
  /// The least violation, then the least cost, then the first; nullptr before the first offer.
  const Member* best() const { return offered_ == 0 ? nullptr : &best_; }
  /// No member is dominated by another, by constraint domination: all have the least violation
  /// found. By rising values, the first objective first.
  std::span<const Member> front() const { return front_; }

  void keep(State& state) { state(offered_, best_, front_); }

 private:
  template <class MakePlan>
  bool consider(const models::Score& score, MakePlan make_plan);
  bool belongs(double violation) const;
  void find_boxes();
  void insert(Member member);
  void thin();

  const models::Goal& goal_;
  std::size_t capacity_;
  std::vector<double> widths_;  ///< [objective] of boxes, in natural logarithms; 0: no boxes
  std::int64_t offered_ = 0;
  Member best_;
  std::vector<Member> front_;
  std::vector<double> values_;    ///< of the offer under consideration
  std::vector<double> boxes_;     ///< of it, too
  std::vector<double> crowding_;  ///< [member]
  std::vector<std::size_t> sorted_;
};

}  // namespace optimizers
