#include "scenarios/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

namespace scenarios {
namespace {

/// Columns of the terminal: a line that wraps cannot be rewritten.
std::size_t width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

void Progress::update(std::string_view line) {
  if (!console_.terminal || Clock::now() < next_) return;
  next_ = Clock::now() + std::chrono::milliseconds(100);
  console_.err << "\r\x1b[2K" << line.substr(0, std::max<std::size_t>(width(), 2) - 1)
               << std::flush;
  shown_ = true;
}

void Progress::note(std::string_view line) {
  if (console_.terminal)
    update(line);
  else
    say(line);
}

void Progress::say(std::string_view line) {
  clear();
  console_.say(line);
}

void Progress::complain(std::string_view line) {
  clear();
  console_.complain(line);
}

void Progress::clear() {
  if (shown_) console_.err << "\r\x1b[2K" << std::flush;
  shown_ = false;
  next_ = {};
}

}  // namespace scenarios
