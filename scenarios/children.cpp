#include "scenarios/children.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include "models/error.h"
#include "scenarios/interruption.h"

namespace scenarios {
namespace {

void send(int pipe, std::string_view line) {
  std::string text(line);
  std::ranges::replace(text, '\n', '\r');  // a line end ends the message
  text += '\n';
  const char* next = text.data();
  std::size_t left = text.size();
  while (left > 0) {
    const auto count = ::write(pipe, next, left);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;
    next += count;
    left -= static_cast<std::size_t>(count);
  }
}

struct Child {
  pid_t process = 0;
  int pipe = -1;
  std::size_t job = 0;
  std::string unread;  ///< start of a line
};

class Children {
 public:
  explicit Children(const Jobs& jobs) : jobs_(jobs) {}
  ~Children() {
    for (const auto& child : running_) {
      ::kill(child.process, SIGKILL);
      ::waitpid(child.process, nullptr, 0);
      ::close(child.pipe);
    }
  }

  void run() {
    while (true) {
      while (may_start()) start(next_++);
      if (running_.empty()) return;
      hand_on_interruption();
      listen();
    }
  }

 private:
  bool may_start() const {
    return next_ < jobs_.count && running_.size() < jobs_.at_once && !stopped_ &&
           Interruption::count() == 0;
  }

  void start(std::size_t job) {
    int ends[2];
    if (::pipe(ends) != 0)
      throw models::EnvironmentError(std::string("cannot make a pipe: ") + std::strerror(errno));
    const auto parent = ::getpid();
    const auto process = ::fork();
    if (process == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(1);
      ::close(ends[0]);
      const auto tell = [&](std::string_view line) { send(ends[1], line); };
      ::_exit(jobs_.work(job, tell));
    }
    ::close(ends[1]);
    if (process < 0) {
      ::close(ends[0]);
      throw models::EnvironmentError(std::string("cannot start a process: ") +
                                     std::strerror(errno));
    }
    running_.push_back({process, ends[0], job, {}});
  }

  void hand_on_interruption() {
    const int asked = std::min(Interruption::count(), 2);
    if (asked > 0 && handed_on_ == 0 && jobs_.stopping) jobs_.stopping();
    for (; handed_on_ < asked; ++handed_on_)
      for (const auto& child : running_) ::kill(child.process, handed_on_ == 0 ? SIGINT : SIGKILL);
  }

  void listen() {
    std::vector<pollfd> pipes;
    for (const auto& child : running_) pipes.push_back({child.pipe, POLLIN, 0});
    // A signal may come just before poll does, so it never sleeps for long.
    if (::poll(pipes.data(), pipes.size(), 200) <= 0) return;
    for (std::size_t i = pipes.size(); i-- > 0;)
      if (pipes[i].revents != 0 && !hear(running_[i])) end(i);
  }

  /// False when the child has closed its end.
  bool hear(Child& child) {
    char buffer[4096];
    const auto count = ::read(child.pipe, buffer, sizeof buffer);
    if (count < 0) return errno == EINTR;
    child.unread.append(buffer, static_cast<std::size_t>(count));
    std::size_t from = 0;
    for (auto to = child.unread.find('\n'); to != std::string::npos;
         to = child.unread.find('\n', from)) {
      std::string line = child.unread.substr(from, to - from);
      std::ranges::replace(line, '\r', '\n');
      jobs_.heard(child.job, line);
      from = to + 1;
    }
    child.unread.erase(0, from);
    return count > 0;
  }

  void end(std::size_t index) {
    const auto child = running_[index];
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(index));
    ::close(child.pipe);
    int status = 0;
    while (::waitpid(child.process, &status, 0) < 0 && errno == EINTR) continue;
    const JobEnd how{child.job, WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                     WIFSIGNALED(status) ? WTERMSIG(status) : 0};
    if (!jobs_.ended(how)) stopped_ = true;
  }

  const Jobs& jobs_;
  std::vector<Child> running_;
  std::size_t next_ = 0;
  int handed_on_ = 0;
  bool stopped_ = false;
};

}  // namespace

void run_in_children(const Jobs& jobs) {
  Children(jobs).run();
}

}  // namespace scenarios
