#include <algorithm>
#include <optional>

#include "models/error.h"
#include "models/index.h"
#include "optimizers/placement/items.h"
#include "optimizers/placement/solvers.h"

namespace optimizers {
namespace {

using models::at;
using models::Placement;
using models::PlacementProblem;
using models::Time;

/// Cuts the sorted items into sets, one device after the other, each as full as a limit allows.
class Filling {
 public:
  Filling(const PlacementProblem& problem, const std::vector<PlacementItem>& items, Time limit,
          bool contiguous)
      : problem_(problem),
        items_(items),
        limit_(limit),
        contiguous_(contiguous),
        placement_(at(problem.size()), -1),
        unread_(at(problem.size())),
        paid_(at(problem.size()), -1) {}

  /// Nothing if the devices do not suffice.
  std::optional<Placement> fill() {
    for (const auto& item : items_) {
      if (!contiguous_ && !item.on_accelerator && problem_.cpus > 0) {
        place(item, problem_.accelerators);
        continue;
      }
      if (device_ >= 0 && fits(item)) continue;
      if (!open(item)) return std::nullopt;
    }
    return std::move(placement_);
  }

 private:
  void place(const PlacementItem& item, int device) {
    for (const int node : item.nodes) at(placement_, node) = device;
  }

  /// A device that has nothing yet takes the item, whatever its load; only memory can be against.
  bool open(const PlacementItem& item) {
    load_ = {};
    bytes_ = 0;
    if (item.on_accelerator && item.size <= problem_.memory &&
        accelerators_used_ < problem_.accelerators) {
      device_ = accelerators_used_++;
      add(item);
      return true;
    }
    // Without the order to keep, what is left goes to the first CPU.
    const int cpu = contiguous_ ? cpus_used_++ : 0;
    if (cpu >= problem_.cpus) return false;
    device_ = problem_.accelerators + cpu;
    add(item);
    if (!contiguous_) device_ = -1;
    return true;
  }

  bool fits(const PlacementItem& item) {
    const bool accelerator = problem_.is_accelerator(device_);
    if (accelerator && (!item.on_accelerator || item.size > problem_.memory - bytes_)) return false;
    const auto before = load_;
    add(item);
    if (load_ <= limit_) return true;
    take_back(item, before);
    return false;
  }

  void add(const PlacementItem& item) {
    place(item, device_);
    bytes_ += item.size;
    for (const int node : item.nodes) load_ += problem_.duration(node, device_);
    if (!problem_.is_accelerator(device_)) return;
    for (const int node : item.nodes) {
      at(unread_, node) = static_cast<int>(problem_.readers(node).size());
      if (at(unread_, node) > 0) load_ += at(problem_.nodes, node).send;
    }
    for (const int node : item.nodes)
      for (const int maker : problem_.makers(node)) read(maker);
  }

  void read(int maker) {
    const auto send = at(problem_.nodes, maker).send;
    if (at(placement_, maker) == device_) {
      if (--at(unread_, maker) == 0) load_ -= send;
    } else if (at(paid_, maker) != device_) {
      at(paid_, maker) = device_;
      load_ += send;
    }
  }

  /// What makers were told stays wrong, which costs nothing: the set is closed now.
  void take_back(const PlacementItem& item, Time before) {
    place(item, -1);
    bytes_ -= item.size;
    load_ = before;
  }

  const PlacementProblem& problem_;
  const std::vector<PlacementItem>& items_;
  Time limit_;
  bool contiguous_;
  Placement placement_;
  std::vector<int> unread_;  // [node of the open set] readers outside
  std::vector<int> paid_;    // [node] device that took it in last
  int device_ = -1;
  int accelerators_used_ = 0, cpus_used_ = 0;
  Time load_{};
  std::int64_t bytes_ = 0;
};

/// Keeps the best of what is tried.
class Best {
 public:
  explicit Best(const PlacementTask& task) : task_(task) {
    answer_.lower_bound = task.known_bound;
    if (task.known_bound > Time{}) answer_.bound = "known before";
    for (const auto& placement : task.start) offer(placement);
  }
  bool over() const { return answer_.effort >= task_.budget || task_.stop(); }

  /// The value, or nothing if it does not count.
  std::optional<Time> offer(const Placement& placement) {
    if (answer_.effort >= task_.budget) return std::nullopt;
    ++answer_.effort;
    const auto score = models::evaluate(task_.problem, placement);
    if (!score.valid) return std::nullopt;
    if (task_.contiguous && !models::is_contiguous(task_.problem, placement)) return std::nullopt;
    if (!answer_.found() || score.value < answer_.value) {
      answer_.placement = placement;
      answer_.value = score.value;
      task_.improved(answer_);
    }
    return score.value;
  }
  const PlacementAnswer& answer() const { return answer_; }

 private:
  const PlacementTask& task_;
  PlacementAnswer answer_;
};

/// Halves the interval of limits: a filling that succeeds shows how low the limit can go.
void search_limit(const PlacementTask& task, bool contiguous, Best& best) {
  const auto items = placement_items(task.problem, !contiguous);
  Time low{}, high{};
  for (const auto& node : task.problem.nodes)
    high += std::max(node.cpu, node.accelerator) + node.send;
  best.offer(Filling(task.problem, items, high, contiguous).fill().value_or(Placement{}));
  if (best.answer().found()) high = std::min(high, best.answer().value);
  while (high - low > std::max(high / 1000, Time{1}) && !best.over()) {
    const Time middle = low + (high - low) / 2;
    const auto placement = Filling(task.problem, items, middle, contiguous).fill();
    const auto value = placement ? best.offer(*placement) : std::nullopt;
    (value && *value <= middle ? high : low) = middle;
  }
}

/// Large items first, each where least is left: for memory that is nearly full, without CPUs.
Placement packed(const PlacementProblem& problem) {
  std::vector<std::pair<std::int64_t, int>> groups;  // size negated
  for (int g = 0; g < problem.groups(); ++g) {
    std::int64_t size = 0;
    for (const int node : problem.members(g)) size += at(problem.nodes, node).size;
    groups.emplace_back(-size, g);
  }
  std::sort(groups.begin(), groups.end());
  std::vector<std::int64_t> left(at(problem.accelerators), problem.memory);
  Placement placement(at(problem.size()));
  for (const auto& [size, group] : groups) {
    int tightest = -1;
    for (int d = 0; d < problem.accelerators; ++d)
      if (at(left, d) >= -size && (tightest < 0 || at(left, d) < at(left, tightest))) tightest = d;
    if (tightest < 0) return {};
    at(left, tightest) += size;
    for (const int node : problem.members(group)) at(placement, node) = tightest;
  }
  return placement;
}

/// An interval of the items that an accelerator could execute, and what that saves over CPUs.
struct Interval {
  std::size_t begin = 0, end = 0;
  Time saved{};
};

Interval longest(const PlacementProblem& problem, const std::vector<PlacementItem>& items,
                 std::size_t begin) {
  Interval interval{begin, begin, {}};
  std::int64_t bytes = 0;
  for (; interval.end < items.size(); ++interval.end) {
    const auto& item = items[interval.end];
    if (!item.on_accelerator || item.size > problem.memory - bytes) break;
    bytes += item.size;
    for (const int node : item.nodes)
      interval.saved += at(problem.nodes, node).cpu - at(problem.nodes, node).accelerator;
  }
  return interval;
}

/// Sets for latency: intervals of the sorted items cannot wait for each other in a circle.
void search_intervals(const PlacementTask& task, Best& best) {
  const auto items = placement_items(task.problem, false);
  std::vector<Interval> intervals;
  for (std::size_t begin = 0; begin < items.size();) {
    intervals.push_back(longest(task.problem, items, begin));
    begin = std::max(intervals.back().end, begin + 1);
  }
  std::stable_sort(intervals.begin(), intervals.end(),
                   [](const Interval& a, const Interval& b) { return a.saved > b.saved; });
  Placement placement(at(task.problem.size()), task.problem.accelerators);
  best.offer(placement);
  for (int d = 0; d < task.problem.accelerators && at(d) < intervals.size() && !best.over(); ++d) {
    const auto before = placement;
    for (auto i = at(intervals, d).begin; i < at(intervals, d).end; ++i)
      for (const int node : items[i].nodes) at(placement, node) = d;
    const auto known = best.answer().value;
    const auto value = best.offer(placement);
    if (!value || *value > known) placement = before;
  }
}

PlacementAnswer solve(const PlacementTask& task) {
  Best best(task);
  if (task.problem.objective == PlacementProblem::Objective::throughput) {
    search_limit(task, true, best);
    if (!task.contiguous) search_limit(task, false, best);
    if (task.problem.cpus > 0)
      best.offer(Placement(at(task.problem.size()), task.problem.accelerators));
    else if (!best.answer().found())
      best.offer(packed(task.problem));
  } else {
    search_intervals(task, best);
  }
  return best.answer();
}

}  // namespace

PlacementEntry placement_greedy_entry() {
  return {"greedy", "fills one device after the other in the order of the graph; a first value",
          [](const PlacementTask&) { return std::string(); }, solve};
}

}  // namespace optimizers
