#include "sim/stream_state.h"

#include <algorithm>

#include "models/index.h"

namespace sim {
namespace {

using models::at;
using models::TaskGraph;

/// Turns counts in begin[1..] into where each list begins.
void accumulate(std::vector<std::int32_t>& begin) {
  for (std::size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];
}

/// Puts a value into a ring of values under way, wider if it is full.
void put(std::vector<std::int64_t>& ring, std::int64_t oldest, std::int64_t index,
         std::int64_t value) {
  if (index - oldest >= static_cast<std::int64_t>(ring.size())) {
    std::vector<std::int64_t> wider(std::max<std::size_t>(16, ring.size() * 2));
    for (auto i = oldest; i < index; ++i)
      wider[at(i) & (wider.size() - 1)] = ring[at(i) & (ring.size() - 1)];
    ring.swap(wider);
  }
  ring[at(index) & (ring.size() - 1)] = value;
}

}  // namespace

void StreamState::prepare(const Job& job, int index) {
  asked = &job.streams[at(index)];
  tasks = asked->task_count();
  priority = static_cast<std::uint64_t>(asked->priority);
  batch = asked->workload->batch;
  closed = asked->workload->arrivals == models::Workload::Arrivals::closed;
  keeps_attempts = job.changes() || job.limited();
  list_readers();
  list_by_resource(job);
  jitters = asked->workload->jitter > 0;
  brief.resize(tasks);
  for (std::size_t i = 0; i < tasks; ++i) {
    const auto& task = asked->tasks[i];
    const bool sent = task.kind == TaskGraph::Kind::transfer;
    brief[i] = {task.duration,        sent ? -1 : task.device, readers.begin[i],
                readers.begin[i + 1], task.precision,          is_final[i] != 0};
  }
  missing.clear();
  slot_of.clear();
  attempts.clear();
  pool_free.clear();
  due = regular = arrived = burst = completed = gathered = gathering_since = 0;
  formed = admitted = oldest = oldest_number = 0;
  timed = false;
  drawn.reset();
  if (closed) return;
  if (asked->arrivals.empty()) drawn.emplace(*asked->workload);
  due = next_arrival();
}

std::int64_t StreamState::next_arrival() {
  return drawn ? drawn->next().count() : asked->arrivals[at(regular)].count();
}

std::int32_t StreamState::open_pool() {
  if (pool_free.empty()) {
    pool_free.push_back(
        static_cast<std::int32_t>(missing.size() / std::max<std::size_t>(1, tasks)));
    missing.resize(missing.size() + tasks);
    slot_of.resize(missing.size());
    if (keeps_attempts) attempts.resize(missing.size());
  }
  const auto place = pool_free.back();
  pool_free.pop_back();
  const auto first = static_cast<std::ptrdiff_t>(first_of(place));
  std::ranges::copy(missing_at_first, missing.begin() + first);
  if (keeps_attempts)
    std::fill_n(attempts.begin() + first, static_cast<std::ptrdiff_t>(tasks), Attempt{});
  return place;
}

void StreamState::note_serial(std::int64_t serial) {
  put(serials, oldest, formed, serial);
}

void StreamState::note_arrival(std::int64_t number, std::int64_t when) {
  put(arrivals, oldest_number, number, when);
}

void StreamState::list_readers() {
  const auto& all = asked->tasks;
  missing_at_first.resize(tasks);
  is_final.assign(tasks, 0);
  roots.clear();
  auto& begin = readers.begin;
  begin.assign(tasks + 1, 0);
  readers.item.resize(asked->deps.size());
  for (const auto dep : asked->deps) ++begin[at(dep) + 1];
  accumulate(begin);
  for (std::size_t i = 0; i < tasks; ++i) {
    const auto count = all[i + 1].first_dep - all[i].first_dep;
    missing_at_first[i] = count;
    if (count == 0) roots.push_back(static_cast<std::int32_t>(i));
  }
  // Filled from the back so that `begin` needs no second copy: begins move down to their places.
  for (std::size_t i = tasks; i-- > 0;)
    for (const auto dep : asked->deps_of(i))
      readers.item[at(--begin[at(dep) + 1])] = static_cast<std::int32_t>(i);
  for (std::size_t i = 0; i < tasks; ++i) begin[i] = begin[i + 1];
  begin[tasks] = static_cast<std::int32_t>(readers.item.size());
  for (const auto final : asked->finals) is_final[at(final)] = 1;
}

void StreamState::list_by_resource(const Job& job) {
  on_device.begin.assign(job.devices() + 1, 0);
  on_channel.begin.assign(job.channels() + 1, 0);
  const auto each_resource = [&](auto device, auto channel) {
    for (std::size_t i = 0; i < tasks; ++i) {
      const auto& task = asked->tasks[i];
      if (task.kind != TaskGraph::Kind::transfer)
        device(at(task.device), static_cast<std::int32_t>(i));
      else if (!job.route_fair[at(task.route)])
        for (const auto c : job.route(task)) channel(at(c), static_cast<std::int32_t>(i));
    }
  };
  auto& devices = on_device.begin;
  auto& channels = on_channel.begin;
  each_resource([&](std::size_t d, std::int32_t) { ++devices[d + 1]; },
                [&](std::size_t c, std::int32_t) { ++channels[c + 1]; });
  accumulate(devices);
  accumulate(channels);
  on_device.item.resize(at(devices.back()));
  on_channel.item.resize(at(channels.back()));
  each_resource([&](std::size_t d, std::int32_t i) { on_device.item[at(devices[d]++)] = i; },
                [&](std::size_t c, std::int32_t i) { on_channel.item[at(channels[c]++)] = i; });
  std::shift_right(devices.begin(), devices.end(), 1);
  std::shift_right(channels.begin(), channels.end(), 1);
  devices[0] = channels[0] = 0;
}

}  // namespace sim
