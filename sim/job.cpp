#include "sim/job.h"

#include <algorithm>

#include "models/index.h"

namespace sim {
namespace {

using models::at;
using models::Event;

std::int32_t index_of(const auto& named, const std::string& name) {
  const auto found = std::ranges::find(named, name, [](const auto& each) { return each.name; });
  return static_cast<std::int32_t>(found - named.begin());
}

/// Nothing where no device has a limit: most platforms.
std::vector<std::int32_t> limits(const models::Platform& platform,
                                 std::int64_t models::Device::*limit) {
  std::vector<std::int32_t> all;
  for (const auto& device : platform.devices)
    all.push_back(static_cast<std::int32_t>(device.*limit));
  if (std::ranges::all_of(all, [](auto each) { return each == 0; })) all.clear();
  return all;
}

}  // namespace

Workbench::Workbench(const models::Problem& problem)
    : problem_(problem),
      lines_(problem.streams.size()),
      buffers_(limits(*problem.platform, &models::Device::buffers)),
      copy_engines_(limits(*problem.platform, &models::Device::copy_engines)) {
  for (const auto& link : problem.platform->links)
    width_change_.push_back(link.width_change_time.count());
  list_steps();
  job_.slots = problem.slots;
  job_.switch_time = problem.switch_time;
  job_.capacity = problem.capacity;
  job_.buffers = buffers_;
  job_.copy_engines = copy_engines_;
  job_.channel_link = problem.channel_link;
  job_.lane_bandwidth = problem.lane_bandwidth;
  job_.width_change = width_change_;
  job_.route_begin = problem.route_begin;
  job_.route_channel = problem.route_channel;
  job_.route_latency = problem.route_latency;
  job_.route_fair = problem.route_fair;
  job_.steps = steps_;
  job_.bandwidth.resize(at(problem.channels));
  job_.streams.resize(lines_.size());
  for (std::size_t s = 0; s < lines_.size(); ++s) {
    const auto& stream = problem.streams[s];
    auto& asked = job_.streams[s];
    asked.workload = &stream.workload();
    asked.arrivals = stream.arrivals;
    asked.priority = stream.use.priority;
    asked.deadline = stream.use.deadline.count();
    for (const auto& step : steps_)
      if (step.what == Event::What::burst && at(step.index) == s)
        asked.burst_requests += step.count * step.times;
    lines_[s].graphs.push_back(std::make_unique<models::TaskGraph>(problem, static_cast<int>(s)));
    for (std::int64_t b = 2; b <= stream.workload().batch; ++b)
      lines_[s].graphs.push_back(
          std::make_unique<models::TaskGraph>(*problem.batched[at(b - 2)], static_cast<int>(s)));
    asked.larger.resize(lines_[s].graphs.size() - 1);
    asked.needs.resize(lines_[s].graphs.size() * at(problem.devices));
  }
}

void Workbench::list_steps() {
  const auto& platform = *problem_.platform;
  for (const auto& event : problem_.events) {
    Job::Step step{.what = event.what,
                   .on_link = !event.link.empty(),
                   .at = event.at.count(),
                   .every = event.every.count(),
                   .times = event.times,
                   .value = event.value,
                   .count = event.count};
    if (event.what == Event::What::burst) {
      for (std::size_t s = 0; s < problem_.streams.size(); ++s)
        if (problem_.streams[s].use.name == event.network)
          step.index = static_cast<std::int32_t>(s);
    } else {
      step.index = step.on_link ? index_of(platform.links, event.link)
                                : index_of(platform.devices, event.device);
    }
    steps_.push_back(step);
  }
}

const Job& Workbench::prepare(const models::Plan& plan) {
  job_.strict = plan.discipline == models::Plan::Discipline::strict;
  job_.lanes.assign(plan.lanes.begin(), plan.lanes.end());
  job_.weights.assign(at(problem_.devices), 0);
  for (std::size_t s = 0; s < lines_.size(); ++s) {
    auto& asked = job_.streams[s];
    for (std::size_t b = 0; b < lines_[s].graphs.size(); ++b) {
      auto& graph = *lines_[s].graphs[b];
      graph.build(plan);
      if (b > 0) asked.larger[b - 1] = graph.tasks();
      for (std::size_t d = 0; d < at(problem_.devices); ++d)
        asked.needs[b * at(problem_.devices) + d] = graph.totals().devices[d].per_request;
    }
    const auto& graph = *lines_[s].graphs[0];
    asked.tasks = graph.tasks_and_end();
    asked.deps = graph.deps();
    asked.finals = graph.finals();
    for (std::size_t d = 0; d < at(problem_.devices); ++d)
      job_.weights[d] += graph.totals().devices[d].weights;
  }
  const auto& link_bandwidth = graph(0).totals().link_bandwidth;
  for (std::size_t c = 0; c < job_.bandwidth.size(); ++c)
    job_.bandwidth[c] = link_bandwidth[at(problem_.channel_link[c])];
  return job_;
}

}  // namespace sim
