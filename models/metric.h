#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace models {

/// What a plan can be judged by. All are to be made small but throughput.
enum class Metric : int {
  latency_mean,
  latency_p50,
  latency_p95,
  latency_p99,
  makespan,
  period,
  period_bound,
  throughput,
  energy,
  memory,
  transferred_bytes,
  load_balance,
  accuracy_loss,
  deadline_misses,
  area,
  price,
  count_
};
inline constexpr int metric_count = static_cast<int>(Metric::count_);

/// One row per metric.
struct MetricEntry {
  std::string_view name;
  std::string_view unit;  ///< "s", "J", "B", "/s", "mm2", "1"
  std::string_view meaning;
  bool smaller_is_better = true;
  bool estimated = false;  ///< comes from a model of accuracy, and says so wherever it is shown
};

std::span<const MetricEntry> metrics();
inline const MetricEntry& about(Metric metric) {
  return metrics()[static_cast<std::size_t>(metric)];
}
std::optional<Metric> find_metric(std::string_view name);
/// What a person wants to read: "12.35 ms", "1.21 GiB", "0.034".
std::string pretty(Metric metric, double value);

}  // namespace models
