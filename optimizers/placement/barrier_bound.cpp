#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <vector>

#include "models/index.h"
#include "optimizers/placement/division.h"
#include "optimizers/placement/latency_bound.h"
#include "optimizers/placement/lattice.h"
#include "optimizers/placement/reach.h"

namespace optimizers {
namespace {

using models::at;
using models::PlacementProblem;
using models::Time;
using Amount = std::int64_t;
constexpr Amount never = std::numeric_limits<Amount>::max() / 4;

/// Slots within a region that are told apart; the last stands for any number more.
constexpr std::size_t region_slots = 3;

/// What lies between two barriers, nodes that are before or after every other.
struct Block {
  std::vector<int> nodes;  ///< makers before readers
  std::optional<Lattice> lattice;

  int ideals() const { return lattice->size(); }
  bool holds(int ideal, std::size_t node) const {
    return lattice->holds(ideal, static_cast<int>(node));
  }
};

/// Of a slot that has a barrier everything else is before or after, so that it is a barrier itself:
/// what is before has ended when it starts, what is after starts when it has ended. Slots and nodes
/// that are barriers follow each other; all that is done side by side is between two of them.
class Barriers {
 public:
  Barriers(const PlacementProblem& problem, const std::function<bool()>& stop)
      : problem_(problem), stop_(stop), reach_(problem), inside_(at(problem.size())) {
    for (const auto& item : division_of(problem).items) allowed_.push_back(item.on_accelerator);
  }

  /// Zero if there is too much between barriers, or it was stopped.
  Amount bound() {
    if (!reach_.known() || !find_blocks()) return 0;
    const auto slots = at(std::min(problem_.accelerators, problem_.size()));
    constexpr std::size_t most_ends = 10'000'000;
    if ((slots + 1) * barriers_.size() > most_ends) return 0;
    for (const auto& block : blocks_)
      end_.emplace_back(at(block.ideals()), std::vector<Amount>(slots + 1, never));
    end_[0][0][0] = 0;
    for (std::size_t b = 0; b < blocks_.size(); ++b)
      for (int ideal = 0; ideal < blocks_[b].ideals(); ++ideal) {
        if (is_over()) return 0;
        settle(b, ideal);
        if (b + 1 == blocks_.size()) continue;
        if (ideal + 1 == blocks_[b].ideals()) pass_on_cpu(b);
        pass_in_slot(b, ideal);
      }
    return is_over() ? 0 : *std::min_element(settled_.begin(), settled_.end());
  }

 private:
  static constexpr std::size_t most_ideals = 400;
  static constexpr std::int64_t most_steps = 20'000'000;

  bool is_over() {
    over_ = over_ || steps_ > most_steps || stop_();
    return over_;
  }

  const PlacementProblem::Node& node(int n) const { return at(problem_.nodes, n); }
  bool allowed(int n) const { return at(allowed_, at(problem_.group_of, n)); }

  bool find_blocks() {
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
      for (std::size_t i = 0; i < makers.size(); ++i)
        at(index, block.nodes[i]) = static_cast<int>(i);
      for (std::size_t i = 0; i < makers.size(); ++i)
        for (const int maker : problem_.makers(block.nodes[i]))
          if (at(index, maker) >= 0) makers[i].push_back(at(index, maker));
      for (const int n : block.nodes) at(index, n) = -1;
      block.lattice = Lattice::make(makers, most_ideals, stop_);
      if (!block.lattice) return false;
    }
    return true;
  }

  /// Least ends of a down-set of the block, by slots used, after a barrier that took some of it.
  void settle(std::size_t b, int ideal) {
    settled_.assign(end_[b][0].size(), never);
    for (int taken = 0; taken <= ideal; ++taken) {
      const auto& before = end_[b][at(taken)];
      if (std::all_of(before.begin(), before.end(), [](Amount end) { return end >= never; }))
        continue;
      const auto& block = blocks_[b];
      bool within = true;
      region_.clear();
      for (std::size_t i = 0; i < block.nodes.size(); ++i) {
        within = within && (!block.holds(taken, i) || block.holds(ideal, i));
        if (block.holds(ideal, i) && !block.holds(taken, i)) region_.push_back(block.nodes[i]);
      }
      if (!within) continue;
      const auto time = time_of_region();
      for (std::size_t more = 0; more < time.size(); ++more)
        for (std::size_t used = 0; used + more < settled_.size(); ++used)
          settled_[used + more] = std::min(settled_[used + more], before[used] + time[more]);
    }
  }

  void pass_on_cpu(std::size_t b) {
    if (problem_.cpus == 0) return;
    for (std::size_t used = 0; used < settled_.size(); ++used)
      lower(end_[b + 1][0][used], settled_[used] + node(barriers_[b]).cpu.count());
  }

  /// A slot takes what the down-set leaves of the block, the barrier, and more, up to a down-set of
  /// a later block.
  void pass_in_slot(std::size_t b, int ideal) {
    members_.clear();
    size_ = 0;
    bool fits = true;
    for (std::size_t i = 0; i < blocks_[b].nodes.size(); ++i)
      if (!blocks_[b].holds(ideal, i)) fits = add(blocks_[b].nodes[i]) && fits;
    for (std::size_t to = b + 1; fits && to < blocks_.size() && !is_over(); ++to) {
      fits = add(barriers_[to - 1]);
      const auto& block = blocks_[to];
      for (int taken = 0; fits && taken < block.ideals(); ++taken) {
        const auto count = members_.size();
        bool all = true;
        for (std::size_t i = 0; i < block.nodes.size(); ++i)
          if (block.holds(taken, i)) all = add(block.nodes[i]) && all;
        if (all) {
          const auto time = time_of_slot();
          for (std::size_t used = 0; used + 1 < settled_.size(); ++used)
            lower(end_[to][at(taken)][used + 1], settled_[used] + time);
        }
        while (members_.size() > count) take_back();
      }
      for (const int n : block.nodes) fits = add(n) && fits;
    }
    while (!members_.empty()) take_back();
  }

  static void lower(Amount& known, Amount value) { known = std::min(known, value); }

  /// False if it cannot be there.
  bool add(int n) {
    at(inside_, n) = 1;
    members_.push_back(n);
    size_ += node(n).size;
    return allowed(n) && size_ <= problem_.memory;
  }
  void take_back() {
    at(inside_, members_.back()) = 0;
    size_ -= node(members_.back()).size;
    members_.pop_back();
  }

  Amount time_of_slot() {
    Amount time = 0;
    senders_.clear();
    for (const int n : members_) {
      time += node(n).accelerator.count();
      for (const int maker : problem_.makers(n))
        if (!at(inside_, maker)) senders_.push_back(maker);
      const auto readers = problem_.readers(n);
      if (std::any_of(readers.begin(), readers.end(), [&](int r) { return !at(inside_, r); }))
        time += node(n).send.count();
    }
    std::sort(senders_.begin(), senders_.end());
    senders_.erase(std::unique(senders_.begin(), senders_.end()), senders_.end());
    for (const int n : senders_) time += node(n).send.count();
    steps_ += static_cast<std::int64_t>(members_.size() + settled_.size());
    return time;
  }

  /// [slots used] least time of the region: of its longest chain on CPUs, cut into pieces.
  std::vector<Amount> time_of_region() {
    const auto chain = longest_chain();
    steps_ += static_cast<std::int64_t>(region_.size() * region_.size() + settled_.size());
    // [slots][nodes of the chain done]
    std::vector<std::vector<Amount>> end(region_slots + 1,
                                         std::vector<Amount>(chain.size() + 1, never));
    end[0][0] = 0;
    for (std::size_t from = 0; from < chain.size(); ++from) {
      if (problem_.cpus > 0)
        for (auto& row : end) lower(row[from + 1], row[from] + node(chain[from]).cpu.count());
      for (std::size_t to = from; to < chain.size(); ++to) {
        const auto time = time_of_piece(chain, from, to);
        if (time >= never) break;
        for (std::size_t used = 0; used <= region_slots; ++used)
          lower(end[std::min(used + 1, region_slots)][to + 1], end[used][from] + time);
      }
    }
    std::vector<Amount> time;
    for (const auto& row : end) time.push_back(row.back());
    return time;
  }

  std::vector<int> longest_chain() {
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
    std::vector<int> chain;
    for (int i = region_.empty() ? -1 : static_cast<int>(first); i >= 0; i = at(next, i))
      chain.push_back(region_[at(i)]);
    return chain;
  }

  bool reads(int n, int maker) const {
    const auto makers = problem_.makers(n);
    return std::binary_search(makers.begin(), makers.end(), maker);
  }
  bool is_between(int n, int first, int last) const {
    return n == first || n == last || (reach_.is_after(n, first) && reach_.is_after(last, n));
  }
  bool in_region(int n) const {
    return std::find(region_.begin(), region_.end(), n) != region_.end();
  }

  /// The least that a slot within the region takes which has these nodes of the chain and no more;
  /// `never` if none can.
  Amount time_of_piece(const std::vector<int>& chain, std::size_t from, std::size_t to) const {
    Amount time = 0, size = 0;
    for (const int n : region_) {
      if (!is_between(n, chain[from], chain[to])) continue;
      time += node(n).accelerator.count();
      size += node(n).size;
      if (!allowed(n) || size > problem_.memory) return never;
    }
    for (const int maker : problem_.makers(chain[from]))
      if ((from > 0 && maker == chain[from - 1]) || !in_region(maker))
        time += node(maker).send.count();
    const auto readers = problem_.readers(chain[to]);
    const bool sends = std::any_of(readers.begin(), readers.end(), [&](int reader) {
      return (to + 1 < chain.size() && reader == chain[to + 1]) || !in_region(reader);
    });
    return time + (sends ? node(chain[to]).send.count() : 0);
  }

  const PlacementProblem& problem_;
  const std::function<bool()>& stop_;
  Reach reach_;
  std::vector<bool> allowed_;  // [group]
  std::vector<int> barriers_;  // barriers_[b] is between blocks b and b + 1
  std::vector<Block> blocks_;
  /// [block][down-set][slots used] the end of the barrier that took the down-set.
  std::vector<std::vector<std::vector<Amount>>> end_;
  std::vector<Amount> settled_;  // [slots used] of the down-set under way
  std::vector<int> region_, members_, senders_;
  std::vector<char> inside_;  // [node] of members_
  Amount size_ = 0;
  std::int64_t steps_ = 0;
  bool over_ = false;
};

}  // namespace

Time slots_between_barriers(const PlacementProblem& problem, const std::function<bool()>& stop) {
  if (problem.nodes.empty() || stop()) return {};
  const auto bound = Barriers(problem, stop).bound();
  return Time(bound >= never ? 0 : bound);
}

}  // namespace optimizers
