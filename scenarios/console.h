#pragma once

#include <cstdint>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace scenarios {

/// What the program answers with.
namespace exit_code {
inline constexpr int done = 0;
inline constexpr int some_failed = 1;
inline constexpr int invalid = 2;      ///< usage, or input that cannot be right
inline constexpr int environment = 3;  ///< missing rights, full disk
inline constexpr int not_as_expected = 4;
inline constexpr int bug = 70;
inline constexpr int interrupted = 130;
}  // namespace exit_code

/// Where a verb writes: results to `out`, narration to `err`.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;  ///< `err` is a terminal: a line can be rewritten
  bool colours = false;   ///< `err` takes colours

  /// One line of narration.
  void say(std::string_view line) const;
  /// One line that starts with the program's name, in red where there are colours.
  void complain(std::string_view line) const;
};

/// A buffer in front of a file descriptor that remembers why writing failed. After a failure it
/// swallows what comes: a reader that went away is no reason to stop.
class Output final : public std::streambuf {
 public:
  explicit Output(int descriptor) : descriptor_(descriptor) { setp(buffer_, buffer_ + size); }
  ~Output() override { sync(); }
  /// The errno of the first failure; 0 when there was none.
  int error() const { return error_; }

 protected:
  int_type overflow(int_type letter) override;
  int sync() override;

 private:
  static constexpr std::size_t size = 1 << 14;
  int descriptor_;
  int error_ = 0;
  char buffer_[size];
};

}  // namespace scenarios
