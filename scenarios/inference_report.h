#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "hardware/program.h"
#include "models/network/tensor_value.h"
#include "results/tensor_comparison.h"

namespace scenarios {

/// Of what was measured several times, in seconds.
struct Spread {
  double median = 0, p10 = 0, p90 = 0;
};

/// What a program did, and how long it took.
struct Measured {
  std::vector<Spread> steps;  ///< [step]
  Spread total;               ///< of a whole run, the copying of its inputs included
  std::int64_t repeat = 1;
  std::vector<models::TensorValue> outputs;
};

/// Runs it so often; where that is more than once, after a run that does not count: the first one
/// touches all memory.
Measured measure(hardware::Program& program, const std::vector<models::TensorValue>& inputs,
                 std::int64_t repeat);

/// All that `infer` has to say.
struct InferenceReport {
  std::string network;
  std::int64_t threads = 1;
  std::vector<std::string> outputs;  ///< names
  std::vector<results::TensorComparison> comparisons;
  std::vector<std::string> files;  ///< written, one per output, or none
  bool all_steps = false;          ///< not only those that take longest
};

void show(const InferenceReport& report, const hardware::Program& program, const Measured& measured,
          std::ostream& out);
std::string to_json(const InferenceReport& report, const hardware::Program& program,
                    const Measured& measured);

}  // namespace scenarios
