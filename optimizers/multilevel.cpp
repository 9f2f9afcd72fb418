#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "optimizers/algorithms.h"
#include "optimizers/asking.h"
#include "optimizers/first_plans.h"
#include "optimizers/load_search.h"
#include "optimizers/partition_plans.h"

namespace optimizers {

namespace {

using models::Batch;
using models::Metric;
using models::Plan;
using models::Score;

constexpr std::array multilevel_parameters = {
    Parameter{"steps", 4, 0, 1000,
              "steps of its own per operator before each batch, where loads are to be even"},
    Parameter{"share", 0.1, 0, 0.9, "of the budget for plans with even loads"},
};

/// Whether the goal is about the loads of devices and links: a rate with enough requests under way
/// to come near it.
bool is_about_loads(const models::Problem& problem, const models::Goal& goal) {
  return std::any_of(goal.objectives.begin(), goal.objectives.end(), [&](const auto& objective) {
    switch (objective.metric) {
      case Metric::period_bound:
      case Metric::load_balance:
        return true;
      case Metric::period:
      case Metric::throughput:
      case Metric::makespan:
        return problem.requests() >= 4;
      default:
        return false;
    }
  });
}

bool is_about_accuracy(const models::Goal& goal) {
  const auto loss = [](const auto& each) { return each.metric == Metric::accuracy_loss; };
  return std::any_of(goal.objectives.begin(), goal.objectives.end(), loss) ||
         std::any_of(goal.limits.begin(), goal.limits.end(), loss);
}

/// Partitions of the operator graph by METIS, in as many parts as there are devices and in fewer,
/// refined by annealing. Where the goal is about loads, plans whose loads are even are made beside
/// it, in rounds: from the best plan so far, big clusters of operators move first, then ever
/// smaller ones, then single operators, by a model of the loads alone (LoadSearch). Each round
/// takes twice as long as the one before.
class Multilevel final : public Optimizer {
 public:
  Multilevel(const Task& task, const Settings& settings)
      : task_(task),
        graph_(task.problem),
        random_(task.seed),
        steps_(std::max<std::int64_t>(
            64, static_cast<std::int64_t>(settings[0] * task.problem.operators))) {
    auto inner = task;
    for (auto& plan : partition_plans(task.problem, graph_)) inner.start.push_back(std::move(plan));
    if (is_about_loads(task.problem, task.goal)) {
      own_left_ = static_cast<std::int64_t>(settings[1] * static_cast<double>(task.budget));
      inner.budget -= own_left_;
      loads_.emplace(task.problem, graph_, !is_about_accuracy(task.goal));
    }
    refinement_ = make("annealing", inner);
  }

  void ask(Batch& batch) override {
    refinement_->ask(batch);
    refined_ = batch.trials.size();
    used_ += std::ssize(batch.trials);
    if (!loads_ || best_.order.empty() || used_ >= task_.budget) return;
    if (refined_ > 0 && own_left_ == 0) return;
    if (round_ > eager_rounds && used_ < thought_ + trials_per_chunk && refined_ > 0) return;
    thought_ = used_;
    if (chunk_ == chunks_) start_round();
    run_chunk();
    const bool better = loads_->memory_over() == 0 && loads_->bound() < asked_;
    if (!better && refined_ > 0) return;
    asked_ = std::min(asked_, loads_->bound());
    ask_for(loads_->plan(), batch);
    ++used_;
    own_left_ = std::max<std::int64_t>(0, own_left_ - 1);
  }

  void tell(const Batch& batch, std::span<const Score> scores) override {
    if (refined_ > 0) refinement_->tell(batch, scores.first(refined_));
    if (!loads_) return;
    for (std::size_t k = 0; k < scores.size(); ++k)
      if (scores[k].period_bound < bound_ && task_.goal.violation(scores[k]) == 0) {
        bound_ = scores[k].period_bound;
        best_ = batch.plan(k);
      }
    if (best_.order.empty()) best_ = batch.plan(0);
    if (scores.size() == refined_) return;
    const auto& made = scores[refined_];
    if (made.memory_over > 0) {
      reserve_ += made.memory_over;
      loads_->set_reserve(reserve_);
      asked_ = models::Time::max();
    } else {
      refinement_->receive(loads_->plan(), made);
    }
  }

  void receive(const Plan& plan, const Score& score) override {
    refinement_->receive(plan, score);
    if (!loads_ || score.period_bound >= bound_ || task_.goal.violation(score) > 0) return;
    bound_ = score.period_bound;
    best_ = plan;
  }

  void keep(State& state) override {
    refinement_->keep(state);
    state(random_, used_, own_left_, thought_, round_, chunk_, chunks_, temperature_, cooling_,
          reserve_, asked_, bound_, best_, clusters_);
    if (loads_) loads_->keep(state);
  }

 private:
  static constexpr int doublings = 4;  ///< loads to the 16th
  static constexpr std::int64_t first_chunks = 4;
  static constexpr int most_doubled = 20;
  /// Rounds without waiting for trials: the first find most. Later, thought takes about as long as
  /// trials do.
  static constexpr int eager_rounds = 4;
  static constexpr std::int64_t trials_per_chunk = 16;

  /// From the best plan known. Temperatures are in what moving one operator of average size to a
  /// device that binds costs.
  void start_round() {
    loads_->start(best_);
    clusters_.coarsen(task_.problem, graph_, best_, 4 * task_.problem.devices, random_);
    const double one = static_cast<double>(1 << doublings) *
                       std::min(1.0, static_cast<double>(task_.problem.devices) /
                                         static_cast<double>(task_.problem.operators));
    constexpr double hot = 0.15, cold = 0.015;
    chunks_ = first_chunks << std::min(round_, most_doubled);
    chunk_ = 0;
    temperature_ = hot * one;
    cooling_ = cold / hot;  // over all chunks, a power of two of them
    for (auto k = chunks_; k > 1; k /= 2) cooling_ = std::sqrt(cooling_);
    ++round_;
  }

  /// The first half of a round goes through the levels, the second stays with single operators.
  void run_chunk() {
    const auto level = clusters_.levels() - 1 - 2 * chunk_ * clusters_.levels() / chunks_;
    loads_->set_unit(doublings);
    loads_->run(clusters_, static_cast<int>(std::max<std::int64_t>(0, level)), steps_, temperature_,
                random_);
    temperature_ *= cooling_;
    ++chunk_;
  }

  Task task_;
  Graph graph_;
  models::Random random_;
  std::int64_t steps_;
  std::unique_ptr<Optimizer> refinement_;
  std::optional<LoadSearch> loads_;

  std::int64_t used_ = 0;
  std::int64_t own_left_ = 0;  ///< plans with even loads that may be asked for beside refinement
  std::int64_t thought_ = 0;   ///< trials asked for before the last chunk
  std::size_t refined_ = 0;    ///< trials of the batch that are the refinement's
  int round_ = 0;
  std::int64_t chunk_ = 0, chunks_ = 0;
  double temperature_ = 0, cooling_ = 1;
  std::int64_t reserve_ = 0;                  ///< bytes left to activations
  models::Time asked_ = models::Time::max();  ///< least bound of an even plan that was tried
  models::Time bound_ = models::Time::max();  ///< of best_
  Plan best_;                                 ///< that breaks no limit
  Clusters clusters_;
};

}  // namespace

Entry multilevel_entry() {
  return {"multilevel",
          "partitions of the graph by METIS, refined; loads evened out from big clusters to single "
          "operators",
          multilevel_parameters,
          [](const Task& task, const Settings& settings) -> std::unique_ptr<Optimizer> {
            return std::make_unique<Multilevel>(task, settings);
          }};
}

}  // namespace optimizers
