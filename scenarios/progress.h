#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "scenarios/console.h"

namespace scenarios {

/// Tells how far things are: one line, rewritten, on a terminal; elsewhere only the lines that
/// stay.
class Progress {
 public:
  explicit Progress(const Console& console) : console_(console) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Replaces the current line; at most ten times a second, and only on a terminal.
  void update(std::string_view line);
  /// The current line on a terminal, elsewhere a line that stays.
  void note(std::string_view line);
  /// A line that stays.
  void say(std::string_view line);
  void complain(std::string_view line);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  const Console& console_;
  bool shown_ = false;
  Clock::time_point next_{};
};

}  // namespace scenarios
