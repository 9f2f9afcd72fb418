#include "results/timeline_rows.h"

#include <stdexcept>

namespace results {
namespace {

using models::Timeline;

constexpr const char* kinds[] = {"compute", "convert", "transfer"};

void require(bool holds, const std::string& what) {
  if (!holds) throw std::out_of_range(what);
}

bool inside(int index, std::size_t size) {
  return index >= 0 && static_cast<std::size_t>(index) < size;
}

}  // namespace

TimelineRow timeline_row(const Timeline& timeline) {
  const auto first = timeline.streams.empty() ? Timeline::Stream{} : timeline.streams.front();
  return {timeline.strict, first.jitter, first.jitter_exponential, first.jitter_seed};
}

void set_timeline_row(Timeline& timeline, const TimelineRow& row) {
  timeline.strict = row.strict;
  timeline.streams.resize(1);
  auto& first = timeline.streams.front();
  first.jitter = row.jitter;
  first.jitter_exponential = row.jitter_exponential;
  first.jitter_seed = row.jitter_seed;
}

std::vector<TaskRow> task_rows(const Timeline& timeline) {
  std::vector<TaskRow> rows;
  rows.reserve(timeline.tasks.size());
  for (const auto& task : timeline.tasks) {
    rows.push_back({kinds[static_cast<std::size_t>(task.kind)], task});
  }
  return rows;
}

std::vector<TaskChannelRow> task_channel_rows(const Timeline& timeline) {
  std::vector<TaskChannelRow> rows;
  for (std::size_t task = 0; task < timeline.tasks.size(); ++task) {
    for (const int channel : timeline.tasks[task].channels) {
      rows.push_back({static_cast<std::int32_t>(task), channel});
    }
  }
  return rows;
}

std::vector<TaskReadRow> task_read_rows(const Timeline& timeline) {
  std::vector<TaskReadRow> rows;
  for (std::size_t task = 0; task < timeline.tasks.size(); ++task) {
    for (const int read : timeline.tasks[task].reads) {
      rows.push_back({static_cast<std::int32_t>(task), read});
    }
  }
  return rows;
}

std::vector<Timeline::Task> tasks_of(const std::vector<TaskRow>& tasks,
                                     const std::vector<TaskChannelRow>& channels,
                                     const std::vector<TaskReadRow>& reads) {
  std::vector<Timeline::Task> all;
  all.reserve(tasks.size());
  for (const auto& row : tasks) {
    all.push_back(row.task);
    std::size_t kind = 0;
    while (kind < std::size(kinds) && row.kind != kinds[kind]) ++kind;
    require(kind < std::size(kinds), "a task is of the unknown kind '" + row.kind + "'");
    all.back().kind = static_cast<Timeline::Kind>(kind);
  }
  for (const auto& row : channels) {
    require(inside(row.task, all.size()), "a channel belongs to no task");
    all[static_cast<std::size_t>(row.task)].channels.push_back(row.channel);
  }
  for (const auto& row : reads) {
    require(inside(row.task, all.size()), "a reading belongs to no task");
    all[static_cast<std::size_t>(row.task)].reads.push_back(row.read);
  }
  return all;
}

void check_indices(const Timeline& timeline) {
  for (const auto& task : timeline.tasks) {
    const std::string who = "task '" + task.name + "' ";
    require(inside(task.device, timeline.devices.size()), who + "is on a device that is not there");
    require(task.target == -1 || inside(task.target, timeline.devices.size()),
            who + "goes to a device that is not there");
    for (const int channel : task.channels) {
      require(inside(channel, timeline.channels.size()), who + "uses a channel that is not there");
    }
    for (const int read : task.reads) {
      require(inside(read, timeline.tasks.size()), who + "reads a task that is not there");
    }
  }
  const auto check = [&](const auto& rows, const std::string& what) {
    for (const auto& row : rows) {
      require(inside(row.task, timeline.tasks.size()), what + " is of a task that is not there");
      require(inside(row.request, timeline.requests.size()),
              what + " is of a request that is not there");
    }
  };
  check(timeline.records, "a record");
  check(timeline.rates, "a rate");
}

}  // namespace results
