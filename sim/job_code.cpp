#include "sim/job_code.h"

#include <cmath>
#include <cstring>
#include <stdexcept>

#include "models/index.h"
#include "sim/byte_code.h"

namespace sim {
namespace {

using models::at;

// Members are named in bindings, so that a new one does not compile before it is carried over too.

template <class Io, class W>
void visit_workload(Io& io, W& workload) {
  auto& [requests, arrivals, in_flight, period, rate, trace, jitter, jitter_shape, seed, batch,
         batch_wait, source, sink] = workload;
  const auto each = [&](auto&... members) { (io(members), ...); };
  each(requests, arrivals, in_flight, period, rate, trace, jitter, jitter_shape, seed, batch,
       batch_wait, source, sink);
}

template <class Io, class S, class WorkloadOf>
void visit_stream(Io& io, S& stream, WorkloadOf workload_of) {
  auto& [tasks, deps, finals, larger, needs, workload, arrivals, priority, deadline,
         burst_requests] = stream;
  const auto each = [&](auto&... members) { (io(members), ...); };
  each(tasks, deps, finals);
  io.list(larger, [&](auto& batch) { io(batch); });
  each(needs, arrivals, priority, deadline, burst_requests);
  visit_workload(io, workload_of(workload));
}

/// `workload_of` makes a workload of a pointer to it, or the other way round.
template <class Io, class J, class WorkloadOf>
void visit(Io& io, J& job, WorkloadOf workload_of) {
  auto& [slots, switch_time, capacity, buffers, copy_engines, channel_link, lane_bandwidth,
         width_change, route_begin, route_channel, route_latency, route_fair, lanes, bandwidth,
         weights, strict, steps, streams] = job;
  const auto each = [&](auto&... members) { (io(members), ...); };
  each(slots, switch_time, capacity, buffers, copy_engines, channel_link, lane_bandwidth,
       width_change, route_begin, route_channel, route_latency, route_fair, lanes, bandwidth,
       weights, strict, steps);
  io.list(streams, [&](auto& stream) { visit_stream(io, stream, workload_of); });
}

void require(bool holds, const char* what) {
  if (!holds) throw std::out_of_range(what);
}

void check_platform(const Job& job) {
  const auto devices = job.devices();
  require(devices > 0 && job.switch_time.size() == devices && job.capacity.size() == devices &&
              (job.buffers.empty() || job.buffers.size() == devices) &&
              (job.copy_engines.empty() || job.copy_engines.size() == devices),
          "a job's devices do not fit together");
  require(job.bandwidth.size() == job.channels() && job.lanes.size() == job.links(),
          "a job's links do not fit together");
  require(job.route_begin.size() == devices * devices + 1 &&
              job.route_latency.size() == devices * devices &&
              job.route_fair.size() == devices * devices,
          "a job's routes do not fit together");
  for (const auto slots : job.slots) require(slots > 0, "a device has no slots");
  for (const auto each : job.bandwidth)
    require(std::isfinite(each) && each >= 0, "a bandwidth is no number");
  for (const auto link : job.channel_link)
    require(link >= 0 && at(link) < job.links(), "a channel is of no link");
  for (const auto channel : job.route_channel)
    require(channel >= 0 && at(channel) < job.channels(), "a route leads nowhere");
  for (const auto& step : job.steps)
    require(std::isfinite(step.value) && step.value >= 0 && step.at >= 0,
            "an event's value is no number");
}

void check_stream(const Job& job, const Job::Stream& stream) {
  require(!stream.tasks.empty(), "a network has no tasks");
  const auto count = static_cast<std::int32_t>(stream.task_count());
  for (std::int32_t i = 0; i < count; ++i) {
    const auto& task = stream.tasks[at(i)];
    require(task.first_dep >= 0 && task.first_dep <= stream.tasks[at(i) + 1].first_dep &&
                at(stream.tasks[at(i) + 1].first_dep) <= stream.deps.size(),
            "a task's dependencies lie elsewhere");
    for (const auto dep : stream.deps_of(at(i)))
      require(dep >= 0 && dep < i, "a task reads what comes later");
    require(task.device >= 0 && at(task.device) < job.devices(), "a task is on no device");
    require(task.duration >= 0 && task.bytes >= 0, "a task takes less than no time");
    require(task.kind != models::TaskGraph::Kind::transfer ||
                (task.route >= 0 && at(task.route) + 1 < job.route_begin.size()),
            "a transfer has no route");
  }
  for (const auto final : stream.finals)
    require(final >= 0 && final < count, "a last task is none");
  for (const auto& batch : stream.larger)
    require(batch.size() >= stream.task_count(), "a batch has other tasks");
}

}  // namespace

std::string encode(const Job& job) {
  ByteWriter writer;
  visit(
      writer, job, [](const models::Workload* of) -> auto& { return *of; });
  return std::move(writer.bytes);
}

DecodedJob::DecodedJob(std::string_view bytes)
    : bytes_((bytes.size() + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t)) {
  if (!bytes.empty()) std::memcpy(bytes_.data(), bytes.data(), bytes.size());
  ByteReader reader({reinterpret_cast<const char*>(bytes_.data()), bytes.size()});
  visit(
      reader, job_, [this](const models::Workload*& of) -> auto& {
        auto& owned = *workloads_.emplace_back(std::make_unique<models::Workload>());
        of = &owned;
        return owned;
      });
  reader.finish();
  check_platform(job_);
  for (const auto& stream : job_.streams) check_stream(job_, stream);
}

}  // namespace sim
