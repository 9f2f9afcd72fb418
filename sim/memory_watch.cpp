#include "sim/memory_watch.h"

#include <algorithm>

#include "models/index.h"

namespace sim {
namespace {

using models::at;

using Kind = models::TaskGraph::Kind;

}  // namespace

MemoryWatch::MemoryWatch(const models::TaskGraph& graph)
    : graph_(graph),
      problem_(graph.problem()),
      held_(at(problem_.devices)),
      peak_(at(problem_.devices)) {
  list_items();
  list_reads();
}

std::int32_t MemoryWatch::add_item(std::int32_t tensor, std::int32_t device, std::uint8_t format,
                                   bool can_be_output) {
  const auto number = static_cast<std::int32_t>(items_.size());
  const auto bytes = problem_.bytes[at(tensor) * at(problem_.formats) + format];
  const bool for_sink =
      can_be_output && problem_.is_output[at(tensor)] && device == graph_.stream().sink;
  items_.push_back({device, bytes, 0, for_sink});
  number_[{tensor, device, problem_.is_fixed[at(tensor)] ? 0 : format}] = number;
  return number;
}

std::int32_t MemoryWatch::item_of(std::int32_t tensor, std::int32_t device,
                                  std::uint8_t format) const {
  return number_.at({tensor, device, problem_.is_fixed[at(tensor)] ? 0 : format});
}

void MemoryWatch::list_items() {
  for (std::int32_t t = 0; t < problem_.inputs; ++t)
    add_item(t, graph_.stream().source, problem_.input_format, true);
  for (const auto& task : graph_.tasks()) {
    auto& made = makes_.emplace_back();
    if (task.kind == Kind::compute)
      for (auto t = problem_.output_begin[at(task.subject)];
           t < problem_.output_begin[at(task.subject) + 1]; ++t)
        made.push_back(add_item(t, task.device, task.to, true));
    else if (task.kind == Kind::convert)
      made.push_back(add_item(task.subject, task.device, task.to, false));
    else
      made.push_back(add_item(task.subject, task.target, task.to, true));
  }
}

void MemoryWatch::list_reads() {
  for (const auto& task : graph_.tasks()) {
    auto& read = reads_.emplace_back();
    if (task.kind == Kind::compute)
      for (auto i = problem_.input_begin[at(task.subject)];
           i < problem_.input_begin[at(task.subject) + 1]; ++i)
        read.push_back(item_of(problem_.input_tensor[at(i)], task.device, task.to));
    else
      read.push_back(item_of(task.subject, task.device, task.from));
    for (const auto item : read) ++items_[at(item)].readers;
  }
}

std::int64_t MemoryWatch::workspace(std::int32_t task) const {
  const auto& it = graph_.tasks()[at(task)];
  if (it.kind != Kind::compute) return 0;
  return problem_.workspace[problem_.cost_index(it.subject, it.device, it.to)];
}

void MemoryWatch::hold(std::int32_t device, std::int64_t bytes) {
  held_[at(device)] += bytes;
  peak_[at(device)] = std::max(peak_[at(device)], held_[at(device)]);
}

void MemoryWatch::admitted(std::int64_t request) {
  auto& left = readers_left_[request];
  for (const auto& item : items_) left.push_back(item.readers);
  for (std::int32_t t = 0; t < problem_.inputs; ++t)
    hold(graph_.stream().source, items_[at(t)].bytes);
}

void MemoryWatch::started(std::int32_t task) {
  for (const auto item : makes_[at(task)]) hold(items_[at(item)].device, items_[at(item)].bytes);
  if (const auto scratch = workspace(task)) hold(graph_.tasks()[at(task)].device, scratch);
}

void MemoryWatch::released(std::int64_t request, std::int32_t task) {
  held_[at(graph_.tasks()[at(task)].device)] -= workspace(task);
  auto& left = readers_left_.at(request);
  for (const auto item : reads_[at(task)])
    if (--left[at(item)] == 0 && !items_[at(item)].for_sink)
      held_[at(items_[at(item)].device)] -= items_[at(item)].bytes;
}

void MemoryWatch::completed(std::int64_t request) {
  for (const auto& item : items_)
    if (item.stays()) held_[at(item.device)] -= item.bytes;
  readers_left_.erase(request);
}

}  // namespace sim
