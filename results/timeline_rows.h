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
}

template <class Io, RowOf<models::Timeline::Channel> R>
void describe(Io& io, R& row) {
  io("name", "", Role::key, "link, or direction of a link", row.name);
  io("fair", "1", Role::choice, "1: flows share it; 0: one transfer after the other", row.fair);
  io("bandwidth", "B/s", Role::choice, "at the powered lanes", row.bandwidth);
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
}

/// What holds for the whole timeline.
struct TimelineRow {
  bool strict = true;
  double jitter = 0;
  bool jitter_exponential = false;
  std::int64_t jitter_seed = 1;
};
template <class Io, RowOf<TimelineRow> R>
void describe(Io& io, R& row) {
  io("strict", "1", Role::choice, "1: every resource keeps to its order", row.strict);
  io("jitter", "1", Role::choice, "durations vary by so much", row.jitter);
  io("jitter_exponential", "1", Role::choice, "1: exponentially, 0: evenly",
     row.jitter_exponential);
  io("jitter_seed", "1", Role::choice, "seed of the variation", row.jitter_seed);
}

std::vector<TaskRow> task_rows(const models::Timeline& timeline);
std::vector<TaskChannelRow> task_channel_rows(const models::Timeline& timeline);
std::vector<TaskReadRow> task_read_rows(const models::Timeline& timeline);

/// The tasks from their rows. Throws std::out_of_range for a kind or a task that does not exist.
std::vector<models::Timeline::Task> tasks_of(const std::vector<TaskRow>& tasks,
                                             const std::vector<TaskChannelRow>& channels,
                                             const std::vector<TaskReadRow>& reads);

TimelineRow timeline_row(const models::Timeline& timeline);
void set_timeline_row(models::Timeline& timeline, const TimelineRow& row);

/// Throws std::out_of_range naming the first index that points nowhere.
void check_indices(const models::Timeline& timeline);

}  // namespace results
