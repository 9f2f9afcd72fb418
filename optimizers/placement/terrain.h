#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/placement/placement.h"
#include "models/random.h"
#include "optimizers/placement/loads.h"

namespace optimizers {

/// A placement that is being improved, with its neighbours: what all heuristics for placement
/// share, whatever the objective. Placements on the way may need too much memory (at a price),
/// never anything else that is not valid.
class Terrain {
 public:
  virtual ~Terrain() = default;

  /// Starts anew from [group] device; false, and of no use until the next, where that cannot stand:
  /// it is not contiguous, or sets wait for each other.
  virtual bool set(std::span<const int> device_of_group) = 0;
  virtual std::span<const int> placement() const = 0;
  /// Of the objective, in ps, and the bytes beyond memory of what stands.
  virtual std::int64_t value() const = 0;
  virtual std::int64_t memory_over() const = 0;

  /// Draws a neighbour; false if there was none this time.
  virtual bool draw(models::Random& random, std::vector<Shift>& shifts) = 0;
  /// Draws a bigger step away, for starting again nearby.
  virtual void perturb(models::Random& random, std::vector<Shift>& shifts) = 0;
  /// Lists single moves of groups that what stands suffers from.
  virtual void aimed(models::Random& random, std::vector<Shift>& single) = 0;

  /// By how much the energy would grow, in parts of the value; infinite where it cannot stand.
  /// One of take() and leave() follows.
  virtual double attempt(std::span<const Shift> shifts) = 0;
  virtual void take() = 0;
  virtual void leave() = 0;

  /// How near the energy is to the bare objective, from 0 (smooth) to 1.
  virtual void sharpen(double share) = 0;
  /// The price of needing twice the memory there is, in values.
  virtual void press(double price) = 0;
};

/// For the task's objective and kind of placements.
std::unique_ptr<Terrain> make_terrain(const models::PlacementProblem& problem,
                                      const PlacementNets& nets, bool contiguous);

/// Something to start from that can stand, with more than there is of memory perhaps: the work in
/// the order of the graph cut into equal parts, or all on one device.
std::vector<int> first_devices(const models::PlacementProblem& problem, const PlacementNets& nets,
                               Terrain& terrain);

}  // namespace optimizers
