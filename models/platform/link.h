#pragma once

#include <string>
#include <vector>

#include "models/units.h"
#include "models/visitor.h"

namespace models {

/// A connection whose width, in lanes, is the optimizer's to choose. Joins two ends, or several (a
/// bus, half duplex only). Ends are names of devices or switches.
struct Link {
  enum class Duplex : std::uint8_t { full, half };
  enum class Sharing : std::uint8_t { fifo, fair };

  std::string name;
  std::string source;  ///< where the figures come from
  std::vector<std::string> ends;
  std::int64_t lanes = 1;  ///< lane budget: the most that can be powered
  std::vector<std::int64_t>
      widths;               ///< numbers of lanes that may be powered; empty: 1, 2, 4 ... lanes
  Bandwidth lane_rate;      ///< raw rate of one lane, one way
  double efficiency = 1.0;  ///< line coding and packet headers: part left to payload
  Time latency{};           ///< first byte sent to first byte received
  Duplex duplex = Duplex::full;
  Sharing sharing = Sharing::fifo;
  Bytes packet{1};  ///< payloads are rounded up to whole packets
  EnergyPerBit energy;
  Power lane_idle_power;  ///< of each powered lane
  bool gated = false;     ///< idle power only while something is sent
  Time width_change_time{};
  Energy width_change_energy;
  double area = -1, area_per_lane = -1;    ///< mm2, both ends together; below 0: not given
  double price = -1, price_per_lane = -1;  ///< of the lane budget; below 0: not given

  Bandwidth bandwidth(std::int64_t powered) const {
    return {static_cast<double>(powered) * lane_rate.value * efficiency};
  }
  /// The numbers of lanes a plan may choose, ascending, the last is the budget.
  std::vector<std::int64_t> allowed_widths() const;
};

void describe(Link& link, Visitor& v);

}  // namespace models
