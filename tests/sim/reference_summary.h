#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "tests/sim/reference.h"

namespace reference {

/// What happened to every task of every request.
struct Happened {
  struct Step {
    std::int64_t ready = 0;
    std::int64_t start = 0;
    std::int64_t work = 0;
    std::int64_t released = std::numeric_limits<std::int64_t>::max();
    std::int64_t end = std::numeric_limits<std::int64_t>::max();
    int slot = 0;
    bool switched = false;
    std::int64_t sent = 0;  ///< bytes of a fair flow, with its jitter
  };
  std::vector<std::vector<Step>> steps;  ///< [request][task]
  std::vector<models::Timeline::Request> requests;
  std::vector<models::SlotTime> free;  ///< [device] time of free slots
  std::int64_t most_admitted = 0;
};

/// Section 7: metrics from what happened.
models::Outcome summary(const models::Problem& problem, const models::Plan& plan,
                        const Lowered& lowered, const Happened& happened);

/// What is said of a plan that cannot be executed.
models::Outcome infeasible(const Lowered& lowered);

}  // namespace reference
