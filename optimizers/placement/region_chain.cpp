#include "optimizers/placement/region_chain.h"

#include <algorithm>

#include "models/index.h"

namespace optimizers {

using models::at;
using Amount = RegionChain::Amount;

namespace {

void lower(Amount& known, Amount value) {
  known = std::min(known, value);
}

}  // namespace

std::vector<Amount> RegionChain::least_times(const std::vector<int>& region,
                                             std::int64_t most_steps) {
  region_ = region;
  steps_ = static_cast<std::int64_t>(region.size() * region.size());
  if (steps_ > most_steps) return {};
  find_chain();
  end_.assign(most_slots + 1, std::vector<Amount>(chain_.size() + 1, never));
  end_[0][0] = 0;
  for (std::size_t from = 0; from < chain_.size(); ++from) {
    if (problem_.cpus > 0)
      for (auto& row : end_) lower(row[from + 1], row[from] + node(chain_[from]).cpu.count());
    for (std::size_t to = from; to < chain_.size(); ++to) {
      const auto time = time_of_piece(from, to);
      if (steps_ > most_steps) return {};
      if (time >= never) break;
      for (std::size_t used = 0; used <= most_slots; ++used)
        lower(end_[std::min(used + 1, most_slots)][to + 1], end_[used][from] + time);
    }
  }
  std::vector<Amount> time;
  for (const auto& row : end_) time.push_back(row.back());
  return time;
}

std::vector<std::vector<int>> RegionChain::slots(std::size_t used) const {
  std::vector<std::vector<int>> slots;
  for (auto done = chain_.size(); done > 0;) {
    const auto end = end_[used][done];
    if (problem_.cpus > 0 && end_[used][done - 1] + node(chain_[done - 1]).cpu.count() == end) {
      --done;
      continue;
    }
    const auto is_last = [&](std::size_t from, std::size_t before) {
      return std::min(before + 1, most_slots) == used &&
             end_[before][from] + time_of_piece(from, done - 1) == end;
    };
    std::size_t from = done - 1, before = 0;
    while (!is_last(from, before))
      if (++before > most_slots) --from, before = 0;
    slots.emplace_back();
    for (const int n : region_)
      if (is_between(n, chain_[from], chain_[done - 1])) slots.back().push_back(n);
    done = from;
    used = before;
  }
  return slots;
}

void RegionChain::find_chain() {
  std::vector<Amount> sum(region_.size());
  std::vector<int> next(region_.size(), -1);
  std::size_t first = 0;
  for (std::size_t i = region_.size(); i-- > 0;) {
    for (std::size_t j = i + 1; j < region_.size(); ++j)
      if (reads(region_[j], region_[i]) && (next[i] < 0 || sum[j] > sum[at(next[i])])) {
        next[i] = static_cast<int>(j);
        sum[i] = sum[j];
      }
    sum[i] += node(region_[i]).cpu.count();
    if (sum[i] >= sum[first]) first = i;  // the first of the graph, where times are zero
  }
  chain_.clear();
  for (int i = region_.empty() ? -1 : static_cast<int>(first); i >= 0; i = at(next, i))
    chain_.push_back(region_[at(i)]);
}

bool RegionChain::reads(int n, int maker) const {
  const auto makers = problem_.makers(n);
  return std::binary_search(makers.begin(), makers.end(), maker);
}

bool RegionChain::is_between(int n, int first, int last) const {
  return n == first || n == last || (reach_.is_after(n, first) && reach_.is_after(last, n));
}

bool RegionChain::in_region(int n) const {
  steps_ += std::ssize(region_);
  return std::find(region_.begin(), region_.end(), n) != region_.end();
}

/// The least that a slot within the region takes which has these nodes of the chain and no more;
/// `never` if none can.
Amount RegionChain::time_of_piece(std::size_t from, std::size_t to) const {
  Amount time = 0, size = 0;
  steps_ += std::ssize(region_);
  for (const int n : region_) {
    if (!is_between(n, chain_[from], chain_[to])) continue;
    time += node(n).accelerator.count();
    size += node(n).size;
    if (!at(allowed_, at(problem_.group_of, n)) || size > problem_.memory) return never;
  }
  for (const int maker : problem_.makers(chain_[from]))
    if ((from > 0 && maker == chain_[from - 1]) || !in_region(maker))
      time += node(maker).send.count();
  const auto readers = problem_.readers(chain_[to]);
  const bool sends = std::any_of(readers.begin(), readers.end(), [&](int reader) {
    return (to + 1 < chain_.size() && reader == chain_[to + 1]) || !in_region(reader);
  });
  return time + (sends ? node(chain_[to]).send.count() : 0);
}

}  // namespace optimizers
