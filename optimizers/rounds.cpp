#include "optimizers/rounds.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "models/index.h"

namespace optimizers {

using models::at;
using models::Plan;

namespace {

/// Plans of a front that a visit starts from.
constexpr std::size_t most_starts = 16;

std::size_t difference(const Designs& designs, std::uint32_t a, std::uint32_t b) {
  std::size_t sum = 0;
  for (std::size_t v = 0; v < designs.variables(); ++v)
    sum += designs.value(a, v) != designs.value(b, v) ? 1 : 0;
  return sum;
}

bool is_front(const models::Goal& goal) {
  return goal.pareto && goal.objectives.size() > 1;
}

}  // namespace

Rounds::Rounds(const DesignTask& task) : task_(task), random_(task.seed), archive_(task.goal) {}

std::size_t Rounds::enter(std::uint32_t design) {
  const auto place = std::ranges::lower_bound(by_design_, std::pair(design, std::size_t{0}));
  if (place != by_design_.end() && place->first == design) return place->second;
  by_design_.insert(place, {design, arms_.size()});
  auto& arm = arms_.emplace_back();
  arm.design = design;
  return arms_.size() - 1;
}

std::size_t Rounds::enter(const Individual& known) {
  const auto number = enter(known.plan.platform);
  auto& arm = arms_[number];
  arm.is_seen = true;
  arm.violation = known.violation;
  arm.cost = known.cost;
  arm.best = known.plan;
  return number;
}

bool Rounds::has(std::uint32_t design) const {
  const auto place = std::ranges::lower_bound(by_design_, std::pair(design, std::size_t{0}));
  return place != by_design_.end() && place->first == design;
}

std::size_t Rounds::arm_of(std::uint32_t design) const {
  return std::ranges::lower_bound(by_design_, std::pair(design, std::size_t{0}))->second;
}

int Rounds::rounds_for(std::size_t arms) {
  int rounds = 1;
  for (; arms > 1; arms = (arms + 1) / 2) ++rounds;
  return rounds;
}

std::vector<std::size_t> Rounds::ranked() const {
  std::vector<std::size_t> all(arms_.size());
  for (std::size_t k = 0; k < all.size(); ++k) all[k] = k;
  return ranked(std::move(all));
}

std::vector<std::size_t> Rounds::ranked(std::vector<std::size_t> arms) const {
  std::vector<std::int64_t> on_front(arms_.size());
  if (is_front(task_.goal))
    for (const auto& member : archive_.front()) ++on_front[arm_of(member.plan.platform)];
  const auto rank = [&](std::size_t k) {
    const auto& arm = arms_[k];
    return std::tuple(arm.is_broken, !arm.is_seen, -on_front[k], arm.violation, arm.cost, k);
  };
  std::ranges::sort(arms, {}, rank);
  return arms;
}

void Rounds::begin(std::vector<std::size_t> arms, int rounds, std::int64_t end) {
  alive_ = std::move(arms);
  next_ = 0;
  rounds_left_ = rounds;
  end_ = end;
  round_end_ = used() + std::max<std::int64_t>(0, end_ - used()) / std::max(1, rounds_left_);
  visit_.reset();
  is_exhausted_ = true;
}

bool Rounds::start_round() {
  if (rounds_left_ <= 1) return false;
  alive_ = ranked(std::move(alive_));
  alive_.resize(std::max<std::size_t>(1, (alive_.size() + 1) / 2));
  begin(std::move(alive_), rounds_left_ - 1, end_);
  return true;
}

bool Rounds::start_visit() {
  while (!visit_) {
    if (next_ == alive_.size() && !start_round()) return false;
    const auto left = static_cast<std::int64_t>(alive_.size() - next_);
    auto& arm = arms_[alive_[next_++]];
    const auto share = std::max<std::int64_t>(1, (round_end_ - used()) / left);
    const auto budget = std::min(share, end_ - used());
    is_exhausted_ = is_exhausted_ && budget > 0;
    if (budget <= 0) continue;
    arm.is_broken = arm.is_broken || !task_.designs.problem(arm.design);
    if (arm.is_broken) continue;
    visit_.emplace(task_, Visit::Order{arm.design, random_.next(), budget, start_for(arm)});
  }
  return true;
}

void Rounds::ask(models::Batch& batch) {
  batch.clear();
  while (start_visit()) {
    visit_->ask(batch);
    if (!batch.trials.empty()) return;
    is_exhausted_ = is_exhausted_ && visit_->is_exhausted();
    visit_.reset();
  }
}

void Rounds::tell(const models::Batch& batch, std::span<const models::Score> scores) {
  for (std::size_t k = 0; k < scores.size(); ++k) offer(batch, k, scores[k]);
  visit_->tell(batch, scores);
}

void Rounds::offer(const models::Batch& batch, std::size_t trial, const models::Score& score) {
  archive_.offer(batch, trial, score);
  auto& arm = arms_[enter(at(batch.bases, batch.trials[trial].base)->platform)];
  const double violation = task_.goal.violation(score), cost = task_.goal.cost(score);
  if (arm.is_seen && std::pair(arm.violation, arm.cost) <= std::pair(violation, cost)) return;
  arm.is_seen = true;
  arm.violation = violation;
  arm.cost = cost;
  arm.best = batch.plan(trial);
}

const Arm* Rounds::nearest_seen(std::uint32_t design) const {
  const Arm* nearest = nullptr;
  std::tuple<std::size_t, double, double> least;
  for (const auto& arm : arms_) {
    if (!arm.is_seen) continue;
    const std::tuple rank(difference(task_.designs, arm.design, design), arm.violation, arm.cost);
    if (nearest != nullptr && rank >= least) continue;
    nearest = &arm;
    least = rank;
  }
  return nearest;
}

std::vector<Plan> Rounds::start_for(const Arm& arm) {
  std::vector<Plan> start;
  const auto add = [&](Plan plan) {
    plan.platform = arm.design;
    if (start.size() < most_starts && std::ranges::find(start, plan) == start.end())
      start.push_back(std::move(plan));
  };
  if (arm.is_seen) {
    add(arm.best);
    for (const auto& member : archive_.front())
      if (member.plan.platform == arm.design) add(member.plan);
    return start;
  }
  const auto problem = task_.designs.problem(arm.design);
  const auto carry = [&](const Plan& plan) {
    const auto from = task_.designs.problem(plan.platform);
    if (from) add(carried_over(*from, plan, *problem));
  };
  for (const auto& plan : task_.start) plan.platform == arm.design ? add(plan) : carry(plan);
  if (const auto* nearest = nearest_seen(arm.design)) carry(nearest->best);
  if (const auto* best = archive_.best()) carry(best->plan);
  return start;
}

void Rounds::keep(State& state) {
  state(random_, archive_, arms_, by_design_, alive_, next_, rounds_left_, end_, round_end_,
        is_exhausted_);
  bool is_visiting = visit_.has_value();
  Visit::Order order;
  if (visit_) order = visit_->order();
  state(is_visiting, order);
  if (state.reading()) {
    visit_.reset();
    if (is_visiting) visit_.emplace(task_, order);
  }
  if (visit_) state(*visit_);
}

}  // namespace optimizers
