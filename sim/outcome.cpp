#include "sim/outcome.h"

#include "models/index.h"
#include "sim/scoring.h"

namespace sim {
namespace {

using models::at;
using models::TaskGraph;

/// Calls visit(task, how often it was executed) for all tasks of all networks and batches.
void for_executed(const Workbench& bench, const Tally& tally, auto visit) {
  for (std::size_t s = 0; s < bench.streams(); ++s)
    for (std::size_t b = 0; b < bench.graphs(s).size(); ++b) {
      const auto times = tally.streams[s].executed[b];
      if (times == 0) continue;
      const auto& graph = *bench.graphs(s)[b];
      for (const auto& task : graph.tasks()) visit(graph, task, times);
    }
}

void describe_devices(models::Outcome& outcome, const Workbench& bench,
                      const models::Totals& combined, const Tally& tally) {
  const auto& problem = bench.problem();
  for (int d = 0; d < problem.devices; ++d) {
    const auto& load = combined.devices[at(d)];
    models::DeviceUse use;
    use.name = problem.device_name(d);
    use.capacity = problem.capacity[at(d)];
    use.weights = load.weights;
    use.per_request = load.per_request;
    use.load = device_load(problem, combined, d);
    use.joules = static_energy_of_device(problem, d, tally) +
                 static_cast<double>(tally.switches[at(d)]) * problem.switch_energy[at(d)];
    outcome.devices.push_back(std::move(use));
  }
  for_executed(bench, tally, [&](const auto&, const auto& task, std::int64_t times) {
    if (task.kind != TaskGraph::Kind::transfer)
      outcome.devices[at(task.device)].joules += task.energy * static_cast<double>(times);
  });
}

void describe_channels(models::Outcome& outcome, const Workbench& bench, const Tally& tally) {
  const auto& problem = bench.problem();
  const auto makespan = tally.last_event - tally.first_arrival;
  for (int c = 0; c < problem.channels; ++c) {
    models::ChannelUse use;
    use.name = problem.channel_name(c);
    use.busy = tally.channel_busy[at(c)];
    if (makespan > 0)
      use.utilisation = static_cast<double>(use.busy) / static_cast<double>(makespan);
    outcome.channels.push_back(std::move(use));
  }
  for_executed(bench, tally, [&](const auto& graph, const auto& task, std::int64_t times) {
    if (task.kind != TaskGraph::Kind::transfer) return;
    for (const auto c : graph.route(task)) outcome.channels[at(c)].bytes += task.bytes * times;
  });
}

}  // namespace

std::string infeasibility(const Workbench& bench, const models::Totals& combined,
                          const models::Plan& plan) {
  for (std::size_t s = 0; s < bench.streams(); ++s)
    if (auto why = models::infeasibility(*bench.graphs(s).back(), plan); !why.empty()) return why;
  const auto& problem = bench.problem();
  for (int d = 0; d < problem.devices; ++d) {
    const auto& load = combined.devices[at(d)];
    const auto over = load.weights + load.per_request - problem.capacity[at(d)];
    if (over > 0)
      return "device '" + problem.device_name(d) + "' lacks " + pretty(models::Bytes{over}) +
             " of memory: it has " + pretty(models::Bytes{problem.capacity[at(d)]}) +
             " for weights of all networks, " + pretty(models::Bytes{load.weights}) + ", and " +
             pretty(models::Bytes{load.per_request}) + " for a request";
  }
  return {};
}

void fill(models::Outcome& outcome, const Workbench& bench, const models::Totals& combined,
          const models::Plan& plan, Tally& tally) {
  const auto& problem = bench.problem();
  outcome.score = make_score(problem, combined, plan, tally);
  outcome.latencies = tally.latencies;
  outcome.networks = network_results(problem, tally);
  outcome.energy = energy_of(problem, combined, plan, tally);
  describe_devices(outcome, bench, combined, tally);
  describe_channels(outcome, bench, tally);
}

}  // namespace sim
