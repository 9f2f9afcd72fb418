#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/problem.h"

namespace sim {

/// A problem of one network as the walks of the static evaluators read it (sim/walk.h), and what
/// follows from the order of a plan. What a walk reads one after the other lies close in memory.
/// Devices with equal costs share theirs.
struct WalkTables {
  explicit WalkTables(const models::Problem& of);

  /// Takes over the order of a plan, if it is another one.
  void follow(const std::vector<std::int32_t>& plan_order);

  /// One number format and nothing to convert: placement is all that plans choose beside order and
  /// widths.
  static bool placement_only(const models::Problem& problem) { return problem.formats == 1; }

  struct Row {  ///< of an operator. An *edge* is a tensor read by an operator.
    std::uint32_t first_edge = 0, end_edge = 0;
    std::uint32_t first_output = 0, end_output = 0;
    std::uint32_t sole_reader = 0, sole_edge = 0;  ///< of its only output
    bool sole = false;                             ///< one output, plain, with one reader
    bool free = false;
    bool shares_weights = false;
  };
  struct Cell {  ///< [kind of device x compute format x operator]
    std::int64_t duration = 0;
    double energy = 0;
    std::int64_t workspace = 0;
    std::int64_t weights = 0;
  };
  struct Tensor {
    std::uint32_t first_reader = 0, end_reader = 0;
    std::int32_t producer = -1;
    bool fixed = false;
    bool output = false;
    bool plain = false;  ///< real-valued, read by someone, not for the sink
  };
  struct Reader {
    std::int32_t op = 0;
    std::uint32_t edge = 0;
  };

  const models::Problem& problem;
  const models::Problem::Stream& stream;  ///< the only one
  std::size_t operators = 0, tensor_count = 0, edges = 0;
  bool single_slots = true;  ///< of all devices
  std::vector<Row> rows;
  std::vector<Cell> cells;
  std::vector<std::size_t> cells_of;  ///< [device] the first of its kind
  std::vector<double> noise;          ///< [compute format x operator]
  std::vector<Tensor> tensors;
  std::vector<std::int64_t> sizes;        ///< [format x tensor] bytes
  std::vector<std::int32_t> edge_tensor;  ///< [edge]

  std::vector<std::int32_t> order;
  std::vector<std::int32_t> position;  ///< [operator]
  std::vector<Reader> readers;         ///< [as Problem::reader], of each tensor in the order
  double first_noise = 0;  ///< of all operators in the first compute format, summed in the order

 private:
  void add_cells();
};

}  // namespace sim
