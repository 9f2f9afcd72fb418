#include <array>
#include <string>

#include "scenarios/described.h"

namespace scenarios {

using models::Visitor;

namespace {

constexpr std::array<std::string_view, 2> unknown_words = {"refuse", "bandwidth"};

void describe_dims(NetworkChoice& network, Visitor& v) {
  std::vector<std::string> keys;
  for (const auto& dim : network.dims) keys.push_back(dim.first);
  v.table(
      "dims", keys,
      {.meaning = "values of the file's symbolic dimensions, such as batch: 1", .optional = true},
      [&](std::size_t count) { network.dims.resize(count); },
      [&](Visitor& inner, std::size_t i) {
        network.dims[i].first = keys[i];
        inner.visit(keys[i], network.dims[i].second,
                    {.meaning = "size of the dimension", .low = 1, .high = 1e9});
      });
}

void describe(NetworkChoice& network, Visitor& v) {
  const NetworkChoice standard;
  v.visit("file", network.file,
          {.meaning = "an ONNX file, relative to the scenario", .optional = true});
  v.visit("builtin", network.builtin, {.meaning = "a name of 'list networks'", .optional = true});
  v.visit("batch", network.batch,
          {.meaning = "inputs per request (of a built-in network)",
           .low = 1,
           .high = 65536,
           .optional = true});
  v.visit("sequence", network.sequence,
          {.meaning = "tokens per input (of a built-in transformer)",
           .low = 1,
           .high = 1 << 20,
           .optional = true});
  describe_dims(network, v);
  int by_bandwidth = network.unknown_by_bandwidth ? 1 : 0;
  v.choice("unknown_operators", by_bandwidth, unknown_words,
           {.meaning = "operators nothing is known about: refuse them, or cost them by their bytes",
            .optional = true});
  network.unknown_by_bandwidth = by_bandwidth == 1;

  if (network.file.empty() == network.builtin.empty())
    v.refuse("", "network: give either 'file' (ONNX) or 'builtin'");
  else if (network.builtin.empty() && network.batch != standard.batch)
    v.refuse("batch", "is for built-in networks; of a file, set 'dims'");
  else if (network.builtin.empty() && network.sequence != standard.sequence)
    v.refuse("sequence", "is for built-in networks; of a file, set 'dims'");
  else if (!network.builtin.empty() && !network.dims.empty())
    v.refuse("dims", "is for files; a built-in network takes 'batch' and 'sequence'");
}

void describe(NetworkEntry& entry, Visitor& v) {
  v.visit("name", entry.name, {.meaning = "what plans and reports call it: 'name/operator'"});
  if (entry.name.empty() || entry.name.find('/') != std::string::npos)
    v.refuse("name", "'" + entry.name + "' must be a name without '/'");
  v.group("network", true, {.meaning = "the neural network"},
          [&](Visitor& inner, std::size_t) { describe(entry.network, inner); });
  v.group("workload", true, {.meaning = "which requests arrive, when and where", .optional = true},
          [&](Visitor& inner, std::size_t) { describe(entry.workload, inner); });
  v.visit("priority", entry.priority,
          {.meaning = "whose tasks go first where several are ready: the smaller",
           .low = 0,
           .high = models::NetworkUse::least_urgent,
           .optional = true});
  v.visit("deadline", entry.deadline,
          {.meaning = "within which a request should complete after it arrives",
           .low = 0,
           .optional = true,
           .above_low = true});
}

/// A list of networks that reads as none is as good as no list.
bool describe_list(Scenario& scenario, Visitor& v) {
  bool several = !scenario.networks.front().name.empty();
  std::vector<NetworkEntry> entries;
  if (several) entries = scenario.networks;
  v.list(
      "networks", entries.size(),
      {.meaning = "instead of 'network' and 'workload': several that share the platform",
       .optional = true},
      [&](std::size_t count) { entries.resize(count); },
      [&](Visitor& inner, std::size_t i) {
        describe(entries[i], inner);
        for (std::size_t k = 0; k < i; ++k)
          if (entries[k].name == entries[i].name)
            inner.refuse("name", "there are two networks '" + entries[i].name + "'");
      });
  if (entries.empty()) return false;
  scenario.networks = std::move(entries);
  return true;
}

}  // namespace

void describe_networks(Scenario& scenario, Visitor& v) {
  const bool several = describe_list(scenario, v);
  NetworkEntry unused;
  auto& only = several ? unused : scenario.networks.front();
  const bool given =
      v.group("network", !several, {.meaning = "the neural network", .optional = several},
              [&](Visitor& inner, std::size_t) { describe(only.network, inner); });
  if (several && given) v.refuse("network", "give either 'network' or 'networks'");
}

void describe_only_workload(Scenario& scenario, Visitor& v) {
  const bool several = !scenario.networks.front().name.empty();
  NetworkEntry unused;
  auto& only = several ? unused : scenario.networks.front();
  const bool given = v.group("workload", !several,
                             {.meaning = "which requests arrive, when and where", .optional = true},
                             [&](Visitor& inner, std::size_t) { describe(only.workload, inner); });
  if (several && given) v.refuse("workload", "each of 'networks' has its own");
}

}  // namespace scenarios
