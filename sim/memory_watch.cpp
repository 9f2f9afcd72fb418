#include "sim/memory_watch.h"

#include <algorithm>

#include "models/index.h"

namespace sim {
namespace {

using models::at;
using models::Problem;
using Kind = models::TaskGraph::Kind;

std::int32_t format_key(const Problem& problem, std::int32_t tensor, std::uint8_t format) {
  return problem.is_fixed[at(tensor)] ? 0 : format;
}

}  // namespace

MemoryWatch::MemoryWatch(const Workbench& bench)
    : held_(at(bench.problem().devices)), peak_(at(bench.problem().devices)) {
  for (std::size_t s = 0; s < bench.streams(); ++s) networks_.push_back(list(bench, s));
}

MemoryWatch::Network MemoryWatch::list(const Workbench& bench, std::size_t stream) {
  Network network;
  list_items(network, bench, stream);
  list_reads(network, bench, stream);
  return network;
}

std::int32_t MemoryWatch::add_item(Network& network, const Workbench& bench, std::size_t stream,
                                   std::int32_t tensor, std::int32_t device, std::uint8_t format,
                                   bool can_be_output) {
  const auto& problem = bench.problem();
  const auto number = static_cast<std::int32_t>(network.items.size());
  auto& item = network.items.emplace_back();
  item.device = device;
  item.for_sink =
      can_be_output && problem.is_output[at(tensor)] && device == problem.streams[stream].sink;
  for (const auto& graph : bench.graphs(stream))
    item.bytes.push_back(graph->problem().bytes[at(tensor) * at(problem.formats) + format]);
  network.number[{tensor, device, format_key(problem, tensor, format)}] = number;
  return number;
}

void MemoryWatch::list_items(Network& network, const Workbench& bench, std::size_t s) {
  const auto& problem = bench.problem();
  const auto& stream = problem.streams[s];
  network.inputs = stream.end_input - stream.first_input;
  for (auto t = stream.first_input; t < stream.end_input; ++t)
    add_item(network, bench, s, t, stream.source, problem.input_format, true);
  for (const auto& task : bench.graph(s).tasks()) {
    auto& made = network.makes.emplace_back();
    auto& workspace = network.workspace.emplace_back();
    network.device.push_back(task.device);
    if (task.kind == Kind::convert) {
      made.push_back(add_item(network, bench, s, task.subject, task.device, task.to, false));
    } else if (task.kind == Kind::transfer) {
      made.push_back(add_item(network, bench, s, task.subject, task.target, task.to, true));
    } else {
      for (auto t = problem.output_begin[at(task.subject)];
           t < problem.output_begin[at(task.subject) + 1]; ++t)
        made.push_back(add_item(network, bench, s, t, task.device, task.to, true));
      for (const auto& graph : bench.graphs(s))
        workspace.push_back(
            graph->problem().workspace[problem.cost_index(task.subject, task.device, task.to)]);
    }
    workspace.resize(bench.graphs(s).size());
  }
}

void MemoryWatch::list_reads(Network& network, const Workbench& bench, std::size_t s) {
  const auto& problem = bench.problem();
  const auto item_of = [&](std::int32_t tensor, std::int32_t device, std::uint8_t format) {
    return network.number.at({tensor, device, format_key(problem, tensor, format)});
  };
  for (const auto& task : bench.graph(s).tasks()) {
    auto& read = network.reads.emplace_back();
    if (task.kind == Kind::compute)
      for (auto i = problem.input_begin[at(task.subject)];
           i < problem.input_begin[at(task.subject) + 1]; ++i)
        read.push_back(item_of(problem.input_tensor[at(i)], task.device, task.to));
    else
      read.push_back(item_of(task.subject, task.device, task.from));
    for (const auto item : read) ++network.items[at(item)].readers;
  }
}

void MemoryWatch::hold(std::int32_t device, std::int64_t bytes) {
  held_[at(device)] += bytes;
  peak_[at(device)] = std::max(peak_[at(device)], held_[at(device)]);
}

std::int32_t MemoryWatch::admitted(int stream, std::int64_t members) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::int32_t>(places_.size()));
    places_.emplace_back();
  }
  const auto number = free_.back();
  free_.pop_back();
  auto& place = places_[at(number)];
  place.network = stream;
  place.batch = at(members - 1);
  place.readers_left.clear();
  const auto& network = networks_[at(stream)];
  for (const auto& item : network.items) place.readers_left.push_back(item.readers);
  for (int t = 0; t < network.inputs; ++t)
    hold(network.items[at(t)].device, network.items[at(t)].bytes[place.batch]);
  return number;
}

void MemoryWatch::hold_products(std::int32_t number, std::int32_t task, int sign) {
  const auto& place = places_[at(number)];
  const auto& network = networks_[at(place.network)];
  for (const auto item : network.makes[at(task)])
    hold(network.items[at(item)].device, sign * network.items[at(item)].bytes[place.batch]);
}

void MemoryWatch::started(std::int32_t number, std::int32_t task) {
  hold_products(number, task, 1);
  const auto& place = places_[at(number)];
  const auto& network = networks_[at(place.network)];
  hold(network.device[at(task)], network.workspace[at(task)][place.batch]);
}

void MemoryWatch::lost(std::int32_t number, std::int32_t task) {
  hold_products(number, task, -1);
  const auto& place = places_[at(number)];
  const auto& network = networks_[at(place.network)];
  hold(network.device[at(task)], -network.workspace[at(task)][place.batch]);
}

void MemoryWatch::released(std::int32_t number, std::int32_t task) {
  auto& place = places_[at(number)];
  const auto& network = networks_[at(place.network)];
  held_[at(network.device[at(task)])] -= network.workspace[at(task)][place.batch];
  for (const auto index : network.reads[at(task)]) {
    const auto& item = network.items[at(index)];
    if (--place.readers_left[at(index)] == 0 && !item.for_sink)
      held_[at(item.device)] -= item.bytes[place.batch];
  }
}

void MemoryWatch::completed(std::int32_t number) {
  const auto& place = places_[at(number)];
  for (const auto& item : networks_[at(place.network)].items)
    if (item.stays()) held_[at(item.device)] -= item.bytes[place.batch];
  free_.push_back(number);
}

}  // namespace sim
