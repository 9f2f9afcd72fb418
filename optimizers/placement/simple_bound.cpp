#include "optimizers/placement/simple_bound.h"

#include <algorithm>

#include "models/index.h"

namespace optimizers {
namespace {

using models::at;
using models::PlacementProblem;
using models::Time;

/// A colour class as one.
struct Work {
  double cpu = 0, accelerator = 0;
  bool on_accelerator = true;
};

std::vector<Work> works(const PlacementProblem& problem) {
  std::vector<Work> all(at(problem.groups()));
  for (int n = 0; n < problem.size(); ++n) {
    const auto& node = at(problem.nodes, n);
    auto& work = at(all, at(problem.group_of, n));
    work.cpu += static_cast<double>(node.cpu.count());
    work.accelerator += static_cast<double>(node.accelerator.count());
    work.on_accelerator = work.on_accelerator && node.on_accelerator;
  }
  return all;
}

/// Down by far more than sums of doubles can be wrong.
Time surely(double picoseconds) {
  return Time(static_cast<std::int64_t>(picoseconds * (1 - 1e-9)));
}

/// Everything on CPUs at first; classes that gain most go to accelerators until both take equally
/// long.
double balanced(const PlacementProblem& problem, std::vector<Work> all) {
  const double k = problem.accelerators, m = problem.cpus;
  double cpu = 0, accelerator = 0;
  for (const auto& work : all) cpu += work.cpu;
  std::erase_if(all, [](const Work& work) {
    return !work.on_accelerator || (work.cpu == 0 && work.accelerator == 0);
  });
  if (problem.accelerators == 0) return cpu / m;
  std::sort(all.begin(), all.end(), [](const Work& a, const Work& b) {
    return a.accelerator * b.cpu < b.accelerator * a.cpu;
  });
  for (const auto& work : all) {
    const double more = accelerator + work.accelerator, less = std::max(0.0, cpu - work.cpu);
    if (problem.cpus > 0 && more * m >= less * k) {
      // The share x of this class for which (accelerator + x a) / k = (cpu - x c) / m.
      const double x = (cpu * k - accelerator * m) / (work.accelerator * m + work.cpu * k);
      return (accelerator + std::clamp(x, 0.0, 1.0) * work.accelerator) / k;
    }
    accelerator = more;
    cpu = less;
  }
  return problem.cpus > 0 ? std::max(accelerator / k, cpu / m) : accelerator / k;
}

double longest(const PlacementProblem& problem, const std::vector<Work>& all) {
  double most = 0;
  for (const auto& work : all) {
    const bool accelerator = work.on_accelerator && problem.accelerators > 0;
    double least = accelerator ? work.accelerator : work.cpu;
    if (problem.cpus > 0) least = std::min(least, work.cpu);
    most = std::max(most, least);
  }
  return most;
}

Time critical_path(const PlacementProblem& problem) {
  std::vector<Time> end(at(problem.size()));
  Time last{};
  for (const int n : problem.sorted) {
    const auto& node = at(problem.nodes, n);
    Time start{};
    for (const int maker : problem.makers(n)) start = std::max(start, at(end, maker));
    const bool accelerator = node.on_accelerator && problem.accelerators > 0;
    at(end, n) = start + (accelerator ? std::min(node.cpu, node.accelerator) : node.cpu);
    last = std::max(last, at(end, n));
  }
  return last;
}

}  // namespace

PlacementBound simple_bound(const PlacementProblem& problem) {
  if (problem.objective == PlacementProblem::Objective::latency)
    return {critical_path(problem), "critical path"};
  const auto all = works(problem);
  const double work = balanced(problem, all), one = longest(problem, all);
  return work >= one ? PlacementBound{surely(work), "work over speed"}
                     : PlacementBound{surely(one), "longest colour class"};
}

}  // namespace optimizers
