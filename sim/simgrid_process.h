#pragma once

#include <sys/types.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sim {

/// What the frames between partwise and partwise-simgrid mean. A frame is the number of bytes that
/// follow (8 bytes, the lowest first), one byte that says what they are, and they. Both are built
/// together, hence one number for all that may differ.
struct SimgridFrame {
  static constexpr std::uint8_t version = 1;
  enum class Kind : std::uint8_t {
    job = version,  ///< a question: execute this
    log,            ///< a question: do this again
    part,           ///< of an answer; more follow
    last,           ///< part of an answer
    renew,          ///< ask again in a new process: this one's clock or room is used up
    refused,        ///< text: what is wrong with the question
  };

  Kind kind = Kind::job;
  std::string content;
};

/// The second engine as a child process. Started when it is first needed; again after it has died.
class SimgridProcess {
 public:
  SimgridProcess() = default;
  ~SimgridProcess() { stop(); }
  SimgridProcess(SimgridProcess&&) = delete;

  /// $PARTWISE_SIMGRID, or partwise-simgrid beside the running program, or in $PATH.
  static std::optional<std::filesystem::path> program();
  /// The same; throws EnvironmentError that says what to do where there is none.
  static std::filesystem::path needed_program();

  using Hear = std::function<void(std::string_view part, bool is_last)>;
  /// Sends a question and hands over the parts of the answer in order. Throws EnvironmentError when
  /// there is no such program or it dies on the way, with what SimGrid said; std::logic_error when
  /// it refuses the question.
  void ask(SimgridFrame::Kind kind, std::string_view question, const Hear& hear);

 private:
  void start();
  void stop();
  [[noreturn]] void report_death();
  SimgridFrame converse(SimgridFrame::Kind kind, std::string_view question, const Hear& hear);

  pid_t process_ = 0;
  int socket_ = -1;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> said_{nullptr, &std::fclose};  ///< its stderr
};

/// Sends or receives one frame. False when the other side is gone.
bool send_frame(int file, SimgridFrame::Kind kind, std::string_view content);
bool receive_frame(int file, SimgridFrame& frame);

}  // namespace sim
