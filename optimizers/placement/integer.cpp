#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "models/error.h"
#include "models/index.h"
#include "optimizers/integer_programme.h"
#include "optimizers/placement/bounds.h"
#include "optimizers/placement/incumbent.h"
#include "optimizers/placement/reduction.h"
#include "optimizers/placement/solvers.h"

namespace optimizers {
namespace {

using models::at;
using models::PlacementProblem;
using models::Time;
using Term = IntegerProgramme::Term;
constexpr double infinite = IntegerProgramme::infinite;

/// The division as an integer programme. Columns: the largest load, each item on each device, and
/// for each net on each accelerator whether it is cut. The limit is 100, whatever the unit.
class Programme {
 public:
  Programme(const Division& division, Time limit)
      : division_(division), unit_(100 / static_cast<double>(limit.count())) {
    largest_ = programme_.add_column({1, 0, 100, false});
    rank_items();
    add_items();
    for (int d = 0; d < devices(); ++d) add_load(d);
    add_memory();
    add_order();
  }

  const IntegerProgramme& programme() const { return programme_; }
  Time time_of(double cost) const {
    return Time(static_cast<std::int64_t>(std::max(0.0, cost / unit_ * (1 - 1e-6))));
  }
  /// [item] device.
  std::vector<int> devices_of(std::span<const double> values) const {
    std::vector<int> result;
    for (int i = 0; i < division_.size(); ++i) {
      int best = 0;
      for (int d = 1; d < devices(); ++d)
        if (values[at(on(i, d))] > values[at(on(i, best))]) best = d;
      result.push_back(best);
    }
    return result;
  }

 private:
  int devices() const { return division_.accelerators + division_.cpus; }
  bool is_accelerator(int device) const { return device < division_.accelerators; }
  int on(int item, int device) const { return 1 + item * devices() + device; }

  void rank_items() {
    order_.resize(division_.items.size());
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(), [&](int a, int b) {
      return at(division_.items, a).work > at(division_.items, b).work;
    });
    rank_.resize(order_.size());
    for (std::size_t r = 0; r < order_.size(); ++r) at(rank_, order_[r]) = static_cast<int>(r);
  }

  /// Accelerators are alike: they are numbered by their largest items.
  void add_items() {
    for (int i = 0; i < division_.size(); ++i)
      for (int d = 0; d < devices(); ++d) {
        const auto& item = at(division_.items, i);
        const bool allowed =
            is_accelerator(d) ? item.on_accelerator && at(rank_, i) >= d : item.on_cpu;
        programme_.add_column({0, 0, allowed ? 1.0 : 0.0, true});
      }
    for (int i = 0; i < division_.size(); ++i) {
      std::vector<Term> once;
      for (int d = 0; d < devices(); ++d) once.push_back({on(i, d), 1});
      programme_.add_row(once, 1, 1);
    }
  }

  void add_load(int device) {
    std::vector<Term> load = {{largest_, -1}};
    for (int i = 0; i < division_.size(); ++i) {
      const auto& item = at(division_.items, i);
      const auto work = is_accelerator(device) ? item.work : item.cpu_work;
      if (work > 0) load.push_back({on(i, device), static_cast<double>(work) * unit_});
    }
    if (is_accelerator(device))
      for (const auto& net : division_.nets)
        load.push_back({add_cut(net, device), static_cast<double>(net.cost) * unit_});
    programme_.add_row(load, -infinite, 0);
  }

  /// A column that is one if the device has a part of the net, but not all.
  int add_cut(const Division::Net& net, int device) {
    const int cut = programme_.add_column({0, 0, 1, false});
    const int first = on(net.items[0], device), second = on(net.items[1], device);
    if (net.items.size() == 2) {
      programme_.add_row(std::vector<Term>{{cut, 1}, {first, -1}, {second, 1}}, 0, infinite);
      programme_.add_row(std::vector<Term>{{cut, 1}, {first, 1}, {second, -1}}, 0, infinite);
      return cut;
    }
    const int all = programme_.add_column({0, 0, 1, false});
    for (const int item : net.items) {
      const int column = on(item, device);
      programme_.add_row(std::vector<Term>{{column, 1}, {all, -1}}, 0, infinite);
      programme_.add_row(std::vector<Term>{{cut, 1}, {all, 1}, {column, -1}}, 0, infinite);
    }
    return cut;
  }

  void add_memory() {
    const double room = static_cast<double>(division_.memory);
    double size = 0;
    for (const auto& item : division_.items) size += static_cast<double>(item.size);
    for (int d = 0; d < division_.accelerators && size > room; ++d) {
      std::vector<Term> row;
      for (int i = 0; i < division_.size(); ++i) {
        const auto bytes = static_cast<double>(at(division_.items, i).size);
        if (bytes > 0) row.push_back({on(i, d), bytes / room});
      }
      programme_.add_row(row, -infinite, 1);
    }
  }

  /// An item opens an accelerator only if a larger one has opened the one before.
  void add_order() {
    constexpr int largest = 12;
    for (int r = 1; r < std::min(largest, division_.size()); ++r)
      for (int d = 1; d < std::min(division_.accelerators, r + 1); ++d) {
        std::vector<Term> row = {{on(order_[at(r)], d), -1}};
        for (int larger = d - 1; larger < r; ++larger)
          row.push_back({on(order_[at(larger)], d - 1), 1});
        programme_.add_row(row, 0, infinite);
      }
  }

  const Division& division_;
  double unit_;
  int largest_ = 0;
  std::vector<int> order_, rank_;  // items by work
  IntegerProgramme programme_;
};

/// The last resort, after everything that is faster. Ends with the first better placement: then the
/// limit is lower, and what is faster may do.
void solve_programme(const PlacementTask& task, Incumbent& incumbent) {
  const auto limit = incumbent.answer().value - Time(1);
  const auto whole = division_of(task.problem);
  const auto left = [&] { return std::max<std::int64_t>(0, task.budget - incumbent.effort()); };
  const auto reduction = reduced(
      whole, {.limit = limit.count(), .stop = task.stop, .halt = task.halt, .most_cuts = left()});
  incumbent.count(reduction.cuts);
  if (reduction.impossible) return incumbent.prove("minimum cuts");
  if (left() == 0 || task.stop()) return;
  const Programme programme(reduction.division, limit);
  bool better = false;
  const auto take = [&](std::span<const double> values) {
    const auto devices = programme.devices_of(values);
    std::vector<int> of_group;
    for (const int part : reduction.part_of) of_group.push_back(at(devices, part));
    better = incumbent.offer(placement_of(task.problem, of_group)) || better;
  };
  IntegerProgrammeLimits limits;
  limits.seconds = infinite;
  limits.nodes = std::clamp<std::int64_t>(left(), 1, 1 << 30);
  limits.cutoff = 100;
  // It asks every so many steps of the simplex method, which a budget counts too.
  constexpr std::int64_t steps_per_question = 16;
  const auto most = left() / steps_per_question;
  std::int64_t asked = 0;
  limits.stop = [&] { return better || ++asked > most || task.stop(); };
  limits.progress = [&](double bound, std::span<const double> best) {
    if (!best.empty()) take(best);
    incumbent.raise(
        {std::min(programme.time_of(bound), incumbent.answer().value), "integer programme"});
  };
  const auto answer = solve(programme.programme(), {}, limits);
  incumbent.count(std::min(left(), answer.nodes + asked * steps_per_question));
  if (!answer.values.empty()) take(answer.values);
  if (answer.state != IntegerProgrammeAnswer::State::cut_short)
    incumbent.prove("integer programme");
}

std::string refusal(const PlacementTask& task) {
  if (task.problem.objective != PlacementProblem::Objective::throughput)
    return "it is for throughput only";
  if (task.contiguous) return "it is for free placements; take 'contiguous'";
  constexpr std::int64_t most = 50'000;
  const std::int64_t columns =
      std::int64_t{task.problem.groups() + task.problem.size()} * task.problem.devices();
  if (columns > most)
    return "its integer programme would have " + std::to_string(columns) + " columns, more than " +
           std::to_string(most);
  return {};
}

PlacementAnswer solve_placement(const PlacementTask& task) {
  if (const auto why = refusal(task); !why.empty())
    throw models::InputError("'integer' does not take this problem: " + why);
  Incumbent incumbent(task);
  incumbent.start();
  const auto& answer = incumbent.answer();
  while (answer.found() && !answer.is_proven() && !task.stop() && answer.effort < task.budget) {
    const auto value = answer.value;
    const auto raised = raised_bound(task.problem, {answer.lower_bound, incumbent.bound_name()},
                                     value, task.stop, task.budget - answer.effort, task.halt);
    incumbent.count(raised.effort);
    incumbent.raise(raised);
    if (!answer.is_proven() && !task.stop()) solve_programme(task, incumbent);
    if (answer.value == value) break;
  }
  return answer;
}

}  // namespace

PlacementEntry placement_integer_entry() {
  return {"integer",
          "bounds by cuts and prices, then an integer programme by CBC; proves the optimum (the "
          "programme to 1e-6)",
          refusal, solve_placement};
}

}  // namespace optimizers
