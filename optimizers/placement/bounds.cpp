#include "optimizers/placement/bounds.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "models/index.h"
#include "optimizers/placement/division.h"
#include "optimizers/placement/latency_bound.h"
#include "optimizers/placement/minimum_cut.h"
#include "optimizers/placement/prices.h"
#include "optimizers/placement/reduction.h"

namespace optimizers {
namespace {

using models::at;
using models::PlacementProblem;
using models::Time;
using Amount = Division::Amount;

/// Sums of doubles err; a bound lies below.
Time safe(double amount) {
  return Time(static_cast<std::int64_t>(std::max(0.0, amount * (1 - 1e-11) - 1)));
}

/// Items in order of what a CPU's time is worth: of accelerators' work for each of its time.
struct Choice {
  double gain = 0, price = 0;
};

void sort_by_ratio(std::vector<Choice>& choices) {
  std::sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
    return a.price / a.gain < b.price / b.gain;  // one rounding each: a strict order
  });
}

/// Least sum of `price` for a sum of `gain` of at least `needed`, fractions counting, of choices
/// sorted by ratio; infinite if there is not as much.
double cheapest(const std::vector<Choice>& sorted, double needed) {
  double all = 0;
  for (const auto& choice : sorted) all += choice.gain;
  if (needed > all * (1 + 1e-9)) return std::numeric_limits<double>::infinity();
  double paid = 0;
  for (const auto& choice : sorted) {
    if (needed <= 0) break;
    const double part = std::min(1.0, needed / choice.gain);
    paid += part * choice.price;
    needed -= part * choice.gain;
  }
  return paid;
}

Time work_over_speed(const Division& division) {
  double on_accelerators = 0, on_cpus = 0;
  std::vector<Choice> choices;
  for (const auto& item : division.items) {
    const auto work = static_cast<double>(item.work), cpu = static_cast<double>(item.cpu_work);
    if (!item.on_accelerator) {
      on_cpus += cpu;
    } else {
      on_accelerators += work;
      if (item.on_cpu && work > 0) choices.push_back({work, cpu});
    }
  }
  sort_by_ratio(choices);
  const auto suffices = [&](double time) {
    const double over = on_accelerators - division.accelerators * time;
    return on_cpus + cheapest(choices, over) <= division.cpus * time;
  };
  double low = 0, high = 1;
  while (!suffices(high) && high < 0x1p62) high *= 2;
  if (high >= 0x1p62) return {};
  for (int round = 0; round < 60; ++round) {
    const double middle = (low + high) / 2;
    (suffices(middle) ? high : low) = middle;
  }
  return safe(low);
}

Time unavoidable_cpu_time(const Division& division) {
  double size = 0, forced = 0;
  std::vector<Choice> choices;
  for (const auto& item : division.items) {
    const auto bytes = static_cast<double>(item.size), cpu = static_cast<double>(item.cpu_work);
    if (!item.on_accelerator)
      forced += cpu;
    else if (bytes > 0)
      choices.push_back({bytes, cpu}), size += bytes;
  }
  sort_by_ratio(choices);
  const double room =
      static_cast<double>(division.accelerators) * static_cast<double>(division.memory);
  const double time = forced + cheapest(choices, size * (1 - 1e-12) - room);
  return division.cpus > 0 && time < 0x1p62 ? safe(time / division.cpus) : Time{};
}

Time cheapest_set_around_a_class(const Division& division, const std::function<bool()>& stop) {
  constexpr int most = 3000;  // each takes a minimum cut
  const bool few = division.size() <= most;
  MinimumCut cut(few ? division : Division{});
  Amount bound = 0;
  for (int i = 0; i < division.size() && !stop(); ++i) {
    const auto& item = at(division.items, i);
    const Amount on_cpu = item.on_cpu ? item.cpu_work : MinimumCut::forever;
    if (on_cpu <= bound) continue;
    Amount load = item.work;
    if (few && item.on_accelerator) {
      cut.reset();
      for (int j = 0; j < division.size(); ++j) {
        const auto& other = at(division.items, j);
        cut.charge(j, other.on_accelerator ? other.work : MinimumCut::forever);
      }
      cut.reward(i, MinimumCut::forever);
      load = cut.least(on_cpu, stop);
    }
    if (!item.on_accelerator) load = MinimumCut::forever;
    bound = std::max(bound, std::min(on_cpu, load));
  }
  return Time(bound >= MinimumCut::forever ? 0 : bound);
}

Time critical_path(const PlacementProblem& problem, const Division& division) {
  std::vector<Time> start(problem.nodes.size());
  Time latest{};
  for (const int n : problem.sorted) {
    const auto& node = at(problem.nodes, n);
    Time least = node.cpu;
    if (at(division.items, at(problem.group_of, n)).on_accelerator)
      least = problem.cpus > 0 ? std::min(least, node.accelerator) : node.accelerator;
    const auto end = at(start, n) + least;
    latest = std::max(latest, end);
    for (const int reader : problem.readers(n))
      at(start, reader) = std::max(at(start, reader), end);
  }
  return latest;
}

constexpr auto never = [] { return false; };

}  // namespace

Time work_over_speed(const PlacementProblem& problem) {
  return work_over_speed(division_of(problem));
}

Time unavoidable_cpu_time(const PlacementProblem& problem) {
  return unavoidable_cpu_time(division_of(problem));
}

Time cheapest_set_around_a_class(const PlacementProblem& problem) {
  return cheapest_set_around_a_class(division_of(problem), never);
}

Time placement_critical_path(const PlacementProblem& problem) {
  return critical_path(problem, division_of(problem));
}

PlacementBound placement_bound(const PlacementProblem& problem, const std::function<bool()>& stop) {
  PlacementBound best;
  const auto take = [&](Time value, std::string_view name) {
    if (value > best.value || best.name == "none") best = {value, name};
  };
  const auto division = division_of(problem);
  if (problem.objective == PlacementProblem::Objective::latency) {
    take(critical_path(problem, division), "critical path");
    take(memory_bound_of_paths(problem, stop), "memory along paths");
    take(slots_along_chains(problem, stop), "slots along chains");
    take(slots_between_barriers(problem, stop), "slots between barriers");
    return best;
  }
  take(work_over_speed(division), "work over speed");
  take(unavoidable_cpu_time(division), "memory");
  take(cheapest_set_around_a_class(division, stop), "cheapest set around a class");
  return best;
}

PlacementBound raised_bound(const PlacementProblem& problem, PlacementBound known, Time value,
                            const std::function<bool()>& stop, std::int64_t budget,
                            const std::function<bool()>& halt) {
  if (problem.objective != PlacementProblem::Objective::throughput ||
      models::is_proven(value, known.value))
    return known;
  const auto division = division_of(problem);
  PriceProof proof;
  std::int64_t cuts = 0;
  const auto left = [&] { return std::max<std::int64_t>(0, budget - cuts - proof.labels()); };
  // The lowest limit is the likeliest to be excluded, the highest settles everything.
  Time low = known.value, high = value;
  constexpr int halvings = 8;
  for (int round = 0; round <= halvings && low < high && left() > 0 && !stop(); ++round) {
    const Time limit = round == 0 ? value - Time(1) : low + (high - low) / 2;
    const auto reduction = reduced(
        division, {.limit = limit.count(), .stop = stop, .halt = halt, .most_cuts = left()});
    cuts += reduction.cuts;
    std::string_view name;
    if (reduction.impossible)
      name = "minimum cuts";
    else if (proof.excludes(reduction.division, limit.count(),
                            {.stop = stop, .halt = halt, .budget = left()}))
      name = "prices of sets";
    else
      high = limit;
    if (name.empty()) continue;
    low = limit + Time(1);
    known = {low, name};
  }
  known.effort = cuts + proof.labels();
  return known;
}

}  // namespace optimizers
