#include "models/metric.h"

#include <array>
#include <cmath>

#include "models/units.h"

namespace models {
namespace {

/// In the order of Metric.
constexpr std::array<MetricEntry, metric_count> table = {{
    {"latency_mean", "s", "mean time from a request's arrival to its last output at the sink"},
    {"latency_p50", "s", "latency that half of the requests keep within"},
    {"latency_p95", "s", "latency that 95 % of the requests keep within"},
    {"latency_p99", "s", "latency that 99 % of the requests keep within"},
    {"makespan", "s", "first arrival to last event"},
    {"period", "s", "time between completions in the steady state, estimated from the later half"},
    {"period_bound", "s", "largest work per request of a device or link direction"},
    {"throughput", "/s", "requests per second over the makespan", false},
    {"energy", "J", "energy per request, static power included"},
    {"memory", "B", "largest over devices of weights and one request"},
    {"transferred_bytes", "B", "payload sent per request, each transfer once"},
    {"load_balance", "1", "largest device load over mean load; 1 is even"},
    {"accuracy_loss", "1", "noise-to-signal ratio at the outputs", true, true},
    {"deadline_misses", "1", "share of the requests that complete after their deadline, or never"},
    {"area", "mm2", "of the platform: what its devices and links say, added up"},
    {"price", "1", "of the platform, in the unit that its devices and links say it in"},
}};

}  // namespace

std::span<const MetricEntry> metrics() {
  return table;
}

std::optional<Metric> find_metric(std::string_view name) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i].name == name) return static_cast<Metric>(i);
  return std::nullopt;
}

std::string pretty(Metric metric, double value) {
  const auto unit = about(metric).unit;
  if (unit == "J") return pretty(value, Dimension::energy);
  if (unit == "/s") return pretty(value, Dimension::frequency);
  if (unit == "s" && std::abs(value) < 9e6) return pretty(Time(std::llround(value * 1e12)));
  if (unit == "B" && std::abs(value) < 9e18) return pretty(Bytes{std::llround(value)});
  return pretty(value) + (unit == "1" ? "" : " " + std::string(unit));
}

}  // namespace models
