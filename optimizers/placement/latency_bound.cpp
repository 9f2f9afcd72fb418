#include "optimizers/placement/latency_bound.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "models/index.h"
#include "optimizers/placement/division.h"

namespace optimizers {
namespace {

using models::at;
using models::PlacementProblem;
using models::Time;

/// Traffic: shares that sum to one of paths through the graph. Whatever the placement, some path
/// takes at least the mean of what the paths take, and the mean is least where memory goes to the
/// classes that save most of it.
class PathGame {
 public:
  explicit PathGame(const PlacementProblem& problem)
      : problem_(problem),
        traffic_(problem.nodes.size()),
        fast_(at(problem.groups())),
        mean_fast_(at(problem.groups())),
        saved_(at(problem.groups())),
        longest_(problem.nodes.size()),
        next_(problem.nodes.size()) {
    const auto division = division_of(problem);
    for (const auto& item : division.items) {
      allowed_.push_back(item.on_accelerator);
      size_.push_back(static_cast<double>(item.size));
    }
    room_ = static_cast<double>(problem.accelerators) * static_cast<double>(problem.memory);
  }

  double play(int rounds, const std::function<bool()>& stop) {
    double best = 0;
    for (int round = 1; round <= rounds && !stop(); ++round) {
      add_longest_path(2.0 / (round + 1));
      best = std::max(best, least_mean());
      for (std::size_t g = 0; g < fast_.size(); ++g)
        mean_fast_[g] += (fast_[g] - mean_fast_[g]) * 2.0 / (round + 2);
    }
    return best;
  }

 private:
  double cpu(int node) const { return static_cast<double>(at(problem_.nodes, node).cpu.count()); }
  double gain(int node) const {
    return cpu(node) - static_cast<double>(at(problem_.nodes, node).accelerator.count());
  }

  /// Time saved for each byte, in one rounding each: a strict order. What takes none comes first.
  double worth(int group) const {
    const double size = at(size_, group);
    return size > 0 ? at(saved_, group) / size : std::numeric_limits<double>::infinity();
  }

  /// Moves a share of the traffic to the path that is longest with the mean answer so far.
  void add_longest_path(double share) {
    int first = -1;
    for (std::size_t i = problem_.sorted.size(); i-- > 0;) {
      const int node = problem_.sorted[i];
      at(longest_, node) = 0;
      at(next_, node) = -1;
      for (const int reader : problem_.readers(node))
        if (at(next_, node) < 0 || at(longest_, reader) > at(longest_, node)) {
          at(longest_, node) = at(longest_, reader);
          at(next_, node) = reader;
        }
      at(longest_, node) += cpu(node) - gain(node) * at(mean_fast_, at(problem_.group_of, node));
      if (first < 0 || at(longest_, node) > at(longest_, first)) first = node;
    }
    for (double& traffic : traffic_) traffic *= 1 - share;
    for (int node = first; node >= 0; node = at(next_, node)) at(traffic_, node) += share;
  }

  /// The mean path where memory goes to what saves most of it; `fast_` says to whom.
  double least_mean() {
    double mean = 0;
    std::fill(saved_.begin(), saved_.end(), 0);
    for (int node = 0; node < problem_.size(); ++node) {
      mean += at(traffic_, node) * cpu(node);
      at(saved_, at(problem_.group_of, node)) += at(traffic_, node) * gain(node);
    }
    order_.clear();
    for (int g = 0; g < problem_.groups(); ++g) {
      at(fast_, g) = 0;
      if (at(allowed_, g) && at(saved_, g) > 0) order_.push_back(g);
    }
    std::sort(order_.begin(), order_.end(), [&](int a, int b) {
      const double one = worth(a), two = worth(b);
      return one != two ? one > two : a < b;
    });
    double room = room_;
    for (const int g : order_) {
      const double part = at(size_, g) <= room ? 1 : room / at(size_, g);
      at(fast_, g) = part;
      mean -= part * at(saved_, g);
      room -= part * at(size_, g);
    }
    return mean;
  }

  const PlacementProblem& problem_;
  std::vector<bool> allowed_;      // [group]
  std::vector<double> size_;       // [group] bytes
  std::vector<double> traffic_;    // [node]
  std::vector<double> fast_;       // [group] share on accelerators that answers the traffic best
  std::vector<double> mean_fast_;  // [group] of the rounds so far
  std::vector<double> saved_;      // [group] ps of the mean path
  std::vector<double> longest_;    // [node] ps from its start
  std::vector<int> next_;          // [node] on its longest path
  std::vector<int> order_;
  double room_ = 0;
};

}  // namespace

Time memory_bound_of_paths(const PlacementProblem& problem, const std::function<bool()>& stop) {
  if (problem.nodes.empty()) return {};
  constexpr int rounds = 300;
  const double bound = PathGame(problem).play(rounds, stop);
  return Time(static_cast<std::int64_t>(std::max(0.0, bound * (1 - 1e-10) - 1)));
}

}  // namespace optimizers
