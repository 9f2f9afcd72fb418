#pragma once

#include <cstdint>
#include <vector>

namespace sim {

/// What something waits for when nothing can happen any more. Indices are those of the job.
struct Wait {
  enum class For : std::uint8_t {
    memory,       ///< a request waits until device `resource` has memory for it
    device_back,  ///< a task waits for its failed device
    speed,        ///< a task waits for its device, which stands still
    result,       ///< the next task of a device waits for the result of task `other`
    link_back,    ///< a transfer waits for the failed link `resource`
    bandwidth,    ///< a transfer waits for the link `resource`, which carries nothing
    turn,         ///< a transfer waits until it is first on all links of its route
    buffer,       ///< a transfer waits for a buffer of device `resource`
    copy_engine   ///< a transfer waits for a copy engine of device `resource`
  };
  For what = For::result;
  std::int32_t stream = 0;
  std::int64_t number = 0;     ///< of the request in its network
  std::int32_t task = -1;      ///< canonical position; -1: the request as a whole
  std::int32_t resource = -1;  ///< device or link
  std::int32_t other = -1;     ///< task
};

/// The report at the end of an execution that left requests unfinished.
struct Stall {
  std::int64_t when = 0;  ///< last event, picoseconds
  std::int64_t unfinished = 0;
  std::int64_t absent = 0;     ///< of those, not arrived: others must complete first
  std::int64_t gathering = 0;  ///< of those, waiting for others of their batch
  std::vector<Wait> waits;     ///< in order of requests, at most `most`
  static constexpr std::size_t most = 12;
};

}  // namespace sim
