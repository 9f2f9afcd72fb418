#include <algorithm>
#include <limits>
#include <vector>

#include "models/index.h"
#include "optimizers/placement/division.h"
#include "optimizers/placement/latency_bound.h"
#include "optimizers/placement/reach.h"

namespace optimizers {
namespace {

using models::at;
using models::PlacementProblem;
using models::Time;
using Amount = std::int64_t;
constexpr Amount never = std::numeric_limits<Amount>::max() / 4;

/// How soon a chain of nodes can end, each made for the next: cut into pieces on CPUs and in slots.
/// A slot that has two nodes of the chain has all that lies between them, or sets would wait for
/// each other in a circle; for the same reason the chain passes every slot once.
class ChainBound {
 public:
  explicit ChainBound(const PlacementProblem& problem)
      : problem_(problem), reach_(problem), inside_(at(problem.size())), met_(at(problem.size())) {
    for (const auto& item : division_of(problem).items) allowed_.push_back(item.on_accelerator);
  }
  bool possible() const { return reach_.known() && problem_.accelerators > 0; }

  /// Zero if it was stopped.
  Amount of(const std::vector<int>& chain, const std::function<bool()>& stop) {
    const auto length = chain.size();
    const auto slots = std::min(at(problem_.accelerators), length);
    // [slots used][nodes of the chain done] the earliest end.
    std::vector<std::vector<Amount>> end(slots + 1, std::vector<Amount>(length + 1, never));
    end[0][0] = 0;
    for (std::size_t from = 0; from < length; ++from) {
      if (stop()) return 0;
      const Amount alone = node(chain[from]).cpu.count();
      for (auto& row : end) row[from + 1] = std::min(row[from + 1], row[from] + alone);
      pieces(chain, from);
      for (std::size_t p = 0; p < piece_.size(); ++p)
        for (std::size_t used = 0; used < slots; ++used)
          end[used + 1][from + p + 1] =
              std::min(end[used + 1][from + p + 1], end[used][from] + piece_[p]);
    }
    Amount least = never;
    for (const auto& row : end) least = std::min(least, row[length]);
    return least;
  }

 private:
  const PlacementProblem::Node& node(int n) const { return at(problem_.nodes, n); }
  static bool holds(const Reach::Set& set, int n) { return set[at(n) / 64] >> (n % 64) & 1; }

  /// piece_[p]: least time of a slot that has nodes from .. from + p of the chain and no others.
  void pieces(const std::vector<int>& chain, std::size_t from) {
    piece_.clear();
    std::fill(inside_.begin(), inside_.end(), 0);
    members_.clear();
    work_ = size_ = 0;
    auto after = reach_.none(), earlier = reach_.none();
    reach_.add_after(chain[from], after);
    if (from > 0) reach_.add_before(chain[from - 1], earlier);
    for (std::size_t to = from; to < chain.size(); ++to) {
      auto before = reach_.none();
      reach_.add_before(chain[to], before);
      if (!add(chain[from]) || !add(chain[to])) return;
      for (int n = 0; n < problem_.size(); ++n)
        if (holds(after, n) && holds(before, n) && !add(n)) return;
      auto later = reach_.none();
      if (to + 1 < chain.size()) reach_.add_after(chain[to + 1], later);
      piece_.push_back(work_ + moved_in(from > 0 ? chain[from - 1] : -1, earlier) +
                       moved_out(to + 1 < chain.size() ? chain[to + 1] : -1, later));
    }
  }

  bool add(int n) {
    if (at(inside_, n)) return true;
    at(inside_, n) = 1;
    members_.push_back(n);
    work_ += node(n).accelerator.count();
    size_ += node(n).size;
    return at(allowed_, at(problem_.group_of, n)) && size_ <= problem_.memory;
  }

  /// Makers outside pay c(u), or their work if the slot may have them as well.
  Amount moved_in(int last, const Reach::Set& earlier) {
    Amount sum = 0;
    ++marks_;
    for (const int member : members_)
      for (const int maker : problem_.makers(member)) {
        if (at(inside_, maker) || at(met_, maker) == marks_) continue;
        at(met_, maker) = marks_;
        const Amount send = node(maker).send.count();
        const bool outside = maker == last || holds(earlier, maker) ||
                             !at(allowed_, at(problem_.group_of, maker)) ||
                             size_ + node(maker).size > problem_.memory;
        sum += outside ? send : std::min(send, node(maker).accelerator.count());
      }
    return sum;
  }

  /// c(u) of members that are read by what comes after the piece.
  Amount moved_out(int next, const Reach::Set& later) {
    Amount sum = 0;
    for (const int member : members_) {
      const auto readers = problem_.readers(member);
      if (std::any_of(readers.begin(), readers.end(),
                      [&](int reader) { return reader == next || holds(later, reader); }))
        sum += node(member).send.count();
    }
    return sum;
  }

  const PlacementProblem& problem_;
  Reach reach_;
  std::vector<bool> allowed_;  // [group]
  std::vector<char> inside_;   // [node]
  std::vector<int> met_;       // [node]
  std::vector<int> members_;
  std::vector<Amount> piece_;
  Amount work_ = 0, size_ = 0;
  int marks_ = 0;
};

/// The chain of most weight.
template <class Weight>
std::vector<int> heaviest_chain(const PlacementProblem& problem, Weight weight) {
  std::vector<Amount> sum(problem.nodes.size());
  std::vector<int> next(problem.nodes.size(), -1);
  int first = -1;
  for (std::size_t i = problem.sorted.size(); i-- > 0;) {
    const int n = problem.sorted[i];
    for (const int reader : problem.readers(n))
      if (at(next, n) < 0 || at(sum, reader) > at(sum, n)) {
        at(next, n) = reader;
        at(sum, n) = at(sum, reader);
      }
    at(sum, n) += weight(at(problem.nodes, n));
    if (first < 0 || at(sum, n) > at(sum, first)) first = n;
  }
  std::vector<int> chain;
  for (int n = first; n >= 0; n = at(next, n)) chain.push_back(n);
  return chain;
}

}  // namespace

Time slots_along_chains(const PlacementProblem& problem, const std::function<bool()>& stop) {
  if (stop()) return {};
  ChainBound bound(problem);
  if (problem.nodes.empty() || !bound.possible()) return {};
  using Node = PlacementProblem::Node;
  Amount best = 0;
  const auto take = [&](auto weight) {
    const auto chain = heaviest_chain(problem, weight);
    // Longer ones would take too long: pieces times nodes.
    constexpr double most = 3e7;
    const auto length = static_cast<double>(chain.size());
    if (length * length * problem.size() <= most) best = std::max(best, bound.of(chain, stop));
  };
  take([](const Node& n) { return n.cpu.count(); });
  take([](const Node& n) { return n.accelerator.count(); });
  take([](const Node& n) { return std::min(n.cpu, n.accelerator + n.send).count(); });
  take([](const Node& n) { return n.cpu.count() + n.send.count(); });
  take([](const Node&) { return Amount{1}; });
  return Time(best);
}

}  // namespace optimizers
