#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "optimizers/codesign.h"
#include "optimizers/crossover.h"
#include "optimizers/first_plans.h"
#include "optimizers/move_mix.h"
#include "optimizers/population.h"
#include "optimizers/random_plan.h"
#include "optimizers/rounds.h"

namespace optimizers {

namespace {

using models::Plan;

/// What children on one platform are made with; made anew whenever it is needed.
struct Workshop {
  Workshop(std::uint32_t number, std::shared_ptr<const models::Problem> made)
      : design(number),
        problem(std::move(made)),
        graph(*problem),
        mover(*problem, graph),
        mix(mover),
        crossover(*problem, graph) {}

  std::uint32_t design;
  std::shared_ptr<const models::Problem> problem;
  Graph graph;
  Mover mover;
  MoveMix mix;  ///< even: never told what became of its moves
  Crossover crossover;
};

/// The workshops used last.
class Workshops {
 public:
  explicit Workshops(Designs& designs) : designs_(designs) {}

  /// nullptr where the platform does not hold together. Good until the call after the next.
  Workshop* of(std::uint32_t design) {
    const auto found = std::ranges::find(all_, design, [](const auto& one) { return one->design; });
    if (found != all_.end()) {
      std::rotate(all_.begin(), found, found + 1);
      return all_.front().get();
    }
    auto problem = designs_.problem(design);
    if (!problem) return nullptr;
    all_.insert(all_.begin(), std::make_unique<Workshop>(design, std::move(problem)));
    if (all_.size() > most) all_.pop_back();
    return all_.front().get();
  }

 private:
  static constexpr std::size_t most = 32;
  Designs& designs_;
  std::vector<std::unique_ptr<Workshop>> all_;
};

/// The survivors of a search for one number: the best, of each platform a part at most, so that
/// others have time to find the plans that suit them.
class Niches {
 public:
  explicit Niches(std::size_t size) : size_(size), most_(std::max<std::size_t>(2, size / 8)) {}

  void add(const Plan& plan, double violation, double cost) {
    for (const auto& one : members_)
      if (one.plan.platform == plan.platform && rank(one) == std::pair(violation, cost)) return;
    members_.push_back({plan, violation, cost, {}});
  }

  void select() {
    std::ranges::stable_sort(members_, {}, rank);
    std::map<std::uint32_t, std::size_t> of_platform;
    const auto is_too_much = [&](const Individual& one) {
      return ++of_platform[one.plan.platform] > most_;
    };
    std::erase_if(members_, is_too_much);
    if (members_.size() > size_) members_.resize(size_);
  }

  std::size_t size() const { return members_.size(); }
  /// The best first.
  const Individual& operator[](std::size_t k) const { return members_[k]; }
  void keep(State& state) {
    auto count = members_.size();
    state(count);
    members_.resize(count);
    for (auto& one : members_) state(one.plan, one.violation, one.cost);
  }

 private:
  static std::pair<double, double> rank(const Individual& one) { return {one.violation, one.cost}; }

  std::size_t size_, most_;
  std::vector<Individual> members_;
};

class Joint final : public Optimizer {
 public:
  Joint(const DesignTask& task, double share)
      : task_(task),
        random_(task.seed),
        workshops_(task.designs),
        size_(static_cast<std::size_t>(std::clamp<std::int64_t>(task.budget / 50, 8, 64))),
        is_front_(task.goal.pareto && task.goal.objectives.size() > 1),
        population_(task_.goal, size_),
        niches_(size_),
        rounds_(task_) {
    explored_ = is_front_
                    ? task.budget
                    : std::max<std::int64_t>(
                          1, static_cast<std::int64_t>(static_cast<double>(task.budget) * share));
    make_first();
  }

  void ask(models::Batch& batch) override {
    batch.clear();
    if (used_ < explored_) {
      if (used_ > 0) breed();
      const auto count = std::min<std::int64_t>(std::ssize(children_), explored_ - used_);
      for (std::int64_t k = 0; k < count; ++k) {
        batch.bases.push_back(&at(children_, k));
        batch.trials.push_back({static_cast<int>(k), 0, 0});
      }
      return;
    }
    if (!is_refining_) refine();
    rounds_.ask(batch);
  }

  void tell(const models::Batch& batch, std::span<const models::Score> scores) override {
    if (is_refining_) {
      rounds_.tell(batch, scores);
      return;
    }
    for (std::size_t k = 0; k < scores.size(); ++k) {
      if (is_front_)
        population_.add(children_[k], scores[k]);
      else
        niches_.add(children_[k], task_.goal.violation(scores[k]), task_.goal.cost(scores[k]));
    }
    is_front_ ? population_.select() : niches_.select();
    used_ += std::ssize(scores);
  }

  void keep(State& state) override {
    state(random_, population_, niches_, used_, is_refining_, rounds_);
  }

 private:
  /// Greedy plans of some platforms, the first one among them.
  void make_first() {
    constexpr std::size_t of_each = 4;
    for (const auto& plan : task_.start) children_.push_back(plan);
    for (std::size_t tries = 0; children_.size() < size_ && tries < size_; ++tries) {
      const auto design = tries == 0 ? 0 : drawn();
      auto* workshop = workshops_.of(design);
      if (workshop == nullptr) continue;
      auto plans = greedy_plans(*workshop->problem, task_.goal, workshop->graph);
      for (std::size_t k = 0; k < std::min(of_each, plans.size()); ++k) {
        plans[k].platform = design;
        children_.push_back(std::move(plans[k]));
      }
    }
    if (static_cast<std::int64_t>(children_.size()) > explored_)
      children_.resize(static_cast<std::size_t>(explored_));
  }

  /// Within the limits on area and price, if a few draws find one.
  std::uint32_t drawn() {
    auto best = task_.designs.drawn(random_);
    double least = task_.designs.excess(best, task_.goal);
    for (int k = 0; k < 64 && least > 0; ++k) {
      const auto design = task_.designs.drawn(random_);
      if (const double excess = task_.designs.excess(design, task_.goal); excess < least) {
        best = design;
        least = excess;
      }
    }
    return best;
  }

  const Individual& parent() {
    if (!is_front_) {
      const auto all = static_cast<std::int64_t>(niches_.size());
      const auto a = random_.below(all), b = random_.below(all);
      return niches_[static_cast<std::size_t>(random_.chance(0.5) ? a : std::min(a, b))];
    }
    const auto count = static_cast<std::int64_t>(population_.size());
    const auto& a = population_[static_cast<std::size_t>(random_.below(count))];
    const auto& b = population_[static_cast<std::size_t>(random_.below(count))];
    return Population::better(b, a) ? b : a;
  }

  void breed() {
    children_.resize(size_);
    for (auto& child : children_) {
      const auto& first = parent().plan;
      child = first;
      if (random_.chance(0.6)) cross(first, parent().plan, child);
      if (random_.chance(0.25)) change_platform(child);
      mutate(child);
    }
  }

  void cross(const Plan& a, const Plan& b, Plan& child) {
    auto* workshop = workshops_.of(a.platform);
    if (a.platform == b.platform) {
      workshop->crossover.cross(a, b, random_, child);
      return;
    }
    const auto from = task_.designs.problem(b.platform);
    workshop->crossover.cross(a, carried_over(*from, b, *workshop->problem), random_, child);
    child.platform = a.platform;
  }

  void change_platform(Plan& child) {
    auto design = task_.designs.neighbour(child.platform, random_);
    if (random_.chance(0.5)) design = task_.designs.neighbour(design, random_);
    const double bearable = task_.designs.excess(child.platform, task_.goal);
    if (design == child.platform || task_.designs.excess(design, task_.goal) > bearable) return;
    const auto from = task_.designs.problem(child.platform);
    const auto* workshop = workshops_.of(design);
    if (workshop == nullptr) return;
    child = carried_over(*from, child, *workshop->problem);
    child.platform = design;
  }

  void mutate(Plan& child) {
    auto* workshop = workshops_.of(child.platform);
    while (random_.chance(0.6)) {
      changes_.clear();
      positions(child, position_);
      if (!workshop->mix.draw({child, position_, {}}, random_, changes_)) return;
      for (const auto& change : changes_) models::apply(child, change);
    }
  }

  /// Gives the rest of the budget to the best platforms.
  void refine() {
    constexpr std::size_t most = 8;
    is_refining_ = true;
    std::vector<std::size_t> arms;
    for (std::size_t k = 0; k < niches_.size() && arms.size() < most; ++k)
      if (!rounds_.has(niches_[k].plan.platform)) arms.push_back(rounds_.enter(niches_[k]));
    const int rounds = Rounds::rounds_for(arms.size());
    rounds_.begin(std::move(arms), rounds, task_.budget - used_);
  }

  DesignTask task_;
  models::Random random_;
  Workshops workshops_;
  std::size_t size_;
  bool is_front_;
  Population population_;      ///< of a search for a front
  Niches niches_;              ///< of one for a number
  std::int64_t explored_ = 1;  ///< evaluations that the population has
  std::int64_t used_ = 0;      ///< of these
  bool is_refining_ = false;
  Rounds rounds_;
  std::vector<Plan> children_;
  std::vector<models::Change> changes_;
  std::vector<std::int32_t> position_;
};

}  // namespace

std::unique_ptr<Optimizer> make_joint(const DesignTask& task, double share) {
  return std::make_unique<Joint>(task, share);
}

}  // namespace optimizers
