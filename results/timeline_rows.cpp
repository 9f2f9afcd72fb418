#include "results/timeline_rows.h"

#include <algorithm>
#include <stdexcept>

namespace results {
namespace {

using models::Timeline;

constexpr const char* kinds[] = {"compute", "convert", "transfer"};
constexpr const char* changes[] = {"speed",     "bandwidth", "device_down",
                                   "device_up", "link_down", "link_up"};

void require(bool holds, const std::string& what) {
  if (!holds) throw std::out_of_range(what);
}

bool inside(int index, std::size_t size) {
  return index >= 0 && static_cast<std::size_t>(index) < size;
}

/// Which of the words it is.
template <std::size_t count>
std::size_t index_of(const char* const (&words)[count], const std::string& word,
                     const std::string& what) {
  for (std::size_t i = 0; i < count; ++i)
    if (word == words[i]) return i;
  throw std::out_of_range(what + " is of the unknown kind '" + word + "'");
}

std::vector<TaskRow> task_rows(const Timeline& timeline) {
  std::vector<TaskRow> rows;
  rows.reserve(timeline.tasks.size());
  for (const auto& task : timeline.tasks) {
    rows.push_back({word_of(task.kind), task});
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

std::vector<TaskBatchRow> task_batch_rows(const Timeline& timeline) {
  std::vector<TaskBatchRow> rows;
  for (std::size_t task = 0; task < timeline.tasks.size(); ++task) {
    const auto& it = timeline.tasks[task];
    for (std::size_t b = 0; b < it.batch_durations.size(); ++b)
      rows.push_back({static_cast<std::int32_t>(task), static_cast<std::int32_t>(b) + 2,
                      it.batch_durations[b], it.batch_bytes[b]});
  }
  return rows;
}

std::vector<NeedRow> need_rows(const Timeline& timeline) {
  std::vector<NeedRow> rows;
  const auto devices = std::max<std::size_t>(1, timeline.devices.size());
  for (std::size_t s = 0; s < timeline.streams.size(); ++s) {
    const auto& needs = timeline.streams[s].needs;
    for (std::size_t i = 0; i < needs.size(); ++i)
      rows.push_back({static_cast<std::int32_t>(s), static_cast<std::int32_t>(i / devices) + 1,
                      static_cast<std::int32_t>(i % devices), needs[i]});
  }
  return rows;
}

std::vector<ChangeRow> change_rows(const Timeline& timeline) {
  std::vector<ChangeRow> rows;
  for (const auto& change : timeline.changes)
    rows.push_back({changes[static_cast<std::size_t>(change.what)], change});
  return rows;
}

std::vector<MemberRow> member_rows(const Timeline& timeline) {
  std::vector<MemberRow> rows;
  for (std::size_t r = 0; r < timeline.requests.size(); ++r)
    for (const auto arrival : timeline.requests[r].more)
      rows.push_back({static_cast<std::int32_t>(r), arrival});
  return rows;
}

void take_tasks(Timeline& timeline, const rows_of_timeline::Loose& loose) {
  auto& all = timeline.tasks;
  for (const auto& row : loose.tasks) {
    all.push_back(row.task);
    all.back().kind = static_cast<Timeline::Kind>(index_of(kinds, row.kind, "a task"));
  }
  const auto task = [&](std::int32_t index, const std::string& what) -> Timeline::Task& {
    require(inside(index, all.size()), what + " belongs to no task");
    return all[static_cast<std::size_t>(index)];
  };
  for (const auto& row : loose.channels)
    task(row.task, "a channel").channels.push_back(row.channel);
  for (const auto& row : loose.reads) task(row.task, "a reading").reads.push_back(row.read);
  for (const auto& row : loose.batches) {
    auto& it = task(row.task, "a batch");
    require(row.batch == std::ssize(it.batch_durations) + 2, "batches of a task are not in order");
    it.batch_durations.push_back(row.duration);
    it.batch_bytes.push_back(row.bytes);
  }
}

void check_batches(const Timeline& timeline) {
  std::vector<std::ptrdiff_t> larger(timeline.streams.size(), -1);  // batches of its tasks
  for (const auto& task : timeline.tasks) {
    auto& known = larger[static_cast<std::size_t>(task.stream)];
    if (known < 0) known = std::ssize(task.batch_durations);
    require(known == std::ssize(task.batch_durations) && known == std::ssize(task.batch_bytes),
            "task '" + task.name + "' has other batches than its network");
  }
  for (const auto& request : timeline.requests) {
    require(inside(request.stream, timeline.streams.size()),
            "a request is of a network that is not there");
    const auto most = std::max<std::ptrdiff_t>(0, larger[static_cast<std::size_t>(request.stream)]);
    require(std::ssize(request.more) <= most, "a batch is larger than its tasks know of");
    const auto& needs = timeline.streams[static_cast<std::size_t>(request.stream)].needs;
    require(needs.empty() || needs.size() >= (request.more.size() + 1) * timeline.devices.size(),
            "what a batch needs is not known");
  }
}

void check_changes(const Timeline& timeline) {
  using What = Timeline::Change::What;
  std::int64_t before = 0;
  for (const auto& change : timeline.changes) {
    const bool of_device = change.what == What::speed || change.what == What::device_down ||
                           change.what == What::device_up;
    if (of_device)
      require(inside(change.index, timeline.devices.size()), "a change is of no device");
    else if (change.what == What::bandwidth)
      require(inside(change.index, timeline.channels.size()), "a change is of no channel");
    else
      require(inside(change.index, timeline.channels.size()), "a change is of no link");
    require(change.when >= before, "the changes are not in order of time");
    require(change.value >= 0, "a change is to less than nothing");
    before = change.when;
  }
}

}  // namespace

std::string word_of(Timeline::Kind kind) {
  return kinds[static_cast<std::size_t>(kind)];
}

namespace rows_of_timeline {

void put_together(Timeline& timeline, const Loose& loose) {
  take_tasks(timeline, loose);
  for (const auto& row : loose.needs) {
    require(inside(row.stream, timeline.streams.size()), "a need is of no network");
    auto& needs = timeline.streams[static_cast<std::size_t>(row.stream)].needs;
    const auto place =
        (row.batch - std::int64_t{1}) * std::ssize(timeline.devices) + std::int64_t{row.device};
    require(place == std::ssize(needs) && inside(row.device, timeline.devices.size()),
            "the needs are not in order");
    needs.push_back(row.bytes);
  }
  for (const auto& row : loose.changes) {
    timeline.changes.push_back(row.change);
    timeline.changes.back().what =
        static_cast<Timeline::Change::What>(index_of(changes, row.what, "a change"));
  }
  for (const auto& row : loose.members) {
    require(inside(row.request, timeline.requests.size()), "a request is of no batch");
    timeline.requests[static_cast<std::size_t>(row.request)].more.push_back(row.arrival);
  }
}

}  // namespace rows_of_timeline

std::vector<Table> timeline_tables(const Timeline& timeline, const std::string& whole,
                                   const std::string& prefix) {
  std::vector<Table> tables;
  tables.push_back(to_table(whole, std::vector<TimelineRow>{{timeline.strict}}));
  tables.push_back(to_table(prefix + "streams", timeline.streams));
  tables.push_back(to_table(prefix + "devices", timeline.devices));
  tables.push_back(to_table(prefix + "channels", timeline.channels));
  tables.push_back(to_table(prefix + "needs", need_rows(timeline)));
  tables.push_back(to_table(prefix + "tasks", task_rows(timeline)));
  tables.push_back(to_table(prefix + "task_channels", task_channel_rows(timeline)));
  tables.push_back(to_table(prefix + "task_reads", task_read_rows(timeline)));
  tables.push_back(to_table(prefix + "task_batches", task_batch_rows(timeline)));
  tables.push_back(to_table(prefix + "records", timeline.records));
  tables.push_back(to_table(prefix + "rates", timeline.rates));
  tables.push_back(to_table(prefix + "changes", change_rows(timeline)));
  tables.push_back(to_table(prefix + "requests", timeline.requests));
  tables.push_back(to_table(prefix + "members", member_rows(timeline)));
  return tables;
}

void check_indices(const Timeline& timeline) {
  for (const auto& stream : timeline.streams)
    require(stream.first_task == 0 || inside(stream.first_task, timeline.tasks.size() + 1),
            "a network begins at a task that is not there");
  for (const auto& task : timeline.tasks) {
    const std::string who = "task '" + task.name + "' ";
    require(inside(task.stream, timeline.streams.size()),
            who + "is of a network that is not there");
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
  for (const auto& channel : timeline.channels)
    require(inside(channel.link, timeline.channels.size()),
            "channel '" + channel.name + "' is of a link that is not there");
  check_batches(timeline);
  check_changes(timeline);
}

}  // namespace results
