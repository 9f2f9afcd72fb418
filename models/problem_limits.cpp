#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "models/error.h"
#include "models/index.h"
#include "models/problem_parts.h"

namespace models {
namespace {

// Engines number the tasks of a request with 29 bits, devices with 15.
constexpr std::int64_t most_tasks = std::int64_t{1} << 29;
constexpr int most_devices = 4096;
constexpr std::int64_t most_requests = std::int64_t{1} << 29;
/// Half of what Time can hold: times of one execution never come near its end.
constexpr double longest_execution = 0x1p62;

std::int64_t largest_bytes(const Problem& problem, int tensor) {
  const auto* const first = &problem.bytes[at(tensor) * at(problem.formats)];
  return *std::max_element(first, first + problem.formats);
}

/// Bytes per second of the route's narrowest link with its fewest lanes.
double least_bandwidth(const Problem& problem, std::size_t route) {
  double least = std::numeric_limits<double>::infinity();
  for (auto k = problem.route_begin[route]; k < problem.route_begin[route + 1]; ++k) {
    const auto link = at(problem.channel_link[at(problem.route_channel[at(k)])]);
    const auto lanes = problem.lane_option[at(problem.lane_begin[link])];
    least = std::min(least, problem.lane_bandwidth[link] * lanes);
  }
  return least;
}

/// What makes a transfer or a conversion slow; of two with the same packet the one that is slower
/// in both is all that counts.
struct Pace {
  std::int64_t packet = 1;
  double bandwidth = 0;  ///< bytes per second
  double overhead = 0;   ///< seconds

  bool is_as_slow_as(const Pace& other) const {
    return packet == other.packet && bandwidth <= other.bandwidth && overhead >= other.overhead;
  }
  /// Seconds.
  double time_of(std::int64_t bytes) const {
    return static_cast<double>((bytes + packet - 1) / packet * packet) / bandwidth + overhead;
  }
};

/// The slowest paces: few, even of a million routes.
class Slowest {
 public:
  void add(const Pace& pace) {
    if (std::ranges::any_of(paces_, [&](const Pace& each) { return each.is_as_slow_as(pace); }))
      return;
    std::erase_if(paces_, [&](const Pace& each) { return pace.is_as_slow_as(each); });
    paces_.push_back(pace);
  }
  double time_of(std::int64_t bytes) const {
    double slowest = 0;
    for (const auto& pace : paces_) slowest = std::max(slowest, pace.time_of(bytes));
    return slowest;
  }

 private:
  std::vector<Pace> paces_;
};

Slowest slowest_transfers(const Problem& problem) {
  Slowest slowest;
  for (std::size_t route = 0; route + 1 < problem.route_begin.size(); ++route)
    slowest.add({problem.route_packet[route], least_bandwidth(problem, route),
                 static_cast<double>(problem.route_latency[route]) * 1e-12});
  return slowest;
}

/// Of twice the bytes: read and written.
Slowest slowest_conversions(const Problem& problem) {
  Slowest slowest;
  for (std::size_t d = 0; d < at(problem.devices); ++d)
    slowest.add({1, problem.convert_bandwidth[d], problem.convert_overhead[d]});
  return slowest;
}

/// Picoseconds that operators take with the slowest of their options, a precision switch included.
class SlowestOptions {
 public:
  explicit SlowestOptions(const Problem& problem) : problem_(problem) {}

  double time_of(int op) {
    double slowest = 0;
    for (const auto& [option, switch_time] : kinds_in(op))
      slowest = std::max(
          slowest,
          static_cast<double>(
              problem_.duration[problem_.cost_index(op, option.device, option.precision)]) +
              static_cast<double>(switch_time));
    return slowest;
  }

 private:
  /// One option of each kind and precision, with the longest switch there.
  using Kinds = std::vector<std::pair<Problem::Option, std::int64_t>>;

  const Kinds& kinds_in(int op) {
    const auto [place, is_new] = of_list_.try_emplace(problem_.option_begin[at(op)]);
    if (!is_new) return place->second;
    std::map<std::pair<int, int>, std::size_t> known;
    for (const auto& option : problem_.options(op)) {
      const auto [entry, first] = known.try_emplace(
          {problem_.device_kind[option.device], option.precision}, place->second.size());
      if (first) place->second.emplace_back(option, 0);
      auto& longest = place->second[entry->second].second;
      longest = std::max(longest, problem_.switch_time[option.device]);
    }
    return place->second;
  }

  const Problem& problem_;
  std::map<std::int32_t, Kinds> of_list_;  ///< by where the list begins
};

/// The slowest that events make anything go, standing still aside.
double least_pace(const Problem& problem) {
  double speed = 1, rest = 1;
  for (const auto& event : problem.events) {
    if (event.what == Event::What::speed && event.value > 0) speed = std::min(speed, event.value);
    if (event.what == Event::What::load) rest = std::min(rest, 1 - event.value);
  }
  return speed * rest;
}

/// Picoseconds.
double last_arrival(const Problem::Stream& stream) {
  if (!stream.arrivals.empty()) return static_cast<double>(stream.arrivals.back().count());
  const auto& workload = stream.workload();
  Time last{};
  if (workload.arrivals != Workload::Arrivals::closed) {
    ArrivalTimes times(workload);
    for (std::int64_t i = 0; i < workload.requests; ++i) last = times.next();
  }
  return static_cast<double>(last.count());
}

}  // namespace

void check_sizes(const Problem& problem) {
  if (problem.devices > most_devices)
    throw InputError("platform '" + problem.platform->name + "' has " +
                     std::to_string(problem.devices) + " devices; at most " +
                     std::to_string(most_devices) + " can be planned for");
  const auto tasks = problem.operators + std::int64_t{problem.tensors} *
                                             (std::int64_t{problem.devices} + problem.formats);
  if (tasks >= most_tasks)
    throw InputError("network '" + problem.network->name + "' has " +
                     std::to_string(problem.tensors) + " tensors, too many to plan for on " +
                     std::to_string(problem.devices) + " devices");
}

void check_durations(const Problem& problem) {
  const auto transfers = slowest_transfers(problem);
  const auto conversions = slowest_conversions(problem);
  SlowestOptions options(problem);
  double sum = 0;  // picoseconds of one request
  for (int t = 0; t < problem.tensors; ++t) {
    const auto bytes = largest_bytes(problem, t);
    const double sent = transfers.time_of(bytes) * 1e12;
    const double converted = conversions.time_of(2 * bytes) * 1e12;
    sum += sent + converted;
    if (std::max(sent, converted) < longest_execution) continue;
    throw InputError("tensor '" + problem.tensor_name(t) + "' would take more than 53 days to be " +
                     (sent > converted ? "sent over the slowest route; check the links' rates"
                                       : "converted; check the devices' memory bandwidths"));
  }
  for (int op = 0; op < problem.operators; ++op) sum += options.time_of(op);
  double last = 0;
  for (const auto& stream : problem.streams) last = std::max(last, last_arrival(stream));
  const auto requests = problem.requests();
  if (requests >= most_requests)
    throw InputError(std::to_string(requests) + " requests are more than can be numbered, " +
                     std::to_string(most_requests - 1) + "; lower 'requests'");
  if (last + sum / least_pace(problem) * static_cast<double>(requests) < longest_execution) return;
  throw InputError(std::to_string(requests) +
                   " requests could take more than 53 days of simulated time, with the slowest "
                   "choices; lower 'requests', or check the rates of devices and links");
}

}  // namespace models
