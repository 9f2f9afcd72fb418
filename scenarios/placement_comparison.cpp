#include "scenarios/placement_comparison.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "models/error.h"
#include "results/json_writer.h"
#include "results/output.h"
#include "scenarios/interruption.h"

namespace scenarios {
namespace {

using models::Time;
using Objective = models::PlacementProblem::Objective;

constexpr double close_to_best = 0.01;

std::string fixed(double number, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  return text;
}

double ms(Time time) {
  return static_cast<double>(time.count()) / 1e9;
}

std::string_view kind(const PlacementRow& row) {
  return row.objective == Objective::latency ? "latency" : "throughput";
}

std::vector<std::string> files_of(const std::vector<std::string>& graphs) {
  std::vector<std::string> files;
  for (const auto& graph : graphs) {
    if (!std::filesystem::is_directory(graph)) {
      files.push_back(graph);
      continue;
    }
    std::vector<std::string> below;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(graph))
      if (entry.path().extension() == ".json") below.push_back(entry.path().string());
    if (below.empty()) throw models::InputError(graph + ": there is no .json file below it");
    std::sort(below.begin(), below.end());
    files.insert(files.end(), below.begin(), below.end());
  }
  return files;
}

/// The last two folders and the file, without its ending: enough to tell graphs apart.
std::string short_name(const std::string& file) {
  const auto path = std::filesystem::path(file);
  const auto folder = path.parent_path().filename().string();
  return (folder.empty() ? "" : folder + "/") + path.stem().string();
}

std::string line_of(const PlacementRow& row, const Placing& placing) {
  const auto& report = placing.report;
  const double to_best = placing.seconds_to(row.best(), close_to_best);
  return "| " + short_name(row.graph) + " | " + std::string(kind(row)) + " | " + report.algorithm +
         " | " + (report.found() ? fixed(ms(report.value), 4) : "none") + " | " +
         fixed(ms(report.lower_bound), 4) + " | " + fixed(100 * report.gap(), 2) + " % | " +
         std::to_string(report.effort) + " | " + (to_best < 0 ? "never" : fixed(to_best, 2)) +
         " | " + (report.proven() ? "yes" : "no") + " |\n";
}

}  // namespace

Time PlacementRow::best() const {
  auto least = Time::max();
  for (const auto& placing : placings)
    if (placing.report.found()) least = std::min(least, placing.report.value);
  return least;
}

std::vector<PlacementRow> compare_placements(
    const std::vector<std::string>& graphs, const PlacingChoice& choice,
    const std::vector<std::string>& algorithms,
    const std::function<results::PlacementOptions(const std::string& graph)>& options,
    Progress& progress) {
  std::vector<PlacementRow> rows;
  for (const auto& graph : files_of(graphs)) {
    const auto asked = options(graph);
    const auto file = results::read_placement(results::read_file(graph), graph, asked);
    rows.push_back({graph, asked.objective, {}});
    for (const auto& algorithm : algorithms) {
      if (Interruption::count() > 0) return rows;
      auto one = choice;
      one.algorithm = algorithm;
      try {
        rows.back().placings.push_back(find_placement(file.problem, one, progress));
        rows.back().placings.back().report.graph = graph;
      } catch (const models::InputError& error) {
        progress.say(graph + ": " + error.what());
      }
    }
  }
  return rows;
}

std::string placement_table(const std::vector<PlacementRow>& rows) {
  std::string text =
      "| graph | asked for | algorithm | value, ms | bound, ms | gap | effort | s to 1 % of best | "
      "proven |\n|---|---|---|---:|---:|---:|---:|---:|---|\n";
  for (const auto& row : rows)
    for (const auto& placing : row.placings) text += line_of(row, placing);
  return text;
}

std::string placement_table_json(const std::vector<PlacementRow>& rows) {
  results::JsonWriter json;
  json.begin_list();
  for (const auto& row : rows) {
    for (const auto& placing : row.placings) {
      const auto& report = placing.report;
      json.begin_object(results::JsonWriter::Layout::line)
          .member("graph", row.graph)
          .member("kind", kind(row))
          .member("algorithm", report.algorithm)
          .key("objective");
      report.found() ? json.value(ms(report.value)) : json.null();
      json.member("lower_bound", ms(report.lower_bound))
          .member("bound", report.bound)
          .member("gap", report.gap())
          .member("effort", report.effort)
          .member("seconds", report.seconds)
          .key("seconds_to_best");
      const double to_best = placing.seconds_to(row.best(), close_to_best);
      to_best < 0 ? json.null() : json.value(to_best);
      json.member("proven", report.proven()).end_object();
    }
  }
  return json.end_list().text();
}

}  // namespace scenarios
