#pragma once

#include <string>

#include "models/timeline.h"
#include "results/rows.h"

namespace results {

// The rows of a timeline's tables, in result files, timeline files and CSV alike.

template <class Io, RowOf<models::Timeline::Device> R>
void describe(Io& io, R& row) {
  io("name", "", Role::key, "name of the device", row.name);
  io("slots", "1", Role::choice, "tasks at once", row.slots);
  io("capacity", "B", Role::choice, "memory", row.capacity);
  io("weights", "B", Role::measure, "weights held", row.weights);
  io("per_request", "B", Role::measure, "held by every admitted request", row.per_request);
  io("switch_time", "ps", Role::choice, "of the precision unit", row.switch_time);
  io("buffers", "1", Role::choice, "arrivals it can hold; 0: any number", row.buffers);
  io("copy_engines", "1", Role::choice, "transfers at once; 0: any number", row.copy_engines);
}

template <class Io, RowOf<models::Timeline::Stream> R>
void describe(Io& io, R& row) {
  io("name", "", Role::key, "name of the network", row.name);
  io("priority", "1", Role::choice, "the smaller goes first", row.priority);
  io("deadline", "ps", Role::choice, "of a request, from its arrival; 0: none", row.deadline);
  io("jitter", "1", Role::choice, "durations vary by so much", row.jitter);
  io("jitter_exponential", "1", Role::choice, "1: exponentially, 0: evenly",
     row.jitter_exponential);
  io("jitter_seed", "1", Role::choice, "seed of the variation", row.jitter_seed);
  io("first_task", "1", Role::reference, "its tasks follow each other from here", row.first_task);
}

/// What a request, or a batch, of a network holds on a device.
struct NeedRow {
  std::int32_t stream = 0;
  std::int32_t batch = 1;
  std::int32_t device = 0;
  std::int64_t bytes = 0;
};
template <class Io, RowOf<NeedRow> R>
void describe(Io& io, R& row) {
  io("stream", "1", Role::reference, "the network", row.stream);
  io("batch", "1", Role::key, "requests executed as one", row.batch);
  io("device", "1", Role::reference, "where", row.device);
  io("bytes", "B", Role::measure, "held from admission to completion", row.bytes);
}

/// What a task takes in a batch of two and more.
struct TaskBatchRow {
  std::int32_t task = 0;
  std::int32_t batch = 2;
  std::int64_t duration = 0;
  std::int64_t bytes = 0;
};
template <class Io, RowOf<TaskBatchRow> R>
void describe(Io& io, R& row) {
  io("task", "1", Role::reference, "the task", row.task);
  io("batch", "1", Role::key, "requests executed as one", row.batch);
  io("duration", "ps", Role::measure, "work; of a fifo transfer: how long it holds its links",
     row.duration);
  io("bytes", "B", Role::measure, "payload of a transfer", row.bytes);
}

/// A change of the platform during the run.
struct ChangeRow {
  std::string what;  ///< "speed", "bandwidth", "device_down", "device_up", "link_down", "link_up"
  models::Timeline::Change change;
};
template <class Io, RowOf<ChangeRow> R>
void describe(Io& io, R& row) {
  io("what", "", Role::key, "speed, bandwidth, device_down, device_up, link_down or link_up",
     row.what);
  io("index", "1", Role::reference, "device, channel (of bandwidth) or link", row.change.index);
  io("when", "ps", Role::measure, "instant", row.change.when);
  io("value", "1", Role::measure, "part of the device's speed; of bandwidth: bytes per second",
     row.change.value);
}

template <class Io, RowOf<models::Timeline::Channel> R>
void describe(Io& io, R& row) {
  io("name", "", Role::key, "link, or direction of a link", row.name);
  io("fair", "1", Role::choice, "1: flows share it; 0: one transfer after the other", row.fair);
  io("bandwidth", "B/s", Role::choice, "at the lanes powered at the start", row.bandwidth);
  io("link", "1", Role::reference, "both directions of a link fail together", row.link);
}

struct TaskRow {
  std::string kind;  ///< "compute", "convert", "transfer"
  models::Timeline::Task task;
};
template <class Io, RowOf<TaskRow> R>
void describe(Io& io, R& row) {
  auto& task = row.task;
  io("kind", "", Role::key, "compute, convert or transfer", row.kind);
  io("name", "", Role::key, "of the operator or tensor", task.name);
  io("format", "", Role::choice, "computed in; from>to of a conversion; sent as", task.format);
  io("device", "1", Role::reference, "runs on it; of a transfer: the sender", task.device);
  io("target", "1", Role::reference, "receiver of a transfer, else -1", task.target);
  io("duration", "ps", Role::measure, "work; of a fifo transfer: how long it holds its links",
     task.duration);
  io("latency", "ps", Role::measure, "of a transfer", task.latency);
  io("bytes", "B", Role::measure, "payload of a transfer", task.bytes);
  io("switches", "1", Role::measure, "1: takes part in precision switching", task.switches);
  io("to_sink", "1", Role::measure, "1: the request waits for it", task.to_sink);
  io("stream", "1", Role::reference, "the network it belongs to", task.stream);
}

/// One of the channels of a transfer, in order.
struct TaskChannelRow {
  std::int32_t task = 0;
  std::int32_t channel = 0;
};
template <class Io, RowOf<TaskChannelRow> R>
void describe(Io& io, R& row) {
  io("task", "1", Role::reference, "the transfer", row.task);
  io("channel", "1", Role::reference, "a channel on its way, in order", row.channel);
}

/// One of the tasks whose result a task reads.
struct TaskReadRow {
  std::int32_t task = 0;
  std::int32_t read = 0;
};
template <class Io, RowOf<TaskReadRow> R>
void describe(Io& io, R& row) {
  io("task", "1", Role::reference, "who reads", row.task);
  io("read", "1", Role::reference, "the task whose result it reads", row.read);
}

template <class Io, RowOf<models::Timeline::Record> R>
void describe(Io& io, R& row) {
  const auto time = [&](const char* name, const char* meaning, auto& value) {
    io(name, "ps", Role::measure, meaning, value);
  };
  io("request", "1", Role::key, "which inference", row.request);
  io("task", "1", Role::reference, "which task", row.task);
  io("slot", "1", Role::measure, "of the device, for compute and convert", row.slot);
  time("ready", "all it reads was present", row.ready);
  time("start", "took its slot or its links", row.start);
  time("work", "after the precision switch", row.work);
  time("released", "gave its slot or links back", row.released);
  time("end", "its result is present", row.end);
  io("lost", "1", Role::measure, "1: undone by a failure at 'released'", row.lost);
}

template <class Io, RowOf<models::Timeline::Rate> R>
void describe(Io& io, R& row) {
  io("request", "1", Role::key, "which inference", row.request);
  io("task", "1", Role::reference, "which fair transfer", row.task);
  io("when", "ps", Role::measure, "instant of the new rate, whole part", row.when);
  io("fraction", "ps", Role::measure, "part of a picosecond after it", row.fraction);
  io("rate", "B/s", Role::measure, "the new rate, 0 at the end", row.bytes_per_second);
}

template <class Io, RowOf<models::Timeline::Request> R>
void describe(Io& io, R& row) {
  const auto time = [&](const char* name, const char* meaning, auto& value) {
    io(name, "ps", Role::measure, meaning, value);
  };
  time("arrival", "arrived", row.arrival);
  time("admitted", "got its memory", row.admitted);
  time("completed", "its last output was present at the sink", row.completed);
  io("stream", "1", Role::reference, "of which network", row.stream);
  io("number", "1", Role::key, "the first one's number in its network", row.number);
  time("formed", "its batch was complete", row.formed);
}

/// A further request of a batch.
struct MemberRow {
  std::int32_t request = 0;
  std::int64_t arrival = 0;
};
template <class Io, RowOf<MemberRow> R>
void describe(Io& io, R& row) {
  io("request", "1", Role::reference, "the batch", row.request);
  io("arrival", "ps", Role::measure, "when a further request of it arrived", row.arrival);
}

/// What holds for the whole timeline.
struct TimelineRow {
  bool strict = true;
};
template <class Io, RowOf<TimelineRow> R>
void describe(Io& io, R& row) {
  io("strict", "1", Role::choice, "1: every resource keeps to its order", row.strict);
}

/// "compute", "convert" or "transfer".
std::string word_of(models::Timeline::Kind kind);

/// All tables of a timeline, their names beginning with `prefix`; `whole` is the name of the one
/// that has a single row.
std::vector<Table> timeline_tables(const models::Timeline& timeline, const std::string& whole,
                                   const std::string& prefix);

/// A source of rows: answers the rows of one kind of a table by its name without the prefix.
/// Throws std::out_of_range for kinds, tasks, requests and devices that do not exist.
template <class Rows>
models::Timeline timeline_of(const Rows& rows);

namespace rows_of_timeline {
/// The parts that rows are put together to.
struct Loose {
  std::vector<TaskRow> tasks;
  std::vector<TaskChannelRow> channels;
  std::vector<TaskReadRow> reads;
  std::vector<TaskBatchRow> batches;
  std::vector<NeedRow> needs;
  std::vector<ChangeRow> changes;
  std::vector<MemberRow> members;
};
void put_together(models::Timeline& timeline, const Loose& loose);
}  // namespace rows_of_timeline

/// Throws std::out_of_range naming the first index that points nowhere.
void check_indices(const models::Timeline& timeline);

template <class Rows>
models::Timeline timeline_of(const Rows& rows) {
  using models::Timeline;
  Timeline timeline;
  timeline.streams = rows.template of<Timeline::Stream>("streams");
  timeline.devices = rows.template of<Timeline::Device>("devices");
  timeline.channels = rows.template of<Timeline::Channel>("channels");
  rows_of_timeline::Loose loose;
  loose.needs = rows.template of<NeedRow>("needs");
  loose.tasks = rows.template of<TaskRow>("tasks");
  loose.channels = rows.template of<TaskChannelRow>("task_channels");
  loose.reads = rows.template of<TaskReadRow>("task_reads");
  loose.batches = rows.template of<TaskBatchRow>("task_batches");
  timeline.records = rows.template of<Timeline::Record>("records");
  timeline.rates = rows.template of<Timeline::Rate>("rates");
  loose.changes = rows.template of<ChangeRow>("changes");
  timeline.requests = rows.template of<Timeline::Request>("requests");
  loose.members = rows.template of<MemberRow>("members");
  rows_of_timeline::put_together(timeline, loose);
  check_indices(timeline);
  return timeline;
}

}  // namespace results
