#pragma once

#include "optimizers/placement/latency_state.h"
#include "optimizers/placement/reach.h"
#include "optimizers/placement/terrain.h"

namespace optimizers {

/// Energy: the end of the sample, and a share of the mean end of all nodes that goes while the
/// search cools. Moves put what lies between two nodes into a slot, and all that has to follow so
/// that the slot waits for nothing that waits for it; or take a slot's end off.
class LatencyTerrain final : public Terrain {
 public:
  LatencyTerrain(const models::PlacementProblem& problem, const PlacementNets& nets);

  bool set(std::span<const int> device_of_group) override;
  std::span<const int> placement() const override { return state_.loads().placement(); }
  std::int64_t value() const override { return value_; }
  std::int64_t memory_over() const override { return state_.loads().memory_over(); }
  bool draw(models::Random& random, std::vector<Shift>& shifts) override;
  void perturb(models::Random& random, std::vector<Shift>& shifts) override;
  void aimed(models::Random& random, std::vector<Shift>& single) override;
  double attempt(std::span<const Shift> shifts) override;
  void take() override;
  void leave() override { state_.undo(); }
  void sharpen(double share) override;
  void press(double price) override { price_ = price; }

 private:
  int device(int group) const { return state_.loads().device(group); }
  int group_of(int node) const { return problem_.group_of[static_cast<std::size_t>(node)]; }
  bool on_cpu(int group) const { return device(group) >= problem_.accelerators; }
  double energy() const { return static_cast<double>(state_.value()) + share_ * state_.mean_end(); }
  /// A group goes along, once.
  void add(int group);
  bool chosen(int group) const { return mark_[static_cast<std::size_t>(group)] == marks_; }
  int target(models::Random& random, int group) const;
  void add_between(models::Random& random, int node);
  void add_side(models::Random& random, int group);
  /// All that lies between the members of the slot, the chosen groups among them; false if
  /// something cannot run there.
  bool close(int slot, bool cleared);
  void absorb(int slot);
  bool into(models::Random& random, int slot, bool cleared, std::vector<Shift>& shifts);

  const models::PlacementProblem& problem_;
  const PlacementNets& nets_;
  LatencyState state_;
  Reach reach_;
  double share_ = 0, price_ = 1;
  double energy_ = 1;
  std::int64_t value_ = 0;
  std::vector<int> chosen_;
  std::vector<int> mark_;  ///< [group]
  int marks_ = 0;
  Reach::Set after_, before_;
};

}  // namespace optimizers
