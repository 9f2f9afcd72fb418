#include <algorithm>

#include "optimizers/algorithms.h"
#include "optimizers/first_plans.h"

namespace optimizers {

namespace {

/// Proposes the plans to start from, those of list scheduling and the single-device plans, and
/// ends.
class Greedy final : public Optimizer {
 public:
  explicit Greedy(const Task& task) : plans_(first_plans(task, Graph(task.problem))) {
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(task.budget, 0));
    if (plans_.size() > most) plans_.resize(most);
  }

  void ask(models::Batch& batch) override {
    batch.clear();
    if (asked_) return;
    asked_ = true;
    for (const auto& plan : plans_) {
      batch.trials.push_back({static_cast<int>(batch.bases.size()), 0, 0});
      batch.bases.push_back(&plan);
    }
  }

  void tell(const models::Batch&, std::span<const models::Score>) override {}
  void keep(State& state) override { state(asked_); }

 private:
  std::vector<models::Plan> plans_;
  bool asked_ = false;
};

}  // namespace

Entry greedy_entry() {
  return {"greedy",
          "list scheduling by upward ranks (HEFT), and all on one device; a few plans, no search",
          {},
          [](const Task& task, const Settings&) -> std::unique_ptr<Optimizer> {
            return std::make_unique<Greedy>(task);
          }};
}

}  // namespace optimizers
