#include "results/placement_report.h"

#include <algorithm>
#include <cstdio>

#include "models/index.h"
#include "models/units.h"
#include "results/json_writer.h"
#include "results/text_table.h"

namespace results {
namespace {

using models::at;
using models::PlacementDetail;
using models::PlacementProblem;
using models::Time;

double ms(Time time) {
  return static_cast<double>(time.count()) / 1e9;
}

bool is_latency(const PlacementProblem& problem) {
  return problem.objective == PlacementProblem::Objective::latency;
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %%", 100 * share);
  return text;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f s", seconds);
  return text;
}

std::string counted(std::int64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

void write_devices(JsonWriter& json, const PlacementProblem& problem,
                   const PlacementReport& report) {
  json.key("devices").begin_list();
  const auto detail = report.found() ? explain(problem, report.placement) : PlacementDetail{};
  for (int d = 0; at(d) < detail.devices.size(); ++d) {
    const auto& device = at(detail.devices, d);
    json.begin_object(JsonWriter::Layout::line)
        .member("name", device_name(problem, d))
        .member("kind", problem.is_accelerator(d) ? "accelerator" : "cpu")
        .member("load", ms(device.load()))
        .member("compute", ms(device.compute))
        .member("moving_in", ms(device.moving_in))
        .member("moving_out", ms(device.moving_out));
    if (is_latency(problem)) json.member("start", ms(device.start)).member("end", ms(device.end));
    json.member("bytes", device.bytes).member("nodes", device.nodes).end_object();
  }
  json.end_list();
}

void write_placement(JsonWriter& json, const PlacementProblem& problem,
                     const PlacementReport& report) {
  json.key("placement").begin_object();
  for (int n = 0; report.found() && n < problem.size(); ++n)
    json.member(std::to_string(at(problem.nodes, n).id),
                device_name(problem, at(report.placement, n)));
  json.end_object();
}

std::string device_table(const PlacementProblem& problem, const PlacementDetail& detail) {
  std::vector<std::string> headers = {"device", "load", "compute", "moving in", "moving out"};
  if (is_latency(problem)) headers.insert(headers.end(), {"start", "end"});
  headers.insert(headers.end(), {"bytes", "nodes"});
  TextTable table(headers);
  for (int d = 0; at(d) < detail.devices.size(); ++d) {
    const auto& device = at(detail.devices, d);
    std::vector<std::string> cells = {device_name(problem, d)};
    for (const auto time : {device.load(), device.compute, device.moving_in, device.moving_out})
      cells.push_back(models::pretty(time));
    if (is_latency(problem)) {
      cells.push_back(models::pretty(device.start));
      cells.push_back(models::pretty(device.end));
    }
    cells.push_back(models::pretty(models::Bytes{device.bytes}));
    cells.push_back(std::to_string(device.nodes));
    table.add(std::move(cells));
  }
  return table.text("  ");
}

std::string fullest(const PlacementProblem& problem, const PlacementDetail& detail) {
  int most = -1;
  for (int d = 0; d < problem.accelerators; ++d)
    if (most < 0 || at(detail.devices, d).bytes > at(detail.devices, most).bytes) most = d;
  if (most < 0 || problem.memory == 0) return {};
  const auto share =
      static_cast<double>(at(detail.devices, most).bytes) / static_cast<double>(problem.memory);
  return "  memory: " + device_name(problem, most) + " is filled most, " + percent(share) + " of " +
         models::pretty(models::Bytes{problem.memory}) + "\n";
}

std::string what_binds_load(const PlacementProblem& problem, const PlacementDetail& detail) {
  const auto largest =
      std::max_element(detail.devices.begin(), detail.devices.end(),
                       [](const auto& a, const auto& b) { return a.load() < b.load(); });
  const auto moving = largest->moving_in + largest->moving_out;
  return "  " + device_name(problem, static_cast<int>(largest - detail.devices.begin())) +
         " has the largest load, " + models::pretty(largest->load()) + ", of which " +
         models::pretty(moving) + " is moving\n";
}

/// The longest steps of the critical path, in its order.
std::string what_binds_latency(const PlacementProblem& problem,
                               const std::vector<std::string>& names,
                               const PlacementDetail& detail) {
  constexpr std::size_t shown = 12;
  std::vector<Time> lengths;
  for (const auto& step : detail.critical) lengths.push_back(step.end - step.start);
  std::sort(lengths.rbegin(), lengths.rend());
  const auto least = lengths.size() > shown ? lengths[shown - 1] : Time{};
  std::string text = "  each waits for the one before:\n";
  TextTable table({"step", "from", "to", "takes"});
  std::size_t rows = 0;
  for (const auto& step : detail.critical) {
    if (step.end - step.start < least || rows == shown) continue;
    ++rows;
    const auto name = step.node < 0 ? "all of " + device_name(problem, step.device)
                                    : "node " + at(names, step.node) + " on a CPU";
    table.add({name, models::pretty(step.start), models::pretty(step.end),
               models::pretty(step.end - step.start)});
  }
  text += table.text("    ");
  if (detail.critical.size() > rows)
    text += "    and " + counted(static_cast<std::int64_t>(detail.critical.size() - rows), "step") +
            " that take less\n";
  return text;
}

std::string heading(const PlacementProblem& problem, const PlacementReport& report) {
  return report.graph + ": " + counted(problem.size(), "node") + " in " +
         counted(problem.groups(), "group") + ", " + counted(problem.accelerators, "accelerator") +
         " of " + models::pretty(models::Bytes{problem.memory}) + ", " +
         (is_latency(problem) ? "any number of CPUs" : counted(problem.cpus, "CPU")) + "\n\n";
}

std::string proof(const PlacementReport& report) {
  if (!report.proven()) return {};
  constexpr std::int64_t rounding = 1'000'000'000;
  return report.value - report.lower_bound <= report.value / rounding
             ? ", proven: nothing is better"
             : ", proven to be optimal to 1e-6";
}

}  // namespace

double PlacementReport::gap() const {
  return found() ? models::relative_gap(value, lower_bound) : 1;
}

std::string placement_answer_json(const PlacementProblem& problem, const PlacementReport& report) {
  JsonWriter json;
  json.begin_object()
      .member("graph", report.graph)
      .member("kind", is_latency(problem) ? "latency" : "throughput")
      .key("objective");
  report.found() ? json.value(ms(report.value)) : json.null();
  json.member("lower_bound", ms(report.lower_bound))
      .member("bound", report.bound)
      .member("gap", report.gap())
      .member("proven", report.proven())
      .member("valid", report.found() && evaluate(problem, report.placement).valid)
      .member("contiguous", report.contiguous)
      .member("seconds", report.seconds)
      .member("algorithm", report.algorithm)
      .member("effort", report.effort)
      .member("seed", report.seed)
      .member("interrupted", report.interrupted);
  json.key("notes").begin_list();
  for (const auto& note : report.notes) json.value(note);
  json.end_list();
  write_devices(json, problem, report);
  write_placement(json, problem, report);
  return json.end_object().text();
}

std::string placement_answer_text(const PlacementProblem& problem,
                                  const std::vector<std::string>& names,
                                  const PlacementReport& report) {
  std::string text = heading(problem, report);
  const std::string kind = is_latency(problem) ? "latency" : "time per sample";
  text += "  " + kind + ": " + (report.found() ? models::pretty(report.value) : "nothing found") +
          proof(report) + "\n";
  text += "  lower bound: " + models::pretty(report.lower_bound) + " (" + report.bound + "), gap " +
          percent(report.gap()) + "\n";
  text += "  algorithm: " + report.algorithm + ", " + counted(report.effort, "evaluation") + ", " +
          seconds_text(report.seconds) + (report.interrupted ? ", interrupted" : "") + "\n";
  for (const auto& note : report.notes) text += "  " + note + "\n";
  if (!report.found()) return text;
  const auto detail = explain(problem, report.placement);
  text += "\n" + device_table(problem, detail) + "\nWhat binds\n";
  text += is_latency(problem) ? what_binds_latency(problem, names, detail)
                              : what_binds_load(problem, detail);
  return text + fullest(problem, detail);
}

}  // namespace results
