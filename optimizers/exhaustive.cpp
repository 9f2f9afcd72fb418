#include <algorithm>
#include <array>
#include <string>

#include "models/error.h"
#include "optimizers/algorithms.h"
#include "optimizers/orders.h"

namespace optimizers {

namespace {

using models::Plan;
using models::Problem;

constexpr std::array exhaustive_parameters = {
    Parameter{"limit", 2e6, 1, 1e12, "most plans to try; larger spaces are refused"},
};

/// A wheel of an odometer: one choice after the other, then back to the first.
struct Wheel {
  std::size_t now = 0;
  std::size_t count = 1;
};

/// Turns the last wheel by one, and the one before when it is through. False when all are back.
bool turn(std::vector<Wheel>& wheels) {
  for (auto wheel = wheels.rbegin(); wheel != wheels.rend(); ++wheel) {
    if (++wheel->now < wheel->count) return true;
    wheel->now = 0;
  }
  return false;
}

/// Every plan of a problem, each once. Left out is only what cannot matter: precisions of operators
/// that are free, and wire formats of tensors that do not travel.
class Plans {
 public:
  Plans(const Problem& problem, const Graph& graph)
      : problem_(problem), orders_(graph, problem.operators) {
    reset(problem, plan_);
    for (int op = 0; op < problem.operators; ++op) {
      auto& choices = choices_.emplace_back();
      for (const auto option : problem.options(op))
        if (at(problem.is_free, op) == 0 || choices.empty() ||
            choices.back().device != option.device)
          choices.push_back(option);
      placement_.push_back({0, choices.size()});
    }
    for (int link = 0; link < problem.links; ++link)
      lanes_.push_back({0, static_cast<std::size_t>(at(problem.lane_begin, link + 1) -
                                                    at(problem.lane_begin, link))});
    if (problem.choices.rank) plan_.order = orders_.order();
    settle_placement();
    settle_lanes();
  }

  const Plan& plan() const { return plan_; }

  void keep(State& state) { state(orders_, plan_, placement_, lanes_, wires_, travelling_); }

  /// False after the last plan.
  bool next() {
    if (turn(lanes_)) return settle_lanes();
    settle_lanes();
    if (turn(wires_)) return settle_wires();
    if (turn(placement_)) return settle_placement();
    settle_placement();
    if (!problem_.choices.rank || !orders_.next()) return false;
    plan_.order = orders_.order();
    return true;
  }

  Count placements() const { return product(placement_); }
  Count widths() const { return product(lanes_); }
  /// Placements with every way to send what travels in them, counted one by one.
  Count placements_and_wires() {
    if (problem_.wire_option.size() < 2) return placements();
    Count sum;
    do {
      settle_placement();
      sum += product(wires_);
    } while (turn(placement_));
    settle_placement();
    return sum;
  }

 private:
  static Count product(const std::vector<Wheel>& wheels) {
    Count all = 1;
    for (const auto& wheel : wheels) all *= wheel.count;
    return all;
  }

  bool settle_lanes() {
    for (int link = 0; link < problem_.links; ++link)
      at(plan_.lanes, link) = static_cast<std::uint16_t>(
          at(problem_.lane_option,
             static_cast<std::size_t>(at(problem_.lane_begin, link)) + at(lanes_, link).now));
    return true;
  }

  bool settle_wires() {
    for (std::size_t k = 0; k < wires_.size(); ++k)
      at(plan_.wire, travelling_[k]) = problem_.wire_option[wires_[k].now];
    return true;
  }

  bool settle_placement() {
    for (int op = 0; op < problem_.operators; ++op) {
      const auto option = at(choices_, op)[at(placement_, op).now];
      at(plan_.device, op) = option.device;
      at(plan_.precision, op) = option.precision;
    }
    std::fill(plan_.wire.begin(), plan_.wire.end(), Plan::as_produced);
    travelling_.clear();
    if (problem_.wire_option.size() > 1)
      for (int tensor = 0; tensor < problem_.tensors; ++tensor)
        for (int target = 0; target < problem_.devices; ++target)
          if (at(problem_.is_fixed, tensor) == 0 && travels(problem_, plan_, tensor, target))
            travelling_.push_back(tensor * problem_.devices + target);
    wires_.assign(travelling_.size(), {0, problem_.wire_option.size()});
    return settle_wires();
  }

  const Problem& problem_;
  Orders orders_;
  Plan plan_;
  std::vector<std::vector<Problem::Option>> choices_;  ///< [operator] that differ in effect
  std::vector<Wheel> placement_;                       ///< [operator]
  std::vector<Wheel> lanes_;                           ///< [link]
  std::vector<Wheel> wires_;                           ///< [travelling tensor]
  std::vector<std::int32_t> travelling_;               ///< indices into Plan::wire
};

const std::string more = "more than ";

std::uint64_t whole(double value) {
  return static_cast<std::uint64_t>(value);
}

/// How many plans there are. Refuses a space that is too large for the limit or the budget.
std::int64_t checked_size(const Task& task, const Graph& graph, Plans& plans, double limit) {
  const bool ranks = task.problem.choices.rank, wires = task.problem.wire_option.size() > 1;
  bool all_orders = true;
  const Count orders = ranks ? Orders::count(graph, task.problem.operators, all_orders) : Count(1);
  const Count placements = plans.placements(), widths = plans.widths();
  Count all = placements * orders * widths;
  const bool too_large = !all_orders || all.more_than(whole(limit));
  if (!too_large) all = plans.placements_and_wires() * orders * widths;
  if (too_large || all.more_than(whole(limit)))
    throw models::InputError(
        "exhaustive search would have to try " + (too_large && (wires || !all_orders) ? more : "") +
        all.text() + " plans, and its limit is " + std::to_string(whole(limit)) + ": " +
        placements.text() + " placements and precisions x " + (all_orders ? "" : more) +
        orders.text() + " orders x " + widths.text() + " link widths" +
        (wires ? " x the formats of what travels" : "") +
        "; bind operators with rules, allow fewer precisions or wire formats, or do not search "
        "rank or lanes");
  if (task.budget < 0 || all.more_than(static_cast<std::uint64_t>(task.budget)))
    throw models::InputError("exhaustive search has to try " + all.text() +
                             " plans, and its budget is " + std::to_string(task.budget) +
                             " evaluations; raise the budget to " + all.text());
  return static_cast<std::int64_t>(all.number());
}

/// Tries every plan; before them those to start from, as far as the budget has room.
class Exhaustive final : public Optimizer {
 public:
  Exhaustive(const Task& task, const Settings& settings)
      : graph_(task.problem), plans_(task.problem, graph_) {
    const auto room = task.budget - checked_size(task, graph_, plans_, settings[0]);
    const auto count = std::min<std::int64_t>(room, std::ssize(task.start));
    start_.assign(task.start.begin(), task.start.begin() + count);
  }

  void ask(models::Batch& batch) override {
    batch.clear();
    if (through_) return;
    for (; started_ < start_.size(); ++started_) {
      batch.trials.push_back({static_cast<int>(started_), 0, 0});
      batch.bases.push_back(&start_[started_]);
    }
    if (!batch.trials.empty()) return;
    asked_.resize(batch_size);
    while (batch.trials.size() < batch_size && !through_) {
      const auto k = batch.trials.size();
      asked_[k] = plans_.plan();
      batch.bases.push_back(&asked_[k]);
      batch.trials.push_back({static_cast<int>(k), 0, 0});
      through_ = !plans_.next();
    }
  }

  void tell(const models::Batch&, std::span<const models::Score>) override {}
  bool is_exhausted() const override { return through_; }
  void keep(State& state) override { state(plans_, through_, started_); }

 private:
  static constexpr std::size_t batch_size = 256;

  Graph graph_;
  Plans plans_;
  std::vector<Plan> start_;
  std::size_t started_ = 0;  ///< of these, tried
  std::vector<Plan> asked_;
  bool through_ = false;
};

}  // namespace

Entry exhaustive_entry() {
  return {"exhaustive", "every plan there is; refuses spaces that are too large",
          exhaustive_parameters,
          [](const Task& task, const Settings& settings) -> std::unique_ptr<Optimizer> {
            return std::make_unique<Exhaustive>(task, settings);
          }};
}

}  // namespace optimizers
