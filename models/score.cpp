#include "models/score.h"

#include <limits>
#include <stdexcept>

namespace models {

double Score::value(Metric metric) const {
  switch (metric) {
    case Metric::latency_mean:
      return seconds(latency_mean);
    case Metric::latency_p50:
      return seconds(latency_p50);
    case Metric::latency_p95:
      return seconds(latency_p95);
    case Metric::latency_p99:
      return seconds(latency_p99);
    case Metric::makespan:
      return seconds(makespan);
    case Metric::period:
      return period_seconds;
    case Metric::period_bound:
      return seconds(period_bound);
    case Metric::throughput:
      return makespan.count() > 0 ? static_cast<double>(requests - unfinished) / seconds(makespan)
                                  : std::numeric_limits<double>::infinity();
    case Metric::energy:
      return energy_joules;
    case Metric::memory:
      return static_cast<double>(memory_bytes);
    case Metric::transferred_bytes:
      return static_cast<double>(transferred_bytes);
    case Metric::load_balance:
      return load_balance;
    case Metric::accuracy_loss:
      return accuracy_loss;
    case Metric::deadline_misses:
      return static_cast<double>(deadline_misses) / static_cast<double>(requests);
    case Metric::area:
      return area;
    case Metric::price:
      return price;
    case Metric::count_:
      break;
  }
  throw std::out_of_range("no such metric");
}

}  // namespace models
