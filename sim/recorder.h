#pragma once

#include <cstdint>
#include <vector>

#include "models/outcome.h"
#include "sim/fingerprint.h"
#include "sim/job.h"
#include "sim/memory_watch.h"
#include "sim/observer.h"
#include "sim/tally.h"

namespace sim {

/// Watches one execution and explains it: where the time of slots and of requests went, how much
/// memory was really held, the critical path, the fingerprint, and on request every event. The
/// bench must be prepared for the plan that is executed.
class Recorder final : public Observer {
 public:
  Recorder(const Workbench& bench, bool keep_timeline);

  /// After the run. Fills everything of the outcome that only watching can tell.
  void write(models::Outcome& outcome, const Tally& tally);

  void arrived(std::int64_t now, int stream, std::int64_t number) override;
  void formed(std::int64_t now, std::int64_t serial, int stream, std::int64_t number,
              std::int32_t members) override;
  void admitted(std::int64_t now, std::int64_t serial) override;
  void started(std::int64_t now, std::int64_t serial, std::int32_t task, int slot,
               std::int64_t work) override;
  void released(std::int64_t now, std::int64_t serial, std::int32_t task) override;
  void ended(std::int64_t now, std::int64_t serial, std::int32_t task) override;
  void lost(std::int64_t now, std::int64_t serial, std::int32_t task) override;
  void completed(std::int64_t now, std::int64_t serial) override;
  void rate_changed(std::int64_t serial, std::int32_t task, std::int64_t when, double fraction,
                    double rate) override;
  void changed(const models::Timeline::Change& change) override;

 private:
  struct Times {
    std::int64_t ready = 0, start = 0, work = 0, released = 0, end = 0;
    std::int64_t first_start = -1;  ///< of an attempt that was lost
    std::int32_t slot = 0;
    std::int32_t record = -1;  ///< index into the timeline
    bool under_way = false;
  };
  struct Flight {  ///< a request or batch between forming and completion
    std::int64_t serial = -1;
    std::int64_t arrivals = 0;  ///< sum over its members
    std::int64_t first_arrival = 0, formed = 0, admitted = 0;
    std::int64_t number = 0;
    std::int32_t stream = 0, members = 1;
    std::int32_t memory = -1;
    std::vector<Times> times;  ///< [task], from admission on
  };
  struct DeviceWatch {
    std::int64_t since = 0;
    std::int64_t pending = 0;  ///< tasks of admitted requests that have not started
    int running = 0;
    bool used = false;
    bool down = false;
  };
  struct StreamWatch {
    std::vector<std::int32_t> tasks_on;  ///< [device]
    std::int32_t first_task = 0;         ///< in the timeline and the fingerprint
    /// Arrivals of requests that are in no batch yet, in order: a queue from `head` on.
    std::vector<std::int64_t> arrivals;
    std::size_t head = 0;
  };

  Flight& flight_of(std::int64_t serial) {
    return flights_[static_cast<std::size_t>(serial) & (flights_.size() - 1)];
  }
  Flight& open_flight(std::int64_t serial);
  void take_arrivals(Flight& flight);
  void account(std::size_t device, std::int64_t now);
  void account_all(std::int64_t now);
  void walk_back(const Flight& flight, std::int64_t completed);
  void close(std::int64_t now);
  const Job::Stream& asked(const Flight& flight) const {
    return bench_.job().streams[static_cast<std::size_t>(flight.stream)];
  }
  std::int32_t global(const Flight& flight, std::int32_t task) const {
    return streams_[static_cast<std::size_t>(flight.stream)].first_task + task;
  }

  const Workbench& bench_;
  const models::Problem& problem_;
  bool keep_timeline_;
  Fingerprint fingerprint_;
  models::LatencySplit split_;
  std::vector<models::SlotTime> slot_time_;  ///< [device]
  std::vector<DeviceWatch> devices_;
  std::vector<StreamWatch> streams_;
  std::vector<Flight> flights_;  ///< a ring by serial number, its size a power of two
  std::vector<std::vector<Times>> spare_times_;
  MemoryWatch memory_;
  bool begun_ = false;
  std::int64_t waiting_ = 0;  ///< requests or batches that are formed and not admitted
  std::int64_t slowest_ = -1;
  std::vector<models::CriticalStep> critical_, scratch_;
  models::Timeline timeline_;
};

}  // namespace sim
