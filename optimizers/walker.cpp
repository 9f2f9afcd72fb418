#include "optimizers/walker.h"

#include <algorithm>
#include <utility>

namespace optimizers {

using models::Batch;
using models::Change;

Standing Judge::standing(const models::Score& score) {
  constexpr double cannot_run = 4, cannot_finish = 3, does_not_fit = 0.02;
  if (!score.supported) return {0, cannot_run};
  if (score.unfinished > 0 || score.makespan.count() == 0) return {0, cannot_finish};
  if (score.memory_over == 0) return {aim_.value(score), goal_.violation(score)};
  const auto over = static_cast<double>(score.memory_over) /
                    static_cast<double>(std::max<std::int64_t>(1, score.memory_bytes));
  return {aim_.value(score), does_not_fit + over};
}

namespace {

/// Positions after a change of the plan.
void follow(const Change& change, const models::Plan& plan, std::vector<std::int32_t>& position) {
  if (change.what != Change::What::rank) return;
  const auto [low, high] = std::minmax(change.index, change.value);
  for (auto p = low; p <= high; ++p) at(position, at(plan.order, p)) = p;
}

}  // namespace

void Judge::note(const Standing& before, const Standing& now) {
  if (!aim_.weighted() && before.value == 0 && now.value > 0) scale_ = now.value;
  pressure_ = now.violation > 0 ? std::min(pressure_ * 1.05, 1e4) : std::max(pressure_ / 1.05, 1.0);
}

const Archive::Member& best_for(Aim& aim, const Archive& archive) {
  const auto* best = archive.best();
  if (!aim.weighted()) return *best;
  double least = std::numeric_limits<double>::infinity();
  for (const auto& member : archive.front())
    if (const double value = aim.value(member.score); value < least) {
      least = value;
      best = &member;
    }
  return *best;
}

void Walker::start(const models::Plan& plan, const models::Score& score, const Standing& standing) {
  plan_ = plan;
  positions(plan_, position_);
  now_ = standing;
  score_ = score;
  accepted_share_ = 0.5;
}

int Walker::begin(Batch& batch) {
  drawn_.clear();
  first_ = batch.trials.size();
  batch.bases.push_back(&plan_);
  return static_cast<int>(batch.bases.size()) - 1;
}

void Walker::ask(std::span<const Directions::Step> steps, Batch& batch) {
  const int base = begin(batch);
  for (const auto& step : steps) {
    const auto from = static_cast<int>(batch.changes.size());
    batch.changes.push_back(step.device);
    if (step.changes == 2) batch.changes.push_back(step.precision);
    batch.trials.push_back({base, from, static_cast<int>(batch.changes.size())});
    drawn_.push_back(Move::count_);
  }
}

void Walker::ask_far(int moves, models::Random& random, Batch& batch) {
  const int base = begin(batch);
  auto plan = plan_;
  auto position = position_;
  const auto from = batch.changes.size();
  for (int k = 0; k < moves; ++k) {
    const auto before = batch.changes.size();
    mix_.draw({plan, position, score_.bottleneck}, random, batch.changes);
    for (auto c = before; c < batch.changes.size(); ++c) {
      models::apply(plan, batch.changes[c]);
      follow(batch.changes[c], plan, position);
    }
  }
  batch.trials.push_back({base, static_cast<int>(from), static_cast<int>(batch.changes.size())});
  drawn_.push_back(Move::count_);
}

void Walker::ask(double most, std::int64_t left, models::Random& random, Batch& batch,
                 std::int64_t least) {
  drawn_.clear();
  if (left <= 0) return;
  const int base = begin(batch);
  const double share = accepted_share_ > 0.01 ? 1 / accepted_share_ : 100;
  const auto width =
      std::min(left, std::max(least, static_cast<std::int64_t>(std::min(share, most))));
  for (std::int64_t k = 0; k < width; ++k) {
    const auto begin = static_cast<int>(batch.changes.size());
    const auto move = mix_.draw({plan_, position_, score_.bottleneck}, random, batch.changes);
    if (!move) break;
    drawn_.push_back(*move);
    batch.trials.push_back({base, begin, static_cast<int>(batch.changes.size())});
  }
}

void Walker::go(const Batch& batch, const Batch::Trial& trial, const models::Score& score,
                const Standing& standing) {
  for (int c = trial.first_change; c < trial.end_change; ++c) {
    const auto& change = at(batch.changes, c);
    models::apply(plan_, change);
    follow(change, plan_, position_);
  }
  now_ = standing;
  score_ = score;
}

void Walker::exchange(Walker& other) {
  std::swap(plan_, other.plan_);
  std::swap(position_, other.position_);
  std::swap(now_, other.now_);
  std::swap(score_, other.score_);
}

void Walker::keep(State& state) {
  state(mix_, plan_, now_, score_, accepted_share_);
  if (state.reading()) positions(plan_, position_);
}

}  // namespace optimizers
