#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/observer.h"

namespace sim {

/// What an observer was told, as numbers: the same call can be made again elsewhere.
struct ToldEvent {
  enum class Kind : std::int32_t {
    arrived,
    formed,
    admitted,
    started,
    released,
    ended,
    lost,
    completed,
    rate_changed,
    changed
  };

  Kind kind = Kind::arrived;
  std::int32_t task = 0;   ///< formed: members
  std::int32_t index = 0;  ///< slot or stream
  std::int32_t what = 0;   ///< of a change
  std::int64_t now = 0;
  std::int64_t serial = 0;  ///< arrived: number
  std::int64_t more = 0;    ///< started: when the work begins; formed: number; rates: when
  double value = 0;         ///< of a change; rates: fraction
  double rate = 0;
};

/// Passes on what it is told in blocks of bytes.
class EventSender final : public Observer {
 public:
  using Send = std::function<void(std::string_view)>;
  explicit EventSender(Send send) : send_(std::move(send)) {}
  /// Sends what is left.
  void flush();

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
  void add(const ToldEvent& event);

  Send send_;
  std::vector<ToldEvent> block_;
};

/// Tells the observer what a block holds. Throws std::out_of_range for what is no block.
void tell(Observer& observer, std::string_view block);

}  // namespace sim
