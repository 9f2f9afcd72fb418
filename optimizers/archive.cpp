#include "optimizers/archive.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/random.h"
#include "optimizers/crowding.h"

namespace optimizers {

namespace {

/// Whether `a` is nowhere larger than `b`.
bool covers(std::span<const double> a, std::span<const double> b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] > b[i]) return false;
  return true;
}

}  // namespace

Archive::Archive(const models::Goal& goal, std::size_t capacity)
    : goal_(goal), capacity_(std::max<std::size_t>(capacity, 1)), values_(goal.objectives.size()) {
  for (const auto& one : goal.objectives) widths_.push_back(models::portable_log(1 + one.epsilon));
  if (std::ranges::all_of(widths_, [](double width) { return width > 0; }))
    capacity_ = std::numeric_limits<std::size_t>::max();
}

bool Archive::offer(const models::Batch& batch, std::size_t trial, const models::Score& score) {
  return consider(score, [&] { return batch.plan(trial); });
}

bool Archive::offer(const models::Plan& plan, const models::Score& score) {
  return consider(score, [&] { return plan; });
}

template <class MakePlan>
bool Archive::consider(const models::Score& score, MakePlan make_plan) {
  const double violation = goal_.violation(score), cost = goal_.cost(score);
  const auto trial = offered_++;
  const bool is_best = trial == 0 || violation < best_.violation ||
                       (violation == best_.violation && cost < best_.cost);
  goal_.values(score, values_);
  find_boxes();
  const bool is_kept = belongs(violation);
  if (!is_best && !is_kept) return false;
  Member member{make_plan(), score, trial, violation, cost, values_, boxes_};
  if (is_best) best_ = member;
  if (is_kept) insert(std::move(member));
  return true;
}

bool Archive::belongs(double violation) const {
  if (front_.empty() || violation != front_.front().violation)
    return front_.empty() || violation < front_.front().violation;
  return std::none_of(front_.begin(), front_.end(), [&](const Member& member) {
    // In one box the first stays, until one comes that dominates it.
    return covers(member.boxes, boxes_) &&
           !(member.boxes == boxes_ && values_ != member.values && covers(values_, member.values));
  });
}

void Archive::find_boxes() {
  boxes_ = values_;
  for (std::size_t i = 0; i < boxes_.size(); ++i) {
    auto& value = boxes_[i];
    if (!(widths_[i] > 0) || !std::isfinite(value)) continue;
    value = value > 0 ? std::floor(models::portable_log(value) / widths_[i])
                      : -std::numeric_limits<double>::infinity();
  }
}

void Archive::insert(Member member) {
  std::erase_if(front_, [&](const Member& other) {
    return other.violation > member.violation || covers(member.boxes, other.boxes);
  });
  const auto place =
      std::lower_bound(front_.begin(), front_.end(), member,
                       [](const Member& a, const Member& b) { return a.values < b.values; });
  front_.insert(place, std::move(member));
  if (front_.size() > capacity_) thin();
}

void Archive::thin() {
  crowding_distances(
      front_.size(), values_.size(),
      [this](std::size_t k, std::size_t i) { return front_[k].values[i]; }, sorted_, crowding_);
  const auto least = std::min_element(crowding_.begin(), crowding_.end());
  front_.erase(front_.begin() + (least - crowding_.begin()));
}

}  // namespace optimizers
