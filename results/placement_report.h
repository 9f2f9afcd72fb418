#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/placement/detail.h"
#include "models/placement/placement.h"
#include "results/placement_json.h"

namespace results {

/// What was found for a placement problem. docs/formats.md says it in full.
struct PlacementReport {
  std::string graph;  ///< the file
  std::string algorithm;
  models::Placement placement;  ///< empty: none found
  models::Time value{};         ///< of the placement
  models::Time lower_bound{};
  std::string bound;  ///< where the bound comes from
  std::int64_t effort = 0;
  double seconds = 0;
  std::uint64_t seed = 1;
  bool contiguous = false;         ///< only such placements counted
  bool interrupted = false;        ///< by Ctrl-C
  std::vector<std::string> notes;  ///< what of the algorithm took no part, and why

  bool found() const { return !placement.empty(); }
  bool proven() const { return found() && models::is_proven(value, lower_bound); }
  double gap() const;  ///< (value - bound) / value; 1 when nothing is found
};

std::string placement_answer_json(const models::PlacementProblem& problem,
                                  const PlacementReport& report);

/// Value, bound, gap, a table of devices and what binds, for people. [node] names.
std::string placement_answer_text(const models::PlacementProblem& problem,
                                  const std::vector<std::string>& names,
                                  const PlacementReport& report);

/// The placement of an answer that placement_answer_json() wrote, or of the benchmark's own split
/// files ("fpgas" and "cpus", each a list of {"nodes": [id ...]}). Throws InputError with
/// file:line:column; every node has to be there.
models::Placement read_placement_answer(std::string_view text, const std::string& file,
                                        const models::PlacementProblem& problem);

}  // namespace results
