#include "sim/simgrid_process.h"

#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "models/error.h"

namespace sim {
namespace {

using models::EnvironmentError;
using Kind = SimgridFrame::Kind;

constexpr const char* name = "partwise-simgrid";
constexpr std::size_t head_size = 9;
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 36;

/// A socket whose other end is closed must not raise SIGPIPE; what is no socket is written plainly.
ssize_t send_some(int file, const char* data, std::size_t size) {
  const auto sent = ::send(file, data, size, MSG_NOSIGNAL);
  return sent < 0 && errno == ENOTSOCK ? ::write(file, data, size) : sent;
}

bool send_all(int file, const char* data, std::size_t size) {
  while (size > 0) {
    const auto count = send_some(file, data, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    data += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

bool receive_all(int file, char* data, std::size_t size) {
  while (size > 0) {
    const auto count = ::read(file, data, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    data += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

bool is_program(const std::filesystem::path& file) {
  return std::filesystem::is_regular_file(file) && ::access(file.c_str(), X_OK) == 0;
}

/// The end of what the child wrote to its standard error.
std::string tail(std::FILE* file) {
  constexpr long most = 2000;
  std::fseek(file, 0, SEEK_END);
  const long size = std::ftell(file);
  std::fseek(file, std::max(0L, size - most), SEEK_SET);
  std::string text(static_cast<std::size_t>(std::min(size, most)), '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

bool send_frame(int file, Kind kind, std::string_view content) {
  std::array<char, head_size> head{};
  for (std::size_t i = 0; i < 8; ++i)
    head[i] = static_cast<char>(static_cast<std::uint64_t>(content.size()) >> (8 * i));
  head[8] = static_cast<char>(kind);
  return send_all(file, head.data(), head.size()) && send_all(file, content.data(), content.size());
}

bool receive_frame(int file, SimgridFrame& frame) {
  std::array<char, head_size> head{};
  if (!receive_all(file, head.data(), head.size())) return false;
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < 8; ++i)
    size |= static_cast<std::uint64_t>(static_cast<unsigned char>(head[i])) << (8 * i);
  if (size > most_bytes) return false;
  frame.kind = static_cast<Kind>(head[8]);
  frame.content.resize(size);
  return receive_all(file, frame.content.data(), frame.content.size());
}

std::optional<std::filesystem::path> SimgridProcess::program() {
  if (const char* set = std::getenv("PARTWISE_SIMGRID")) {
    if (is_program(set)) return set;
    return std::nullopt;
  }
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error && is_program(own.parent_path() / name)) return own.parent_path() / name;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');)
    if (!folder.empty() && is_program(std::filesystem::path(folder) / name))
      return std::filesystem::path(folder) / name;
  return std::nullopt;
}

std::filesystem::path SimgridProcess::needed_program() {
  if (auto file = program()) return *file;
  throw EnvironmentError(
      "SimGrid is not there: no 'partwise-simgrid' beside partwise or in PATH; install "
      "libsimgrid-dev and build again, or use the fast engine");
}

void SimgridProcess::start() {
  const auto file = needed_program();
  std::array<int, 2> ends{};
  said_.reset(std::tmpfile());
  if (!said_ || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw EnvironmentError("cannot start " + file.string() + ": " + std::strerror(errno));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ::fileno(said_.get()), STDERR_FILENO);
  std::string word = file.string();
  std::array<char*, 2> arguments{word.data(), nullptr};
  const int failed =
      ::posix_spawn(&process_, file.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  socket_ = ends[0];
  if (failed == 0) return;
  process_ = 0;
  stop();
  throw EnvironmentError("cannot start " + file.string() + ": " + std::strerror(failed));
}

/// It keeps nothing, so there is nothing to wait for.
void SimgridProcess::stop() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) continue;
  process_ = 0;
}

void SimgridProcess::report_death() {
  ::close(socket_);
  socket_ = -1;
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) continue;
  process_ = 0;
  auto how = WIFSIGNALED(status)
                 ? std::string("was ended by signal ") + ::strsignal(WTERMSIG(status))
                 : "ended with exit code " + std::to_string(WEXITSTATUS(status));
  const auto said = tail(said_.get());
  throw EnvironmentError("partwise-simgrid " + how + (said.empty() ? "" : "; it said:\n" + said));
}

SimgridFrame SimgridProcess::converse(Kind kind, std::string_view question, const Hear& hear) {
  if (process_ == 0) start();
  SimgridFrame frame;
  bool alive = send_frame(socket_, kind, question) && receive_frame(socket_, frame);
  for (; alive && frame.kind == Kind::part; alive = receive_frame(socket_, frame))
    hear(frame.content, false);
  if (!alive) report_death();
  return frame;
}

void SimgridProcess::ask(Kind kind, std::string_view question, const Hear& hear) {
  const auto until_answered = [&] {
    auto frame = converse(kind, question, hear);
    if (frame.kind != Kind::renew) return frame;
    stop();
    return converse(kind, question, hear);
  };
  try {
    const auto frame = until_answered();
    if (frame.kind == Kind::refused)
      throw std::logic_error("partwise-simgrid refused a job: " + frame.content);
    if (frame.kind == Kind::renew)
      throw EnvironmentError("partwise-simgrid has no room for this job");
    if (frame.kind != Kind::last)
      throw EnvironmentError("partwise-simgrid is of another version than partwise");
    hear(frame.content, true);
  } catch (...) {
    stop();  // an answer half heard cannot be taken up again
    throw;
  }
}

}  // namespace sim
