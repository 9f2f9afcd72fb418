#include "sim/static_evaluator.h"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "sim/batch_scoring.h"
#include "sim/event_engine.h"
#include "sim/lane_evaluator.h"
#include "sim/one_pass.h"

namespace sim {
namespace {

/// `lanes`: 2 scores neighbours of one base one by one (one lane is left empty), 8 together.
template <bool everything, int lanes>
class StaticEvaluator final : public BatchScoring {
 public:
  explicit StaticEvaluator(std::shared_ptr<const models::Problem> problem)
      : owned_(std::move(problem)), tables_(*owned_), pass_(tables_) {
    if (LaneGroup<everything, lanes>::applies(*owned_))
      group_ = std::make_unique<LaneGroup<everything, lanes>>(tables_);
  }

  models::Score score(const models::Plan& plan) override {
    tables_.follow(plan.order);
    return pass_.score(plan, plan.wire);
  }

  void score(const models::Batch& batch, std::span<models::Score> scores) override {
    begin_batch();
    const auto count = batch.trials.size();
    for (std::size_t first = 0, end = 0; first < count; first = end) {
      while (end < count && batch.trials[end].base == batch.trials[first].base) ++end;
      score_neighbours(batch, first, end, scores);
    }
  }

 private:
  /// Below so many neighbours of one base, taking it apart costs more than it saves.
  static constexpr std::size_t least_neighbours = 5;
  static constexpr std::size_t group_size = lanes == 2 ? 1 : lanes;

  std::optional<models::Score> score_apart(const models::Plan& plan,
                                           const std::vector<std::uint8_t>& wire) override {
    tables_.follow(plan.order);
    return pass_.score(plan, wire);
  }

  std::span<const models::Change> changes(const models::Batch& batch, std::size_t trial) const {
    const auto [base, begin, behind] = batch.trials[trial];
    return std::span(batch.changes)
        .subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(behind - begin));
  }

  /// The trials [first, end) of one base: in groups where changes are few and keep the rank.
  void score_neighbours(const models::Batch& batch, std::size_t first, std::size_t end,
                        std::span<models::Score> scores) {
    together_.clear();
    if (group_ && end - first >= least_neighbours) choose_groups(batch, first, end);
    std::array<models::Score*, group_size> wanted;
    for (std::size_t done = 0; done < together_.size();) {
      const auto size = std::min(group_size, together_.size() - done);
      for (std::size_t k = 0; k < size; ++k) {
        group_->add(changes(batch, together_[done + k]));
        wanted[k] = &scores[together_[done + k]];
      }
      group_->score(std::span(wanted).first(size));
      done += size;
    }
    if (together_.size() == end - first) return;
    alone_.assign(end - first, true);
    for (std::size_t k = 0; k < together_.size(); ++k) alone_[together_[k] - first] = false;
    for (auto i = first; i < end; ++i)
      if (alone_[i - first]) scores[i] = score_trial(batch, batch.trials[i]);
  }

  /// Lists the trials to be scored in groups, those whose changes lie close to each other in the
  /// order side by side: where they deviate from the base they do so at the same places.
  void choose_groups(const models::Batch& batch, std::size_t first, std::size_t end) {
    const auto& base = *batch.bases[static_cast<std::size_t>(batch.trials[first].base)];
    tables_.follow(base.order);
    // Sorted by counting; places lie side by side with the trials until then.
    counts_.assign(tables_.operators + 2, 0);
    places_.clear();
    for (auto i = first; i < end; ++i) {
      const auto wanted = changes(batch, i);
      if (!group_->takes(wanted)) continue;
      const auto place = group_size > 1 ? group_->place_of(wanted) : 0;
      places_.emplace_back(place, i);
      ++counts_[place + 1];
    }
    if (places_.size() < least_neighbours || !group_->start(base)) return;
    for (std::size_t p = 1; p < counts_.size(); ++p) counts_[p] += counts_[p - 1];
    together_.resize(places_.size());
    for (const auto& [place, trial] : places_) together_[counts_[place]++] = trial;
  }

  std::shared_ptr<const models::Problem> owned_;
  WalkTables tables_;
  OnePass<everything> pass_;
  std::unique_ptr<LaneGroup<everything, lanes>> group_;
  std::vector<std::size_t> together_;                        ///< trials to be scored in groups
  std::vector<std::pair<std::size_t, std::size_t>> places_;  ///< the same, with their places
  std::vector<std::size_t> counts_;                          ///< [place]
  std::vector<bool> alone_;
};

template <int lanes>
std::unique_ptr<models::Evaluator> made(std::shared_ptr<const models::Problem> problem) {
  if (problem->fair_links)
    throw std::invalid_argument("the static evaluator is exact for fifo links only");
  if (problem->streams.size() > 1 || !problem->batched.empty() || !problem->events.empty())
    throw std::invalid_argument(
        "the static evaluator is exact for one network without batches and events only");
  if (WalkTables::placement_only(*problem))
    return std::make_unique<StaticEvaluator<false, lanes>>(std::move(problem));
  return std::make_unique<StaticEvaluator<true, lanes>>(std::move(problem));
}

/// Whether one sweep over the ranks says all there is to say.
bool is_static(const models::Problem& problem) {
  return !problem.fair_links && problem.streams.size() == 1 && problem.events.empty() &&
         problem.batched.empty() &&
         problem.choices.discipline == models::Plan::Discipline::strict &&
         std::ranges::all_of(problem.platform->devices, [](const models::Device& device) {
           return device.buffers == 0 && device.copy_engines == 0;
         });
}

}  // namespace

std::unique_ptr<models::Evaluator> make_static_evaluator(
    std::shared_ptr<const models::Problem> problem) {
  return made<2>(std::move(problem));
}

std::unique_ptr<models::Evaluator> make_lane_evaluator(
    std::shared_ptr<const models::Problem> problem) {
  return made<8>(std::move(problem));
}

std::unique_ptr<models::Evaluator> make_evaluator(std::shared_ptr<const models::Problem> problem) {
  return is_static(*problem) ? make_lane_evaluator(std::move(problem))
                             : make_event_evaluator(std::move(problem));
}

}  // namespace sim
