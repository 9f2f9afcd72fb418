#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace scenarios {

/// Where a search writes itself down, so that the next process can go on when this one dies. A file
/// is taken up only by the build that wrote it, and only for the same run.
class Checkpoint {
 public:
  using Complain = std::function<void(const std::string&)>;

  /// Nothing is ever written nor read.
  Checkpoint() = default;
  /// `seconds` of real time lie between two files; 0: none is written nor read.
  Checkpoint(std::filesystem::path file, std::string run, double seconds, Complain complain);

  /// The state that was written last. Without one when there is no file; when it is of no use,
  /// complains too.
  std::optional<std::string> read() const;
  /// Complains that the state which was read is of no use.
  void refuse(const std::string& why) const;

  bool is_on() const { return seconds_ > 0; }
  bool is_due() const { return is_on() && Clock::now() >= next_; }
  /// Written beside and renamed, so there is always a whole one. Where it cannot be written,
  /// complains the first time: the search matters more.
  void write(std::string_view state);
  /// The run is through.
  void remove() const;

 private:
  using Clock = std::chrono::steady_clock;

  std::string heading() const;
  void wait(Clock::time_point begun);

  std::filesystem::path file_;
  std::string run_;
  double seconds_ = 0;
  Complain complain_;
  Clock::time_point next_{};
  bool complained_ = false;
};

}  // namespace scenarios
