#include <fstream>
#include <functional>
#include <map>
#include <utility>

#include "scenarios/claims.h"
#include "scenarios/expenses.h"
#include "scenarios/reading.h"
#include "scenarios/scenario.h"
#include "scenarios/section.h"
#include "scenarios/sweep.h"
#include "scenarios/trace.h"
#include "scenarios/warm_start.h"
#include "scenarios/yaml.h"

namespace scenarios {

namespace fs = std::filesystem;
using models::InputError;

namespace {

/// The file as written, with its includes and what the command line sets.
Value read_file(const fs::path& file, const Overrides& overrides) {
  auto value = read_yaml(file);
  if (value.kind != Value::Kind::mapping)
    throw InputError(value.place,
                     "expected 'key: value' lines, found " + std::string(name_of(value.kind)));
  int line = 0;
  for (const auto& one : overrides.set) {
    const models::Place place{"--set", ++line, 1};
    const auto equals = one.find('=');
    if (equals == std::string::npos || equals == 0)
      throw InputError(place, "'" + one + "' must be written like 'optimizer.budget=500'");
    auto given = parse_yaml(std::string_view(one).substr(equals + 1), "--set");
    const std::function<void(Value&)> move = [&](Value& node) {
      node.place.column += static_cast<int>(equals) + 1;
      node.place.line = line;
      for (auto& item : node.items) move(item);
      for (auto& entry : node.entries) {
        entry.place = {"--set", line, entry.place.column + static_cast<int>(equals) + 1};
        move(entry.value);
      }
    };
    move(given);
    put(value, one.substr(0, equals), std::move(given));
  }
  if (!overrides.start.empty()) {
    Value start;
    start.kind = Value::Kind::scalar;
    start.place = {"--start", 1, 1};
    start.quoted = true;
    start.text = fs::absolute(overrides.start).string();
    put(value, "optimizer.start", std::move(start));
  }
  return value;
}

std::string hash_of_network(const Scenario& scenario, const NetworkChoice& network) {
  if (network.file.empty())
    return hash_of(network.builtin + " " + std::to_string(network.batch) + " " +
                   std::to_string(network.sequence));
  std::ifstream stream(scenario.folder / network.file, std::ios::binary);
  std::string text;
  for (char block[65536]; stream.read(block, sizeof block), stream.gcount() > 0;)
    text.append(block, static_cast<std::size_t>(stream.gcount()));
  return hash_of(text);
}

/// What the results depend on: neither the question nor claims nor which seeds.
std::string essence(const Reading& reading) {
  auto asked = reading.file;
  asked.take("question");
  for (const auto& axis : reading.sweep.axes)
    for (std::size_t p = 0; p < axis.paths.size(); ++p) {
      Value values;
      values.kind = Value::Kind::list;
      for (const auto& step : axis.steps) values.items.push_back(step[p]);
      asked.entries.push_back({"sweep of " + axis.paths[p], {}, std::move(values)});
    }
  return to_json(asked);
}

}  // namespace

Reading open_scenario(const fs::path& file, const Overrides& given) {
  auto overrides = given;
  if (!given.engine.empty()) overrides.set.push_back("engine=" + given.engine);
  Reading reading;
  reading.file = read_file(file, overrides);
  reading.text = to_json(reading.file);
  const bool as_written = given.set.empty() && given.start.empty();
  if (reading.file.find("expect")) {
    const auto expect = reading.file.take("expect");
    // Claims are about the file as it is written, whatever seed it runs with.
    auto copy = reading.file;
    Faults unused;
    const auto sweep = take_sweep(copy, {}, unused);
    if (as_written) reading.claims = read_claims(expect, sweep, reading.faults);
  }
  reading.sweep = take_sweep(reading.file, overrides, reading.faults);
  drop_what_is_set(reading.file, overrides.set);
  if (const auto* section = reading.file.find("codesign"))
    refuse_swept(*section, reading.sweep.axes, reading.faults);
  reading.fingerprint = hash_of(file.stem().string() + "\n" + essence(reading));
  return reading;
}

namespace {

/// Takes the section out of the file and gives every variable its first value.
std::optional<Codesign> take_codesign(Value& file, Faults& faults) {
  if (!file.find("codesign")) return std::nullopt;
  const auto before = faults.size();
  auto codesign = read_codesign(file.take("codesign"), faults);
  if (faults.size() > before) return std::nullopt;
  try {
    for (const auto& variable : codesign.variables) put_choice(file, variable, 0);
  } catch (const InputError& error) {
    faults.push_back({{}, error.what()});
    return std::nullopt;
  }
  return codesign;
}

/// What is wrong with one value, all others being the first ones.
void check_value(const Value& file, const Codesign::Variable& variable, std::size_t step,
                 const models::Goal& goal, Faults& faults) {
  Value tree;
  tree.kind = Value::Kind::mapping;
  tree.entries.push_back({"platform", {}, *file.find("platform")});
  const auto& value = variable.axis.steps[step].front();
  try {
    put_choice(tree, variable, step);
    models::Platform platform;
    const auto before = faults.size();
    read(*tree.find("platform"), platform, faults);
    if (faults.size() > before) return;
    if (const auto lacking = lacking_expense(goal, platform))
      faults.push_back({value.place, "codesign: " + lacking->what});
  } catch (const InputError& error) {
    faults.push_back({{}, error.what()});
  }
}

void check_values(const Value& file, const Scenario& scenario, Faults& faults) {
  for (const auto& variable : scenario.codesign->variables)
    for (std::size_t step = 1; step < variable.axis.steps.size(); ++step)
      check_value(file, variable, step, scenario.goal, faults);
}

}  // namespace

Scenario read_cell(const Cell& cell, const fs::path& file, Faults& faults) {
  Scenario scenario;
  scenario.name = file.stem().string();
  scenario.folder = file.parent_path();
  scenario.goal.objectives = {{}};
  auto with_traces = cell.file;
  read_traces(with_traces, scenario.folder, faults);
  scenario.codesign = take_codesign(with_traces, faults);
  const auto before = faults.size();
  read(with_traces, scenario, faults);
  if (scenario.codesign && faults.size() == before) check_values(with_traces, scenario, faults);
  scenario.place = cell.file.place;
  scenario.optimizer_place = place_of(cell.file, "optimizer");
  if (!scenario.optimizer.start.empty())
    scenario.optimizer_place = place_of(cell.file, "optimizer.start");
  const bool several = !scenario.networks.front().name.empty();
  for (std::size_t i = 0; i < scenario.networks.size(); ++i)
    scenario.networks[i].place =
        place_of(cell.file, several ? "networks." + std::to_string(i) : "network");
  for (std::size_t i = 0; i < scenario.events.size(); ++i)
    scenario.event_places.push_back(place_of(cell.file, "events." + std::to_string(i)));
  scenario.platform_place = place_of(cell.file, "platform");
  const auto place_asked = [&](const std::string& metric) {
    const auto* limits = cell.file.find("limits");
    const bool limited = limits != nullptr && limits->find(metric) != nullptr;
    return place_of(cell.file, (limited ? "limits." : "objectives.") + metric);
  };
  scenario.area_place = place_asked("area");
  scenario.price_place = place_asked("price");
  return scenario;
}

namespace {

std::string label_of(const std::vector<SweptValue>& swept, const Sweep& sweep, std::uint64_t seed) {
  std::string label;
  const auto names = short_names(sweep);
  for (std::size_t i = 0; i < swept.size(); ++i)
    label += (label.empty() ? "" : " ") + names[i].second + "=" + swept[i].label;
  if (sweep.seeds.size() > 1) label += (label.empty() ? "seed=" : " seed=") + std::to_string(seed);
  return label;
}

std::vector<StartPlan> start_of(const Scenario& scenario) {
  try {
    return start_plans(scenario);
  } catch (const InputError& error) {
    throw InputError(scenario.optimizer_place, std::string("optimizer: ") + error.what());
  }
}

/// The runs of one cell, one for each seed.
void add_runs(const Cell& cell, Scenario scenario, const Sweep& sweep,
              std::map<std::string, std::string>& hashes, std::vector<Run>& runs) {
  std::vector<std::string> networks;
  std::string all;
  for (const auto& entry : scenario.networks) {
    auto& known = hashes[entry.network.file];
    if (known.empty() || entry.network.file.empty())
      known = hash_of_network(scenario, entry.network);
    networks.push_back(known);
    all += known;
  }
  const auto start = start_of(scenario);
  for (const auto& plan : start) all += hash_of(plan.text);
  // Neither the wording nor a file's name changes what a run finds.
  auto essence = scenario;
  essence.name = essence.question = "-";
  if (!start.empty()) essence.optimizer.start = "-";
  const auto shared = std::make_shared<const Scenario>(std::move(scenario));
  for (const auto seed : sweep.seeds) {
    const auto id = hash_of(to_json(essence) + all + std::to_string(seed)).substr(0, 12);
    runs.push_back(
        {id, label_of(cell.swept, sweep, seed), cell.swept, seed, shared, networks, start});
  }
}

}  // namespace

Experiment read_experiment(const fs::path& file, const Overrides& overrides) {
  auto reading = open_scenario(file, overrides);
  throw_first(reading.faults);
  Experiment experiment{.file = file,
                        .text = reading.text,
                        .fingerprint = reading.fingerprint,
                        .claims = std::move(reading.claims)};
  std::map<std::string, std::string> hashes;
  const auto count = cell_count(reading.sweep, reading.file, reading.faults);
  for (std::size_t i = 0; i < count; ++i) {
    const auto cell = make_cell(reading.file, reading.sweep, i);
    auto scenario = read_cell(cell, file, reading.faults);
    throw_first(reading.faults);
    add_runs(cell, std::move(scenario), reading.sweep, hashes, experiment.runs);
  }
  throw_first(reading.faults);
  experiment.name = experiment.runs.front().scenario->name;
  experiment.question = experiment.runs.front().scenario->question;
  for (const auto& axis : reading.sweep.axes)
    experiment.swept.insert(experiment.swept.end(), axis.paths.begin(), axis.paths.end());
  return experiment;
}

}  // namespace scenarios
