#pragma once

#include <compare>
#include <cstdint>

namespace sim {

/// Something that takes time, in one word that orders by (priority, request, task, phase): requests
/// by a serial number in order of (arrival, network, number in the network), tasks by their
/// canonical position. Requests executed as one batch have one serial number. After all work of an
/// instant come changes of the platform, then batches that have waited long enough, then arrivals.
struct Activity {
  enum class Phase : std::uint8_t { work, hold, latency, flow };
  enum class Special : std::uint8_t { event, settled, batch, arrival };
  static constexpr int task_bits = 29;
  static constexpr int serial_bits = 29;
  static constexpr std::uint64_t most_priority = 14;  ///< 15 is for what is no request's

  std::uint64_t code = 0;

  static Activity of(std::uint64_t priority, std::int64_t serial, std::int32_t task, Phase phase) {
    return {priority << 60 | static_cast<std::uint64_t>(serial) << (task_bits + 2) |
            static_cast<std::uint64_t>(task) << 2 | static_cast<std::uint64_t>(phase)};
  }
  /// `index` is of an event, a link that has its new width, or a stream.
  static Activity of(Special special, int index) {
    return {std::uint64_t{15} << 60 | static_cast<std::uint64_t>(special) << 56 |
            static_cast<std::uint64_t>(index)};
  }

  bool is_special() const { return code >> 60 == 15; }
  Special special() const { return static_cast<Special>(code >> 56 & 15); }
  int index() const { return static_cast<int>(code & 0xffffffff); }

  std::int64_t serial() const {
    return static_cast<std::int64_t>(code >> (task_bits + 2) &
                                     ((std::uint64_t{1} << serial_bits) - 1));
  }
  std::int32_t task() const {
    return static_cast<std::int32_t>(code >> 2 & ((std::uint64_t{1} << task_bits) - 1));
  }
  Phase phase() const { return static_cast<Phase>(code & 3); }
  Activity in(Phase phase) const {
    return {(code & ~std::uint64_t{3}) | static_cast<std::uint64_t>(phase)};
  }
  friend auto operator<=>(Activity, Activity) = default;
};

}  // namespace sim
