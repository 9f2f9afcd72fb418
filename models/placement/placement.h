#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/units.h"

namespace models {

/// The device placement problem of Tarnawski, Phanishayee, Devanur, Mahajan, Nina Paravecino,
/// "Efficient Algorithms for Device Placement of DNN Graph Operators" (NeurIPS 2020): nodes with
/// given times, identical accelerators beside a host, and what it costs to move a node's output
/// between an accelerator and host memory. Unlike in an execution (docs/execution-model.md) the
/// accelerator itself pays for moving. docs/search.md says it in full.
///
/// Devices are numbered: accelerators 0 .. accelerators - 1, then CPUs. For latency there is one
/// CPU, number `accelerators`, that stands for any number of them.
struct PlacementProblem {
  enum class Objective : std::uint8_t {
    throughput,  ///< the largest load of a device is to be small
    latency      ///< the end of one sample is to be early
  };

  struct Node {
    std::int64_t id = 0;  ///< as in the file; any number, each once
    Time cpu{};
    Time accelerator{};
    Time send{};            ///< c(u): to move its output between an accelerator and host memory
    std::int64_t size = 0;  ///< bytes it takes on an accelerator
    bool on_accelerator = true;  ///< may run there
    bool backward = false;       ///< of the backward pass of a training graph
  };

  Objective objective = Objective::throughput;
  int accelerators = 0;
  int cpus = 0;               ///< 1 for latency
  std::int64_t memory = 0;    ///< bytes of one accelerator
  std::vector<Node> nodes;    ///< in the order of the file
  std::vector<int> sorted;    ///< all nodes, makers before readers; ties by file order
  std::vector<int> group_of;  ///< [node] colour class: nodes of a group share a device
  std::vector<int> group_begin, group_node;  ///< [group + 1], nodes of a group ascending
  std::vector<int> reader_begin, reader;     ///< [node + 1], each once, ascending
  std::vector<int> maker_begin, maker;       ///< [node + 1], each once, ascending

  int size() const { return static_cast<int>(nodes.size()); }
  int devices() const { return accelerators + cpus; }
  int groups() const { return static_cast<int>(group_begin.size()) - 1; }
  bool is_accelerator(int device) const { return device < accelerators; }
  std::span<const int> readers(int node) const { return part(reader_begin, reader, node); }
  std::span<const int> makers(int node) const { return part(maker_begin, maker, node); }
  std::span<const int> members(int group) const { return part(group_begin, group_node, group); }
  Time duration(int node, int device) const {
    const auto& n = nodes[static_cast<std::size_t>(node)];
    return is_accelerator(device) ? n.accelerator : n.cpu;
  }

 private:
  static std::span<const int> part(const std::vector<int>& begin, const std::vector<int>& all,
                                   int index) {
    const auto i = static_cast<std::size_t>(index);
    return std::span(all).subspan(static_cast<std::size_t>(begin[i]),
                                  static_cast<std::size_t>(begin[i + 1] - begin[i]));
  }
};

/// An edge and a colour as a file has them.
struct PlacementEdge {
  int from = 0, to = 0;  ///< nodes
};

/// Fills in what follows from nodes, edges (doubles are dropped) and colours ([node], equal ones
/// share a device; negative: alone). Throws PlacementFault, naming node ids, for a circle, and for
/// what no placement can hold: a class of which no device takes all members, memory that is too
/// small (it says by how much) where there is no CPU.
void finish(PlacementProblem& problem, std::span<const PlacementEdge> edges,
            std::span<const int> colours);

/// [node] device.
using Placement = std::vector<int>;

/// What a placement comes to. The definition that every solver is held to; O(nodes + edges).
struct PlacementScore {
  Time value{};                  ///< of the objective; only if valid
  bool valid = false;            ///< allowed devices, colours together, memory, no circle of sets
  std::int64_t memory_over = 0;  ///< bytes beyond, summed over accelerators
  std::string fault;             ///< what is not valid, in words; empty if valid
  std::vector<Time> load;        ///< [device], throughput only
};
PlacementScore evaluate(const PlacementProblem& problem, const Placement& placement);

/// How far below a value a bound may lie that proves it: one part in a million. Bounds by integer
/// programmes are no better than that; other bounds are sums and quotients of doubles, made a
/// little smaller so that they err on the safe side.
inline Time proof_tolerance(Time value) {
  return value / 1'000'000;
}
/// Whether a lower bound proves a value: it is above, equal, or below by no more than that. The one
/// rule for when a search has ended.
bool is_proven(Time value, Time lower_bound);
/// (value - bound) / value; 0 if it is proven.
double relative_gap(Time value, Time lower_bound);

/// Whether the forward parts of the devices are differences of a growing chain of down-sets, so
/// that a pipeline passes each device once.
bool is_contiguous(const PlacementProblem& problem, const Placement& placement);

}  // namespace models
