#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "optimizers/archive.h"
#include "optimizers/codesign.h"
#include "optimizers/population.h"
#include "optimizers/visit.h"

namespace optimizers {

/// A platform in the race, and the best plan found there.
struct Arm {
  std::uint32_t design = 0;
  bool is_broken = false;  ///< does not hold together
  bool is_seen = false;    ///< what follows is known
  double violation = 0;
  double cost = 0;
  models::Plan best;

  void keep(State& state) { state(design, is_broken, is_seen, violation, cost, best); }
};

/// Successive halving over platforms: each round gives those that are left the same share of the
/// effort, then drops the worse half. Platforms are visited from the best plans known there; the
/// first time, from those of the best and of the nearest platform seen, carried over.
class Rounds {
 public:
  explicit Rounds(const DesignTask& task);

  /// Enters a platform, once each; answers its number among the arms.
  std::size_t enter(std::uint32_t design);
  /// The same, and its best plan is known already.
  std::size_t enter(const Individual& known);
  bool has(std::uint32_t design) const;
  const std::vector<Arm>& arms() const { return arms_; }
  /// Arms by merit: of a front, those with the most plans on it; else the best plan.
  std::vector<std::size_t> ranked(std::vector<std::size_t> arms) const;
  std::vector<std::size_t> ranked() const;  ///< all

  /// Starts anew with these arms; to be over in so many rounds, when `end` evaluations are used.
  void begin(std::vector<std::size_t> arms, int rounds, std::int64_t end);
  /// Rounds until one is left and has had a round of its own.
  static int rounds_for(std::size_t arms);

  /// Leaves the batch empty when the last round is over. Throws what the inner algorithm throws.
  void ask(models::Batch& batch);
  void tell(const models::Batch& batch, std::span<const models::Score> scores);
  /// Makes sure that the first ask() can be met, so that complaints come early.
  void prepare() { start_visit(); }

  /// Whether each visit of the last round was so.
  bool is_exhausted() const { return is_exhausted_ && !visit_ && next_ == alive_.size(); }

  std::int64_t used() const { return archive_.offered(); }
  const Archive& archive() const { return archive_; }
  void keep(State& state);

 private:
  bool start_visit();
  bool start_round();
  void offer(const models::Batch& batch, std::size_t trial, const models::Score& score);
  std::vector<models::Plan> start_for(const Arm& arm);
  const Arm* nearest_seen(std::uint32_t design) const;
  std::size_t arm_of(std::uint32_t design) const;

  const DesignTask& task_;
  models::Random random_;
  Archive archive_;
  std::vector<Arm> arms_;
  std::vector<std::pair<std::uint32_t, std::size_t>> by_design_;  ///< sorted
  std::vector<std::size_t> alive_;                                ///< arms of this round
  std::size_t next_ = 0;                                          ///< of these
  int rounds_left_ = 0;                                           ///< this one included
  std::int64_t end_ = 0, round_end_ = 0;
  std::optional<Visit> visit_;
  bool is_exhausted_ = true;
};

}  // namespace optimizers
