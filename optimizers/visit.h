#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "optimizers/codesign.h"

namespace optimizers {

/// A search of the inner algorithm on one platform, with a part of the budget.
class Visit {
 public:
  /// What it is made of, for a checkpoint.
  struct Order {
    std::uint32_t design = 0;
    std::uint64_t seed = 1;
    std::int64_t budget = 1;
    std::vector<models::Plan> start;  ///< for this platform
    void keep(State& state) { state(design, seed, budget, start); }
  };

  /// The platform must hold together.
  Visit(const DesignTask& task, Order order);

  /// As of an Optimizer; the plans name the platform.
  void ask(models::Batch& batch);
  void tell(const models::Batch& batch, std::span<const models::Score> scores);

  std::uint32_t design() const { return order_.design; }
  const Order& order() const { return order_; }
  bool is_exhausted() const { return inner_->is_exhausted(); }
  std::int64_t used() const { return used_; }
  void keep(State& state) { state(used_, *inner_); }

 private:
  Order order_;
  std::shared_ptr<const models::Problem> problem_;
  std::unique_ptr<Optimizer> inner_;
  std::int64_t used_ = 0;
  std::vector<models::Plan> named_;  ///< the bases of a batch that did not name the platform
};

}  // namespace optimizers
