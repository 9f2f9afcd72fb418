#include "optimizers/placement/division_programme.h"

#include <algorithm>
#include <numeric>

#include "models/index.h"

namespace optimizers {

using models::at;
using models::Time;
using Term = IntegerProgramme::Term;
constexpr double infinite = IntegerProgramme::infinite;

DivisionProgramme::DivisionProgramme(const Division& division, Time limit)
    : division_(division), unit_(100 / static_cast<double>(limit.count())) {
  largest_ = programme_.add_column({1, 0, 100, false});
  rank_items();
  add_items();
  for (int d = 0; d < devices(); ++d) add_load(d);
  add_memory();
  add_order();
}

Time DivisionProgramme::time_of(double cost) const {
  return Time(static_cast<std::int64_t>(std::max(0.0, cost / unit_ * (1 - 1e-6))));
}

bool DivisionProgramme::rule_out(const std::vector<int>& devices) {
  bool any = false;
  for (int d = 0; d < division_.accelerators; ++d) {
    const auto items = overfull(devices, d);
    any = any || !items.empty();
    if (!items.empty()) keep_apart(items);
  }
  return any;
}

std::vector<int> DivisionProgramme::devices_of(std::span<const double> values) const {
  std::vector<int> result;
  for (int i = 0; i < division_.size(); ++i) {
    int best = 0;
    for (int d = 1; d < devices(); ++d)
      if (values[at(on(i, d))] > values[at(on(i, best))]) best = d;
    result.push_back(best);
  }
  return result;
}

void DivisionProgramme::rank_items() {
  order_.resize(division_.items.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin(), order_.end(), [&](int a, int b) {
    return at(division_.items, a).work > at(division_.items, b).work;
  });
  rank_.resize(order_.size());
  for (std::size_t r = 0; r < order_.size(); ++r) at(rank_, order_[r]) = static_cast<int>(r);
}

/// Accelerators are alike: they are numbered by their largest items.
void DivisionProgramme::add_items() {
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

void DivisionProgramme::add_load(int device) {
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
int DivisionProgramme::add_cut(const Division::Net& net, int device) {
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

void DivisionProgramme::add_memory() {
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

/// Items of the device that do not fit into it together, small ones and none to spare.
std::vector<int> DivisionProgramme::overfull(const std::vector<int>& devices, int device) const {
  std::vector<int> items, kept;
  Division::Amount size = 0;
  for (int i = 0; i < division_.size(); ++i)
    if (at(devices, i) == device && size_of(i) > 0) items.push_back(i), size += size_of(i);
  if (size <= division_.memory) return {};
  std::stable_sort(items.begin(), items.end(),
                   [&](int a, int b) { return size_of(a) > size_of(b); });
  for (const int i : items)
    if (size - size_of(i) > division_.memory)
      size -= size_of(i);
    else
      kept.push_back(i);
  return kept;
}

/// No accelerator has as many of these items and of those no smaller than the largest of them.
void DivisionProgramme::keep_apart(const std::vector<int>& items) {
  const auto largest = size_of(items.front());
  for (int d = 0; d < division_.accelerators; ++d) {
    std::vector<Term> row;
    for (int i = 0; i < division_.size(); ++i)
      if (size_of(i) >= largest || std::find(items.begin(), items.end(), i) != items.end())
        row.push_back({on(i, d), 1});
    programme_.add_row(row, -infinite, static_cast<double>(items.size()) - 1);
  }
}

/// An item opens an accelerator only if a larger one has opened the one before.
void DivisionProgramme::add_order() {
  constexpr int largest = 12;
  for (int r = 1; r < std::min(largest, division_.size()); ++r)
    for (int d = 1; d < std::min(division_.accelerators, r + 1); ++d) {
      std::vector<Term> row = {{on(order_[at(r)], d), -1}};
      for (int larger = d - 1; larger < r; ++larger)
        row.push_back({on(order_[at(larger)], d - 1), 1});
      programme_.add_row(row, 0, infinite);
    }
}

}  // namespace optimizers
