#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/event.h"
#include "models/task_graph.h"
#include "models/workload.h"

namespace sim {

/// Everything that executing a plan takes, flat: what the platform can do, what happens to it, and
/// what every network asks of it. Views of what somebody else owns. Times are whole picoseconds.
struct Job {
  // The platform.
  std::span<const std::int32_t> slots;         ///< [device]
  std::span<const std::int64_t> switch_time;   ///< [device]
  std::span<const std::int64_t> capacity;      ///< [device] bytes
  std::span<const std::int32_t> buffers;       ///< [device] credits for arrivals; 0: any number
  std::span<const std::int32_t> copy_engines;  ///< [device] transfers at once; 0: any number
  std::span<const std::int32_t> channel_link;  ///< [channel]
  std::span<const double> lane_bandwidth;      ///< [link] bytes per second
  std::span<const std::int64_t> width_change;  ///< [link] time that a change of width takes
  std::span<const std::int32_t> route_begin;   ///< [sender x devices + receiver, + 1]
  std::span<const std::int32_t> route_channel;
  std::span<const std::int64_t> route_latency;
  std::span<const std::uint8_t> route_fair;

  // The plan's.
  std::vector<std::int32_t> lanes;    ///< [link] powered at the start
  std::vector<double> bandwidth;      ///< [channel] bytes per second at the start
  std::vector<std::int64_t> weights;  ///< [device] bytes, of all networks
  bool strict = true;

  /// An event in numbers. `index` is of a device, a link or a stream.
  struct Step {
    models::Event::What what = models::Event::What::speed;
    bool on_link = false;
    std::int32_t index = 0;
    std::int64_t at = 0, every = 0, times = 1;
    double value = 0;
    std::int64_t count = 0;
  };
  std::span<const Step> steps;

  /// One network and its requests.
  struct Stream {
    std::span<const models::TaskGraph::Task> tasks;  ///< and one more that ends the last's deps
    std::span<const std::int32_t> deps;
    std::span<const std::int32_t> finals;
    /// [batch - 2] the same tasks with the durations and bytes of larger batches.
    std::vector<std::span<const models::TaskGraph::Task>> larger;
    std::vector<std::int64_t> needs;  ///< [(batch - 1) x device] bytes per request or batch
    const models::Workload* workload = nullptr;
    std::span<const models::Time> arrivals;  ///< empty: closed, or to be drawn
    std::int64_t priority = 0;
    std::int64_t deadline = 0;        ///< picoseconds; 0: none
    std::int64_t burst_requests = 0;  ///< of all bursts

    std::int64_t requests() const { return workload->requests + burst_requests; }
    std::size_t task_count() const { return tasks.size() - 1; }
    const models::TaskGraph::Task& task(std::size_t index, std::int64_t batch) const {
      return batch == 1 ? tasks[index] : larger[static_cast<std::size_t>(batch) - 2][index];
    }
    std::span<const std::int32_t> deps_of(std::size_t task) const {
      const auto first = static_cast<std::size_t>(tasks[task].first_dep);
      return deps.subspan(first, static_cast<std::size_t>(tasks[task + 1].first_dep) - first);
    }
  };
  std::vector<Stream> streams;

  std::size_t devices() const { return slots.size(); }
  std::size_t channels() const { return channel_link.size(); }
  std::size_t links() const { return lane_bandwidth.size(); }
  std::span<const std::int32_t> route(const models::TaskGraph::Task& transfer) const {
    const auto r = static_cast<std::size_t>(transfer.route);
    const auto begin = static_cast<std::size_t>(route_begin[r]);
    return route_channel.subspan(begin, static_cast<std::size_t>(route_begin[r + 1]) - begin);
  }
  std::int64_t requests() const {
    std::int64_t sum = 0;
    for (const auto& stream : streams) sum += stream.requests();
    return sum;
  }
  /// Whether anything is not as it was at the start, for the whole execution.
  bool changes() const { return !steps.empty(); }
  /// Whether transfers need more than free links.
  bool limited() const { return !buffers.empty() || !copy_engines.empty(); }
};

/// Owns what a job needs beside the problem, and makes the job of one plan after the other without
/// allocating.
class Workbench {
 public:
  explicit Workbench(const models::Problem& problem);

  /// Valid until the next call. The plan must pass check_plan.
  const Job& prepare(const models::Plan& plan);
  const Job& job() const { return job_; }
  const models::Problem& problem() const { return problem_; }
  /// Of a stream, of batch 1.
  const models::TaskGraph& graph(std::size_t stream) const { return *lines_[stream].graphs[0]; }
  /// Of a stream, by batch - 1.
  std::span<const std::unique_ptr<models::TaskGraph>> graphs(std::size_t stream) const {
    return lines_[stream].graphs;
  }
  std::size_t streams() const { return lines_.size(); }

 private:
  struct Line {
    std::vector<std::unique_ptr<models::TaskGraph>> graphs;
  };
  void list_steps();

  const models::Problem& problem_;
  std::vector<Line> lines_;
  std::vector<Job::Step> steps_;
  std::vector<std::int32_t> buffers_, copy_engines_;
  std::vector<std::int64_t> width_change_;
  Job job_;
};

}  // namespace sim
