// What Control makes ready before a run: who reads whom, which tasks each resource has.
#include <algorithm>

#include "models/index.h"
#include "sim/control.h"

namespace sim {
namespace {

using models::at;
using models::TaskGraph;

/// Turns counts in begin[1..] into where each list begins.
void accumulate(std::vector<std::int32_t>& begin) {
  for (std::size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];
}

}  // namespace

void Control::prepare(const TaskGraph& graph) {
  graph_ = &graph;
  strict_ = graph.totals().strict;
  list_dependents();
  list_by_resource();
  for (auto& device : devices_) {
    device.next = {};
    device.ready.clear();
    std::ranges::fill(device.slot_busy, std::uint8_t{0});
    device.free_slots = static_cast<int>(device.slot_busy.size());
    device.last = TaskGraph::no_precision;
    device.dirty = false;
  }
  for (auto& channel : channels_) {
    channel.next = {};
    channel.queue.clear();
    channel.head = 0;
    channel.busy = channel.dirty = false;
  }
  missing_.clear();
  slot_of_.clear();
  pool_free_.clear();
  dirty_devices_.clear();
  dirty_channels_.clear();
  fresh_.clear();
  fair_.clear();
  now_ = events_ = arrived_ = admitted_ = completed_ = oldest_ = 0;
}

void Control::list_dependents() {
  const auto& graph = *graph_;
  const auto count = graph.tasks().size();
  missing_template_.resize(count);
  is_final_.assign(count, 0);
  roots_.clear();
  dependent_begin_.assign(count + 1, 0);
  dependent_.resize(graph.deps().size());
  for (const auto dep : graph.deps()) ++dependent_begin_[at(dep) + 1];
  accumulate(dependent_begin_);
  // Filled from the back so that dependent_begin_ needs no second copy: begins move down to place.
  for (std::size_t i = 0; i < count; ++i) {
    const auto deps = graph.deps_of(i);
    missing_template_[i] = static_cast<std::int32_t>(deps.size());
    if (deps.empty()) roots_.push_back(static_cast<std::int32_t>(i));
  }
  for (std::size_t i = count; i-- > 0;)
    for (const auto dep : graph.deps_of(i))
      dependent_[at(--dependent_begin_[at(dep) + 1])] = static_cast<std::int32_t>(i);
  for (std::size_t i = 0; i < count; ++i) dependent_begin_[i] = dependent_begin_[i + 1];
  dependent_begin_[count] = static_cast<std::int32_t>(dependent_.size());
  for (const auto final : graph.finals()) is_final_[at(final)] = 1;
}

void Control::list_by_resource() {
  const auto tasks = graph_->tasks();
  device_begin_.assign(devices_.size() + 1, 0);
  channel_begin_.assign(channels_.size() + 1, 0);
  const auto each_resource = [&](auto on_device, auto on_channel) {
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (tasks[i].kind != TaskGraph::Kind::transfer)
        on_device(at(tasks[i].device), static_cast<std::int32_t>(i));
      else if (!problem_.route_fair[at(tasks[i].route)])
        for (const auto c : graph_->route(tasks[i]))
          on_channel(at(c), static_cast<std::int32_t>(i));
    }
  };
  each_resource([&](std::size_t d, std::int32_t) { ++device_begin_[d + 1]; },
                [&](std::size_t c, std::int32_t) { ++channel_begin_[c + 1]; });
  accumulate(device_begin_);
  accumulate(channel_begin_);
  device_task_.resize(at(device_begin_.back()));
  channel_task_.resize(at(channel_begin_.back()));
  each_resource([&](std::size_t d, std::int32_t i) { device_task_[at(device_begin_[d]++)] = i; },
                [&](std::size_t c, std::int32_t i) { channel_task_[at(channel_begin_[c]++)] = i; });
  std::shift_right(device_begin_.begin(), device_begin_.end(), 1);
  std::shift_right(channel_begin_.begin(), channel_begin_.end(), 1);
  device_begin_[0] = channel_begin_[0] = 0;
}

}  // namespace sim
