#include "sim/timeline_head.h"

#include <algorithm>

#include "models/index.h"

namespace sim {
namespace {

using models::at;
using models::TaskGraph;
using models::Timeline;

Timeline::Task describe(const TaskGraph& graph, std::size_t index) {
  const auto& problem = graph.problem();
  const auto& task = graph.tasks()[index];
  const auto format = [&](std::uint8_t f) { return name_of(problem.format[f]); };
  Timeline::Task it;
  it.kind = task.kind;
  it.device = task.device;
  it.duration = task.duration;
  it.switches = task.precision != TaskGraph::no_precision;
  for (const auto dep : graph.deps_of(index)) it.reads.push_back(dep);
  if (task.kind == TaskGraph::Kind::compute) {
    it.name = problem.operator_name(task.subject);
    it.format = format(task.to);
    return it;
  }
  it.name = problem.tensor_name(task.subject);
  if (task.kind == TaskGraph::Kind::convert) {
    it.format = format(task.from) + ">" + format(task.to);
    return it;
  }
  it.format = problem.is_fixed[at(task.subject)] ? "as stored" : format(task.to);
  it.target = task.target;
  it.latency = problem.route_latency[at(task.route)];
  it.bytes = task.bytes;
  for (const auto c : graph.route(task)) it.channels.push_back(c);
  return it;
}

}  // namespace

namespace {

Timeline::Stream describe(const Job::Stream& asked, const models::NetworkUse& use) {
  Timeline::Stream it;
  it.name = use.name;
  it.priority = use.priority;
  it.deadline = use.deadline.count();
  it.jitter = use.workload.jitter;
  it.jitter_exponential = use.workload.jitter_shape == models::Workload::JitterShape::exponential;
  it.jitter_seed = use.workload.seed;
  it.needs = asked.needs;
  return it;
}

/// The tasks of a network; `first` is the number of the first one.
void add_tasks(Timeline& timeline, const Workbench& bench, std::size_t stream) {
  const auto first = static_cast<int>(timeline.tasks.size());
  timeline.streams[stream].first_task = first;
  const auto& graph = bench.graph(stream);
  for (std::size_t i = 0; i < graph.tasks().size(); ++i) {
    auto task = describe(graph, i);
    task.stream = static_cast<int>(stream);
    for (auto& each : task.reads) each += first;
    for (const auto& larger : bench.job().streams[stream].larger) {
      task.batch_durations.push_back(larger[i].duration);
      task.batch_bytes.push_back(larger[i].bytes);
    }
    timeline.tasks.push_back(std::move(task));
  }
  for (const auto final : graph.finals()) timeline.tasks[at(first + final)].to_sink = true;
}

}  // namespace

Timeline timeline_head(const Workbench& bench) {
  const auto& problem = bench.problem();
  const auto& job = bench.job();
  Timeline timeline;
  timeline.strict = job.strict;
  for (std::size_t s = 0; s < bench.streams(); ++s)
    timeline.streams.push_back(describe(job.streams[s], problem.streams[s].use));
  for (std::size_t d = 0; d < job.devices(); ++d) {
    std::int64_t most = 0;
    for (const auto& stream : job.streams)
      for (std::size_t i = d; i < stream.needs.size(); i += job.devices())
        most = std::max(most, stream.needs[i]);
    timeline.devices.push_back({problem.device_name(static_cast<int>(d)), job.slots[d],
                                job.capacity[d], job.weights[d], most, job.switch_time[d],
                                job.buffers.empty() ? 0 : job.buffers[d],
                                job.copy_engines.empty() ? 0 : job.copy_engines[d]});
  }
  for (std::size_t c = 0; c < job.channels(); ++c) {
    const auto link = job.channel_link[c];
    timeline.channels.push_back({problem.channel_name(static_cast<int>(c)),
                                 problem.link_fair[at(link)] != 0, job.bandwidth[c], link});
  }
  for (std::size_t s = 0; s < bench.streams(); ++s) add_tasks(timeline, bench, s);
  return timeline;
}

}  // namespace sim
