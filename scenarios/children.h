#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace scenarios {

/// How a job ended.
struct JobEnd {
  std::size_t job = 0;
  int code = 0;    ///< what its work answered; 0 when a signal ended it
  int signal = 0;  ///< that ended its process; 0 for none
};

/// Pieces of work that must not touch each other.
struct Jobs {
  /// Sends one line to the parent.
  using Tell = std::function<void(std::string_view line)>;

  std::size_t count = 0;
  std::size_t at_once = 1;
  /// Done in a child process of its own; its answer, 0 to 127, becomes JobEnd::code. Must not
  /// throw.
  std::function<int(std::size_t job, const Tell& tell)> work;
  /// In the parent, for each line that a child sent.
  std::function<void(std::size_t job, std::string_view line)> heard;
  /// In the parent, after all its lines; false: no further jobs are started.
  std::function<bool(const JobEnd& end)> ended;
  /// In the parent, once, when an interruption is handed on to the children.
  std::function<void()> stopping = {};
};

/// Does all jobs, in order of start. Hands an interruption on to the children, starts no more, and
/// waits for them; a second one kills them. Throws EnvironmentError when no process can be started.
void run_in_children(const Jobs& jobs);

}  // namespace scenarios
