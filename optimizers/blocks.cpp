#include <algorithm>
#include <array>

#include "optimizers/algorithms.h"
#include "optimizers/archive.h"
#include "optimizers/asking.h"
#include "optimizers/first_plans.h"
#include "optimizers/move_mix.h"
#include "optimizers/repeats.h"

namespace optimizers {

namespace {

using models::Batch;
using models::Change;
using models::Plan;
using models::Score;
using What = Change::What;

constexpr std::array blocks_parameters = {
    Parameter{"alike", 0.3, 0, 1, "share of the effort in which repeated blocks do the same"},
    Parameter{"neighbours", 8, 1, 1024, "plans asked for at once in that share"},
};

/// Who stands in whose place in repeated blocks.
class Followers {
 public:
  Followers(const models::Problem& problem, const Graph& graph)
      : problem_(problem),
        repeats_(find_repeats(problem, graph)),
        repeat_of_(static_cast<std::size_t>(problem.operators), -1),
        home_(repeat_of_.size()) {
    for (std::size_t k = 0; k < repeats_.size(); ++k)
      std::fill(repeat_of_.begin() + repeats_[k].first, repeat_of_.begin() + repeats_[k].end(),
                static_cast<std::int32_t>(k));
  }

  bool any() const { return !repeats_.empty(); }

  /// Appends, to the changes of one trial, what they mean for the followers of what they change:
  /// the same device and precision, and the same wire format. Of several in one place the first
  /// leads.
  void follow(const Plan& plan, std::size_t begin, std::vector<Change>& changes) {
    ++stamp_;
    const auto end = changes.size();
    for (auto c = begin; c < end; ++c) note(plan, changes[c]);
    for (auto c = begin; c < end; ++c) {
      const auto change = changes[c];
      if (change.what == What::wire) follow_wire(change, changes);
      if (change.what == What::device || change.what == What::precision)
        follow_operator(plan, change.index, changes);
    }
  }

  /// Every block does as the first of its repeat, where it may.
  void align(Plan& plan) const {
    for (const auto& repeat : repeats_)
      for (int op = repeat.first + repeat.length; op < repeat.end(); ++op) {
        const int leader = repeat.first + (op - repeat.first) % repeat.length;
        for (const auto option : problem_.options(op)) {
          if (option.device != at(plan.device, leader) ||
              option.precision != at(plan.precision, leader))
            continue;
          at(plan.device, op) = option.device;
          at(plan.precision, op) = option.precision;
        }
      }
  }

 private:
  struct Home {
    std::int64_t stamp = 0;  ///< of the trial that changes it
    std::int32_t device = 0, precision = 0;
    std::int64_t led = 0;  ///< stamp of the trial that has led those in its place
  };

  void note(const Plan& plan, Change change) {
    if (change.what != What::device && change.what != What::precision) return;
    auto& home = at(home_, change.index);
    if (home.stamp != stamp_) {
      home.stamp = stamp_;
      home.device = at(plan.device, change.index);
      home.precision = at(plan.precision, change.index);
    }
    (change.what == What::device ? home.device : home.precision) = change.value;
  }

  void follow_operator(const Plan& plan, int op, std::vector<Change>& changes) {
    if (at(repeat_of_, op) < 0) return;
    const auto& repeat = at(repeats_, at(repeat_of_, op));
    const int first = repeat.first + (op - repeat.first) % repeat.length;
    if (at(home_, first).led == stamp_) return;
    at(home_, first).led = stamp_;
    const auto wanted = at(home_, op);
    for (int other = first; other < repeat.end(); other += repeat.length) {
      const bool changed = at(home_, other).stamp == stamp_;
      if (changed || at(plan.device, other) != wanted.device)
        changes.push_back({What::device, other, wanted.device});
      if (changed || at(plan.precision, other) != wanted.precision)
        changes.push_back({What::precision, other, wanted.precision});
    }
  }

  void follow_wire(Change change, std::vector<Change>& changes) const {
    const int tensor = change.index / problem_.devices;
    const int op = at(problem_.producer, tensor);
    if (op < 0 || at(repeat_of_, op) < 0) return;
    const auto& repeat = at(repeats_, at(repeat_of_, op));
    const int first = repeat.first + (op - repeat.first) % repeat.length;
    for (int other = first; other < repeat.end(); other += repeat.length) {
      if (other == op) continue;
      const int further = at(problem_.output_begin, other) - at(problem_.output_begin, op);
      changes.push_back({What::wire, change.index + further * problem_.devices, change.value});
    }
  }

  const models::Problem& problem_;
  std::vector<Repeat> repeats_;
  std::vector<std::int32_t> repeat_of_;  ///< [operator]; -1: none
  std::vector<Home> home_;               ///< [operator]
  std::int64_t stamp_ = 0;
};

/// Searches one block's solution, which its repeats follow, by threshold accepting (Dueck, Scheuer
/// 1990); then frees them and hands the best plans to tempering.
class Blocks final : public Optimizer {
 public:
  Blocks(const Task& task, const Settings& settings)
      : task_(task),
        graph_(task.problem),
        followers_(task.problem, graph_),
        mover_(task.problem, graph_),
        mix_(mover_),
        random_(task.seed),
        found_(task.goal, 4),
        neighbours_(static_cast<std::int64_t>(settings[1])) {
    if (!followers_.any()) return;
    alike_end_ = static_cast<std::int64_t>(settings[0] * static_cast<double>(task.budget));
    if (alike_end_ >= 4) first_ = first_plans(task, graph_, alike_end_ / 4);
    const auto count = first_.size();
    for (std::size_t k = task.start.size(); k < count; ++k) {
      first_.push_back(first_[k]);
      followers_.align(first_.back());
    }
    if (first_.empty()) alike_end_ = 0;
  }

  void ask(Batch& batch) override {
    batch.clear();
    if (used_ == 0 && alike_end_ > 0) {
      ask_for(first_, batch);
    } else if (used_ < alike_end_) {
      ask_neighbours(batch);
    }
    if (!batch.trials.empty() || used_ >= task_.budget) return;
    if (freed_ == nullptr) set_free();
    freed_->ask(batch);
  }

  void tell(const Batch& batch, std::span<const Score> scores) override {
    const bool is_first = used_ == 0;
    used_ += static_cast<std::int64_t>(scores.size());
    if (freed_ != nullptr) {
      freed_->tell(batch, scores);
      return;
    }
    for (std::size_t k = 0; k < scores.size(); ++k) found_.offer(batch, k, scores[k]);
    if (is_first)
      go_to_best();
    else
      choose(batch, scores);
  }

  void keep(State& state) override {
    bool freed = freed_ != nullptr;
    state(mix_, random_, found_, used_, current_, violation_, cost_, since_best_, start_, left_,
          freed);
    if (state.reading() && !current_.order.empty()) positions(current_, position_);
    if (state.reading() && freed) make_free();
    if (freed) freed_->keep(state);
  }

 private:
  static constexpr double threshold = 0.05;  ///< relative loss accepted at the start
  static constexpr int patience = 400;       ///< batches without a better plan, then back

  void go_to_best() {
    const auto& best = *found_.best();
    current_ = best.plan;
    positions(current_, position_);
    violation_ = best.violation;
    cost_ = best.cost;
    since_best_ = 0;
  }

  void ask_neighbours(Batch& batch) {
    batch.bases.push_back(&current_);
    drawn_.clear();
    const auto count = std::min(neighbours_, alike_end_ - used_);
    for (std::int64_t k = 0; k < count; ++k) {
      const auto begin = batch.changes.size();
      const auto move = mix_.draw({current_, position_, {}}, random_, batch.changes);
      if (!move) break;
      followers_.follow(current_, begin, batch.changes);
      drawn_.push_back(*move);
      batch.trials.push_back({0, static_cast<int>(begin), static_cast<int>(batch.changes.size())});
    }
  }

  void choose(const Batch& batch, std::span<const Score> scores) {
    const double left = static_cast<double>(alike_end_ - used_) / static_cast<double>(alike_end_);
    const double most = cost_ + threshold * left * left * (cost_ < 0 ? -cost_ : cost_);
    std::size_t chosen = scores.size();
    double violation = 0, cost = 0;
    for (std::size_t k = 0; k < scores.size(); ++k) {
      const double misses = task_.goal.violation(scores[k]), value = task_.goal.cost(scores[k]);
      const bool accepted = misses < violation_ || (misses == violation_ && value <= most);
      mix_.learn(drawn_[k], misses < violation_ || (misses == violation_ && value < cost_),
                 accepted);
      if (!accepted || (chosen < scores.size() &&
                        (misses > violation || (misses == violation && value >= cost))))
        continue;
      chosen = k;
      violation = misses;
      cost = value;
    }
    if (chosen < scores.size()) {
      const auto& trial = batch.trials[chosen];
      for (int c = trial.first_change; c < trial.end_change; ++c)
        models::apply(current_, at(batch.changes, c));
      positions(current_, position_);
      violation_ = violation;
      cost_ = cost;
    }
    const bool is_best = found_.best()->violation == violation_ && found_.best()->cost >= cost_;
    since_best_ = is_best ? 0 : since_best_ + 1;
    if (since_best_ > patience) go_to_best();
  }

  void set_free() {
    left_ = task_.budget - used_;
    start_ = task_.start;
    if (found_.best() != nullptr) {
      start_.assign(1, found_.best()->plan);
      for (const auto& member : found_.front())
        if (member.plan != start_.front()) start_.push_back(member.plan);
    }
    make_free();
  }

  void make_free() {
    auto task = task_;
    task.budget = left_;
    task.start = start_;
    task.greedy = task_.greedy && found_.best() == nullptr;
    freed_ = make("tempering", task);
  }

  Task task_;
  Graph graph_;
  Followers followers_;
  Mover mover_;
  MoveMix mix_;
  models::Random random_;
  Archive found_;
  std::int64_t neighbours_;
  std::vector<Plan> first_;
  std::int64_t used_ = 0, alike_end_ = 0;
  Plan current_;
  std::vector<std::int32_t> position_;
  double violation_ = 0, cost_ = 0;
  std::int64_t since_best_ = 0;
  std::vector<Move> drawn_;  ///< [trial of the batch]
  std::vector<Plan> start_;  ///< of the search that follows
  std::int64_t left_ = 0;    ///< its budget
  std::unique_ptr<Optimizer> freed_;
};

}  // namespace

Entry blocks_entry() {
  return {"blocks",
          "repeated blocks are found and do the same, then they are freed, and tempering goes on",
          blocks_parameters,
          [](const Task& task, const Settings& settings) -> std::unique_ptr<Optimizer> {
            return std::make_unique<Blocks>(task, settings);
          }};
}

}  // namespace optimizers
