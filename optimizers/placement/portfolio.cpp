#include <algorithm>
#include <array>
#include <string_view>

#include "optimizers/placement/barriers.h"
#include "optimizers/placement/search.h"
#include "optimizers/placement/solvers.h"

namespace optimizers {

namespace {

using models::Time;

/// Heuristics take turns by what they have gained; an exact method runs beside them, inside whose
/// questions whether to stop they get their slices: so that one thread does both, and how it goes
/// depends on counts alone.
class PlacementPortfolio {
 public:
  explicit PlacementPortfolio(const PlacementTask& task) : task_(task), nets_(task.problem) {}

  PlacementAnswer solve() {
    begin_answer(task_, answer_);
    if (over()) return answer_;
    if (const auto why = search_refusal(task_.problem); !why.empty()) {
      answer_.notes.push_back("only 'greedy' took part: " + why);
      return answer_;
    }
    const SearchTask search{task_.problem, nets_, task_.seed, task_.contiguous};
    searches_[0] = {make_annealing(search)};
    searches_[1] = {make_local(search)};
    if (answer_.found()) share();
    if (latency()) {
      improve_latency();
      return answer_;
    }
    for (std::int64_t slice = 0; slice < first_slices && !over(); ++slice) improve(slice_moves);
    for (const auto& entry : placement_catalogue())
      if (entry.name == (task_.contiguous ? "contiguous" : "integer")) run_exact(entry);
    while (!over() && improve(slice_moves)) {
    }
    return answer_;
  }

 private:
  static constexpr std::int64_t slice_moves = 1000;
  static constexpr std::int64_t first_slices = 200;
  /// An exact method that asks is given its own time between two slices; longer without gains. It
  /// asks less often the larger the problem is.
  static constexpr std::int64_t shortest_pause = 50, longest_pause = 200, usual_groups = 300;
  std::int64_t scaled(std::int64_t pause) const {
    return std::max<std::int64_t>(
        1, pause * usual_groups / std::max<std::int64_t>(usual_groups, task_.problem.groups()));
  }

  struct Member {
    std::unique_ptr<PlacementSearch> search;
    double credit = 0;  ///< relative gains of late
  };

  bool over() const {
    return answer_.is_proven() || answer_.effort >= task_.budget || task_.stop();
  }

  bool latency() const {
    return task_.problem.objective == models::PlacementProblem::Objective::latency;
  }

  /// Heuristics, and now and then the exact method with four times the steps of the time before: it
  /// gets at most two fifths of the time, and small graphs that it proves are proven early.
  void improve_latency() {
    std::int64_t steps = 10'000'000;
    constexpr std::int64_t most_steps = 640'000'000;
    bool any = true;
    for (bool more = true; !over() && (any || more);) {
      any = any && improve(slice_moves);
      if (!more || over() || (any && work_in_steps() < 2 * steps)) continue;
      more = run_barriers(steps) && steps < most_steps;
      steps *= 4;
    }
  }

  /// A move walks through the graph: that takes about as long as four steps for each node and edge.
  std::int64_t work_in_steps() const {
    std::int64_t size = task_.problem.size();
    for (int n = 0; n < task_.problem.size(); ++n) size += std::ssize(task_.problem.readers(n));
    return moves_ * 4 * size;
  }

  /// True if more steps would tell more.
  bool run_barriers(std::int64_t steps) {
    auto next = task_;
    next.budget = answer_.effort + (task_.budget - answer_.effort) / 2;
    if (next.budget == answer_.effort) return false;
    const auto before = answer_.value;
    const bool more = improve_between_barriers(next, steps, answer_);
    if (answer_.value < before) share();
    return more;
  }

  void share() {
    const auto devices = by_group(task_.problem, answer_.placement);
    for (auto& member : searches_) member.search->offer(devices, answer_.value.count());
  }

  /// One slice of one heuristic; false if there is nothing to move.
  bool improve(std::int64_t moves) {
    ++slices_;
    // Every fourth slice goes round, the others to who has gained most.
    std::size_t next = static_cast<std::size_t>(slices_ / 4) % searches_.size();
    if (slices_ % 4 != 0) next = searches_[1].credit > searches_[0].credit ? 1 : 0;
    auto& member = searches_[next];
    const auto used =
        member.search->run(std::min(moves, task_.budget - answer_.effort), task_.stop, task_.halt);
    answer_.effort += used;
    moves_ += used;
    member.credit *= 0.98;
    const auto value = Time(member.search->value());
    if (member.search->found() && value < answer_.value) {
      const auto gain = answer_.found() ? answer_.value - value : value;
      member.credit += static_cast<double>(gain.count()) / static_cast<double>(value.count() + 1);
      answer_.value = value;
      answer_.placement = by_node(task_.problem, member.search->best());
      share();
      task_.improved(answer_);
      gained_ = true;
    }
    return used > 0;
  }

  /// Runs an exact method to its end, again from the start where the heuristics have become better
  /// since and it has taken twice as long as before.
  void run_exact(const PlacementEntry& entry) {
    std::int64_t patience = 20'000;
    for (bool again = true; again && !over(); patience *= 2) {
      auto next = task_;
      next.start.clear();
      if (answer_.found()) next.start.push_back(answer_.placement);
      next.searched = answer_.found();
      next.known_bound = answer_.lower_bound;
      next.bounded = true;
      next.budget = (task_.budget - answer_.effort) / 2;
      if (next.budget < 10'000) return;
      again = false;
      gained_ = false;
      std::int64_t asked = 0, pause = scaled(shortest_pause), due = pause;
      next.stop = [&] {
        if (over()) return true;
        if (++asked < due) return again;
        pause = improve_beside(next.budget) ? scaled(shortest_pause)
                                            : std::min(2 * pause, scaled(longest_pause));
        due = asked + pause;
        again = gained_ && asked > patience;
        return again;
      };
      next.improved = [&](const PlacementAnswer& found) { take(found); };
      beside_ = 0;
      if (const auto why = entry.refusal(next); !why.empty()) {
        answer_.notes = {"'" + std::string(entry.name) + "' took no part: " + why};
        return;
      }
      const auto found = entry.solve(next);
      take(found);
      answer_.effort += std::min(found.effort, next.budget);
    }
  }

  bool improve_beside(std::int64_t budget) {
    const auto before = answer_.value;
    if (beside_ + slice_moves > budget) return false;
    beside_ += slice_moves;
    improve(slice_moves);
    return answer_.value < before;
  }

  void take(const PlacementAnswer& found) {
    bool better = false;
    if (found.lower_bound > answer_.lower_bound) {
      answer_.lower_bound = found.lower_bound;
      answer_.bound = found.bound;
      better = true;
    }
    if (found.found() && found.value < answer_.value) {
      answer_.value = found.value;
      answer_.placement = found.placement;
      better = true;
      share();
    }
    if (better) task_.improved(answer_);
  }

  const PlacementTask& task_;
  PlacementNets nets_;
  PlacementAnswer answer_;
  std::array<Member, 2> searches_;
  std::int64_t slices_ = 0, moves_ = 0, beside_ = 0;
  bool gained_ = false;
};

}  // namespace

PlacementEntry placement_portfolio_entry() {
  return {"portfolio", "annealing and local search in turn, by their gains, beside exact methods",
          [](const PlacementTask&) { return std::string(); },
          [](const PlacementTask& task) { return PlacementPortfolio(task).solve(); }};
}

}  // namespace optimizers
