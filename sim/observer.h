#pragma once

#include <cstdint>

#include "models/timeline.h"

namespace sim {

/// Is told of everything that happens, in order. Only what explains a run needs it; scoring does
/// not. `serial` is of a request, or of several executed as one batch: the same for all tasks.
class Observer {
 public:
  virtual ~Observer() = default;
  /// The request `number` of a network.
  virtual void arrived(std::int64_t now, int stream, std::int64_t number) = 0;
  /// `members` requests from `number` on will be executed as one, under that serial number.
  virtual void formed(std::int64_t now, std::int64_t serial, int stream, std::int64_t number,
                      std::int32_t members) = 0;
  virtual void admitted(std::int64_t now, std::int64_t serial) = 0;
  /// `work` is when the precision switch is over; `slot` is -1 for transfers.
  virtual void started(std::int64_t now, std::int64_t serial, std::int32_t task, int slot,
                       std::int64_t work) = 0;
  /// Gave its slot or its links back.
  virtual void released(std::int64_t now, std::int64_t serial, std::int32_t task) = 0;
  /// Its result is present.
  virtual void ended(std::int64_t now, std::int64_t serial, std::int32_t task) = 0;
  /// A failure undid what it had done; it will start again.
  virtual void lost(std::int64_t now, std::int64_t serial, std::int32_t task) = 0;
  virtual void completed(std::int64_t now, std::int64_t serial) = 0;
  virtual void rate_changed(std::int64_t serial, std::int32_t task, std::int64_t when,
                            double fraction, double rate) = 0;
  virtual void changed(const models::Timeline::Change& change) = 0;
};

}  // namespace sim
