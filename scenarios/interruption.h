#pragma once

#include <csignal>

namespace scenarios {

/// While it lives, Ctrl-C (SIGINT, SIGTERM) is counted instead of ending the program. One at a
/// time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// How often it was asked for so far.
  static int count();

 private:
  struct sigaction old_interrupt_ {};
  struct sigaction old_terminate_ {};
};

}  // namespace scenarios
