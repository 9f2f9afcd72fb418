#include "sim/kernel_server.h"

#include <algorithm>
#include <ctime>
#include <exception>
#include <string>

#include "sim/control.h"
#include "sim/job_code.h"
#include "sim/kernel_log.h"
#include "sim/simgrid_answer.h"
#include "sim/simgrid_process.h"
#include "sim/told_events.h"

namespace sim {
namespace {

using Kind = SimgridFrame::Kind;

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The parent has gone away.
struct Gone {};

class Server {
 public:
  Server(int in, int out, KernelHost& host) : in_(in), out_(out), host_(host) {}

  void run() {
    SimgridFrame frame;
    while (receive_frame(in_, frame)) answer(frame);
  }

 private:
  void send(Kind kind, std::string_view content) const {
    if (!send_frame(out_, kind, content)) throw Gone{};
  }

  void answer(const SimgridFrame& frame) {
    try {
      if (frame.kind == Kind::job) return execute(frame.content);
      if (frame.kind == Kind::log) return replay(frame.content);
      send(Kind::refused, "it is of another version");
    } catch (const std::exception& error) {
      send(Kind::refused, error.what());
    }
  }

  void execute(const std::string& question) {
    const auto [wish, code] = split_question(question);
    const DecodedJob decoded(code);
    const auto& job = decoded.job();
    const bool exact =
        job.changes() || std::ranges::any_of(job.route_fair, [](auto fair) { return fair != 0; });
    auto* kernel =
        host_.room_for(static_cast<int>(job.devices()), static_cast<int>(job.channels()), exact);
    if (kernel == nullptr) return send(Kind::renew, {});
    host_.report_rates(wish.rates);
    EventSender sender([this](std::string_view block) { send(Kind::part, block); });
    SimgridAnswer answer;
    const double start = cpu_seconds();
    control_.run(job, *kernel, answer.tally, wish.observed ? &sender : nullptr);
    sender.flush();
    answer.seconds = cpu_seconds() - start;
    answer.events = control_.events();
    answer.stall = control_.stall();
    send(Kind::last, encode(answer));
  }

  void replay(const std::string& question) {
    const auto log = KernelLog::decoded(question);
    auto* kernel = host_.room_for(log.devices, static_cast<int>(log.bandwidth.size()), true);
    if (kernel == nullptr) return send(Kind::renew, {});
    host_.report_rates(false);
    KernelLog heard;
    heard.ends = replayed(log, *kernel);
    send(Kind::last, heard.encoded());
  }

  int in_, out_;
  KernelHost& host_;
  Control control_;
};

}  // namespace

void serve(int in, int out, KernelHost& host) {
  try {
    Server(in, out, host).run();
  } catch (const Gone&) {
    return;
  }
}

}  // namespace sim
