#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/random.h"
#include "models/units.h"
#include "models/visitor.h"

namespace models {

/// Which requests arrive, when, and where their data starts and ends.
struct Workload {
  enum class Arrivals : std::uint8_t { closed, periodic, poisson, trace };
  enum class JitterShape : std::uint8_t {
    uniform,     ///< factors in [1 - jitter, 1 + jitter]
    exponential  ///< 1 - jitter + jitter x an exponential number of mean 1
  };

  std::int64_t requests = 1;
  Arrivals arrivals = Arrivals::closed;
  std::int64_t in_flight = 1;  ///< closed: how many at once
  Time period{};               ///< periodic: time between arrivals
  Frequency rate;              ///< poisson: mean arrivals per second
  std::vector<Time> trace;     ///< trace: arrival instants, ascending
  double jitter = 0;  ///< each task's duration times a seeded factor of mean 1, see jitter_shape
  JitterShape jitter_shape = JitterShape::uniform;
  std::int64_t seed = 1;   ///< of arrivals and jitter
  std::int64_t batch = 1;  ///< requests gathered and executed as one
  Time batch_wait{};       ///< longest that the first one gathered waits for more
  std::string source;      ///< device where inputs start; empty: the platform's first
  std::string sink;        ///< device that outputs must reach; empty: the source

  /// Arrival instants of all requests, ascending; empty for closed arrivals. See ArrivalTimes.
  std::vector<Time> arrival_times() const;
};

/// The arrival instants of an open workload, one after the other, ascending. Periodic ones start at
/// 0, Poisson ones after the first gap; gaps are drawn by our own generator and logarithm, as whole
/// picoseconds.
class ArrivalTimes {
 public:
  /// Beyond so many requests instants are drawn as they are needed, not listed.
  static constexpr std::int64_t most_listed = 65'536;

  /// The workload must pass check(), and outlive this.
  explicit ArrivalTimes(const Workload& workload);
  /// At most Workload::requests times. Throws InputError beyond the range of Time.
  Time next();

 private:
  const Workload* workload_;
  Random random_;
  std::size_t given_ = 0;
  Time now_{};
};

void describe(Workload& workload, Visitor& v);

/// Throws InputError (without a place) for combinations that make no sense: periodic arrivals
/// without a period, a rate for closed ones, a trace that goes back or is shorter than the
/// requests.
void check(const Workload& workload);

/// The jitter factor of a task: depends on nothing but jitter, its shape, the seed, the request and
/// the task's position in the canonical order, so renumbering changes nothing and every engine
/// agrees.
double jitter_factor(const Workload& workload, std::int64_t request, std::int64_t position);

/// The same for the uniform shape.
double jitter_factor(double jitter, std::int64_t seed, std::int64_t request, std::int64_t position);

/// `duration` picoseconds times the jitter factor of that task, rounded up; the same at jitter 0.
/// Throws InputError beyond 53 days.
std::int64_t jittered(std::int64_t duration, const Workload& workload, std::int64_t request,
                      std::int64_t position);

}  // namespace models
