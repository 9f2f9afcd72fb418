#include "scenarios/search.h"

#include <algorithm>
#include <cmath>

#include "optimizers/hypervolume.h"

namespace scenarios {

Search::Search(const Run& run, const Parts& parts, models::Evaluator& evaluator)
    : run_(run),
      evaluator_(evaluator),
      optimizer_(make_optimizer(run, parts)),
      goal_(parts.goal),
      archive_(parts.goal) {}

bool Search::step() {
  optimizer_->ask(batch_);
  if (batch_.trials.empty()) return false;
  scores_.resize(batch_.trials.size());
  evaluator_.score(batch_, scores_);
  for (std::size_t i = 0; i < scores_.size(); ++i) {
    archive_.offer(batch_, i, scores_[i]);
    const auto& best = *archive_.best();
    if (best.trial == archive_.offered() - 1)
      trace_.push_back({{best.trial + 1, best.cost, best.violation, best.values}});
  }
  if (archive_.offered() >= next_front_) note_front();
  optimizer_->tell(batch_, scores_);
  if (curve_.empty() || seconds() >= std::floor(curve_.back().seconds) + 1) note_second();
  return true;
}

void Search::note_second() {
  const auto& best = *archive_.best();
  curve_.push_back({archive_.offered(), seconds(), best.cost, best.violation});
}

bool Search::seeks_a_front() const {
  return goal_.pareto && goal_.objectives.size() > 1;
}

void Search::note_front() {
  if (seeks_a_front())
    fronts_.push_back({archive_.offered(), std::ssize(archive_.front()),
                       optimizers::hypervolume(archive_, goal_)});
  next_front_ = 2 * archive_.offered();
}

double Search::seconds() const {
  return earlier_seconds_ + std::chrono::duration<double>(Clock::now() - begun_).count();
}

Standing Search::standing() const {
  const auto here = static_cast<double>(archive_.offered() - earlier_);
  const auto* best = archive_.best();
  Standing standing;
  standing.evaluations = archive_.offered();
  standing.per_second = here / std::max(seconds() - earlier_seconds_, 1e-9);
  standing.lower_bound = lower_bound();
  if (best == nullptr) return standing;
  standing.best = &best->score;
  standing.cost = best->cost;
  standing.violation = best->violation;
  return standing;
}

bool Search::is_out_of_time() const {
  const auto& limit = run_.scenario->optimizer.time_limit;
  return limit && seconds() >= models::seconds(*limit);
}

void Search::report(results::RunFile& record, bool interrupted) const {
  record.evaluations = archive_.offered();
  record.trace.assign(trace_.begin(), trace_.end());
  record.curve = curve_;
  record.fronts = fronts_;
  if (seeks_a_front() && (fronts_.empty() || fronts_.back().evaluations < archive_.offered()))
    record.fronts.push_back({archive_.offered(), std::ssize(archive_.front()),
                             optimizers::hypervolume(archive_, goal_)});
  record.seconds = seconds();
  record.interrupted = interrupted;
  if (const auto* best = archive_.best();
      best != nullptr && record.curve.back().evaluations < record.evaluations)
    record.curve.push_back({record.evaluations, record.seconds, best->cost, best->violation});
}

void Search::keep(optimizers::State& state) {
  auto used = seconds();
  state(used, archive_, *optimizer_, trace_, curve_, fronts_, next_front_);
  if (!state.reading()) return;
  earlier_seconds_ = used;
  earlier_ = archive_.offered();
  begun_ = Clock::now();
}

bool finish(Search& search, const Watch& watch, Checkpoint& checkpoint,
            const std::function<void(optimizers::State&)>& keep) {
  const auto write = [&] {
    optimizers::State state;
    keep(state);
    checkpoint.write(state.bytes());
  };
  while (search.step()) {
    watch.progress(search.standing());
    const bool stopped = watch.stop();
    if (checkpoint.is_due() || (stopped && checkpoint.is_on())) write();
    if (stopped || search.is_out_of_time()) return true;
  }
  // An algorithm that was stopped in the middle of a thought asks for nothing.
  const bool stopped = watch.stop();
  if (stopped && checkpoint.is_on()) write();
  return stopped;
}

}  // namespace scenarios
