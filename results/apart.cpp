#include "results/apart.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>

#include "models/error.h"

namespace results {
namespace {

/// In front of everything sent stands its length; of an error's message this is added to it.
constexpr std::uint64_t is_error = std::uint64_t{1} << 63;
constexpr std::size_t longest_message = 1 << 16;

void write_all(int pipe, const void* from, std::size_t size) {
  const auto* bytes = static_cast<const char*>(from);
  while (size > 0) {
    const auto count = ::write(pipe, bytes, size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) ::_exit(1);  // nobody listens any more
    bytes += count;
    size -= static_cast<std::size_t>(count);
  }
}

void write_piece(int pipe, const void* from, std::size_t size, std::uint64_t mark) {
  const std::uint64_t length = size | mark;
  write_all(pipe, &length, sizeof length);
  write_all(pipe, from, size);
}

void limit(unsigned seconds) {
  const rlimit time{seconds, seconds};
  const rlimit no_dump{0, 0};
  ::setrlimit(RLIMIT_CPU, &time);
  ::setrlimit(RLIMIT_CORE, &no_dump);
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
}

/// Ends the process without running what the parent left to be run at its end.
[[noreturn]] void work_and_end(const std::function<void(const Apart::Sender&)>& work, int pipe) {
  std::string complaint;
  try {
    work(Apart::Sender(pipe));
    ::_exit(0);
  } catch (const models::InputError& error) {
    complaint = error.what();
  } catch (...) {
    ::_exit(1);
  }
  write_piece(pipe, complaint.data(), std::min(complaint.size(), longest_message), is_error);
  ::_exit(0);
}

}  // namespace

void Apart::Sender::send(std::span<const std::byte> bytes) const {
  write_piece(pipe_, bytes.data(), bytes.size(), 0);
}

void Apart::Sender::send(std::int64_t number) const {
  write_piece(pipe_, &number, sizeof number, 0);
}

void Apart::Sender::send(const std::string& text) const {
  send(std::int64_t{std::ssize(text)});
  write_piece(pipe_, text.data(), text.size(), 0);
}

Apart::Apart(const std::function<void(const Sender&)>& work, unsigned seconds) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw models::EnvironmentError(std::string("cannot make a pipe: ") + std::strerror(errno));
  const auto parent = ::getpid();
  child_ = ::fork();
  if (child_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGPIPE, SIGXCPU, SIGTERM})
      ::signal(signal, SIG_DFL);
    ::close(ends[0]);
    limit(seconds);
    work_and_end(work, ends[1]);
  }
  ::close(ends[1]);
  pipe_ = ends[0];
  if (child_ > 0) return;
  ::close(pipe_);
  throw models::EnvironmentError(std::string("cannot start a process: ") + std::strerror(errno));
}

Apart::~Apart() {
  ::close(pipe_);
  ::kill(child_, SIGKILL);
  while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Apart::take(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const auto count = ::read(pipe_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw Ended();
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void Apart::receive(std::span<std::byte> bytes) {
  std::uint64_t length = 0;
  take(std::as_writable_bytes(std::span(&length, 1)));
  if ((length & is_error) != 0) {
    std::string message(std::min<std::size_t>(length & ~is_error, longest_message), '\0');
    take(std::as_writable_bytes(std::span(message)));
    throw models::InputError(message);
  }
  if (length != bytes.size()) throw Ended();
  take(bytes);
}

std::int64_t Apart::number() {
  std::int64_t value = 0;
  receive(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

std::string Apart::text(std::size_t longest) {
  const auto length = number();
  if (length < 0 || static_cast<std::size_t>(length) > longest) throw Ended();
  std::string value(static_cast<std::size_t>(length), '\0');
  receive(std::as_writable_bytes(std::span(value)));
  return value;
}

}  // namespace results
