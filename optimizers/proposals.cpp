#include "optimizers/proposals.h"

#include <algorithm>

#include "models/index.h"
#include "optimizers/asking.h"

namespace optimizers {

namespace {

using models::at;

class Proposals final : public Optimizer {
 public:
  Proposals(const Task& task, std::unique_ptr<Constructor> constructor)
      : constructor_(std::move(constructor)), budget_(task.budget), start_(task.start) {}

  void ask(models::Batch& batch) override {
    batch.clear();
    made_.clear();
    const auto left = std::max<std::int64_t>(budget_ - asked_, 0);
    const auto known = static_cast<std::int64_t>(start_.size());
    if (asked_ < known) {
      for (std::int64_t k = 0; k < std::min(known, left); ++k) ask_for(at(start_, k), batch);
    } else {
      made_.resize(static_cast<std::size_t>(
          std::min({left, known + constructor_->count() - asked_, most_at_once})));
      for (auto& plan : made_) {
        constructor_->make(static_cast<int>(asked_ - known) + static_cast<int>(&plan - &made_[0]),
                           plan);
        ask_for(plan, batch);
      }
    }
    asked_ += static_cast<std::int64_t>(batch.trials.size());
  }

  void tell(const models::Batch&, std::span<const models::Score>) override {}
  void keep(State& state) override { state(asked_); }

 private:
  static constexpr std::int64_t most_at_once = 1;

  std::unique_ptr<Constructor> constructor_;
  std::int64_t budget_;
  std::vector<models::Plan> start_;
  std::int64_t asked_ = 0;
  std::vector<models::Plan> made_;
};

}  // namespace

std::unique_ptr<Optimizer> propose(const Task& task, std::unique_ptr<Constructor> constructor) {
  return std::make_unique<Proposals>(task, std::move(constructor));
}

}  // namespace optimizers
