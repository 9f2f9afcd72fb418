// The second engine: takes jobs on its standard input and answers on its standard output, see
// sim/simgrid_process.h. Started by partwise.
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <optional>

#include "sim/kernel_server.h"
#include "sim/simgrid/simgrid_kernel.h"

namespace {

/// Picoseconds on SimGrid's clock up to which ends of flows are exact to a thousandth of one.
constexpr double fine_clock = 0x1p40;
/// Up to which whole picoseconds are exact, with room for one more job.
constexpr double whole_clock = 0x1p51;

class SimgridHost final : public sim::KernelHost {
 public:
  sim::Kernel* room_for(int devices, int channels, bool exact) override {
    if (!kernel_) kernel_.emplace(std::max(devices, 64), std::max(channels, 128));
    const bool fits = devices <= kernel_->devices() && channels <= kernel_->channels() &&
                      kernel_->clock() < (exact ? fine_clock : whole_clock);
    return fits ? &*kernel_ : nullptr;
  }
  void report_rates(bool report) override { kernel_->report_rates(report); }

 private:
  std::optional<sim::SimgridKernel> kernel_;
};

}  // namespace

int main() {
  if (::isatty(STDIN_FILENO) != 0) {
    std::fputs("partwise-simgrid is started by partwise: partwise simulate --engine simgrid\n",
               stderr);
    return 2;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGINT, SIG_IGN);  // an interruption is the parent's to answer
  // Answers have a descriptor to themselves, whatever SimGrid prints.
  const int out = ::dup(STDOUT_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  SimgridHost host;
  sim::serve(STDIN_FILENO, out, host);
  ::_exit(0);  // SimGrid has nothing to put away
}
