#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/units.h"

namespace models {

/// Everything that happened during one execution, self-contained: it can be drawn and checked
/// without the problem it came from.
struct Timeline {
  struct Device {
    std::string name;
    int slots = 1;
    std::int64_t capacity = 0;     ///< bytes
    std::int64_t weights = 0;      ///< bytes
    std::int64_t per_request = 0;  ///< bytes held by every admitted request; the most of any
    std::int64_t switch_time = 0;  ///< picoseconds
    int buffers = 0;               ///< credits for arrivals; 0: any number
    int copy_engines = 0;          ///< transfers sent or received at once; 0: any number
  };
  /// One network.
  struct Stream {
    std::string name;
    std::int64_t priority = 0;  ///< smaller goes first
    std::int64_t deadline = 0;  ///< picoseconds; 0: none
    double jitter = 0;          ///< as Workload::jitter, with its shape and seed:
    bool jitter_exponential = false;
    std::int64_t jitter_seed = 1;
    std::int32_t first_task = 0;        ///< its tasks follow each other
    std::vector<std::int64_t> needs{};  ///< [(batch - 1) x device] bytes per request or batch
  };
  struct Channel {
    std::string name;
    bool fair = false;
    double bandwidth = 0;  ///< bytes per second as planned
    int link = 0;          ///< both directions of a link fail together
  };
  enum class Kind : std::uint8_t { compute, convert, transfer };
  /// What is the same for every request. The index is the canonical position, networks one after
  /// the other.
  struct Task {
    Kind kind = Kind::compute;
    std::string name;           ///< of the operator or tensor
    std::string format;         ///< computed in; "fp32>int8" of a conversion; sent as
    int device = 0;             ///< of a transfer: the sender
    int target = -1;            ///< of a transfer: the receiver
    std::vector<int> channels;  ///< of a transfer
    std::vector<int> reads;     ///< tasks whose results it reads
    std::int64_t duration = 0;  ///< picoseconds of work; fifo transfers: of holding links
    std::int64_t latency = 0;   ///< picoseconds, of a transfer
    std::int64_t bytes = 0;     ///< payload of a transfer
    bool switches = false;      ///< has a compute precision (takes part in precision switching)
    bool to_sink = false;       ///< a request completes when all of these have ended
    int stream = 0;
    /// [batch - 2] of larger batches
    std::vector<std::int64_t> batch_durations{}, batch_bytes{};
  };
  /// One task of one request as it happened.
  struct Record {
    std::int32_t request = 0;   ///< index into requests
    std::int32_t task = 0;      ///< index into tasks
    std::int32_t slot = 0;      ///< of compute and convert
    std::int64_t ready = 0;     ///< all it reads was present (and the request admitted)
    std::int64_t start = 0;     ///< took its slot or its links (fair: entered its latency)
    std::int64_t work = 0;      ///< after a precision switch or a fair transfer's latency
    std::int64_t released = 0;  ///< gave its slot or links back
    std::int64_t end = 0;       ///< its result is present; of a fifo transfer: released + latency
    bool lost = false;          ///< undone by a failure at `released`; another attempt follows
  };
  /// The platform changed during the run.
  struct Change {
    enum class What : std::uint8_t {
      speed,        ///< device `index` goes at `value` times its speed
      bandwidth,    ///< channel `index` carries `value` bytes per second
      device_down,  ///< device `index`
      device_up,
      link_down,  ///< link `index`: all its channels
      link_up
    } what = What::speed;
    std::int32_t index = 0;
    std::int64_t when = 0;
    double value = 0;
  };
  /// A fair flow got a new rate.
  struct Rate {
    std::int32_t request = 0;
    std::int32_t task = 0;
    std::int64_t when = 0;        ///< whole picoseconds ...
    double fraction = 0;          ///< ... plus a part in [0, 1)
    double bytes_per_second = 0;  ///< 0 when it ends
  };
  /// A request, or several executed as one batch.
  struct Request {
    std::int64_t arrival = 0;    ///< of the first
    std::int64_t admitted = 0;   ///< -1: never
    std::int64_t completed = 0;  ///< -1: never
    std::int32_t stream = 0;
    std::int64_t number = 0;  ///< of the first in its network
    std::int64_t formed = 0;  ///< the batch was complete; arrival where there are no batches
    std::vector<std::int64_t> more{};  ///< arrivals of the others
  };

  bool strict = true;
  std::vector<Stream> streams;
  std::vector<Device> devices;
  std::vector<Channel> channels;
  std::vector<Task> tasks;
  std::vector<Record> records;  ///< in the order in which they started
  std::vector<Rate> rates;
  std::vector<Change> changes;
  std::vector<Request> requests;
};

}  // namespace models
