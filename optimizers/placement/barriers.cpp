#include "optimizers/placement/barriers.h"

#include <algorithm>
#include <bit>

#include "models/index.h"
#include "optimizers/placement/division.h"
#include "optimizers/placement/latency_bound.h"

namespace optimizers {

using models::at;
using models::PlacementProblem;
using models::Time;
using Amount = Barriers::Amount;

namespace {

constexpr Amount never = RegionChain::never;

void lower(Amount& known, Amount value) {
  known = std::min(known, value);
}

std::vector<bool> allowed_groups(const PlacementProblem& problem) {
  std::vector<bool> allowed;
  for (const auto& item : division_of(problem).items) allowed.push_back(item.on_accelerator);
  return allowed;
}

}  // namespace

Barriers::Barriers(const PlacementProblem& problem, const std::function<bool()>& stop,
                   const Limits& limits)
    : problem_(problem),
      stop_(stop),
      limits_(limits),
      reach_(problem),
      allowed_(allowed_groups(problem)),
      chain_(problem, reach_, allowed_),
      inside_(at(problem.size())) {}

/// Asked for every part of a block: `stop` looks at a clock, so it is asked only so often.
bool Barriers::is_over() {
  constexpr std::int64_t steps_per_question = 10'000;
  over_ = over_ || steps_ > limits_.steps || looked_at_ >= limits_.budget;
  if (!over_ && steps_ >= asked_at_) {
    asked_at_ = steps_ + steps_per_question;
    over_ = stop_();
  }
  return over_;
}

Amount Barriers::say_nothing(std::string why) {
  silence_ = std::move(why);
  return 0;
}

std::string Barriers::cut_short() const {
  if (ran_out_of_steps())
    return "it would take more than " + std::to_string(limits_.steps) + " steps";
  if (looked_at_ >= limits_.budget)
    return "it would take more than " + std::to_string(limits_.budget) + " evaluations";
  return "it was stopped";
}

std::string Barriers::too_large() const {
  if (problem_.nodes.empty()) return "there are no nodes";
  if (!reach_.known()) return "there are more than " + std::to_string(Reach::most) + " nodes";
  return {};
}

Amount Barriers::bound() {
  if (auto why = too_large(); !why.empty()) return say_nothing(std::move(why));
  if (!find_blocks())
    return say_nothing(stop_() ? cut_short()
                               : "too few nodes are before or after every other (between two of "
                                 "them are more than " +
                                     std::to_string(limits_.ideals) + " down-sets)");
  if (!fill_ends()) return say_nothing("there are too many accelerators for so many down-sets");
  for (std::size_t b = 0; b < blocks_.size(); ++b)
    for (int ideal = 0; ideal < blocks_[b].ideals(); ++ideal) {
      settle(b, ideal);
      if (is_over()) return say_nothing(cut_short());
      if (b + 1 == blocks_.size()) continue;
      if (ideal + 1 == blocks_[b].ideals()) pass_on_cpu(b);
      pass_in_slot(b, ideal);
    }
  if (over_) return say_nothing(cut_short());
  const auto& last = settled_.back().back();
  const auto least = *std::min_element(last.begin(), last.end());
  return least >= never ? say_nothing("there is no valid placement") : least;
}

/// False if there are too many.
bool Barriers::fill_ends() {
  const auto slots = at(std::min(problem_.accelerators, problem_.size()));
  constexpr std::size_t most_ends = 10'000'000;
  std::size_t ends = 0;
  for (const auto& block : blocks_) ends += at(block.ideals()) * (slots + 1);
  if (ends > most_ends) return false;
  for (const auto& block : blocks_)
    end_.emplace_back(at(block.ideals()), std::vector<Amount>(slots + 1, never));
  settled_ = end_;
  end_[0][0][0] = 0;
  return true;
}

bool Barriers::find_blocks() {
  blocks_.emplace_back();
  for (const int n : problem_.sorted) {
    auto near = reach_.none();
    reach_.add_after(n, near);
    reach_.add_before(n, near);
    int count = 0;
    for (const auto word : near) count += std::popcount(word);
    if (count + 1 < problem_.size()) {
      blocks_.back().nodes.push_back(n);
    } else {
      barriers_.push_back(n);
      blocks_.emplace_back();
    }
  }
  std::vector<int> index(at(problem_.size()), -1);
  for (auto& block : blocks_) {
    // Ways from one node to another do not leave the block.
    std::vector<std::vector<int>> makers(block.nodes.size());
    for (std::size_t i = 0; i < makers.size(); ++i) at(index, block.nodes[i]) = static_cast<int>(i);
    for (std::size_t i = 0; i < makers.size(); ++i)
      for (const int maker : problem_.makers(block.nodes[i]))
        if (at(index, maker) >= 0) makers[i].push_back(at(index, maker));
    for (const int n : block.nodes) at(index, n) = -1;
    block.lattice = Lattice::make(makers, limits_.ideals, stop_);
    if (!block.lattice) return false;
  }
  return true;
}

/// False if the one down-set does not hold the other.
bool Barriers::find_region(std::size_t b, int taken, int ideal) {
  region_.clear();
  const auto& block = blocks_[b];
  steps_ += std::ssize(block.nodes);
  for (std::size_t i = 0; i < block.nodes.size(); ++i) {
    if (block.holds(taken, i) && !block.holds(ideal, i)) return false;
    if (block.holds(ideal, i) && !block.holds(taken, i)) region_.push_back(block.nodes[i]);
  }
  return true;
}

/// Nothing if it takes too long.
std::vector<Amount> Barriers::time_of_region(std::int64_t most_steps) {
  ++looked_at_;
  auto time = chain_.least_times(region_, most_steps);
  steps_ += chain_.steps() + problem_.accelerators;
  return time;
}

/// Least ends of a down-set of the block, by slots used, after a barrier that took some of it.
void Barriers::settle(std::size_t b, int ideal) {
  auto& settled = settled_[b][at(ideal)];
  for (int taken = 0; taken <= ideal; ++taken) {
    const auto& before = end_[b][at(taken)];
    if (std::all_of(before.begin(), before.end(), [](Amount end) { return end >= never; }))
      continue;
    if (is_over()) return;
    if (!find_region(b, taken, ideal)) continue;
    const auto time = time_of_region(limits_.steps - steps_);
    for (std::size_t more = 0; more < time.size(); ++more)
      for (std::size_t used = 0; used + more < settled.size(); ++used)
        lower(settled[used + more], before[used] + time[more]);
  }
}

void Barriers::pass_on_cpu(std::size_t b) {
  if (problem_.cpus == 0) return;
  const auto& settled = settled_[b].back();
  for (std::size_t used = 0; used < settled.size(); ++used)
    lower(end_[b + 1][0][used], settled[used] + node(barriers_[b]).cpu.count());
}

/// A slot takes what the down-set leaves of the block, the barrier, and more, up to a down-set of a
/// later block.
void Barriers::pass_in_slot(std::size_t b, int ideal) {
  const auto& settled = settled_[b][at(ideal)];
  bool fits = true;
  for (std::size_t i = 0; i < blocks_[b].nodes.size(); ++i)
    if (!blocks_[b].holds(ideal, i)) fits = add(blocks_[b].nodes[i]) && fits;
  for (std::size_t to = b + 1; fits && to < blocks_.size() && !is_over(); ++to) {
    fits = add(barriers_[to - 1]);
    const auto& block = blocks_[to];
    for (int taken = 0; fits && taken < block.ideals() && !is_over(); ++taken) {
      const auto count = members_.size();
      bool all = true;
      for (std::size_t i = 0; i < block.nodes.size(); ++i)
        if (block.holds(taken, i)) all = add(block.nodes[i]) && all;
      const auto time = all ? time_of_slot() : never;
      for (std::size_t used = 0; all && used + 1 < settled.size(); ++used)
        lower(end_[to][at(taken)][used + 1], settled[used] + time);
      while (members_.size() > count) take_back();
    }
    for (const int n : block.nodes) fits = add(n) && fits;
  }
  while (!members_.empty()) take_back();
}

/// False if it cannot be there.
bool Barriers::add(int n) {
  ++steps_;
  at(inside_, n) = 1;
  members_.push_back(n);
  size_ += node(n).size;
  return at(allowed_, at(problem_.group_of, n)) && size_ <= problem_.memory;
}

void Barriers::take_back() {
  at(inside_, members_.back()) = 0;
  size_ -= node(members_.back()).size;
  members_.pop_back();
}

Amount Barriers::time_of_slot() {
  Amount time = 0;
  senders_.clear();
  for (const int n : members_) {
    time += node(n).accelerator.count();
    steps_ += std::ssize(problem_.makers(n)) + std::ssize(problem_.readers(n));
    for (const int maker : problem_.makers(n))
      if (!at(inside_, maker)) senders_.push_back(maker);
    const auto readers = problem_.readers(n);
    if (std::any_of(readers.begin(), readers.end(), [&](int r) { return !at(inside_, r); }))
      time += node(n).send.count();
  }
  std::sort(senders_.begin(), senders_.end());
  senders_.erase(std::unique(senders_.begin(), senders_.end()), senders_.end());
  for (const int n : senders_) time += node(n).send.count();
  ++looked_at_;
  steps_ += static_cast<std::int64_t>(members_.size()) + problem_.accelerators;
  return time;
}

Time slots_between_barriers(const PlacementProblem& problem, const std::function<bool()>& stop) {
  return Time(stop() ? 0 : Barriers(problem, stop, {}).bound());
}

}  // namespace optimizers
