#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "sim/job.h"
#include "sim/stall.h"
#include "sim/tally.h"

namespace sim {

/// How partwise-simgrid is to execute a job: the head of a question.
struct SimgridWish {
  bool observed = false;  ///< the answer has parts: blocks of events
  bool rates = false;     ///< among them the rates of flows
};

std::string encode(const SimgridWish& wish, const Job& job);
/// The wish, and the job's own bytes.
std::pair<SimgridWish, std::string_view> split_question(std::string_view question);

/// The last part of an answer.
struct SimgridAnswer {
  Tally tally;
  std::int64_t events = 0;
  double seconds = 0;  ///< CPU time of the execution
  Stall stall;
};

std::string encode(const SimgridAnswer& answer);
/// Throws std::out_of_range for what is no answer.
SimgridAnswer decoded_answer(std::string_view bytes);

}  // namespace sim
