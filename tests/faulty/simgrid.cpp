// Stands in for partwise-simgrid in tests: every piece of work takes a nanosecond too long.
#include <unistd.h>

#include "sim/kernel_server.h"
#include "tests/sim/late_kernel.h"

namespace {

class FaultyHost final : public sim::KernelHost {
 public:
  sim::Kernel* room_for(int, int, bool) override { return &kernel_; }
  void report_rates(bool) override {}

 private:
  LateKernel kernel_{1000};
};

}  // namespace

int main() {
  FaultyHost host;
  sim::serve(STDIN_FILENO, STDOUT_FILENO, host);
}
