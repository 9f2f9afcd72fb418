#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/workload.h"
#include "sim/job.h"

namespace sim {

/// A list of lists, compressed: who reads a task, which tasks a resource has.
struct Lists {
  std::vector<std::int32_t> begin, item;
  std::span<const std::int32_t> of(int index) const {
    const auto i = static_cast<std::size_t>(index);
    return std::span(item).subspan(static_cast<std::size_t>(begin[i]),
                                   static_cast<std::size_t>(begin[i + 1] - begin[i]));
  }
};

/// One network during a run: what its plan asks, and what its requests under way have done so far.
struct StreamState {
  /// Of a task of a request under way; only where something may fail or is limited.
  struct Attempt {
    std::int64_t queued = 0;   ///< a transfer: when what it sends was present
    std::int64_t started = 0;  ///< picoseconds
    std::int32_t unread = 0;   ///< an arrival: tasks there that have not started
    bool again = false;        ///< an earlier attempt was lost
    bool flowing = false;      ///< a fair transfer whose latency is over
    enum class State : std::uint8_t { waiting, under_way, ended } state = State::waiting;
  };

  /// Of a task, what the usual case needs, side by side.
  struct Brief {
    std::int64_t duration = 0;
    std::int32_t device = -1;  ///< -1: a transfer
    std::int32_t first_reader = 0, end_reader = 0;
    std::uint8_t precision = models::TaskGraph::no_precision;
    bool is_final = false;
  };

  /// Makes everything ready for a run of this job.
  void prepare(const Job& job, int index);

  /// Room for the state of one more request; answers its place.
  std::int32_t open_pool();
  std::size_t first_of(std::int32_t pool_slot) const {
    return static_cast<std::size_t>(pool_slot) * tasks;
  }
  void note_serial(std::int64_t serial);
  std::int64_t serial_of(std::int64_t ordinal) const {
    return serials[static_cast<std::size_t>(ordinal) & (serials.size() - 1)];
  }
  void note_arrival(std::int64_t number, std::int64_t when);
  std::int64_t arrival_of(std::int64_t number) const {
    return arrivals[static_cast<std::size_t>(number) & (arrivals.size() - 1)];
  }
  /// The next arrival of an open workload.
  std::int64_t next_arrival();

  const Job::Stream* asked = nullptr;
  std::size_t tasks = 0;
  std::uint64_t priority = 0;
  std::int64_t batch = 1;  ///< most requests executed as one
  bool closed = true;

  // Of the plan.
  Lists readers;                               ///< [task]
  Lists on_device;                             ///< [device] its tasks, in order
  Lists on_channel;                            ///< [channel] its fifo transfers, in order
  std::vector<std::int32_t> missing_at_first;  ///< [task] how many results it waits for
  std::vector<std::int32_t> roots;             ///< tasks that wait for nothing
  std::vector<std::uint8_t> is_final;
  std::vector<Brief> brief;  ///< [task]
  bool jitters = false;

  // Of the run.
  std::vector<std::int32_t> missing;  ///< [pool slot x task]
  std::vector<std::int32_t> slot_of;  ///< [pool slot x task] device slot while running
  std::vector<Attempt> attempts;      ///< [pool slot x task], or empty
  std::vector<std::int32_t> pool_free;
  bool keeps_attempts = false;
  std::optional<models::ArrivalTimes> drawn;
  std::int64_t due = 0;        ///< the next arrival of an open workload
  std::int64_t regular = 0;    ///< arrived, those of bursts not counted
  std::int64_t arrived = 0;    ///< requests
  std::int64_t burst = 0;      ///< more requests that arrive at this instant
  std::int64_t completed = 0;  ///< requests
  std::int64_t gathered = 0;   ///< arrived, and not yet in a batch
  std::int64_t gathering_since = 0;
  bool timed = false;                  ///< a timer for the batch being gathered is under way
  std::int64_t formed = 0;             ///< requests or batches ready for admission, ever
  std::int64_t admitted = 0;           ///< of those
  std::int64_t oldest = 0;             ///< first of those that has not completed
  std::int64_t oldest_number = 0;      ///< its first request
  std::vector<std::int64_t> serials;   ///< of those under way: a ring, its size a power of two
  std::vector<std::int64_t> arrivals;  ///< the same for requests, where there are batches

 private:
  void list_readers();
  void list_by_resource(const Job& job);
};

}  // namespace sim
