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
    Parameter{"growth", 0.1, 0, 1, "a share in parts of all evaluations before it"},
    Parameter{"long", 0.5, 0, 1, "part of each doubling of the effort for one long run"},
    Parameter{"heat", 0.2, 1e-6, 1e6, "at which annealing starts from the best plan"},
    Parameter{"curiosity", 3, 0, 100, "how much members that gain little are tried again"},
};

/// Who takes part, and when.
struct Part {
  enum class Role {
    starts,   ///< once, until it ends or has had a share
    lasts,    ///< goes on from where it was, and is told the best plan
    goes_on,  ///< begins from the best plan
    anew,     ///< a long run, not from the best plan: it may be a dead end
  };
  std::string_view name;
  Role role;
};
using Role = Part::Role;
constexpr std::array parts = {
    Part{"greedy", Role::starts},     Part{"heft", Role::starts},
    Part{"peft", Role::starts},       Part{"cpop", Role::starts},
    Part{"beam", Role::starts},       Part{"chain", Role::starts},
    Part{"genetic", Role::lasts},     Part{"local", Role::goes_on},
    Part{"annealing", Role::goes_on}, Part{"tempering", Role::goes_on},
    Part{"islands", Role::lasts},     Part{"annealing", Role::anew},
    Part{"local", Role::anew},        Part{"tempering", Role::anew},
};
constexpr std::size_t starters = 6;
/// Of a starter at most: beam and chain think about each for as long as hundreds of scores take,
/// and their first are mostly their best.
constexpr std::int64_t most_first_plans = 40;
constexpr std::size_t long_ones = 3;
constexpr std::size_t sharers = parts.size() - starters - long_ones;

/// Runs other algorithms in turn, and gives more to those that gain more. Effort is doubled again
/// and again, the last time as the budget ends. Each doubling begins with one long run from greedy
/// plans, since that ends better on some problems than anything that is repeated: the last one by
/// annealing, the one before by local, the one before that by tempering, and so on. The rest goes
/// in small shares to the others, which gain on the best plan of all.
class Portfolio final : public Optimizer {
 public:
  Portfolio(const Task& task, const Settings& settings)
      : task_(task),
        first_share_(static_cast<std::int64_t>((is_front() ? 4 : 1) * settings[0])),
        growth_(settings[1]),
        long_(settings[2]),
        heat_(settings[3]),
        random_(task.seed),
        found_(task.goal),
        bandit_(sharers, settings[4]) {}

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
    state(random_, found_, bandit_, chosen_, started_, used_, doubling_end_, share_, share_used_,
          kept_, violation_before_, cost_before_);
    for (auto& one : lasting_) keep(one, state);
    keep(passing_, state);
    member_ = started_ == 0 ? nullptr : current().search.get();
  }

 private:
  bool is_front() const { return task_.goal.pareto && task_.goal.objectives.size() > 1; }
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
    const auto& part = parts[hired.part];
    task.greedy = task_.greedy && part.role != Role::goes_on;
    const auto& entry = find(part.name);
    hired.search = entry.make(task, habits(part, entry));
  }

  /// Annealing cools once per share; to go on from a good plan it must not be hot.
  Settings habits(const Part& part, const Entry& entry) const {
    Settings settings;
    for (const auto& parameter : entry.parameters) {
      settings.push_back(parameter.standard);
      if (is_front() || part.name != "annealing") continue;
      if (parameter.name == "reheats") settings.back() = 0;
      if (parameter.name == "heat" && part.role == Role::goes_on) settings.back() = heat_;
    }
    return settings;
  }

  void keep(Hired& hired, State& state) const {
    bool there = hired.search != nullptr;
    state(there);
    if (!there) return;
    state(hired.part, hired.seed, hired.budget, hired.start);
    if (state.reading()) begin(hired);
    hired.search->keep(state);
  }

  Hired& current() { return parts[chosen_].role == Role::lasts ? lasting_[chosen_] : passing_; }

  /// Gives the next share.
  void next() {
    if (member_ != nullptr && is_sharer()) bandit_.learn(chosen_ - starters, gain());
    if (started_ < starters) {
      chosen_ = started_++;
      share_ = std::clamp<std::int64_t>(std::min(first_share_, task_.budget / 4) / 2, 1,
                                        most_first_plans);
    } else if (used_ < doubling_end_ || doubling_end_ == 0) {
      if (doubling_end_ == 0) doubling_end_ = first_doubling();
      chosen_ = starters + bandit_.choose();
      const auto left = doubling_end_ - used_;
      const double grown = growth_ * static_cast<double>(used_);
      share_ = std::min(left, std::max(first_share_, static_cast<std::int64_t>(grown)));
      if (2 * share_ > left) share_ = left;
    } else {
      doubling_end_ = std::min(task_.budget, 2 * doubling_end_);
      chosen_ = starters + sharers + doublings_left() % long_ones;
      share_ = static_cast<std::int64_t>(long_ * static_cast<double>(doubling_end_ - used_));
      share_ = std::max<std::int64_t>(1, share_);
    }
    share_used_ = 0;
    kept_ = 0;
    if (const auto* best = found_.best()) {
      violation_before_ = best->violation;
      cost_before_ = best->cost;
    }
    hire();
  }

  bool is_sharer() const { return chosen_ >= starters && chosen_ < starters + sharers; }

  /// After this one. What the last and longest run is must not hang on how large the budget is.
  std::size_t doublings_left() const {
    std::size_t left = 0;
    for (auto end = doubling_end_; end < task_.budget; end *= 2) ++left;
    return left;
  }

  /// The budget halved until everybody can just have had a turn.
  std::int64_t first_doubling() const {
    const auto least = static_cast<std::int64_t>(sharers) * first_share_;
    auto end = task_.budget;
    while (end / 2 > std::max(used_, least)) end = (end + 1) / 2;
    return end;
  }

  /// Makes the chosen member, or wakes it up.
  void hire() {
    auto& hired = current();
    const auto* best = found_.best();
    const auto role = parts[chosen_].role;
    if (role == Role::lasts && hired.search != nullptr) {
      hired.search->receive(best->plan, best->score);
    } else {
      hired.part = chosen_;
      hired.seed = random_.next();
      hired.budget = role == Role::lasts ? task_.budget : share_;
      hired.start = task_.start;
      // Who lasts looks around on its own first: one good plan would draw all to the same place.
      if (best != nullptr && role == Role::goes_on) hired.start = {best->plan};
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
  std::int64_t first_share_;
  double growth_;
  double long_;
  double heat_;
  models::Random random_;
  Archive found_;
  Bandit bandit_;
  std::array<Hired, parts.size()> lasting_;
  Hired passing_;
  Optimizer* member_ = nullptr;  ///< whose share it is
  std::size_t chosen_ = 0;       ///< its row of `parts`
  std::size_t started_ = 0;      ///< starters that had their turn
  std::int64_t used_ = 0;
  std::int64_t doubling_end_ = 0;  ///< in evaluations; 0: not begun
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
