#include "models/placement/placement.h"

#include <algorithm>

#include "models/index.h"

namespace models {
namespace {

std::string node_name(const PlacementProblem& problem, int node) {
  return "node " + std::to_string(at(problem.nodes, node).id);
}

/// What is against a placement by itself, before memory and circles; empty if nothing.
std::string misplaced(const PlacementProblem& problem, const Placement& placement) {
  if (placement.size() != problem.nodes.size())
    return "the placement has " + std::to_string(placement.size()) + " nodes, the graph " +
           std::to_string(problem.nodes.size());
  for (int n = 0; n < problem.size(); ++n) {
    const int device = at(placement, n);
    if (device < 0 || device >= problem.devices())
      return node_name(problem, n) + " is on device " + std::to_string(device) + ", there are " +
             std::to_string(problem.devices());
  }
  for (int n = 0; n < problem.size(); ++n) {
    if (problem.is_accelerator(at(placement, n)) && !at(problem.nodes, n).on_accelerator)
      return node_name(problem, n) + " is on an accelerator, which does not support it";
    const int first = problem.members(at(problem.group_of, n)).front();
    if (at(placement, n) != at(placement, first))
      return node_name(problem, first) + " and " + node_name(problem, n) +
             " are of one colour class and on two devices";
  }
  return {};
}

bool in_range(const PlacementProblem& problem, const Placement& placement) {
  return placement.size() == problem.nodes.size() &&
         std::all_of(placement.begin(), placement.end(),
                     [&](int d) { return d >= 0 && d < problem.devices(); });
}

/// Calls moved(device, node) for every accelerator that pays for a node's output: its own when it
/// is read elsewhere, each other that reads it once.
template <class Moved>
void for_each_move(const PlacementProblem& problem, const Placement& placement, Moved moved) {
  std::vector<int> last(at(problem.devices()), -1);  // [device] node it paid for last
  const auto pay = [&](int device, int node) {
    if (!problem.is_accelerator(device) || at(last, device) == node) return;
    at(last, device) = node;
    moved(device, node);
  };
  for (int n = 0; n < problem.size(); ++n) {
    for (const int reader : problem.readers(n)) {
      if (at(placement, reader) == at(placement, n)) continue;
      pay(at(placement, n), n);
      pay(at(placement, reader), n);
    }
  }
}

void add_memory(const PlacementProblem& problem, const Placement& placement,
                PlacementScore& score) {
  std::vector<std::int64_t> bytes(at(problem.accelerators));
  for (int n = 0; n < problem.size(); ++n) {
    const int device = at(placement, n);
    if (problem.is_accelerator(device)) at(bytes, device) += at(problem.nodes, n).size;
  }
  for (int d = 0; d < problem.accelerators; ++d) {
    if (at(bytes, d) <= problem.memory) continue;
    if (score.memory_over == 0 && score.fault.empty())
      score.fault = "accelerator " + std::to_string(d) + " holds " + std::to_string(at(bytes, d)) +
                    " bytes and has " + std::to_string(problem.memory);
    score.memory_over += at(bytes, d) - problem.memory;
  }
}

void add_loads(const PlacementProblem& problem, const Placement& placement, PlacementScore& score) {
  score.load.assign(at(problem.devices()), Time{});
  for (int n = 0; n < problem.size(); ++n)
    at(score.load, at(placement, n)) += problem.duration(n, at(placement, n));
  for_each_move(problem, placement, [&](int device, int node) {
    at(score.load, device) += at(problem.nodes, node).send;
  });
  score.value = *std::max_element(score.load.begin(), score.load.end());
}

/// The graph in which each accelerator's set is one part and each node on a CPU another.
struct Parts {
  std::vector<int> part_of;  ///< [node]
  std::vector<Time> duration;
  std::vector<std::vector<int>> readers;  ///< [part], repeated where edges are
  std::vector<int> waiting;               ///< [part] edges into it

  Parts(const PlacementProblem& problem, const Placement& placement) {
    int parts = problem.accelerators;
    for (int n = 0; n < problem.size(); ++n)
      part_of.push_back(problem.is_accelerator(at(placement, n)) ? at(placement, n) : parts++);
    duration.assign(at(parts), Time{});
    readers.resize(at(parts));
    waiting.assign(at(parts), 0);
    for (int n = 0; n < problem.size(); ++n) {
      const int part = at(part_of, n);
      at(duration, part) += problem.duration(n, at(placement, n));
      for (const int reader : problem.readers(n)) {
        if (at(part_of, reader) == part) continue;
        at(readers, part).push_back(at(part_of, reader));
        ++at(waiting, at(part_of, reader));
      }
    }
    for_each_move(problem, placement, [&](int device, int node) {
      at(duration, device) += at(problem.nodes, node).send;
    });
  }
};

/// Names one circle of parts, following makers that are stuck as well.
std::string circle_of(const PlacementProblem& problem, const Parts& parts) {
  std::vector<std::vector<int>> makers(parts.readers.size());
  for (std::size_t part = 0; part < parts.readers.size(); ++part)
    if (parts.waiting[part] > 0)
      for (const int reader : parts.readers[part])
        at(makers, reader).push_back(static_cast<int>(part));
  std::vector<int> node_of(parts.readers.size());
  for (int n = 0; n < problem.size(); ++n) at(node_of, at(parts.part_of, n)) = n;
  int part = 0;
  while (at(parts.waiting, part) == 0) ++part;
  std::vector<bool> seen(makers.size());
  std::vector<int> path;
  for (; !seen[at(part)]; part = at(makers, part).front()) {
    seen[at(part)] = true;
    path.push_back(part);
  }
  std::vector<std::string> names;
  for (auto one = std::find(path.begin(), path.end(), part); one != path.end(); ++one)
    names.push_back(*one < problem.accelerators ? "accelerator " + std::to_string(*one)
                                                : node_name(problem, at(node_of, *one)));
  std::string text = "sets wait for each other in a circle: ";
  constexpr std::size_t shown = 6;
  for (std::size_t i = 0; i < std::min(names.size(), shown); ++i) text += names[i] + ", ";
  if (names.size() > shown) text += std::to_string(names.size() - shown) + " more, ";
  return text + "again " + names[0];
}

void add_latency(const PlacementProblem& problem, const Placement& placement,
                 PlacementScore& score) {
  Parts parts(problem, placement);
  std::vector<Time> start(parts.duration.size());
  std::vector<int> ready;
  for (std::size_t part = 0; part < start.size(); ++part)
    if (parts.waiting[part] == 0) ready.push_back(static_cast<int>(part));
  for (std::size_t next = 0; next < ready.size(); ++next) {
    const int part = ready[next];
    const auto end = at(start, part) + at(parts.duration, part);
    score.value = std::max(score.value, end);
    for (const int reader : at(parts.readers, part)) {
      at(start, reader) = std::max(at(start, reader), end);
      if (--at(parts.waiting, reader) == 0) ready.push_back(reader);
    }
  }
  if (ready.size() < start.size() && score.fault.empty()) score.fault = circle_of(problem, parts);
}

}  // namespace

PlacementScore evaluate(const PlacementProblem& problem, const Placement& placement) {
  PlacementScore score;
  score.fault = misplaced(problem, placement);
  if (!in_range(problem, placement)) return score;
  add_memory(problem, placement, score);
  if (problem.objective == PlacementProblem::Objective::throughput)
    add_loads(problem, placement, score);
  else
    add_latency(problem, placement, score);
  score.valid = score.fault.empty();
  return score;
}

bool is_proven(Time value, Time lower_bound) {
  return value - lower_bound <= proof_tolerance(value);
}

double relative_gap(Time value, Time lower_bound) {
  if (is_proven(value, lower_bound)) return 0;
  return static_cast<double>((value - lower_bound).count()) / static_cast<double>(value.count());
}

bool is_contiguous(const PlacementProblem& problem, const Placement& placement) {
  const auto forward = [&](int node) { return !at(problem.nodes, node).backward; };
  std::vector<std::vector<int>> readers(at(problem.devices()));
  std::vector<int> waiting(at(problem.devices()));
  for (int n = 0; n < problem.size(); ++n) {
    if (!forward(n)) continue;
    for (const int reader : problem.readers(n)) {
      if (!forward(reader) || at(placement, reader) == at(placement, n)) continue;
      at(readers, at(placement, n)).push_back(at(placement, reader));
      ++at(waiting, at(placement, reader));
    }
  }
  // A chain of down-sets is an order of the devices in which no edge leads back.
  std::vector<int> ready;
  for (int d = 0; d < problem.devices(); ++d)
    if (at(waiting, d) == 0) ready.push_back(d);
  for (std::size_t next = 0; next < ready.size(); ++next)
    for (const int reader : at(readers, ready[next]))
      if (--at(waiting, reader) == 0) ready.push_back(reader);
  return ready.size() == at(problem.devices());
}

}  // namespace models
