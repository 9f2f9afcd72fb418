#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/job.h"

namespace sim {

/// The job in bytes, for partwise-simgrid: built together with partwise, on the same machine.
std::string encode(const Job& job);

/// A job out of bytes, together with what it looks at.
class DecodedJob {
 public:
  /// Throws std::out_of_range in words when the bytes are no job, or when it holds a number that no
  /// kernel could work with.
  explicit DecodedJob(std::string_view bytes);
  DecodedJob(DecodedJob&&) = delete;  // the job looks at the bytes
  const Job& job() const { return job_; }

 private:
  std::vector<std::uint64_t> bytes_;  ///< aligned for what is looked at in place
  std::vector<std::unique_ptr<models::Workload>> workloads_;
  Job job_;
};

}  // namespace sim
