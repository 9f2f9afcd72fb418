#include "sim/scoring.h"

#include <algorithm>

#include "models/index.h"

namespace sim {
namespace {

using models::at;

__extension__ using Wide = __int128;

double seconds(std::int64_t picoseconds) {
  return static_cast<double>(picoseconds) * 1e-12;
}

constexpr std::int64_t least_for_period = 4;

/// Steady-state estimate over sorted completions, from four requests on.
double period_of(const std::vector<std::int64_t>& sorted, std::int64_t requests,
                 std::int64_t makespan) {
  const auto n = at(requests);
  if (requests < least_for_period) return seconds(makespan) / static_cast<double>(n);
  const auto m = n / 2;
  return seconds(sorted[n - 1] - sorted[m - 1]) / static_cast<double>(n - m);
}

/// The same whether latencies were listed or counted while they came: engines must agree.
void judge_many(models::Score& score, const Tally& tally) {
  models::Histogram all;
  for (const auto latency : tally.latencies) all.add(latency);
  for (const auto& stream : tally.streams) {
    all.merge(stream.latencies);
    score.deadline_misses += stream.missed;
    if (stream.deadline > 0) score.deadline_misses += stream.expected - stream.completed;
  }
  score.latency_mean = models::Time(all.mean());
  score.latency_p50 = models::Time(all.percentile(50));
  score.latency_p95 = models::Time(all.percentile(95));
  score.latency_p99 = models::Time(all.percentile(99));
}

void judge_latencies(models::Score& score, Tally& tally) {
  if (!tally.listed || std::ssize(tally.latencies) > models::ArrivalTimes::most_listed) {
    judge_many(score, tally);
    return;
  }
  if (tally.latencies.size() == 1 && score.unfinished == 0) {
    score.latency_mean = score.latency_p50 = score.latency_p95 = score.latency_p99 =
        models::Time(tally.latencies.front());
    return;
  }
  auto& sorted = tally.sorted;
  sorted.assign(tally.latencies.begin(), tally.latencies.end());
  if (score.unfinished > 0) std::erase(sorted, -1);
  const auto n = static_cast<std::int64_t>(sorted.size());
  if (n == 0) return;
  if (!std::is_sorted(sorted.begin(), sorted.end())) std::sort(sorted.begin(), sorted.end());
  Wide sum = 0;
  for (const auto each : sorted) sum += each;
  score.latency_mean = models::Time(static_cast<std::int64_t>(sum / n));
  const auto share = [&](int percent) {
    return models::Time(sorted[at(models::percentile_index(n, percent))]);
  };
  score.latency_p50 = share(50);
  score.latency_p95 = share(95);
  score.latency_p99 = share(99);
}

double period_of(models::Score& score, Tally& tally, std::int64_t makespan) {
  const auto n = score.requests - score.unfinished;
  if (n == 0) return 0;
  if (!tally.listed) {  // completions come in order of time
    const auto m = tally.expected() / 2;
    return n > m ? seconds(tally.last_completion - tally.halfway) / static_cast<double>(n - m)
                 : seconds(makespan) / static_cast<double>(n);
  }
  auto& sorted = tally.sorted;
  if (n >= least_for_period) {
    sorted.assign(tally.completions.begin(), tally.completions.end());
    if (!std::is_sorted(sorted.begin(), sorted.end())) std::sort(sorted.begin(), sorted.end());
  }
  return period_of(sorted, n, makespan);
}

/// Loads of devices and channels: the bound on the period, what makes it, and the balance.
void judge_loads(models::Score& score, const models::Problem& problem,
                 const models::Totals& totals) {
  using models::Resource;
  const int devices = problem.devices;
  std::int64_t largest = 0, bound = 0;
  double total = 0;
  for (int d = 0; d < devices; ++d) {
    const auto load = device_load(problem, totals, d);
    largest = std::max(largest, load);
    total += static_cast<double>(load);
    if (load > bound) {
      bound = load;
      score.bottleneck = {Resource::Kind::device, d};
    }
  }
  const auto& channels = totals.channel_work;
  for (std::size_t c = 0; c < channels.size(); ++c)
    if (channels[c] > bound) {
      bound = channels[c];
      score.bottleneck = {Resource::Kind::channel, static_cast<int>(c)};
    }
  score.period_bound = models::Time(bound);
  score.load_balance = total > 0 ? static_cast<double>(largest) * devices / total : 1.0;
}

}  // namespace

std::int64_t device_load(const models::Problem& problem, const models::Totals& totals, int device) {
  const auto& load = totals.devices[at(device)];
  const auto switches = totals.strict ? load.switches * problem.switch_time[at(device)] : 0;
  const auto slots = problem.slots[at(device)];
  const auto work = load.work + switches;
  return slots > 1 ? work / slots : work;  // a division takes longer than all the rest
}

double static_energy_of_device(const models::Problem& problem, int device, const Tally& tally) {
  const auto d = at(device);
  const auto powered = problem.device_gated[d] ? seconds(tally.device_busy[d]) / problem.slots[d]
                                               : seconds(tally.last_event - tally.first_arrival);
  return problem.static_power[d] * powered;
}

double static_energy_of_link(const models::Problem& problem, const models::Plan& plan, int link,
                             const Tally& tally) {
  const auto l = at(link);
  double powered = seconds(tally.last_event - tally.first_arrival);
  if (problem.link_gated[l]) {
    // Each direction of a full-duplex link is half of its lanes' circuits.
    int channels = 0;
    powered = 0;
    for (std::size_t c = 0; c < tally.channel_busy.size(); ++c)
      if (problem.channel_link[c] == link) {
        powered += seconds(tally.channel_busy[c]);
        ++channels;
      }
    powered /= channels;
  }
  if (tally.lane_time.empty()) return problem.lane_power[l] * plan.lanes[l] * powered;
  const auto whole = seconds(tally.last_event - tally.first_arrival);
  const auto lanes = tally.lane_time[l] * 1e-12 / (whole > 0 ? whole : 1);  // on average
  return problem.lane_power[l] * lanes * powered;
}

models::EnergySplit energy_of(const models::Problem& problem, const models::Totals& totals,
                              const models::Plan& plan, const Tally& tally) {
  const auto requests = static_cast<double>(tally.completed());
  models::EnergySplit energy;
  energy.lost = tally.lost_energy;
  energy.compute = totals.compute_energy * requests;
  energy.convert = totals.convert_energy * requests;
  energy.transfer = totals.transfer_energy * requests;
  for (int d = 0; d < problem.devices; ++d) {
    energy.switching += static_cast<double>(tally.switches[at(d)]) * problem.switch_energy[at(d)];
    energy.static_devices += static_energy_of_device(problem, d, tally);
  }
  for (int l = 0; l < problem.links; ++l)
    energy.static_links += static_energy_of_link(problem, plan, l, tally);
  for (std::size_t l = 0; l < tally.width_changes.size(); ++l)
    energy.width_changes += static_cast<double>(tally.width_changes[l]) *
                            problem.platform->links[l].width_change_energy.value;
  return energy;
}

std::vector<models::NetworkResult> network_results(const models::Problem& problem,
                                                   const Tally& tally) {
  std::vector<models::NetworkResult> results;
  for (std::size_t s = 0; s < tally.streams.size(); ++s) {
    const auto& use = problem.streams[s].use;
    auto& result = results.emplace_back();
    result.name = use.name;
    result.requests = tally.streams[s].expected;
    result.unfinished = result.requests - tally.streams[s].completed;
    if (!tally.listed) {
      const auto& all = tally.streams[s].latencies;
      result.deadline_misses =
          tally.streams[s].missed + (use.deadline.count() > 0 ? result.unfinished : 0);
      result.latency_mean = all.mean();
      result.latency_p50 = all.percentile(50);
      result.latency_p95 = all.percentile(95);
      result.latency_p99 = all.percentile(99);
      continue;
    }
    if (use.deadline.count() > 0) result.deadline_misses = result.unfinished;
    const auto latencies = tally.of(s);
    std::vector<std::int64_t> sorted(latencies.begin(), latencies.end());
    std::erase(sorted, -1);
    std::ranges::sort(sorted);
    const auto n = std::ssize(sorted);
    if (n == 0) continue;
    Wide sum = 0;
    for (const auto each : sorted) {
      sum += each;
      result.deadline_misses += use.deadline.count() > 0 && each > use.deadline.count();
    }
    result.latency_mean = static_cast<std::int64_t>(sum / n);
    result.latency_p50 = sorted[at(models::percentile_index(n, 50))];
    result.latency_p95 = sorted[at(models::percentile_index(n, 95))];
    result.latency_p99 = sorted[at(models::percentile_index(n, 99))];
  }
  return results;
}

models::Score make_score(const models::Problem& problem, const models::Totals& totals,
                         const models::Plan& plan, Tally& tally) {
  models::Score score;
  score.requests = tally.expected();
  score.unfinished = tally.unfinished();
  for (std::size_t s = 0; s < tally.streams.size(); ++s)
    if (const auto deadline = problem.streams[s].use.deadline.count(); deadline > 0 && tally.listed)
      score.deadline_misses += std::ranges::count_if(
          tally.of(s), [=](std::int64_t latency) { return latency > deadline || latency < 0; });
  score.supported = !totals.fault.found;
  score.memory_over = totals.memory_over;
  score.memory_bytes = totals.memory_bytes;
  score.transferred_bytes = totals.transferred_bytes;
  score.accuracy_loss = totals.noise;
  score.area = problem.area;
  score.price = problem.price;
  judge_latencies(score, tally);
  judge_loads(score, problem, totals);
  const auto makespan = tally.last_event - tally.first_arrival;
  score.makespan = models::Time(makespan);
  score.period_seconds = period_of(score, tally, makespan);
  score.energy_joules =
      energy_of(problem, totals, plan, tally).total() / static_cast<double>(score.requests);
  return score;
}

}  // namespace sim
