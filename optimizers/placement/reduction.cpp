#include "optimizers/placement/reduction.h"

#include <algorithm>
#include <numeric>

#include "models/index.h"
#include "optimizers/placement/minimum_cut.h"

namespace optimizers {
namespace {

using models::at;
using Amount = Division::Amount;

/// Items that are put together, the first of each being its name.
class Parts {
 public:
  explicit Parts(int items) : up_(at(items)) { std::iota(up_.begin(), up_.end(), 0); }
  int find(int item) {
    while (at(up_, item) != item) item = at(up_, item) = at(up_, at(up_, item));
    return item;
  }
  bool join(int a, int b) {
    a = find(a);
    b = find(b);
    if (a == b) return false;
    at(up_, std::max(a, b)) = std::min(a, b);
    joined_ = true;
    return true;
  }
  bool joined() const { return joined_; }
  /// Numbers the parts; returns how many.
  int number(std::vector<int>& part_of) {
    int parts = 0;
    part_of.assign(up_.size(), -1);
    for (std::size_t i = 0; i < up_.size(); ++i) {
      const int first = find(static_cast<int>(i));
      part_of[i] = at(first) == i ? parts++ : at(part_of, first);
    }
    return parts;
  }

 private:
  std::vector<int> up_;
  bool joined_ = false;
};

class Reducer {
 public:
  Reducer(const Division& division, const ReductionTask& task)
      : task_(task), movable_(task.movable) {
    if (movable_.empty()) movable_.assign(division.items.size(), task.may_move);
    result_.division = division;
    result_.part_of.resize(division.items.size());
    std::iota(result_.part_of.begin(), result_.part_of.end(), 0);
  }

  Reduction reduce() {
    while (!over()) {
      restrict_devices();
      if (result_.impossible) break;
      Parts parts(division().size());
      join_by_nets(parts);
      if (!parts.joined()) join_by_moving(parts);
      if (!parts.joined()) join_by_cuts(parts);
      if (!parts.joined()) break;
      contract(parts);
    }
    return std::move(result_);
  }

 private:
  bool over() const { return result_.cuts >= task_.most_cuts || task_.stop(); }
  Division& division() { return result_.division; }
  Division::Item& item(int i) { return at(division().items, i); }
  /// Whether the cuts of all accelerators together can cost as much.
  bool affordable(Amount cost) const { return static_cast<double>(cost) <= left_for_cuts_; }

  void contract(Parts& parts) {
    std::vector<int> part_of;
    const int count = parts.number(part_of);
    division() = contracted(division(), part_of, count);
    for (int& part : result_.part_of) part = at(part_of, part);
    std::vector<bool> movable(at(count), true);
    for (std::size_t i = 0; i < part_of.size(); ++i)
      if (!movable_[i]) movable[at(part_of[i])] = false;
    movable_ = std::move(movable);
  }

  void restrict_devices() {
    MinimumCut cut(division());
    for (int i = 0; i < division().size() && !over(); ++i) {
      if (item(i).cpu_work > task_.limit) item(i).on_cpu = false;
      if (item(i).on_accelerator && least_load(cut, i, -1) > task_.limit)
        item(i).on_accelerator = false;
      if (!item(i).on_cpu && !item(i).on_accelerator) result_.impossible = true;
    }
    double work = 0;
    for (const auto& one : division().items) work += static_cast<double>(one.work);
    left_for_cuts_ =
        static_cast<double>(division().accelerators) * static_cast<double>(task_.limit) - work +
        work_on_cpus(division(), task_.limit);
    left_for_cuts_ += 1e-9 * work;  // sums of doubles err
    if (left_for_cuts_ < 0) result_.impossible = true;
  }

  /// The least load of an accelerator that has one item and (if not negative) has not another.
  Amount least_load(MinimumCut& cut, int with, int without) {
    cut.reset();
    for (int i = 0; i < division().size(); ++i)
      cut.charge(i, item(i).on_accelerator ? item(i).work : MinimumCut::forever);
    cut.reward(with, MinimumCut::forever);
    if (without >= 0) cut.charge(without, MinimumCut::forever);
    ++result_.cuts;
    return cut.least(task_.limit + 1, task_.halt);
  }

  Amount least_cut(MinimumCut& cut, int with, int without) {
    cut.reset();
    cut.reward(with, MinimumCut::forever);
    cut.charge(without, MinimumCut::forever);
    ++result_.cuts;
    constexpr auto most = static_cast<double>(MinimumCut::forever);  // beyond, Amount has no number
    const double enough = std::min(std::max(0.0, left_for_cuts_) + 2, most);
    return cut.least(static_cast<Amount>(enough), task_.halt);
  }

  bool can_differ_on_cpus(int a, int b) {
    return division().cpus > 1 && item(a).on_cpu && item(b).on_cpu;
  }

  /// The cheap part of join_by_cuts(): a net that alone is too dear to be cut.
  void join_by_nets(Parts& parts) {
    for (const auto& net : division().nets) {
      if (net.cost <= task_.limit) continue;
      for (std::size_t i = 1; i < net.items.size(); ++i)
        if (!can_differ_on_cpus(net.items[0], net.items[i])) parts.join(net.items[0], net.items[i]);
    }
  }

  void join_by_cuts(Parts& parts) {
    MinimumCut cut(division());
    constexpr std::size_t near = 8;  // of large nets only neighbours in the list are compared
    for (const auto& net : division().nets)
      for (std::size_t i = 0; i < net.items.size(); ++i)
        for (std::size_t j = i + 1; j < std::min(net.items.size(), i + near); ++j) {
          if (over()) return;
          const int a = net.items[i], b = net.items[j];
          if (parts.find(a) != parts.find(b) && always_together(cut, a, b)) parts.join(a, b);
        }
  }

  bool always_together(MinimumCut& cut, int a, int b) {
    if (can_differ_on_cpus(a, b)) return false;
    const bool a_needs_b = !item(a).on_accelerator || least_load(cut, a, b) > task_.limit;
    const bool b_needs_a = !item(b).on_accelerator || least_load(cut, b, a) > task_.limit;
    if (a_needs_b && b_needs_a) return true;
    const Amount cost = least_cut(cut, a, b);
    const bool on_two_accelerators = !a_needs_b && !b_needs_a && affordable(2 * cost);
    const bool a_beside_cpu = !a_needs_b && item(b).on_cpu && affordable(cost);
    const bool b_beside_cpu = !b_needs_a && item(a).on_cpu && affordable(cost);
    return !on_two_accelerators && !a_beside_cpu && !b_beside_cpu;
  }

  bool memory_binds() {
    Amount size = 0;
    for (const auto& one : division().items)
      if (one.on_accelerator) size += one.size;
    return size > division().memory;
  }

  void join_by_moving(Parts& parts) {
    const bool memory = memory_binds();
    std::vector<bool> touched(division().items.size());
    std::vector<Amount> shared(division().items.size());
    for (int i = 0; i < division().size(); ++i) {
      if (touched[at(i)] || !movable_[at(i)] || (memory && item(i).size > 0)) continue;
      if (task_.halt()) return;
      const int to = where_to_move(i, touched, shared);
      if (to < 0) continue;
      parts.join(i, to);
      touched[at(i)] = touched[at(to)] = true;
    }
  }

  /// An item that this one can always be moved to: wherever it is, no load grows. Negative: none.
  int where_to_move(int i, const std::vector<bool>& touched, std::vector<Amount>& shared) {
    const auto& nets = at(division().nets_of, i);
    Amount all = 0;
    std::vector<int> others;
    for (const int n : nets) {
      const auto& net = at(division().nets, n);
      all += net.cost;
      if (net.items.size() != 2 && nets.size() != 1) continue;
      for (const int other : net.items)
        if (other != i) {
          if (at(shared, other) == 0) others.push_back(other);
          at(shared, other) += net.cost;
        }
    }
    int to = -1;
    for (const int other : others) {
      if (to < 0 && !touched[at(other)] && gains(i, other, at(shared, other), all)) to = other;
      at(shared, other) = 0;
    }
    return to;
  }

  /// `shared`: the cost of nets of these two alone, or of the only net of `i`.
  bool gains(int i, int to, Amount shared, Amount all) {
    if (item(to).on_accelerator && !item(i).on_accelerator) return false;
    if (item(to).on_cpu && (item(i).cpu_work > 0 || !item(i).on_cpu)) return false;
    const bool two = at(division().nets, at(division().nets_of, i).front()).items.size() == 2;
    // The only net, of several items, may stay cut on the device that the item comes to.
    if (!two && at(division().nets_of, i).size() == 1) return item(i).work == 0;
    return shared >= item(i).work + (all - shared);
  }

  const ReductionTask& task_;
  Reduction result_;
  std::vector<bool> movable_;  // [item]
  double left_for_cuts_ = 0;
};

}  // namespace

double work_on_cpus(const Division& division, Amount limit) {
  double taken = 0;
  std::vector<std::pair<double, double>> choices;  // ratio negated, time on a CPU
  for (const auto& item : division.items) {
    if (!item.on_cpu || item.cpu_work > limit) continue;
    const auto work = static_cast<double>(item.work), time = static_cast<double>(item.cpu_work);
    if (item.cpu_work == 0)
      taken += work;
    else
      choices.emplace_back(-work / time, time);
  }
  std::sort(choices.begin(), choices.end());
  double left = static_cast<double>(division.cpus) * static_cast<double>(limit);
  for (const auto& [ratio, time] : choices) {
    const double now = std::min(left, time);
    taken -= ratio * now;
    left -= now;
  }
  return taken;
}

Reduction reduced(const Division& division, const ReductionTask& task) {
  return Reducer(division, task).reduce();
}

}  // namespace optimizers
