#include <algorithm>
#include <array>
#include <string_view>

#include "optimizers/algorithms.h"
#include "optimizers/archive.h"
#include "optimizers/bandit.h"

namespace optimizers {

namespace {

using models::Batch;
using models::Score;

constexpr std::array portfolio_parameters = {
    Parameter{"first", 1000, 1, 1e9, "evaluations of a member's first share"},
    Parameter{"growth", 0.25, 0, 1, "a share in parts of all evaluations before it"},
    Parameter{"curiosity", 0.3, 0, 100, "how much members that gain little are tried again"},
};

/// Who takes part. Starters are run once, until they end or have had a share; the others share what
/// is left. `lasts`: goes on from where it was, instead of starting anew from the best plan.
struct Part {
  std::string_view name;
  bool starts = false;
  bool lasts = false;
};
constexpr std::array parts = {
    Part{.name = "greedy", .starts = true},
    Part{.name = "heft", .starts = true},
    Part{.name = "peft", .starts = true},
    Part{.name = "cpop", .starts = true},
    Part{.name = "chain", .starts = true},
    Part{.name = "tempering", .lasts = true},
    Part{.name = "annealing"},
    Part{.name = "islands", .lasts = true},
};

/// Runs other algorithms in turn, and gives more to those that gain more. A share is a whole small
/// search of the member, with a budget of its own, which starts from the best plans of all; shares
/// grow with what was spent before.
class Portfolio final : public Optimizer {
 public:
  Portfolio(const Task& task, const Settings& settings)
      : task_(task),
        first_share_(is_front() ? 4 * settings[0] : settings[0]),
        growth_(settings[1]),
        random_(task.seed),
        found_(task.goal),
        bandit_(sharers(), settings[2]) {}

  void ask(Batch& batch) override {
    batch.clear();
    const auto left = task_.budget - used_;
    if (left <= 0) return;
    // Every member may have nothing to try, on a problem with one plan.
    for (std::size_t k = 0; k <= 2 * parts.size() && batch.trials.empty(); ++k) {
      if (member_ == nullptr || share_used_ >= share_) next();
      member_->ask(batch);
      if (batch.trials.empty()) share_ = 0;
    }
    if (static_cast<std::int64_t>(batch.trials.size()) > left)
      batch.trials.resize(static_cast<std::size_t>(left));
  }

  void tell(const Batch& batch, std::span<const Score> scores) override {
    for (std::size_t k = 0; k < scores.size(); ++k) kept_ += found_.offer(batch, k, scores[k]);
    used_ += static_cast<std::int64_t>(scores.size());
    share_used_ += static_cast<std::int64_t>(scores.size());
    if (used_ < task_.budget) member_->tell(batch, scores);
  }

  void keep(State& state) override {
    state(random_, found_, bandit_, chosen_, started_, used_, share_, share_used_, kept_,
          violation_before_, cost_before_);
    for (auto& one : lasting_) keep(one, state);
    keep(passing_, state);
    member_ = started_ == 0 ? nullptr : current().search.get();
  }

 private:
  bool is_front() const { return task_.goal.pareto && task_.goal.objectives.size() > 1; }
  static std::size_t sharers() {
    return static_cast<std::size_t>(
        std::ranges::count_if(parts, [](const Part& part) { return !part.starts; }));
  }
  static std::size_t starters() { return parts.size() - sharers(); }

  /// A search under way, and what it was given.
  struct Hired {
    std::unique_ptr<Optimizer> search;
    std::size_t part = 0;
    std::uint64_t seed = 0;
    std::int64_t budget = 0;
    std::vector<models::Plan> start;
  };

  void begin(Hired& hired) const {
    auto task = task_;
    task.seed = hired.seed;
    task.budget = hired.budget;
    task.start = hired.start;
    task.greedy = hired.start.empty() || parts[hired.part].starts || parts[hired.part].lasts;
    hired.search = make(parts[hired.part].name, task);
  }

  void keep(Hired& hired, State& state) const {
    bool there = hired.search != nullptr;
    state(there);
    if (!there) return;
    state(hired.part, hired.seed, hired.budget, hired.start);
    if (state.reading()) begin(hired);
    hired.search->keep(state);
  }

  Hired& current() { return parts[chosen_].lasts ? lasting_[chosen_] : passing_; }

  /// Gives the next share.
  void next() {
    if (member_ != nullptr && chosen_ >= starters()) bandit_.learn(chosen_ - starters(), gain());
    chosen_ = started_ < starters() ? started_++ : starters() + bandit_.choose();
    const auto left = task_.budget - used_;
    share_ = std::min(left, static_cast<std::int64_t>(
                                std::max(first_share_, growth_ * static_cast<double>(used_))));
    if (2 * share_ > left) share_ = left;
    if (parts[chosen_].starts)
      share_ = std::max<std::int64_t>(1, std::min(share_, task_.budget / 4) / 2);
    share_used_ = 0;
    kept_ = 0;
    if (const auto* best = found_.best()) {
      violation_before_ = best->violation;
      cost_before_ = best->cost;
    }
    hire();
  }

  /// Makes the chosen member, or wakes it up.
  void hire() {
    auto& hired = current();
    const auto* best = found_.best();
    if (parts[chosen_].lasts && hired.search != nullptr) {
      hired.search->receive(best->plan, best->score);
    } else {
      hired.part = chosen_;
      hired.seed = random_.next();
      hired.budget = parts[chosen_].lasts ? task_.budget : share_;
      hired.start = task_.start;
      // Who lasts looks around on its own first: one good plan would draw all to the same place.
      if (best != nullptr && !parts[chosen_].lasts) hired.start = {best->plan};
      begin(hired);
    }
    member_ = hired.search.get();
  }

  /// Of the share that ends, per evaluation: by which part the best plan's cost fell; of a front,
  /// how many plans joined it.
  double gain() const {
    const auto& best = *found_.best();
    const auto effort = static_cast<double>(std::max<std::int64_t>(share_used_, 1));
    if (best.violation < violation_before_) return 1;
    if (is_front()) return static_cast<double>(kept_) / effort;
    return std::max(0.0, (cost_before_ - best.cost) / cost_before_) / effort;
  }

  Task task_;
  double first_share_;
  double growth_;
  models::Random random_;
  Archive found_;
  Bandit bandit_;
  std::array<Hired, parts.size()> lasting_;
  Hired passing_;
  Optimizer* member_ = nullptr;  ///< whose share it is
  std::size_t chosen_ = 0;       ///< its row of `parts`
  std::size_t started_ = 0;      ///< starters that had their turn
  std::int64_t used_ = 0;
  std::int64_t share_ = 0, share_used_ = 0;
  std::int64_t kept_ = 0;
  double violation_before_ = 0, cost_before_ = 0;
};

}  // namespace

Entry portfolio_entry() {
  return {"portfolio", "shares effort among other algorithms, by what each has gained",
          portfolio_parameters,
          [](const Task& task, const Settings& settings) -> std::unique_ptr<Optimizer> {
            return std::make_unique<Portfolio>(task, settings);
          }};
}

}  // namespace optimizers
