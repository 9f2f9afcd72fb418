#include <algorithm>

#include "optimizers/algorithms.h"
#include "optimizers/random_plan.h"

namespace optimizers {

namespace {

/// Tries random plans until the budget is used up: what every other algorithm must beat.
class RandomSearch final : public Optimizer {
 public:
  explicit RandomSearch(const Task& task)
      : start_(task.start),
        graph_(task.problem),
        plans_(task.problem, graph_),
        random_(task.seed),
        left_(task.budget),
        drawn_(static_cast<std::size_t>(std::clamp<std::int64_t>(left_, 0, batch_size))) {}

  void ask(models::Batch& batch) override {
    batch.clear();
    const auto count = std::min<std::int64_t>(left_, batch_size);
    for (int k = 0; k < count; ++k) {
      batch.bases.push_back(&next(at(drawn_, k)));
      batch.trials.push_back({k, 0, 0});
    }
    left_ -= count;
  }

  void tell(const models::Batch&, std::span<const models::Score>) override {}
  void keep(State& state) override { state(random_, left_, started_); }

 private:
  static constexpr std::int64_t batch_size = 64;

  const models::Plan& next(models::Plan& drawn) {
    if (started_ < start_.size()) return start_[started_++];
    plans_.draw(random_, drawn);
    return drawn;
  }

  std::vector<models::Plan> start_;
  std::size_t started_ = 0;  ///< of these, tried
  Graph graph_;
  RandomPlans plans_;
  models::Random random_;
  std::int64_t left_;
  std::vector<models::Plan> drawn_;
};

}  // namespace

Entry random_entry() {
  return {"random",
          "random plans; the yardstick for all others",
          {},
          [](const Task& task, const Settings&) -> std::unique_ptr<Optimizer> {
            return std::make_unique<RandomSearch>(task);
          }};
}

}  // namespace optimizers
