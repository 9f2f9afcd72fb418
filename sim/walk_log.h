#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "models/totals.h"

namespace sim {

/// The tasks of one request in canonical order, flat, as a walk found them: what it takes to time
/// them again. A task reads the latest of a range of *slots* and writes its end into others. Slots
/// are the edges of the problem, then one for a result at hand, then those of its conversions.
class WalkLog {
 public:
  enum class Kind : std::uint8_t { copy, compute, convert, transfer };
  struct Task {
    std::int64_t busy = 0;  ///< picoseconds, with the precision switch it pays in the first request
    std::uint32_t first_in = 0, end_in = 0;    ///< slots; none: present when the request starts
    std::uint32_t first_out = 0, end_out = 0;  ///< into outs
    std::uint32_t resource = 0;                ///< device, or route of a transfer
    Kind kind = Kind::copy;
    bool first_of_precision = false;  ///< the first task with a precision of its device
    bool at_sink = false;             ///< the request waits for it
  };
  struct Detail {
    std::int64_t duration = 0;  ///< picoseconds, without a precision switch
    std::int64_t bytes = 0;     ///< of a transfer, in whole packets
    std::int64_t size = 0;      ///< of a transfer, as it is held at its target
    double energy = 0;          ///< joules
    double noise = 0;           ///< of a conversion or a coarser wire
    std::uint32_t target = 0;   ///< device that a transfer goes to
    std::uint8_t format = 0;    ///< of an operator
    std::uint8_t precision = models::Totals::no_precision;  ///< the same if it can switch
  };

  static constexpr bool keeps = true;
  void clear() { task_count = out_count = 0; }
  Task& begin(Kind kind, std::uint32_t resource, std::uint32_t first_in, std::uint32_t end_in) {
    if (task_count == tasks.size()) {
      tasks.resize(tasks.size() * 2 + 64);
      details.resize(tasks.size());
    }
    details[task_count] = {};
    auto& task = tasks[task_count++];
    const auto out = static_cast<std::uint32_t>(out_count);
    task = {0, first_in, end_in, out, out, resource, kind, false, false};
    return task;
  }
  Detail& detail() { return details[task_count - 1]; }
  Task& last() { return tasks[task_count - 1]; }
  void out(std::uint32_t slot) {
    if (out_count == outs.size()) outs.resize(outs.size() * 2 + 64);
    outs[out_count++] = slot;
    last().end_out = static_cast<std::uint32_t>(out_count);
  }

  std::vector<Task> tasks;  ///< longer than task_count
  std::vector<Detail> details;
  std::vector<std::uint32_t> outs;
  std::size_t task_count = 0, out_count = 0;
};

/// For walks that nobody wants to time again.
struct NoLog {
  static constexpr bool keeps = false;
};

}  // namespace sim
