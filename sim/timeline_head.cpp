#include "sim/timeline_head.h"

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

Timeline timeline_head(const TaskGraph& graph) {
  const auto& problem = graph.problem();
  Timeline timeline;
  timeline.strict = graph.totals().strict;
  timeline.jitter = graph.stream().workload().jitter;
  timeline.jitter_exponential =
      graph.stream().workload().jitter_shape == models::Workload::JitterShape::exponential;
  timeline.jitter_seed = graph.stream().workload().seed;
  for (int d = 0; d < problem.devices; ++d) {
    const auto& load = graph.totals().devices[at(d)];
    timeline.devices.push_back({problem.device_name(d), problem.slots[at(d)],
                                problem.capacity[at(d)], load.weights, load.per_request,
                                problem.switch_time[at(d)]});
  }
  for (int c = 0; c < problem.channels; ++c) {
    const auto link = at(problem.channel_link[at(c)]);
    timeline.channels.push_back({problem.channel_name(c), problem.link_fair[link] != 0,
                                 graph.totals().link_bandwidth[link]});
  }
  for (std::size_t i = 0; i < graph.tasks().size(); ++i)
    timeline.tasks.push_back(describe(graph, i));
  for (const auto final : graph.finals()) timeline.tasks[at(final)].to_sink = true;
  return timeline;
}

}  // namespace sim
