#include "results/show.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "models/metric.h"
#include "models/units.h"
#include "results/text_table.h"

namespace results {
namespace {

using models::Metric;

std::string header(Metric metric) {
  std::string name(models::about(metric).name);
  std::replace(name.begin(), name.end(), '_', ' ');
  return models::about(metric).estimated ? name + " (estimated)" : name;
}

/// The goal's metrics, objectives first, each once; without a goal what most people ask first.
std::vector<Metric> metrics_of(const models::Goal& goal) {
  std::vector<Metric> metrics;
  const auto add = [&](Metric metric) {
    if (std::find(metrics.begin(), metrics.end(), metric) == metrics.end()) {
      metrics.push_back(metric);
    }
  };
  for (const auto& objective : goal.objectives) add(objective.metric);
  for (const auto& limit : goal.limits) add(limit.metric);
  for (const auto metric : {Metric::latency_mean, Metric::energy, Metric::memory}) add(metric);
  return metrics;
}

const models::Score& known_score(const StoredPlan& plan) {
  return plan.simulated ? plan.outcome.score : plan.score;
}

std::string percent(double part) {
  const double tenths = std::round(part * 1000);
  std::string text = models::shortest(tenths / 10);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string share(double part, double whole) {
  return whole > 0 ? percent(part / whole) : "-";
}

std::string time_text_of(std::int64_t picoseconds) {
  return models::pretty(models::Time(picoseconds));
}

std::vector<std::string> plan_cells(const RunFile& run, const StoredPlan& plan,
                                    const std::vector<Metric>& metrics) {
  std::vector<std::string> cells = {&plan == run.best_plan() ? "*" : "", plan.label, plan.origin};
  for (const auto metric : metrics) {
    cells.push_back(models::pretty(metric, known_score(plan).value(metric)));
  }
  cells.push_back(!known_score(plan).feasible()         ? "cannot run"
                  : plan.violation > 0                  ? "misses a limit"
                  : plan.pareto && !plan.reason.empty() ? plan.reason
                  : plan.pareto                         ? "Pareto"
                                                        : "");
  return cells;
}

/// "rows=16 lanes=4": the values of a co-design by the last parts of their paths.
std::string platform_words(const StoredPlan& plan) {
  std::string words;
  for (const auto& value : plan.platform)
    words += (words.empty() ? "" : " ") + value.name.substr(value.name.rfind('.') + 1) + "=" +
             value.value;
  return words;
}

std::string plans_table_text(const RunFile& run, std::vector<const StoredPlan*> plans) {
  if (plans.empty()) return "";
  const auto metrics = metrics_of(run.goal);
  std::vector<std::string> headers = {"", "plan", "from"};
  for (const auto metric : metrics) headers.push_back(header(metric));
  headers.push_back("note");
  const bool searched = !plans.front()->platform.empty();
  if (searched) headers.push_back("platform");
  TextTable table(headers);
  for (const auto* plan : plans) {
    auto cells = plan_cells(run, *plan, metrics);
    cells.resize(headers.size());
    if (searched) cells.back() = platform_words(*plan);
    table.add(cells);
  }
  return table.text();
}

}  // namespace

std::string gap_text(const RunFile& run) {
  if (!run.complaint.empty() || run.best_plan() == nullptr || run.bound.from.empty()) return "-";
  const double gap = run.gap();
  if (gap <= 0) return "optimal";
  return models::pretty(std::ceil(gap * 1000) / 10) + " %";
}

std::string bounds_text(const RunFile& run) {
  const auto* best = run.best_plan();
  if (best == nullptr || best->violation > 0 || run.bounds.empty()) return "";
  TextTable table({"objective", "best plan", "no plan beats", "gap", "because of"});
  for (std::size_t i = 0; i < run.bounds.size(); ++i) {
    const auto metric = run.goal.objectives[i].metric;
    const auto in_its_unit = [&](double value) {
      return models::pretty(metric, models::about(metric).smaller_is_better ? value : 1 / value);
    };
    const double gap = models::gap(best->objectives[i], run.bounds[i].value);
    table.add({header(metric), in_its_unit(best->objectives[i]), in_its_unit(run.bounds[i].value),
               models::pretty(std::ceil(gap * 1000) / 10) + " %", run.bounds[i].from});
  }
  return table.text("  ");
}

std::string runs_text(const std::vector<RunFile>& runs) {
  if (runs.empty()) return "";
  const auto metrics = metrics_of(runs.front().goal);
  std::vector<std::string> headers = {"run", "label", "optimizer"};
  for (const auto metric : metrics) headers.push_back(header(metric));
  headers.insert(headers.end(), {"gap", "evaluations", "time", "note"});
  TextTable table(headers);
  for (const auto& run : runs) {
    std::vector<std::string> cells = {run.id, run.label, run.optimizer};
    const auto* best = run.best_plan();
    for (const auto metric : metrics) {
      cells.push_back(best ? models::pretty(metric, known_score(*best).value(metric)) : "-");
    }
    cells.push_back(gap_text(run));
    cells.push_back(std::to_string(run.evaluations));
    cells.push_back(models::pretty(Metric::makespan, run.seconds));
    cells.push_back(!run.complaint.empty() ? "no plan: " + run.complaint
                    : run.interrupted      ? "cut short"
                                           : "");
    table.add(cells);
  }
  return table.text();
}

std::string pareto_text(const RunFile& run) {
  std::vector<const StoredPlan*> plans;
  for (const auto& plan : run.plans) {
    if (plan.pareto) plans.push_back(&plan);
  }
  std::stable_sort(plans.begin(), plans.end(),
                   [](const auto* a, const auto* b) { return a->objectives < b->objectives; });
  return plans_table_text(run, plans);
}

std::string fronts_text(const RunFile& run) {
  if (run.fronts.empty()) return "";
  TextTable table({"evaluations", "plans on the front", "hypervolume"});
  for (const auto& point : run.fronts)
    table.add({std::to_string(point.evaluations), std::to_string(point.plans),
               models::pretty(point.hypervolume)});
  return table.text();
}

std::string plans_text(const RunFile& run) {
  std::vector<const StoredPlan*> plans;
  for (const auto& plan : run.plans) plans.push_back(&plan);
  return plans_table_text(run, plans);
}

std::string score_text(const models::Score& score) {
  TextTable table({"metric", "value"});
  for (int m = 0; m < models::metric_count; ++m) {
    const auto metric = static_cast<Metric>(m);
    const bool may_be_unknown = metric == Metric::area || metric == Metric::price;
    if (may_be_unknown && score.value(metric) == 0) continue;
    table.add({header(metric), models::pretty(metric, score.value(metric))});
  }
  return table.text();
}

std::string time_text(const models::Outcome& outcome) {
  const bool loses = std::any_of(outcome.devices.begin(), outcome.devices.end(),
                                 [](const auto& device) { return device.time.lost > 0; });
  std::vector<std::string> headers = {"device",       "compute %",     "convert %", "switch %",
                                      "wait input %", "wait memory %", "down %"};
  if (loses) headers.push_back("lost %");
  headers.insert(headers.end(), {"idle %", "slot time"});
  TextTable table(headers);
  for (const auto& device : outcome.devices) {
    const auto& time = device.time;
    const auto whole = static_cast<double>(time.total());
    std::vector<std::int64_t> parts = {time.compute,    time.convert,     time.switching,
                                       time.wait_input, time.wait_memory, time.down};
    if (loses) parts.push_back(time.lost);
    parts.push_back(time.idle);
    std::vector<std::string> cells = {device.name};
    for (const auto part : parts) cells.push_back(share(static_cast<double>(part), whole));
    cells.push_back(time_text_of(time.total()));
    table.add(cells);
  }
  return table.text();
}

std::string latency_text(const models::Outcome& outcome) {
  const auto& split = outcome.latency;
  const auto completed = std::count_if(outcome.latencies.begin(), outcome.latencies.end(),
                                       [](std::int64_t latency) { return latency >= 0; });
  const auto count = std::max<std::int64_t>(1, completed);
  TextTable table({"latency of", "per request", "%"});
  const auto row = [&](const char* name, std::int64_t part) {
    if (part == 0) return;
    table.add({name, time_text_of(part / count),
               share(static_cast<double>(part), static_cast<double>(split.total()))});
  };
  row("computing", split.compute);
  row("converting formats", split.convert);
  row("switching precision", split.switching);
  row("sending", split.sending);
  row("link latency", split.link_latency);
  row("waiting for a device", split.wait_device);
  row("waiting for a link", split.wait_link);
  row("waiting for memory", split.wait_memory);
  row("waiting for the others of a batch", split.wait_batch);
  row("attempts that failures undid", split.lost);
  return table.empty() ? "" : table.text();
}

std::string networks_text(const models::Outcome& outcome) {
  const auto& networks = outcome.networks;
  const bool plain =
      networks.size() < 2 && outcome.score.deadline_misses == 0 && outcome.score.unfinished == 0;
  if (plain) return "";
  TextTable table(
      {"network", "requests", "unfinished", "late", "latency mean", "p50", "p95", "p99"});
  for (const auto& network : networks) {
    table.add({network.name.empty() ? "(the only one)" : network.name,
               std::to_string(network.requests), std::to_string(network.unfinished),
               std::to_string(network.deadline_misses), time_text_of(network.latency_mean),
               time_text_of(network.latency_p50), time_text_of(network.latency_p95),
               time_text_of(network.latency_p99)});
  }
  return table.text();
}

std::string stall_lines(const models::Outcome& outcome) {
  return outcome.stall.empty() ? "" : outcome.stall + "\n";
}

std::string energy_text(const models::Outcome& outcome) {
  const auto& split = outcome.energy;
  const auto requests = static_cast<double>(std::max<std::int64_t>(1, outcome.score.requests));
  TextTable table({"energy of", "per request", "%"});
  const auto row = [&](const char* name, double part) {
    if (part == 0) return;
    table.add({name, models::pretty(Metric::energy, part / requests), share(part, split.total())});
  };
  row("computing", split.compute);
  row("converting formats", split.convert);
  row("switching precision", split.switching);
  row("transfers", split.transfer);
  row("static power of devices", split.static_devices);
  row("idle power of links", split.static_links);
  row("changes of width", split.width_changes);
  row("work that failures undid", split.lost);
  return table.empty() ? "" : table.text();
}

std::string memory_text(const models::Outcome& outcome) {
  TextTable table({"device", "capacity", "weights", "per request", "observed peak", "load"});
  const auto bytes = [](std::int64_t count) { return models::pretty(models::Bytes{count}); };
  for (const auto& device : outcome.devices) {
    table.add({device.name, bytes(device.capacity), bytes(device.weights),
               bytes(device.per_request), bytes(device.observed_peak), time_text_of(device.load)});
  }
  return table.text();
}

std::string channels_text(const models::Outcome& outcome) {
  TextTable table({"link", "busy", "bytes", "busy %"});
  for (const auto& channel : outcome.channels) {
    table.add({channel.name, time_text_of(channel.busy),
               models::pretty(models::Bytes{channel.bytes}), percent(channel.utilisation)});
  }
  return table.empty() ? "" : table.text();
}

std::string placement_text(const models::Plan& plan, const Names& names) {
  TextTable table({"device", "operators", "precisions"});
  for (std::size_t d = 0; d < names.devices.size(); ++d) {
    std::map<std::size_t, int> by_format;
    int all = 0;
    for (std::size_t op = 0; op < plan.device.size(); ++op) {
      if (plan.device[op] != d) continue;
      ++by_format[plan.precision[op]];
      ++all;
    }
    std::string formats;
    for (const auto& [format, count] : by_format) {
      formats +=
          (formats.empty() ? "" : ", ") + names.formats[format] + " x " + std::to_string(count);
    }
    table.add({names.devices[d], std::to_string(all), formats});
  }
  std::string text = table.text();
  for (std::size_t l = 0; l < names.links.size() && l < plan.lanes.size(); ++l) {
    if (plan.lanes[l] == 0) continue;  // of another platform
    text += "link '" + names.links[l] + "' powers " + std::to_string(plan.lanes[l]) + " lane" +
            (plan.lanes[l] == 1 ? "" : "s") + "\n";
  }
  return text;
}

std::string platform_text(const StoredPlan& plan) {
  TextTable table({"what", "searched value"});
  for (const auto& value : plan.platform) table.add({value.name, value.value});
  return table.empty() ? "" : table.text("  ");
}

}  // namespace results
