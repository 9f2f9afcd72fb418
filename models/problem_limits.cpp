#include <algorithm>
#include <limits>
#include <vector>

#include "models/error.h"
#include "models/index.h"
#include "models/problem_parts.h"

namespace models {
namespace {

// Engines number the tasks of a request with 29 bits, devices with 15.
constexpr std::int64_t most_tasks = std::int64_t{1} << 29;
constexpr int most_devices = 4096;
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

/// Seconds that the tensor's slowest single transfer takes.
double slowest_transfer(const Problem& problem, const std::vector<double>& bandwidths, int tensor) {
  double slowest = 0;
  for (std::size_t route = 0; route < bandwidths.size(); ++route) {
    const auto packet = problem.route_packet[route];
    const auto bytes = (largest_bytes(problem, tensor) + packet - 1) / packet * packet;
    slowest = std::max(slowest, static_cast<double>(bytes) / bandwidths[route] +
                                    static_cast<double>(problem.route_latency[route]) * 1e-12);
  }
  return slowest;
}

/// Seconds that the tensor's slowest single conversion takes.
double slowest_conversion(const Problem& problem, int tensor) {
  double slowest = 0;
  for (std::size_t d = 0; d < at(problem.devices); ++d)
    slowest = std::max(slowest, problem.convert_overhead[d] +
                                    2 * static_cast<double>(largest_bytes(problem, tensor)) /
                                        problem.convert_bandwidth[d]);
  return slowest;
}

/// Picoseconds that the operator takes with the slowest of its options, a precision switch
/// included.
double slowest_option(const Problem& problem, int op) {
  double slowest = 0;
  for (const auto& option : problem.options(op))
    slowest = std::max(
        slowest, static_cast<double>(
                     problem.duration[problem.cost_index(op, option.device, option.precision)]) +
                     static_cast<double>(problem.switch_time[option.device]));
  return slowest;
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
  std::vector<double> bandwidths;
  for (std::size_t route = 0; route + 1 < problem.route_begin.size(); ++route)
    bandwidths.push_back(least_bandwidth(problem, route));
  double sum = 0;  // picoseconds of one request
  for (int t = 0; t < problem.tensors; ++t) {
    const double sent = slowest_transfer(problem, bandwidths, t) * 1e12;
    const double converted = slowest_conversion(problem, t) * 1e12;
    sum += sent + converted;
    if (std::max(sent, converted) < longest_execution) continue;
    throw InputError("tensor '" + problem.tensor_name(t) + "' would take more than 53 days to be " +
                     (sent > converted ? "sent over the slowest route; check the links' rates"
                                       : "converted; check the devices' memory bandwidths"));
  }
  for (int op = 0; op < problem.operators; ++op) sum += slowest_option(problem, op);
  double last = 0;
  for (const auto& stream : problem.streams) last = std::max(last, last_arrival(stream));
  const auto requests = problem.requests();
  if (last + sum * static_cast<double>(requests) < longest_execution) return;
  throw InputError(std::to_string(requests) +
                   " requests could take more than 53 days of simulated time, with the slowest "
                   "choices; lower 'requests', or check the rates of devices and links");
}

}  // namespace models
