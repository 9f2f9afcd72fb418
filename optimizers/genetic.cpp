#include <algorithm>
#include <array>

#include "optimizers/algorithms.h"
#include "optimizers/crossover.h"
#include "optimizers/first_plans.h"
#include "optimizers/move_mix.h"
#include "optimizers/population.h"
#include "optimizers/random_plan.h"

namespace optimizers {

namespace {

using models::Batch;
using models::Plan;
using models::Score;

constexpr std::array genetic_parameters = {
    Parameter{"population", 64, 4, 10000, "plans that survive a generation"},
    Parameter{"crossover", 0.7, 0, 1, "share of children with two parents"},
    Parameter{"mutations", 1.5, 1, 100, "mean number of random moves on a child"},
};

/// NSGA-II over plans, seeded by the greedy plans and random ones.
class Genetic final : public Optimizer {
 public:
  Genetic(const Task& task, const Settings& settings)
      : task_(task),
        crossover_share_(settings[1]),
        again_(1 - 1 / settings[2]),
        graph_(task.problem),
        mover_(task.problem, graph_),
        mix_(mover_),
        crossover_(task.problem, graph_),
        random_(task.seed),
        population_(task.goal, static_cast<std::size_t>(settings[0])),
        size_(static_cast<std::size_t>(settings[0])) {
    if (task.greedy || !task.start.empty()) children_ = first_plans(task, graph_, task.budget / 2);
    RandomPlans random_plans(task.problem, graph_);
    for (auto k = children_.size() / 2; k < size_ || k == 0; ++k)
      random_plans.draw(random_, children_.emplace_back());
  }

  void ask(Batch& batch) override {
    batch.clear();
    if (used_ > 0) breed();
    const auto left = static_cast<std::size_t>(std::max<std::int64_t>(task_.budget - used_, 0));
    const auto count = std::min(children_.size(), left);
    for (std::size_t k = 0; k < count; ++k) {
      batch.bases.push_back(&children_[k]);
      batch.trials.push_back({static_cast<int>(k), 0, 0});
    }
  }

  void tell(const Batch&, std::span<const Score> scores) override {
    for (std::size_t k = 0; k < scores.size(); ++k) {
      population_.add(children_[k], scores[k]);
      if (used_ > 0) learn(k);
    }
    population_.select();
    used_ += static_cast<std::int64_t>(scores.size());
  }

  void keep(State& state) override { state(mix_, random_, population_, used_); }

  void receive(const Plan& plan, const Score& score) override {
    population_.add(plan, score);
    population_.select();
  }

 private:
  /// How a child came to be.
  struct Birth {
    std::array<Move, 8> moves{};
    std::size_t move_count = 0;
    double violation = 0, cost = 0;  ///< of the parent
  };

  void breed() {
    children_.resize(size_);
    births_.assign(size_, {});
    for (std::size_t k = 0; k < size_; ++k) {
      const auto& first = parent();
      births_[k].violation = first.violation;
      births_[k].cost = first.cost;
      if (random_.chance(crossover_share_))
        crossover_.cross(first.plan, parent().plan, random_, children_[k]);
      else
        children_[k] = first.plan;
      mutate(children_[k], births_[k]);
    }
  }

  const Individual& parent() {
    const auto count = static_cast<std::int64_t>(population_.size());
    const auto& a = population_[static_cast<std::size_t>(random_.below(count))];
    const auto& b = population_[static_cast<std::size_t>(random_.below(count))];
    return Population::better(b, a) ? b : a;
  }

  void mutate(Plan& child, Birth& birth) {
    do {
      changes_.clear();
      positions(child, position_);
      const auto move = mix_.draw({child, position_, {}}, random_, changes_);
      if (!move) return;
      for (const auto& change : changes_) models::apply(child, change);
      birth.moves[birth.move_count++] = *move;
    } while (birth.move_count < birth.moves.size() && random_.chance(again_));
  }

  void learn(std::size_t k) {
    const auto& born = population_.newest();
    const auto& birth = births_[k];
    const bool improved = born.violation < birth.violation ||
                          (born.violation == birth.violation && born.cost < birth.cost);
    for (std::size_t m = 0; m < birth.move_count; ++m) mix_.learn(birth.moves[m], improved, false);
  }

  Task task_;
  double crossover_share_;
  double again_;  ///< chance of one more mutation
  Graph graph_;
  Mover mover_;
  MoveMix mix_;
  Crossover crossover_;
  models::Random random_;
  Population population_;
  std::size_t size_;
  std::int64_t used_ = 0;
  std::vector<Plan> children_;
  std::vector<Birth> births_;
  std::vector<models::Change> changes_;
  std::vector<std::int32_t> position_;
};

}  // namespace

Entry genetic_entry() {
  return {"genetic", "NSGA-II: a population of plans, crossed along the graph, seeded by greedy",
          genetic_parameters,
          [](const Task& task, const Settings& settings) -> std::unique_ptr<Optimizer> {
            return std::make_unique<Genetic>(task, settings);
          }};
}

}  // namespace optimizers
