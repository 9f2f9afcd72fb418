#pragma once

#include <cstdint>
#include <vector>

#include "models/outcome.h"
#include "models/task_graph.h"
#include "sim/control.h"
#include "sim/fingerprint.h"
#include "sim/memory_watch.h"

namespace sim {

/// Watches one execution and explains it: where the time of slots and of requests went, how much
/// memory was really held, the critical path, the fingerprint, and on request every event.
class Recorder final : public Observer {
 public:
  Recorder(const models::TaskGraph& graph, bool keep_timeline);

  /// After the run. Fills everything of the outcome that only watching can tell.
  void write(models::Outcome& outcome, const Tally& tally);

  void arrived(std::int64_t now, std::int64_t request) override;
  void admitted(std::int64_t now, std::int64_t request) override;
  void started(std::int64_t now, std::int64_t request, std::int32_t task, int slot,
               std::int64_t work) override;
  void released(std::int64_t now, std::int64_t request, std::int32_t task) override;
  void ended(std::int64_t now, std::int64_t request, std::int32_t task) override;
  void completed(std::int64_t now, std::int64_t request) override;
  void rate_changed(std::int64_t request, std::int32_t task, std::int64_t when, double fraction,
                    double rate) override;

 private:
  struct Times {
    std::int64_t ready = 0, start = 0, work = 0, released = 0, end = 0;
    std::int32_t slot = 0;
    std::int32_t record = -1;  ///< index into the timeline
  };
  struct Flight {  ///< a request between arrival and completion
    std::int64_t request = -1;
    std::int64_t arrival = 0, admitted = 0;
    std::vector<Times> times;  ///< [task], from admission on
  };
  struct DeviceWatch {
    std::int64_t since = 0;
    std::int64_t pending = 0;  ///< tasks of admitted requests that have not started
    int running = 0;
    bool used = false;
  };

  Flight& flight_of(std::int64_t request) {
    return flights_[static_cast<std::size_t>(request) & (flights_.size() - 1)];
  }
  Flight& open_flight(std::int64_t request);
  void count_tasks();
  void account(std::size_t device, std::int64_t now);
  void account_all(std::int64_t now);
  void walk_back(const Flight& flight, std::int64_t completed);

  const models::TaskGraph& graph_;
  const models::Problem& problem_;
  bool keep_timeline_;
  Fingerprint fingerprint_;
  models::LatencySplit split_;
  std::vector<models::SlotTime> slot_time_;  ///< [device]
  std::vector<DeviceWatch> devices_;
  std::vector<Flight> flights_;  ///< a ring over requests, its size a power of two
  std::vector<std::vector<Times>> spare_times_;
  std::vector<std::int32_t> tasks_on_;  ///< [device]
  MemoryWatch memory_;
  std::int64_t waiting_ = 0;  ///< requests that have arrived and are not admitted
  std::int64_t slowest_ = -1;
  std::vector<models::CriticalStep> critical_, scratch_;
  models::Timeline timeline_;
};

}  // namespace sim
