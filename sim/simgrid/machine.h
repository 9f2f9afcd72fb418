#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <simgrid/s4u.hpp>
#include <span>
#include <string>
#include <vector>

namespace sim {

/// The machine as SimGrid sees it: hosts that work and links that send, at speeds that may change
/// at any time. One of SimGrid's seconds is a picosecond, so that whole picoseconds are exact. One
/// per process: SimGrid allows no second engine.
class SimgridMachine {
 public:
  /// Who lives on SimGrid's clock. SimGrid asks what comes next after it has handed out all
  /// completions of an instant, and before it shares anything anew: the place to react.
  class Resident {
   public:
    virtual ~Resident() = default;
    /// How long from `now` until the next event of its own; negative if there is none.
    virtual double next_event(double now) = 0;
    /// The clock has moved on by `step` to `now`; completions follow.
    virtual void moved(double now, double step) = 0;
    /// `tag` is what was given at the start.
    virtual void completed(void* tag) = 0;
    /// Nothing more is heard of it; its tag may be used again.
    virtual void dropped(void* tag) = 0;
  };
  using Activity = simgrid::s4u::ActivityPtr;

  SimgridMachine(int devices, int channels, Resident& resident);
  ~SimgridMachine();

  int devices() const { return static_cast<int>(speed_.size()); }
  int channels() const { return static_cast<int>(bandwidth_.size()); }
  double clock() const;  ///< picoseconds
  /// What the clock can still tell apart, at the least.
  void set_precision(double picoseconds);

  /// Speeds and bandwidths of what is not under way; nothing is shared anew.
  void prepare(std::span<const double> bandwidth);
  void set_speed(int device, double factor);
  void set_bandwidth(std::int32_t channel, double bytes_per_second);
  double speed(int device) const { return speed_[static_cast<std::size_t>(device)]; }
  double bandwidth(std::int32_t channel) const {
    return bandwidth_[static_cast<std::size_t>(channel)];
  }

  /// Amounts are more than 0. A device's activities do not slow each other down.
  Activity work(int device, double picoseconds, void* tag);
  /// Has its channels to itself, takes so long at `bandwidth`.
  Activity hold(std::span<const std::int32_t> channels, std::int64_t picoseconds, double bandwidth,
                void* tag);
  Activity flow(std::span<const std::int32_t> channels, double bytes, void* tag);
  /// Below this many bytes a flow is none.
  static constexpr double least_bytes = 1.0 / 65536;

  /// Calls `visit` with the identity and the rate, in bytes per second, of every flow under way.
  void each_rate(const std::function<void(const void*, double)>& visit) const;
  static const void* identity(const Activity& activity) { return activity->get_impl(); }

  static bool is_under_way(const Activity& activity) {
    return activity->get_state() == simgrid::s4u::Activity::State::STARTED;
  }

  /// Until nothing is left to happen.
  void run();

 private:
  class Turn;
  class Roads;
  void start_engine();
  void add_device(std::size_t d);
  simgrid::s4u::Link* add_link(const std::string& name, std::function<double()> capacity);
  Activity send(std::uint64_t amount, void* tag);

  std::unique_ptr<simgrid::s4u::Engine> engine_;
  std::shared_ptr<Turn> turn_;
  simgrid::kernel::resource::Model* network_ = nullptr;
  Roads* roads_ = nullptr;
  simgrid::s4u::Host* from_ = nullptr;
  simgrid::s4u::Host* to_ = nullptr;
  std::vector<simgrid::s4u::Host*> hosts_;      ///< [device]
  std::vector<simgrid::s4u::Link*> hold_link_;  ///< [channel]
  std::vector<simgrid::s4u::Link*> flow_link_;  ///< [channel]
  std::vector<double> speed_;                   ///< [device]
  std::vector<double> bandwidth_;               ///< [channel] bytes per second
  std::vector<double> hold_bandwidth_;          ///< [channel] at which its hold goes at speed 1
};

}  // namespace sim
