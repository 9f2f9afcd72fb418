#include "sim/combined_totals.h"

#include <algorithm>

#include "models/index.h"

namespace sim {

using models::at;
using models::Totals;

const Totals& CombinedTotals::of(const Workbench& bench, const Tally& tally) {
  if (bench.streams() == 1 && bench.graphs(0).size() == 1) return bench.graph(0).totals();
  const auto& problem = bench.problem();
  totals_ = {};
  totals_.strict = bench.job().strict;
  totals_.devices.resize(at(problem.devices));
  totals_.channel_work.resize(at(problem.channels));
  totals_.link_bandwidth = bench.graph(0).totals().link_bandwidth;
  work_.assign(at(problem.devices) + at(problem.channels), 0);
  transferred_ = 0;

  double requests = 0;
  for (std::size_t s = 0; s < bench.streams(); ++s)
    for (std::size_t b = 0; b < bench.graphs(s).size(); ++b)
      requests += static_cast<double>(tally.streams[s].executed[b]) * static_cast<double>(b + 1);
  const bool none = requests == 0;  // nothing completed: as if each network had run once
  if (none) requests = static_cast<double>(bench.streams());
  for (std::size_t s = 0; s < bench.streams(); ++s)
    for (std::size_t b = 0; b < bench.graphs(s).size(); ++b) {
      const auto times =
          none ? (b == 0 ? 1 : 0) : static_cast<double>(tally.streams[s].executed[b]);
      add(bench.graphs(s)[b]->totals(), times / requests);
    }
  for (std::size_t d = 0; d < totals_.devices.size(); ++d)
    totals_.devices[d].work = static_cast<std::int64_t>(work_[d]);
  for (std::size_t c = 0; c < totals_.channel_work.size(); ++c)
    totals_.channel_work[c] = static_cast<std::int64_t>(work_[totals_.devices.size() + c]);
  totals_.transferred_bytes = static_cast<std::int64_t>(transferred_);
  judge_memory(bench);
  return totals_;
}

void CombinedTotals::add(const Totals& totals, double times) {
  if (totals.fault.found && !totals_.fault.found) totals_.fault = totals.fault;
  for (std::size_t d = 0; d < totals.devices.size(); ++d)
    work_[d] += times * static_cast<double>(totals.devices[d].work);
  for (std::size_t c = 0; c < totals.channel_work.size(); ++c)
    work_[totals.devices.size() + c] += times * static_cast<double>(totals.channel_work[c]);
  totals_.compute_energy += times * totals.compute_energy;
  totals_.convert_energy += times * totals.convert_energy;
  totals_.transfer_energy += times * totals.transfer_energy;
  transferred_ += times * static_cast<double>(totals.transferred_bytes);
  totals_.noise = std::max(totals_.noise, totals.noise);
}

/// Weights of all networks, and room for the largest request or batch of any.
void CombinedTotals::judge_memory(const Workbench& bench) {
  const auto& job = bench.job();
  for (std::size_t d = 0; d < totals_.devices.size(); ++d) {
    auto& load = totals_.devices[d];
    load.weights = job.weights[d];
    for (const auto& stream : job.streams)
      for (std::size_t i = d; i < stream.needs.size(); i += job.devices())
        load.per_request = std::max(load.per_request, stream.needs[i]);
    const auto needed = load.weights + load.per_request;
    totals_.memory_bytes = std::max(totals_.memory_bytes, needed);
    totals_.memory_over += std::max<std::int64_t>(0, needed - job.capacity[d]);
  }
}

}  // namespace sim
