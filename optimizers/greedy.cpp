#include <algorithm>

#include "optimizers/algorithms.h"
#include "optimizers/asking.h"
#include "optimizers/first_plans.h"

namespace optimizers {

namespace {

/// Proposes the plans to start from, those of list scheduling and the single-device plans, and
/// ends.
class Greedy final : public Optimizer {
 public:
  explicit Greedy(const Task& task)
      : plans_(first_plans(task, Graph(task.problem), task.budget)), asked_(task.budget <= 0) {}

  void ask(models::Batch& batch) override {
    batch.clear();
    if (asked_) return;
    asked_ = true;
    ask_for(plans_, batch);
  }

  void tell(const models::Batch&, std::span<const models::Score>) override {}
  void keep(State& state) override { state(asked_); }

 private:
  std::vector<models::Plan> plans_;
  bool asked_;
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
