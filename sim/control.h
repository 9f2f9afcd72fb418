#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/job.h"
#include "sim/kernel.h"
#include "sim/observer.h"
#include "sim/stall.h"
#include "sim/stream_state.h"
#include "sim/tally.h"

namespace sim {

/// Decides what starts when, on any kernel: arrivals, batches, admission, queues, order, precision
/// switches, buffers, failures. At each instant all completions are taken in first, then what
/// happens to the platform, then arrivals; then devices and links dispatch
/// (docs/execution-model.md, sections 4 to 6). Reused between plans without allocating.
class Control final : public Kernel::Client {
 public:
  /// Executes all requests. Fills the tally.
  void run(const Job& job, Kernel& kernel, Tally& tally, Observer* observer);

  std::int64_t events() const { return events_; }
  /// Why requests remained; `unfinished` is 0 if none did.
  Stall stall() const;

  void instant(std::int64_t now, std::span<const Activity> ended) override;
  void rate_changed(Activity flow, std::int64_t when, double fraction, double rate) override;

 private:
  /// A place in an order of (request, position): which task of a resource's list comes next.
  struct Cursor {
    std::int64_t ordinal = 0;  ///< of the request or batch in its stream
    std::int32_t at = 0;       ///< index into the list
  };
  struct Queued {
    std::int64_t instant = 0;
    std::uint64_t code = 0;  ///< of the activity
    friend auto operator<=>(const Queued&, const Queued&) = default;
  };
  struct DeviceState {
    std::vector<std::uint64_t> ready;  ///< ready: a heap of activities
    std::vector<std::uint64_t> lost;   ///< to be started again, ascending
    std::vector<std::uint8_t> slot_busy;
    std::vector<Activity> running;      ///< only where something may change
    std::vector<std::int32_t> starved;  ///< channels whose next transfer lacks a credit here
    int free_slots = 0;
    int credits = 0, engines = 0;  ///< left, where they are limited
    double speed = 1, load = 0;
    std::uint8_t last = models::TaskGraph::no_precision;
    bool down = false;
    bool dirty = false;
  };
  struct ChannelState {
    std::vector<Queued> queue;  ///< ready: from `head` on
    std::size_t head = 0;
    std::vector<std::uint64_t> lost;  ///< strict: transfers to be started again, ascending
    bool busy = false;
    bool dirty = false;
    // Only where something may change:
    std::int32_t flows = 0;  ///< under way
    std::int64_t since = 0;  ///< when the first of them began
    std::int64_t timed = 0;  ///< picoseconds with flows
    bool shared = false;     ///< has carried flows
    bool varied = false;     ///< its bandwidth has not always been the planned one
  };
  struct LinkState {
    double lanes = 0;  ///< that carry data
    double powered = 0;
    double load = 0;
    std::int64_t powered_since = 0;
    std::int64_t settles = -1;  ///< when the change of width under way is over
    std::int32_t next_lanes = 0;
    bool down = false;
    std::vector<Activity> sending;  ///< holds, and fair transfers in latency or flow
  };
  /// A request, or several executed as one, between arrival and completion.
  struct Flight {
    std::int64_t arrival = 0;  ///< of the first
    std::int64_t number = 0;   ///< of the first in its network
    std::int32_t pool_slot = waiting;
    std::int32_t finals_left = 0;
    std::int32_t stream = 0;
    std::int32_t members = 1;
    static constexpr std::int32_t waiting = -1, done = -2;
  };

  // control.cpp
  void prepare();
  void take_in(Activity activity);
  void become_ready(const Flight& flight, Activity task);
  void present(Activity activity, Flight& flight);
  void slot_freed(Activity activity, const Flight& flight, const models::TaskGraph::Task& task);
  void links_freed(Activity activity);
  void dispatch();

  // control_plain.cpp
  void instant_plain(std::span<const Activity> ended);
  void present_plain(Activity activity, const StreamState::Brief& task);
  void dispatch_plain(int device);

  // control_requests.cpp
  void start_arrivals();
  bool arrive(int stream);
  void take_request(int stream);
  void first_arrival();
  void wait_for_more(int stream);
  void waited_for_more(int stream);
  bool form_batches(int stream, bool waited);
  void form(int stream, std::int64_t number, std::int32_t members, std::int64_t arrival);
  bool fits(const Flight& flight) const;
  void hold_memory(const Flight& flight, int sign);
  bool admit_waiting();
  void admit(std::int64_t serial);
  void finish(std::int64_t serial, Flight& flight);
  void advance_oldest(StreamState& stream);

  // control_devices.cpp
  void dispatch_device(int device);
  void dispatch_shared(int device);
  bool next_on(int device, int stream, Activity& next) const;
  void start_on_device(int device, Activity task);
  void note_start(int device, Activity task);

  // control_links.cpp
  bool head_of(int channel, int stream, Activity& head) const;
  bool is_head(int channel, Activity transfer) const;
  void pop_head(int channel, Activity transfer);
  void dispatch_channel(int channel);
  void list_candidates(int channel);
  void start_candidates();
  bool may_start(Activity transfer);
  void start_transfer(Activity transfer);
  void note_transfer(Activity transfer);
  void start_fair_transfers();
  bool may_flow(Activity transfer);
  void start_fair(Activity transfer);
  void queue_ready_transfers();
  void enqueue(const Queued& each);
  bool takes_limits(const models::TaskGraph::Task& transfer, int waiting_channel);
  void release_engines(const models::TaskGraph::Task& transfer);
  void return_credit(int device);
  void limits_freed(int device);

  // control_changes.cpp
  void happen(int event);
  void settle(int link);
  void set_pace(int device);
  void set_width(int link);
  void power(int link, double lanes);
  void fail_device(int device);
  void return_device(int device);
  void fail_link(int link);
  void return_link(int link);
  void lose_work(int device, Activity activity);
  void lose_transfer(Activity activity);
  void burst(int stream, std::int64_t count);
  void tell(models::Timeline::Change::What what, int index, double value);
  void forget(std::vector<Activity>& all, Activity activity);
  void note_flow(Activity activity, std::int32_t change);
  void note_sending(Activity activity);
  void forget_sending(Activity activity);

  // control_stall.cpp
  void explain(Stall& stall, const Flight& flight, std::int64_t serial) const;
  void explain_admission(Wait& wait, const Flight& flight) const;
  void explain_task(Wait& wait, const models::TaskGraph::Task& task, Activity activity,
                    bool under_way) const;
  void explain_transfer(Wait& wait, const models::TaskGraph::Task& task, bool under_way) const;
  std::int32_t lacking(const models::TaskGraph::Task& transfer, Wait::For& what) const;

  Flight& flight_of(std::int64_t serial) {
    return flights_[static_cast<std::size_t>(serial) & flight_mask_];
  }
  const Flight& flight_of(std::int64_t serial) const {
    return flights_[static_cast<std::size_t>(serial) & flight_mask_];
  }
  StreamState& stream_of(const Flight& flight) {
    return streams_[static_cast<std::size_t>(flight.stream)];
  }
  const StreamState& stream_of(const Flight& flight) const {
    return streams_[static_cast<std::size_t>(flight.stream)];
  }
  const models::TaskGraph::Task& task_of(const Flight& flight, std::int32_t task) const {
    return job_->streams[static_cast<std::size_t>(flight.stream)].task(
        static_cast<std::size_t>(task), flight.members);
  }
  const models::TaskGraph::Task& task_of(Activity activity) const {
    return task_of(flight_of(activity.serial()), activity.task());
  }
  std::size_t state_index(const Flight& flight, std::int32_t task) const {
    return stream_of(flight).first_of(flight.pool_slot) + static_cast<std::size_t>(task);
  }
  StreamState::Attempt& attempt_of(Activity activity) {
    const auto& flight = flight_of(activity.serial());
    return stream_of(flight).attempts[state_index(flight, activity.task())];
  }
  std::int64_t jittered(const Flight& flight, std::int32_t task, std::int64_t amount) const {
    const auto& workload = *stream_of(flight).asked->workload;
    return workload.jitter == 0 ? amount : models::jittered(amount, workload, flight.number, task);
  }
  bool startable(const Flight& flight, std::int32_t task) const {
    return flight.pool_slot >= 0 && stream_of(flight).missing[state_index(flight, task)] == 0;
  }
  Cursor& device_next(int device, int stream) {
    return device_next_[static_cast<std::size_t>(device) * streams_.size() +
                        static_cast<std::size_t>(stream)];
  }
  const Cursor& device_next(int device, int stream) const {
    return const_cast<Control*>(this)->device_next(device, stream);
  }
  const Cursor& channel_next(int channel, int stream) const {
    return channel_next_[static_cast<std::size_t>(channel) * streams_.size() +
                         static_cast<std::size_t>(stream)];
  }
  void mark_device(int device) {
    auto& state = devices_[static_cast<std::size_t>(device)];
    if (state.dirty) return;
    state.dirty = true;
    dirty_devices_.push_back(device);
  }
  void mark_channel(int channel);

  const Job* job_ = nullptr;
  Kernel* kernel_ = nullptr;
  Tally* tally_ = nullptr;
  Observer* observer_ = nullptr;
  std::int64_t now_ = 0;
  std::int64_t events_ = 0;
  bool strict_ = true;
  bool changes_ = false;  ///< the platform changes during the run
  bool limited_ = false;  ///< buffers or copy engines are limited
  bool plain_ = true;     ///< one network, no batches, no limits, no changes: the usual case

  std::vector<StreamState> streams_;
  std::vector<DeviceState> devices_;
  std::vector<ChannelState> channels_;
  std::vector<LinkState> links_;
  std::vector<Cursor> device_next_, channel_next_;  ///< [resource x stream], strict
  std::vector<std::int64_t> held_;                  ///< [device] bytes of admitted requests
  std::vector<std::int64_t> event_times_left_;      ///< [event]

  std::vector<Flight> flights_;         ///< a ring by serial number, its size a power of two
  std::size_t flight_mask_ = 0;         ///< its size less one
  std::vector<std::uint64_t> waiting_;  ///< for admission: a heap of activities; not where plain
  std::int64_t formed_ = 0;             ///< serial numbers given so far
  std::int64_t admitted_ = 0;           ///< requests or batches so far
  std::int64_t completed_ = 0;          ///< requests or batches so far
  std::int64_t oldest_ = 0;             ///< first serial number that has not completed
  std::int64_t admission_limit_ = 0;    ///< requests at once, where plain
  std::int64_t unfinished_ = 0;

  std::vector<std::int32_t> dirty_devices_, dirty_channels_;
  std::vector<Queued> fresh_;       ///< fifo transfers that became ready in this instant
  std::vector<Queued> fair_;        ///< fair transfers that have not started
  std::vector<Queued> candidates_;  ///< scratch: fifo transfers that may start now
  bool fair_dirty_ = false;         ///< some of fair_ may be able to start
};

}  // namespace sim
