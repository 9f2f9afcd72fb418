#include "optimizers/list_proposals.h"

#include "optimizers/first_plans.h"
#include "optimizers/proposals.h"

namespace optimizers {

namespace {

class Schedules final : public Constructor {
 public:
  Schedules(const Task& task, Policy::Method method)
      : graph_(task.problem),
        scheduler_(task.problem, graph_),
        policies_(list_policies(task.problem, task.goal)) {
    for (auto& policy : policies_) policy.method = method;
  }

  int count() const override { return static_cast<int>(policies_.size()); }
  void make(int index, models::Plan& plan) override {
    scheduler_.schedule(at(policies_, index), plan);
  }

 private:
  Graph graph_;
  ListScheduler scheduler_;
  std::vector<Policy> policies_;
};

}  // namespace

std::unique_ptr<Optimizer> propose_schedules(const Task& task, Policy::Method method) {
  return propose(task, std::make_unique<Schedules>(task, method));
}

}  // namespace optimizers
