#include "models/placement/generate.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "models/error.h"
#include "models/index.h"
#include "models/random.h"

namespace models {
namespace {

using Shape = PlacementRecipe::Shape;

constexpr double picoseconds_of_us = 1e6;

class Maker {
 public:
  Maker(const PlacementRecipe& recipe, PlacementProblem::Objective objective)
      : recipe_(recipe), random_(recipe.seed) {
    problem_.objective = objective;
    problem_.accelerators = recipe.devices;
    problem_.cpus = recipe.cpus;
  }

  PlacementProblem make() {
    const bool training = recipe_.shape == Shape::training;
    const int forward = training ? (recipe_.nodes + 1) / 2 : recipe_.nodes;
    connect(forward);
    for (int n = 0; n < recipe_.nodes; ++n) problem_.nodes.push_back(random_node(n, n >= forward));
    colour(forward);
    if (training) mirror(forward);
    // Without the limits at first: they need the groups.
    problem_.memory = std::numeric_limits<std::int64_t>::max() / 8;
    finish(problem_, edges_, colours_);
    limit_memory();
    if (problem_.objective == PlacementProblem::Objective::latency) problem_.cpus = 1;
    finish(problem_, edges_, colours_);
    return std::move(problem_);
  }

 private:
  int below(int count) { return static_cast<int>(random_.below(count)); }
  void edge(int from, int to) { edges_.push_back({from, to}); }

  void connect(int nodes) {
    switch (recipe_.shape) {
      case Shape::chain:
        return connect_chain(nodes);
      case Shape::branches:
        return connect_branches(nodes);
      case Shape::layered:
      case Shape::training:
        return connect_layers(nodes);
    }
  }

  void connect_chain(int nodes) {
    for (int n = 1; n < nodes; ++n) {
      edge(n - 1, n);
      if (n > 1 && random_.chance(0.2)) edge(std::max(0, n - 2 - below(4)), n);
    }
  }

  void connect_layers(int nodes) {
    int before = 0, begin = 0;  // the layer before starts at `before`, this one at `begin`
    while (begin < nodes) {
      const int end = std::min(nodes, begin + 1 + below(4));
      for (int n = begin; n < end && begin > 0; ++n)
        for (int makers = 1 + below(3); makers > 0; --makers)
          edge(before + below(begin - before), n);
      before = begin;
      begin = end;
    }
  }

  void connect_branches(int nodes) {
    int fork = 0;
    while (fork + 1 < nodes) {
      const int branches = 2 + below(3), length = 1 + below(4);
      const int join = std::min(nodes - 1, fork + 1 + branches * length);
      for (int n = fork + 1; n < join; ++n) {
        const bool first = (n - fork - 1) % length == 0;
        edge(first ? fork : n - 1, n);
        if ((n - fork) % length == 0 || n + 1 == join) edge(n, join);
      }
      if (join == fork + 1) edge(fork, join);
      fork = join;
    }
  }

  /// Backward node of i is nodes - 1 - i; it reads what the backward nodes of i's readers give.
  void mirror(int forward) {
    const auto there = edges_;
    const auto back = [this](int n) { return recipe_.nodes - 1 - n; };
    const auto has = [&](int n) { return back(n) >= forward; };
    for (const auto& one : there)
      if (has(one.from) && has(one.to)) edge(back(one.to), back(one.from));
    for (int n = 0; n < forward; ++n) {
      if (!has(n)) continue;
      edge(n, back(n));
      if (at(colours_, n) < 0) at(colours_, n) = n;
      at(colours_, back(n)) = at(colours_, n);
    }
  }

  void colour(int forward) {
    colours_.assign(at(recipe_.nodes), -1);
    for (int n = 0; n + 1 < forward; ++n) {
      if (!random_.chance(recipe_.colours)) continue;
      if (at(colours_, n) < 0) at(colours_, n) = n;
      at(colours_, n + 1) = at(colours_, n);
    }
  }

  PlacementProblem::Node random_node(int id, bool backward) {
    PlacementProblem::Node node;
    node.id = id;
    node.backward = backward;
    // Some cost next to nothing, as reshapes do.
    const double us = random_.chance(0.1) ? 1 : 10 + 990 * random_.unit();
    const double ratio = recipe_.slowest + (recipe_.fastest - recipe_.slowest) * random_.unit();
    const double mean = 450;
    node.accelerator = time(us);
    node.cpu = time(us * ratio);
    node.send = time(2 * mean * recipe_.communication * random_.unit());
    node.size = random_.below(2'000'000);
    node.on_accelerator = !random_.chance(recipe_.unsupported);
    return node;
  }
  static Time time(double us) {
    return Time(static_cast<std::int64_t>(us * picoseconds_of_us + 0.5));
  }

  void limit_memory() {
    std::vector<std::int64_t> sizes(at(problem_.groups()));
    for (int n = 0; n < problem_.size(); ++n)
      at(sizes, at(problem_.group_of, n)) += at(problem_.nodes, n).size;
    const auto total = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
    problem_.memory = total;
    if (recipe_.memory <= 0 || recipe_.devices == 0) return;
    problem_.memory =
        static_cast<std::int64_t>(static_cast<double>(total) * recipe_.memory / recipe_.devices);
    std::sort(sizes.rbegin(), sizes.rend());
    while (recipe_.cpus == 0 && !first_fit(sizes)) problem_.memory += problem_.memory / 16 + 1;
  }
  bool first_fit(const std::vector<std::int64_t>& sizes) const {
    std::vector<std::int64_t> left(at(recipe_.devices), problem_.memory);
    for (const auto size : sizes) {
      const auto where = std::find_if(left.begin(), left.end(),
                                      [size](std::int64_t room) { return room >= size; });
      if (where == left.end()) return false;
      *where -= size;
    }
    return true;
  }

  const PlacementRecipe& recipe_;
  Random random_;
  PlacementProblem problem_;
  std::vector<PlacementEdge> edges_;
  std::vector<int> colours_;
};

}  // namespace

PlacementProblem make_placement_problem(const PlacementRecipe& recipe,
                                        PlacementProblem::Objective objective) {
  return Maker(recipe, objective).make();
}

}  // namespace models
