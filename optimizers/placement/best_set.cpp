#include "optimizers/placement/best_set.h"

#include <algorithm>
#include <tuple>

#include "models/index.h"

namespace optimizers {
namespace {

using models::at;
using Amount = Division::Amount;

constexpr std::uint64_t all_out = 1, all_in = 2, both = 3;  // of a net; 0: not open
constexpr int most_open = 32;

Amount load_alone(const Division::Item& item, bool cpu) {
  return cpu ? item.cpu_work : item.work;
}

bool allowed(const Division::Item& item, bool cpu) {
  return cpu ? item.on_cpu : item.on_accelerator;
}

}  // namespace

BestSet::BestSet(const Division& division, bool cpu) : division_(division), cpu_(cpu) {
  too_wide_ = division.size() > most_items;
  if (!too_wide_) arrange();
}

/// Next is always the item after which the fewest nets are open; ties go to the lower number.
void BestSet::arrange() {
  const auto items = division_.items.size();
  std::vector<std::size_t> left, slot(division_.nets.size());
  for (const auto& net : division_.nets) left.push_back(net.items.size());
  std::vector<bool> placed(items);
  std::vector<bool> used(at(most_open));
  const auto opened = [&](int net) { return left[at(net)] < at(division_.nets, net).items.size(); };
  for (std::size_t position = 0; position < items; ++position) {
    int next = -1, fewest = 0;
    for (std::size_t i = 0; i < items; ++i) {
      if (placed[i]) continue;
      int growth = 0;
      if (!cpu_)
        for (const int net : division_.nets_of[i])
          growth += (opened(net) ? 0 : 1) - (left[at(net)] == 1 ? 1 : 0);
      if (next < 0 || growth < fewest) next = static_cast<int>(i), fewest = growth;
    }
    placed[at(next)] = true;
    Step step;
    step.item = next;
    if (!cpu_)
      for (const int net : at(division_.nets_of, next)) {
        const bool opens = !opened(net);
        if (opens) {
          const auto free = std::find(used.begin(), used.end(), false);
          if (free == used.end()) {
            too_wide_ = true;
            return;
          }
          *free = true;
          slot[at(net)] = static_cast<std::size_t>(free - used.begin());
        }
        --left[at(net)];
        step.slots.push_back(static_cast<int>(slot[at(net)]));
        step.costs.push_back(at(division_.nets, net).cost);
        step.opens.push_back(opens);
        step.closes.push_back(left[at(net)] == 0);
      }
    // A slot is free again from the next step on.
    for (std::size_t n = 0; n < step.slots.size(); ++n)
      if (step.closes[n]) used[at(step.slots[n])] = false;
    steps_.push_back(std::move(step));
  }
}

void BestSet::prepare(const std::vector<Amount>& worth) {
  worth_ = worth;
  left_.assign(steps_.size() + 1, {});
  std::vector<int> order;
  for (std::size_t s = steps_.size(); s-- > 0;) {
    const int item = steps_[s].item;
    if (at(worth_, item) > 0 && allowed(at(division_.items, item), cpu_)) {
      const auto before = [&](int a, int b) {
        return static_cast<double>(at(worth_, a)) *
                   static_cast<double>(load_alone(at(division_.items, b), cpu_)) >
               static_cast<double>(at(worth_, b)) *
                   static_cast<double>(load_alone(at(division_.items, a), cpu_));
      };
      order.insert(std::upper_bound(order.begin(), order.end(), item, before), item);
    }
    Prefix sum;
    left_[s].push_back(sum);
    for (const int one : order) {
      sum.load += static_cast<double>(load_alone(at(division_.items, one), cpu_));
      sum.worth += static_cast<double>(at(worth_, one));
      left_[s].push_back(sum);
    }
  }
  left_.back().push_back({});
}

/// What the items from a step on can still bring, fractions counting.
Amount BestSet::most_left(std::size_t step, Amount room) const {
  const auto& prefix = left_[step];
  const auto space = static_cast<double>(room);
  const auto after = std::upper_bound(prefix.begin(), prefix.end(), space,
                                      [](double value, const Prefix& p) { return value < p.load; });
  const auto whole = after - 1;
  double worth = whole->worth;
  if (after != prefix.end())
    worth += (after->worth - whole->worth) * (space - whole->load) / (after->load - whole->load);
  return static_cast<Amount>(worth * (1 + 1e-12)) + 1;
}

void BestSet::extend(const Label& label, int index, const Step& step, bool in, Amount limit) {
  Label next{label.state, label.load, label.worth, index, in};
  if (in) {
    next.load += load_alone(at(division_.items, step.item), cpu_);
    next.worth += at(worth_, step.item);
  }
  const std::uint64_t seen_now = in ? all_in : all_out;
  for (std::size_t n = 0; n < step.slots.size(); ++n) {
    const int shift = 2 * step.slots[n];
    const std::uint64_t before = step.opens[n] ? seen_now : next.state >> shift & 3;
    const std::uint64_t after = before | seen_now;
    if (after == both && before != both) next.load += step.costs[n];
    next.state &= ~(std::uint64_t{3} << shift);
    if (!step.closes[n]) next.state |= after << shift;
  }
  if (next.load <= limit) fresh_.push_back(next);
}

/// Sorts by state and load and drops labels that another of the state beats.
void BestSet::keep_best(std::vector<Label>& labels) const {
  std::sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) {
    return std::tie(a.state, a.load, b.worth, a.parent) <
           std::tie(b.state, b.load, a.worth, b.parent);
  });
  std::size_t kept = 0;
  for (const auto& label : labels) {
    const bool same = kept > 0 && labels[kept - 1].state == label.state;
    if (same && labels[kept - 1].worth >= label.worth) continue;
    labels[kept++] = label;
  }
  labels.resize(kept);
}

std::optional<BestSet::Found> BestSet::find(const std::vector<Amount>& worth, Amount limit,
                                            Amount above, std::size_t most,
                                            const std::function<bool()>& stop) {
  if (too_wide_) return std::nullopt;
  prepare(worth);
  done_.assign(1, {});
  std::size_t begin = 0;
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    fresh_.clear();
    const std::size_t end = done_.size();
    const bool may = allowed(at(division_.items, steps_[s].item), cpu_);
    for (std::size_t i = begin; i < end; ++i) {
      const Label label = done_[i];
      if (label.worth + most_left(s, limit - label.load) <= above) continue;
      extend(label, static_cast<int>(i), steps_[s], false, limit);
      if (may) extend(label, static_cast<int>(i), steps_[s], true, limit);
    }
    keep_best(fresh_);
    labels_ += static_cast<std::int64_t>(fresh_.size());
    if (end + fresh_.size() > most || stop()) return std::nullopt;
    begin = end;
    done_.insert(done_.end(), fresh_.begin(), fresh_.end());
  }
  return trace(above);
}

BestSet::Found BestSet::trace(Amount above) const {
  Found found{above, {}};
  constexpr std::size_t several = 5;
  // All nets are closed: one state, its labels growing in load and worth.
  for (std::size_t l = fresh_.size(); l-- > 0 && found.sets.size() < several;) {
    if (fresh_[l].worth <= above) break;
    found.worth = std::max(found.worth, fresh_[l].worth);
    auto& set = found.sets.emplace_back();
    std::size_t step = steps_.size();
    for (Label label = fresh_[l]; label.parent >= 0; label = at(done_, label.parent)) {
      --step;
      if (label.in) set.push_back(steps_[step].item);
    }
    std::reverse(set.begin(), set.end());
  }
  return found;
}

}  // namespace optimizers
