#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "sim/kernel.h"
#include "sim/simgrid/machine.h"

namespace sim {

/// The kernel on SimGrid, which shares links and devices by its own solvers and keeps the clock.
/// Runs follow one another on that clock, which cannot be set back and grows coarser. SimGrid
/// allows one engine per process: make one.
class SimgridKernel final : public Kernel, private SimgridMachine::Resident {
 public:
  /// Room for setups of at most so many devices and channels.
  SimgridKernel(int devices, int channels);

  int devices() const { return machine_.devices(); }
  int channels() const { return machine_.channels(); }
  /// Simulated so far, in picoseconds. Beyond 10^12, ends of flows are exact to more than a
  /// thousandth of a picosecond only; beyond 2^53 nothing is exact.
  double clock() const { return machine_.clock(); }
  /// Whether clients are told of the rates of flows; costs time.
  void report_rates(bool report) { report_rates_ = report; }

  void reset(const Setup& setup) override;
  void timer(std::int64_t when, Activity activity) override;
  void work(Activity activity, int device, std::int64_t amount) override;
  void hold(Activity activity, std::span<const std::int32_t> channels, std::int64_t amount,
            double bandwidth) override;
  void flow(Activity activity, std::span<const std::int32_t> channels, double bytes) override;
  void set_speed(int device, double factor) override { machine_.set_speed(device, factor); }
  void set_bandwidth(std::int32_t channel, double bandwidth) override {
    machine_.set_bandwidth(channel, bandwidth);
  }
  double cancel(Activity activity) override;
  void run(Client& client) override;

 private:
  struct Due {
    std::int64_t when = 0;
    Activity activity;
    friend auto operator<=>(const Due&, const Due&) = default;
  };
  /// Something under way in SimGrid.
  struct Running {
    SimgridMachine::Activity activity;  ///< none: free for reuse
    Activity what;
    double amount = 0;                   ///< in SimGrid's units
    int device = -1;                     ///< of work
    std::vector<std::int32_t> channels;  ///< of holds and flows
    bool flows = false;
    double rate = 0;  ///< as last reported
  };
  /// Where something that may be cancelled is to be found.
  struct Place {
    std::int64_t start = 0;
    std::int64_t when = 0;       ///< timers: their end; the start of what has ended already
    Running* running = nullptr;  ///< none: a timer, or something that ended and waits to be heard
  };

  double next_event(double clock) override;
  void moved(double clock, double step) override;
  void completed(void* tag) override;
  void dropped(void* tag) override { dropped_.push_back(static_cast<Running*>(tag)); }

  Running& fresh(Activity what, double amount);
  void push(std::int64_t when, Activity activity, std::int64_t start);
  void pop_timer();
  bool skip_outdated();
  void take_timers(double clock);
  void reuse_dropped();
  bool stands_still(const Running& running) const;
  void stop_if_nothing_moves();
  void adapt_precision(double clock);
  void tell_rates(double clock);
  void tell_rate(Running& running, double rate, double clock);

  SimgridMachine machine_;
  Client* client_ = nullptr;  ///< while it runs
  bool report_rates_ = false;
  bool changes_ = false;
  bool cancelled_ = false;  ///< something, in this instant
  std::int64_t now_ = 0;
  std::int64_t base_ = 0;    ///< SimGrid's clock at our 0
  double margin_ = 0;        ///< how far beyond a whole picosecond still counts as ending there
  double next_octave_ = 0;   ///< when the precision is due to be looked at
  std::vector<Due> timers_;  ///< a heap, the earliest on top
  std::vector<Activity> ended_, told_;
  std::vector<std::unique_ptr<Running>> pool_;
  std::vector<Running*> free_, dropped_;
  std::unordered_map<std::uint64_t, Place> places_;        ///< only if something may change
  std::unordered_map<const void*, Running*> by_identity_;  ///< flows, if rates are reported
};

}  // namespace sim
