#include <algorithm>
#include <array>

#include "optimizers/algorithms.h"
#include "optimizers/archive.h"

namespace optimizers {

namespace {

using models::Batch;
using models::Score;

constexpr std::array islands_parameters = {
    Parameter{"islands", 4, 2, 64, "populations"},
    Parameter{"population", 32, 4, 10000, "plans that survive a generation, on each"},
    Parameter{"interval", 8, 1, 10000, "generations between migrations"},
    Parameter{"migrants", 2, 1, 100, "plans that go from an island to the next"},
};

/// Adds the trials of `part`, whose bases must stay where they are.
void append(Batch& whole, const Batch& part) {
  const auto bases = static_cast<int>(whole.bases.size());
  const auto changes = static_cast<int>(whole.changes.size());
  whole.bases.insert(whole.bases.end(), part.bases.begin(), part.bases.end());
  whole.changes.insert(whole.changes.end(), part.changes.begin(), part.changes.end());
  for (const auto& trial : part.trials)
    whole.trials.push_back(
        {trial.base + bases, trial.first_change + changes, trial.end_change + changes});
}

/// Several genetic searches that differ in seed, in how they mix and mutate, and in whether they
/// start from greedy plans or from random ones. After every few generations each sends its best
/// plans to the next, along a ring.
class Islands final : public Optimizer {
 public:
  Islands(const Task& task, const Settings& settings)
      : task_(task),
        interval_(static_cast<std::int64_t>(settings[2])),
        migrants_(static_cast<std::int64_t>(settings[3])),
        random_(task.seed) {
    const auto& genetic = find("genetic");
    for (int k = 0; k < static_cast<int>(settings[0]); ++k) {
      auto own = task;
      own.seed = random_.next();
      own.greedy = k % 2 == 0;
      islands_.push_back({genetic.make(own, habits(k, settings[1])), {}, Archive(task.goal, 16)});
    }
  }

  void ask(Batch& batch) override {
    batch.clear();
    const auto left = static_cast<std::size_t>(std::max<std::int64_t>(task_.budget - used_, 0));
    for (auto& island : islands_) {
      if (batch.trials.size() >= left) break;
      island.search->ask(island.batch);
      append(batch, island.batch);
    }
    if (batch.trials.size() > left) batch.trials.resize(left);
  }

  void tell(const Batch&, std::span<const Score> scores) override {
    used_ += static_cast<std::int64_t>(scores.size());
    for (auto& island : islands_) {
      const auto count = island.batch.trials.size();
      if (count > scores.size()) return;  // the budget ends here
      for (std::size_t k = 0; k < count; ++k) island.found.offer(island.batch, k, scores[k]);
      island.search->tell(island.batch, scores.first(count));
      scores = scores.subspan(count);
    }
    if (++generation_ % interval_ == 0 && used_ < task_.budget) migrate();
  }

  void receive(const models::Plan& plan, const Score& score) override {
    islands_.front().search->receive(plan, score);
  }

  void keep(State& state) override {
    state(random_, used_, generation_);
    for (auto& island : islands_) {
      island.search->keep(state);
      state(island.found);
    }
  }

 private:
  struct Island {
    std::unique_ptr<Optimizer> search;
    Batch batch;  ///< what it asked last
    Archive found;
  };

  /// Of island `number`: settings of the genetic search.
  static Settings habits(int number, double population) {
    constexpr std::array crossover = {0.7, 0.9, 0.5, 0.2};
    constexpr std::array mutations = {1.5, 1.5, 3.0, 2.0};
    const auto k = static_cast<std::size_t>(number) % crossover.size();
    return {population, crossover[k], mutations[k]};
  }

  /// The best plan goes first; of a front any others after it.
  void migrate() {
    for (std::size_t k = 0; k < islands_.size(); ++k) {
      const auto& from = islands_[k].found;
      auto& to = *islands_[(k + 1) % islands_.size()].search;
      to.receive(from.best()->plan, from.best()->score);
      const auto front = from.front();
      for (std::int64_t m = 1; m < migrants_ && front.size() > 1; ++m) {
        const auto any = random_.below(static_cast<std::int64_t>(front.size()));
        to.receive(front[static_cast<std::size_t>(any)].plan,
                   front[static_cast<std::size_t>(any)].score);
      }
    }
  }

  Task task_;
  std::int64_t interval_;
  std::int64_t migrants_;
  models::Random random_;
  std::vector<Island> islands_;
  std::int64_t used_ = 0;
  std::int64_t generation_ = 0;
};

}  // namespace

Entry islands_entry() {
  return {"islands", "several genetic searches on one problem that exchange their best plans",
          islands_parameters,
          [](const Task& task, const Settings& settings) -> std::unique_ptr<Optimizer> {
            return std::make_unique<Islands>(task, settings);
          }};
}

}  // namespace optimizers
