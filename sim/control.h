#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/task_graph.h"
#include "sim/kernel.h"
#include "sim/scoring.h"

namespace sim {

/// Is told of everything that happens, in order. Only what explains a run needs it; scoring does
/// not.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void arrived(std::int64_t now, std::int64_t request) = 0;
  virtual void admitted(std::int64_t now, std::int64_t request) = 0;
  /// `work` is when the precision switch is over; `slot` is -1 for transfers.
  virtual void started(std::int64_t now, std::int64_t request, std::int32_t task, int slot,
                       std::int64_t work) = 0;
  /// Gave its slot or its links back.
  virtual void released(std::int64_t now, std::int64_t request, std::int32_t task) = 0;
  /// Its result is present.
  virtual void ended(std::int64_t now, std::int64_t request, std::int32_t task) = 0;
  virtual void completed(std::int64_t now, std::int64_t request) = 0;
  virtual void rate_changed(std::int64_t request, std::int32_t task, std::int64_t when,
                            double fraction, double rate) = 0;
};

/// Decides what starts when, on any kernel: admission, queues, order, precision switches. All
/// completions of one instant are taken in first, then devices and links dispatch
/// (docs/execution-model.md, sections 4 and 5). Reused between plans without allocating.
class Control final : public Kernel::Client {
 public:
  explicit Control(const models::Problem& problem);

  /// Executes all requests of the workload. Fills the tally. Throws std::logic_error if requests
  /// remain when nothing can happen any more, which would be a bug.
  void run(const models::TaskGraph& graph, Kernel& kernel, Tally& tally, Observer* observer);

  std::int64_t events() const { return events_; }

  void instant(std::int64_t now, std::span<const Activity> ended) override;
  void rate_changed(Activity flow, std::int64_t when, double fraction, double rate) override;

 private:
  /// A place in an order of (request, position): which task of a resource's list comes next.
  struct Cursor {
    std::int64_t request = 0;
    std::int32_t at = 0;  ///< index into the list
  };
  struct Queued {
    std::int64_t when = 0;
    std::int64_t request = 0;
    std::int32_t task = 0;
    friend auto operator<=>(const Queued&, const Queued&) = default;
  };
  struct DeviceState {
    Cursor next;                       ///< strict
    std::vector<std::uint64_t> ready;  ///< ready: a heap of (request, task)
    std::vector<std::uint8_t> slot_busy;
    int free_slots = 0;
    std::uint8_t last = models::TaskGraph::no_precision;
    bool dirty = false;
  };
  struct ChannelState {
    Cursor next;                ///< strict
    std::vector<Queued> queue;  ///< ready: from `head` on
    std::size_t head = 0;
    bool busy = false;
    bool dirty = false;
  };
  /// A request between arrival and completion; its per-task state lies in a slot of a pool.
  struct InFlight {
    std::int32_t pool_slot = -1;  ///< -1: not yet admitted
    std::int32_t finals_left = 0;
    std::int64_t arrival = 0;
  };

  void prepare(const models::TaskGraph& graph);
  void list_by_resource();
  void list_dependents();
  void start_arrivals();
  void arrive();
  void admit_waiting();
  void admit(std::int64_t request);
  void finish(std::int64_t request);
  void become_ready(std::int64_t request, std::int32_t task);
  void present(std::int64_t request, std::int32_t task);
  void slot_freed(std::int64_t request, std::int32_t task);
  void links_freed(std::int64_t request, std::int32_t task);
  void dispatch();
  void dispatch_device(int device);
  void dispatch_channel(int channel);
  void queue_ready_transfers();
  void start_fair_transfers();
  void start_on_device(int device, std::int64_t request, std::int32_t task);
  void start_transfer(std::int64_t request, std::int32_t task);
  bool is_head(int channel, std::int64_t request, std::int32_t task) const;
  void pop_head(int channel);
  bool head_of(int channel, std::int64_t& request, std::int32_t& task) const;
  void mark_device(int device);
  void mark_channel(int channel);
  InFlight& in_flight(std::int64_t request) {
    return flights_[static_cast<std::size_t>(request) & (flights_.size() - 1)];
  }
  bool startable(std::int64_t request, std::int32_t task);
  std::span<const std::int32_t> list(const std::vector<std::int32_t>& begin,
                                     const std::vector<std::int32_t>& items, int index) const;

  const models::Problem& problem_;
  const models::TaskGraph* graph_ = nullptr;
  Kernel* kernel_ = nullptr;
  Tally* tally_ = nullptr;
  Observer* observer_ = nullptr;
  std::int64_t now_ = 0;
  std::int64_t events_ = 0;
  bool strict_ = true;

  // Of the plan: compressed lists.
  std::vector<std::int32_t> dependent_begin_, dependent_;  ///< [task] who reads it
  std::vector<std::int32_t> missing_template_;             ///< [task] how many it waits for
  std::vector<std::int32_t> roots_;                        ///< tasks that wait for nothing
  std::vector<std::uint8_t> is_final_;
  std::vector<std::int32_t> device_begin_, device_task_;
  std::vector<std::int32_t> channel_begin_, channel_task_;

  // Of the run.
  std::vector<DeviceState> devices_;
  std::vector<ChannelState> channels_;
  std::vector<InFlight> flights_;      ///< a ring over requests, its size a power of two
  std::vector<std::int32_t> missing_;  ///< [pool slot x task]
  std::vector<std::int32_t> slot_of_;  ///< [pool slot x task] device slot while running
  std::vector<std::int32_t> pool_free_;
  std::int64_t arrived_ = 0;    ///< requests so far
  std::int64_t admitted_ = 0;   ///< requests so far
  std::int64_t completed_ = 0;  ///< requests so far
  std::int64_t oldest_ = 0;     ///< first request that has not completed
  std::vector<std::int32_t> dirty_devices_, dirty_channels_;
  std::vector<Queued> fresh_;  ///< transfers that became ready in this instant
  std::vector<Queued> fair_;   ///< fair ones
};

}  // namespace sim
