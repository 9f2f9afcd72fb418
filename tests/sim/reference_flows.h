#pragma once

#include <map>
#include <utility>
#include <vector>

namespace reference {

/// Fair flows on shared channels, between two instants of the control layer. Time is in picoseconds
/// as a long double, whose 64 bits resolve 1e-6 ps after a second.
class Flows {
 public:
  using Id = std::pair<int, int>;  ///< request, task
  /// The control layer may learn of an end so much before it.
  static constexpr long double margin = 1e-3L;

  explicit Flows(std::vector<long double> capacity) : capacity_(std::move(capacity)) {}

  /// Adds a flow at the present time; call advance(time) before.
  void add(Id id, long double bytes, std::vector<int> channels);
  /// Takes a flow off that is under way, at the present time.
  void remove(Id id);
  /// Bytes per picosecond from the present time on.
  void set_capacity(int channel, long double capacity);
  /// Goes on to `time`; answers the flows that ended on the way.
  std::vector<Id> advance(long double time);
  bool empty() const { return flows_.empty(); }
  /// When the next flow ends, if nothing changes before.
  long double next_end() const;

 private:
  struct Flow {
    long double bytes = 0;
    long double rate = 0;  ///< bytes per picosecond
    std::vector<int> channels;
  };
  /// Max-min fair shares by progressive filling.
  void share();
  void flow_until(long double time);

  std::vector<long double> capacity_;  ///< [channel] bytes per picosecond
  std::map<Id, Flow> flows_;
  long double now_ = 0;
};

}  // namespace reference
