#include "optimizers/bounds/metric_bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "models/histogram.h"
#include "optimizers/bounds/joint_bound.h"
#include "optimizers/bounds/path_bound.h"

namespace optimizers {

using models::Event;
using models::Metric;
using models::Problem;
using models::Workload;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr std::string_view work_words = "work over speed and links";

}  // namespace

MetricBounds::MetricBounds(const Problem& problem)
    : problem_(problem), costs_(problem), forest_(costs_) {
  for (const auto& stream : problem.streams)
    jitter_ = std::min(jitter_, least_jitter(stream.workload()));
  has_bursts_ = std::ranges::any_of(
      problem.events, [](const auto& event) { return event.what == Event::What::burst; });
}

MetricBound MetricBounds::of(Metric metric) {
  switch (metric) {
    case Metric::latency_mean:
      return mean_latency();
    case Metric::latency_p50:
      return {metric, percentile(50), "critical path"};
    case Metric::latency_p95:
      return {metric, percentile(95), "critical path"};
    case Metric::latency_p99:
      return {metric, percentile(99), "critical path"};
    case Metric::makespan:
      return makespan();
    case Metric::throughput: {
      const auto least = makespan();
      return {metric, least.value > 0 ? requests() / least.value : infinite, least.from};
    }
    case Metric::period:
      return period();
    case Metric::period_bound:
      return {metric, std::max(0.0, work() - 1) * picosecond, work_words};
    case Metric::energy:
      return energy();
    case Metric::memory:
      return memory();
    case Metric::transferred_bytes:
      return transferred();
    case Metric::load_balance:
      return {metric, 1, "even loads"};
    case Metric::accuracy_loss:
      return accuracy();
    case Metric::deadline_misses:
      return misses();
    case Metric::area:
      return {metric, problem_.area, "the platform"};
    case Metric::price:
      return {metric, problem_.price, "the platform"};
    case Metric::count_:
      break;
  }
  return {metric, 0, "nothing known"};
}

double MetricBounds::work() {
  if (work_ < 0)
    work_ =
        joint_bound(costs_, forest_, Forest::Prices(forest_), {{{1, 0, 1}}}) / picosecond * safety;
  return work_;
}
/// The same while requests are executed: events may speed devices up, jitter may shorten.
double MetricBounds::work_done() {
  return work() * jitter_ / costs_.most_speed();
}

const std::vector<double>& MetricBounds::chains() {
  if (chains_.empty()) chains_ = longest_chains(costs_);
  return chains_;
}

const Workload* MetricBounds::lone_closed() const {
  if (problem_.streams.size() > 1 || has_bursts_) return nullptr;
  const auto& workload = problem_.streams[0].workload();
  return workload.arrivals == Workload::Arrivals::closed ? &workload : nullptr;
}

/// With K requests under way, the arrival of request i is the completion of request i - K: added
/// up, the latencies are the last K completions, and the j-th is not before the work of j
/// requests is done.
MetricBound MetricBounds::mean_latency() {
  double mean = 0;
  for (std::size_t s = 0; s < problem_.streams.size(); ++s)
    mean += costs_.share(static_cast<int>(s)) * chains()[s];
  MetricBound bound{Metric::latency_mean, mean, "critical path"};
  if (const auto* workload = lone_closed()) {
    const auto n = workload->requests, k = std::min(workload->in_flight, n);
    double sum = 0;
    if (work_done() * static_cast<double>(n) > chains()[0])
      for (auto j = n - k + 1; j <= n; ++j)
        sum += std::max(chains()[0], static_cast<double>(j) * work_done());
    if (sum / static_cast<double>(n) > mean)
      bound = {Metric::latency_mean, sum / static_cast<double>(n), "work of requests under way"};
  }
  bound.value = std::max(0.0, bound.value - 1) * picosecond;
  return bound;
}

double MetricBounds::percentile(int percent) {
  // Of so many requests that latencies are counted, not listed, percentiles are rounded.
  const bool listed = problem_.requests() <= models::ArrivalTimes::most_listed;
  const double rounding = listed ? 1 : 1 - models::Histogram::relative_error;
  std::vector<std::pair<double, double>> sorted;  // path, share of the requests
  for (std::size_t s = 0; s < problem_.streams.size(); ++s)
    sorted.push_back({chains()[s], costs_.share(static_cast<int>(s))});
  std::ranges::sort(sorted);
  double share = 0;
  for (const auto& [path, part] : sorted) {
    share += part;
    if (share * 100 >= percent * (1 - 1e-9)) return std::max(0.0, path * rounding - 1) * picosecond;
  }
  return std::max(0.0, sorted.front().first * rounding - 1) * picosecond;
}

MetricBound MetricBounds::makespan() {
  MetricBound bound{Metric::makespan, requests() * work_done(), work_words};
  const auto raise = [&](double value, std::string_view from) {
    if (value > bound.value) bound = {Metric::makespan, value, from};
  };
  for (std::size_t s = 0; s < problem_.streams.size(); ++s) {
    const auto& workload = problem_.streams[s].workload();
    if (workload.arrivals == Workload::Arrivals::closed) {
      if (has_bursts_) continue;
      const auto rounds = (workload.requests + workload.in_flight - 1) / workload.in_flight;
      raise(static_cast<double>(rounds) * chains()[s], "critical path");
    } else if (const auto& arrivals = problem_.streams[s].arrivals; !arrivals.empty()) {
      const auto span = static_cast<double>((arrivals.back() - arrivals.front()).count());
      raise(span + chains()[s], "last arrival and critical path");
    }
  }
  bound.value = std::max(0.0, bound.value - 1) * picosecond;
  return bound;
}

/// From four requests on the period is measured over the later half of the completions; of those
/// requests, the ones that arrive after that have all of their work before them.
MetricBound MetricBounds::period() {
  const double n = requests();
  if (n < 4) {
    auto bound = makespan();
    return {Metric::period, bound.value / n, bound.from};
  }
  const auto* workload = lone_closed();
  if (workload == nullptr) return {Metric::period, 0, "nothing known"};
  const auto half = static_cast<double>(workload->requests - workload->requests / 2);
  const double later = half - static_cast<double>(workload->in_flight);
  if (later <= 0) return {Metric::period, 0, "nothing known"};
  return {Metric::period, later * work_done() / half * picosecond * safety, work_words};
}

Forest::Prices MetricBounds::joules() const {
  Forest::Prices prices(forest_);
  for (int op = 0; op < problem_.operators; ++op) {
    auto k = forest_.first_option(op);
    for (const auto& option : problem_.options(op)) prices.option[k++] = costs_.joules(op, option);
  }
  for (int from = 0; from < problem_.devices; ++from)
    for (int to = 0; to < problem_.devices; ++to)
      if (const int route = from * problem_.devices + to; from != to)
        at(prices.per_byte, route) = 8 * at(problem_.route_energy_per_bit, route);
  return prices;
}

double MetricBounds::idle_power() const {
  double idle = 0;
  for (int d = 0; d < problem_.devices; ++d)
    if (at(problem_.device_gated, d) == 0) idle += at(problem_.static_power, d);
  const bool changing = std::ranges::any_of(
      problem_.events, [](const auto& event) { return event.what == Event::What::lanes; });
  for (int l = 0; l < problem_.links && !changing; ++l)
    if (at(problem_.link_gated, l) == 0)
      idle += at(problem_.lane_power, l) * at(problem_.lane_option, at(problem_.lane_begin, l));
  return idle;
}

MetricBound MetricBounds::energy() {
  const double moved = forest_.minimise(joules());
  return {Metric::energy, (moved + idle_power() * makespan().value / requests()) * safety,
          "least energy of each operator, and static power"};
}

/// What weights there are on the average device, or what the largest operator needs.
MetricBound MetricBounds::memory() {
  double weights = 0, largest = 0;
  for (int op = 0; op < problem_.operators; ++op) {
    double fewest = infinite, needed = infinite;
    for (const auto& option : problem_.options(op)) {
      const auto own = at(problem_.weight_bytes, op * problem_.compute_formats + option.precision);
      fewest = std::min(fewest, static_cast<double>(own));
      needed = std::min(needed, costs_.footprint(op, option));
    }
    weights += fewest;
    largest = std::max(largest, needed);
  }
  const double spread = weights / static_cast<double>(problem_.devices);
  if (spread > largest) return {Metric::memory, std::floor(spread), "weights over devices"};
  return {Metric::memory, largest, "largest operator"};
}

MetricBound MetricBounds::transferred() {
  Forest::Prices prices(forest_);
  std::fill(prices.per_byte.begin(), prices.per_byte.end(), 1);
  for (int d = 0; d < problem_.devices; ++d) at(prices.per_byte, d * problem_.devices + d) = 0;
  const double bytes = forest_.minimise(prices) * safety;
  return {Metric::transferred_bytes, std::max(0.0, std::floor(bytes - 1e-6)), "what must travel"};
}

MetricBound MetricBounds::accuracy() {
  double most = 0;
  for (const auto& stream : problem_.streams) {
    double sum = 0;
    for (int op = stream.first_operator; op < stream.end_operator; ++op) {
      double least = infinite;
      for (const auto& option : problem_.options(op))
        least =
            std::min(least, at(problem_.noise, op * problem_.compute_formats + option.precision));
      sum += least;
    }
    most = std::max(most, sum);
  }
  return {Metric::accuracy_loss, std::min(1.0, most * safety), "finest formats"};
}

MetricBound MetricBounds::misses() {
  double share = 0;
  for (std::size_t s = 0; s < problem_.streams.size(); ++s) {
    const auto deadline = static_cast<double>(problem_.streams[s].use.deadline.count());
    if (deadline > 0 && chains()[s] > deadline + 1) share += costs_.share(static_cast<int>(s));
  }
  return {Metric::deadline_misses, share * safety, "critical path"};
}

}  // namespace optimizers
