#pragma once

#include <cstdint>
#include <vector>

#include "models/problem.h"
#include "optimizers/graph.h"
#include "optimizers/seconds.h"

namespace optimizers {

/// Factor of what is a lower bound: leaves room for the rounding of sums of doubles.
inline constexpr double safety = 1 - 1e-9;

/// What each operator and tensor costs at least, whatever the size of the batches it is executed
/// in: what bounds are made of.
class LeastCosts {
 public:
  explicit LeastCosts(const models::Problem& problem);

  const models::Problem& problem() const { return problem_; }

  // Per request, on average over the requests of all networks; infinite where the operator alone
  // does not fit into the device's memory.
  /// Picoseconds in a slot.
  double work(int op, const models::Problem::Option& option) const;
  double joules(int op, const models::Problem::Option& option) const;
  /// Of a tensor made in `format`, in the smallest format that it may travel in.
  double bytes(int tensor, int format) const;

  // Of one request or the smallest batch.
  /// Picoseconds from begin to end.
  double lasting(int op, const models::Problem::Option& option) const;
  double whole_bytes(int tensor, int format) const;

  /// Bytes that a device holds at least while it runs the operator: weights, inputs, outputs,
  /// workspace.
  double footprint(int op, const models::Problem::Option& option) const;

  /// Seconds per byte on the narrowest link of route [from x devices + to], with all lanes there
  /// are; 0 where a device keeps what it has.
  double narrowest_pace(int route) const { return at(narrowest_, route); }
  /// The same for a channel of it: a fifo transfer holds all its links equally long.
  double pace(int route, int channel) const;
  /// Seconds that so many bytes are on their way over a route that leads to another device.
  double travel(int route, double bytes) const {
    return bytes * narrowest_pace(route) +
           picosecond * static_cast<double>(at(problem_.route_latency, route));
  }
  /// A network's part of all requests.
  double share(int stream) const { return at(share_, stream); }
  /// Devices compute at most so many times as fast as the problem says, because of events.
  double most_speed() const { return most_speed_; }

 private:
  void note_sizes();
  void note_paces();
  void note_what_fits();
  std::size_t index(int op, const models::Problem::Option& option) const {
    return problem_.cost_index(op, option.device, option.precision);
  }
  std::uint8_t fits(int op, const models::Problem::Option& option) const {
    return at(fits_, (op * problem_.devices + option.device) * problem_.compute_formats +
                         option.precision);
  }
  double stream_share(int op) const { return at(share_, at(stream_of_, op)); }

  const models::Problem& problem_;
  double most_speed_ = 1;
  std::vector<double> share_;                    ///< [stream]
  std::vector<std::int32_t> stream_of_;          ///< [operator]
  std::vector<std::uint8_t> fits_;               ///< [operator x device x compute format] alone
  std::vector<double> work_, lasting_, joules_;  ///< [cost index]
  std::vector<double> bytes_, whole_bytes_;      ///< [tensor x format], as they are in that format
  std::vector<double> channel_pace_;             ///< [channel] seconds per byte
  std::vector<double> narrowest_;                ///< [route]
};

}  // namespace optimizers
