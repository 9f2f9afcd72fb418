#pragma once

#include <memory>

#include "optimizers/placement/stages.h"
#include "optimizers/placement/terrain.h"

namespace optimizers {

/// Energy: the logarithm of a p-norm of the loads, so that two devices tell how a move does and all
/// loads count a little; p grows while the search cools. Contiguous: stages in order of device
/// numbers, and edges of the forward graph never go back.
class ThroughputTerrain final : public Terrain {
 public:
  ThroughputTerrain(const models::PlacementProblem& problem, const PlacementNets& nets,
                    bool contiguous);

  bool set(std::span<const int> device_of_group) override;
  std::span<const int> placement() const override { return loads_.placement(); }
  std::int64_t value() const override { return loads_.largest(); }
  std::int64_t memory_over() const override { return loads_.memory_over(); }
  bool draw(models::Random& random, std::vector<Shift>& shifts) override;
  void perturb(models::Random& random, std::vector<Shift>& shifts) override;
  void aimed(models::Random& random, std::vector<Shift>& single) override;
  double attempt(std::span<const Shift> shifts) override;
  void take() override;
  void leave() override;
  void sharpen(double share) override;
  void press(double price) override { price_ = price; }

 private:
  double power(std::int64_t load) const;
  void weigh();
  /// What the shifts do; fails where an edge would lead back.
  bool apply(std::span<const Shift> shifts);
  int other_device(models::Random& random, int group) const;
  int near_device(models::Random& random, int group) const;
  /// Draws a group, and the device of one beside it; any other device if there is none.
  int at_boundary(models::Random& random, int& group) const;
  bool may(int group, int device) const {
    return device >= problem_.accelerators || nets_.group(group).on_accelerator;
  }
  /// Joined groups of one device, found by a walk.
  void block(models::Random& random, int group, int most, std::vector<int>& groups);
  void move_block(models::Random& random, int group, int most, int to, std::vector<Shift>& shifts);
  /// An accelerator and a CPU exchange all they have: how the CPU's place in the order changes.
  bool draw_exchange(models::Random& random, std::vector<Shift>& shifts);

  const models::PlacementProblem& problem_;
  const PlacementNets& nets_;
  Loads loads_;
  bool contiguous_;
  Stages stages_;
  int doublings_ = 3;          ///< p = 2^doublings
  double scale_ = 1;           ///< 1 / the load that counts as 1
  double price_ = 1;           ///< of memory
  double energy_ = 0;          ///< sum of powers
  std::vector<double> power_;  ///< [device]
  Shift single_;               ///< pending, group < 0: in loads_
  Shift exchange_;             ///< two devices that exchange all, if exchanging_
  bool exchanging_ = false;
  std::vector<int> block_;
  std::vector<int> mark_;  ///< [group] when it was last in a block
  int marks_ = 0;
};

}  // namespace optimizers
