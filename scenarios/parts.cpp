#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "models/network/onnx.h"
#include "models/network/zoo.h"
#include "results/plan_names.h"
#include "scenarios/expenses.h"
#include "scenarios/interruption.h"
#include "scenarios/platforms.h"
#include "scenarios/reading.h"
#include "scenarios/scenario.h"
#include "scenarios/warm_start.h"
#include "scenarios/yaml.h"

namespace scenarios {

namespace fs = std::filesystem;
using models::InputError;

namespace {

std::shared_ptr<const models::Network> load_network(const Scenario& scenario,
                                                    const NetworkChoice& choice) {
  if (!choice.builtin.empty())
    return std::make_shared<const models::Network>(
        models::make_network(choice.builtin, {choice.batch, choice.sequence}));
  const auto file = scenario.folder / choice.file;
  if (std::error_code error; !fs::is_regular_file(file, error))
    throw InputError("there is no file '" + file.string() +
                     "'; network files are looked for in the folder of the scenario");
  models::OnnxOptions options;
  options.dims = {choice.dims.begin(), choice.dims.end()};
  options.unknown_by_bandwidth = choice.unknown_by_bandwidth;
  return std::make_shared<const models::Network>(models::read_onnx(file, options));
}

/// Area or price that is asked for and a part of the platform does not say.
std::optional<Fault> fault_of_expenses(const Scenario& scenario) {
  const auto lacking = lacking_expense(scenario.goal, scenario.platform);
  if (!lacking) return std::nullopt;
  const auto& place =
      lacking->metric == models::Metric::area ? scenario.area_place : scenario.price_place;
  return Fault{place, (place.file.empty() ? scenario.name + ": " : "") + lacking->what};
}

std::shared_ptr<const models::Platform> checked(const models::Platform& platform) {
  platform.check();
  return std::make_shared<const models::Platform>(platform);
}

/// What `action` makes; its complaints get the place that they are about.
template <class Action>
auto placed(const Scenario& scenario, const models::Place& place, const std::string& part,
            const Action& action) {
  try {
    return action();
  } catch (const InputError& error) {
    if (place.file.empty()) throw InputError(scenario.name + ": " + error.what());
    throw InputError(place, part + error.what());
  }
}

/// "network: ", or which of several.
std::string title(const NetworkEntry& entry) {
  return entry.name.empty() ? "network: " : "network '" + entry.name + "': ";
}

models::NetworkUse use_of(const NetworkEntry& entry,
                          std::shared_ptr<const models::Network> network) {
  return {entry.name, std::move(network), entry.workload, entry.priority, entry.deadline};
}

/// The place of the event that a complaint of make_problem ("event 2: ...") is about, and what it
/// says of it; the place of the whole scenario for any other complaint.
Fault fault_of_problem(const Scenario& scenario, const std::string& what) {
  for (std::size_t i = 0; i < scenario.event_places.size(); ++i) {
    const auto title = "event " + std::to_string(i + 1) + ": ";
    if (what.starts_with(title)) return {scenario.event_places[i], what.substr(title.size())};
  }
  return {scenario.place, what};
}

/// A search of platforms and plans.
std::unique_ptr<optimizers::Optimizer> make_codesign(const Scenario& scenario,
                                                     const std::vector<StartPlan>& start,
                                                     const Parts& parts, std::uint64_t seed) {
  const auto& choice = scenario.optimizer;
  const auto& codesign = *scenario.codesign;
  optimizers::DesignTask task{*parts.platforms,
                              parts.goal,
                              optimizers::find(choice.name),
                              choice.values(),
                              seed,
                              choice.budget,
                              codesign.least,
                              fitting_platforms(start, *parts.platforms)};
  task.stop = [] { return Interruption::count() > 0; };
  if (codesign.search == Codesign::Search::joint)
    return optimizers::make_joint(task, codesign.share);
  return optimizers::make_nested(task, codesign.outer);
}

}  // namespace

Parts make_parts(const Scenario& scenario) {
  Parts parts;
  std::vector<models::NetworkUse> uses;
  for (const auto& entry : scenario.networks)
    uses.push_back(use_of(entry, placed(scenario, entry.place, title(entry),
                                        [&] { return load_network(scenario, entry.network); })));
  parts.platform = placed(scenario, scenario.platform_place,
                          "platform: ", [&] { return checked(scenario.platform); });
  if (const auto fault = fault_of_expenses(scenario)) throw fault->error();
  try {
    parts.problem =
        models::make_problem(std::move(uses), parts.platform, scenario.choices, scenario.events);
  } catch (const InputError& error) {
    const auto fault = fault_of_problem(scenario, error.what());
    if (fault.place.file.empty()) throw InputError(scenario.name + ": " + fault.what);
    throw InputError(fault.place, fault.what);
  }
  parts.goal = scenario.goal;
  if (scenario.codesign)
    parts.platforms = placed(scenario, scenario.platform_place, "codesign: ", [&] {
      return std::make_shared<Platforms>(scenario, parts.problem);
    });
  return parts;
}

std::unique_ptr<optimizers::Optimizer> make_optimizer(const Run& run, const Parts& parts) {
  const auto& choice = run.scenario->optimizer;
  if (parts.platforms)
    return placed(*run.scenario, run.scenario->optimizer_place, "optimizer: ", [&] {
      return make_codesign(*run.scenario, run.start, parts, run.seed);
    });
  optimizers::Task task{*parts.problem, parts.goal, run.seed, choice.budget};
  task.stop = [] { return Interruption::count() > 0; };
  return placed(*run.scenario, run.scenario->optimizer_place, "optimizer: ", [&] {
    task.start = fitting(run.start, *parts.problem);
    return optimizers::find(choice.name).make(task, choice.values());
  });
}

namespace {

void refuse_immense_timeline(const Scenario& scenario, const models::Problem& problem) {
  constexpr std::int64_t most = 2'000'000;
  const auto events = problem.requests() * problem.operators;
  if (!scenario.timeline || events <= most) return;
  throw models::InputError("the timeline of " + std::to_string(problem.requests()) +
                           " requests of " + std::to_string(problem.operators) +
                           " operators would have more than " + std::to_string(most) +
                           " entries; set 'timeline: false', or lower 'workload.requests'");
}

}  // namespace

void check_timeline(const Scenario& scenario, const models::Problem& problem) {
  placed(scenario, scenario.place, "", [&] { refuse_immense_timeline(scenario, problem); });
}

namespace {

using Networks = std::map<std::string, std::shared_ptr<const models::Network>>;

/// The networks of a sweep are mostly the same one.
std::shared_ptr<const models::Network> cached(Networks& networks, const Scenario& scenario,
                                              const NetworkChoice& choice) {
  std::string key = choice.file + "\n" + choice.builtin + "\n" + std::to_string(choice.batch) +
                    "\n" + std::to_string(choice.sequence) +
                    (choice.unknown_by_bandwidth ? "\nbandwidth" : "\n");
  for (const auto& [dim, size] : choice.dims) key += "\n" + dim + "=" + std::to_string(size);
  auto& network = networks[key];
  if (!network) network = load_network(scenario, choice);
  return network;
}

/// What cannot be seen in the text alone, at the place of the part that is at fault.
void check_parts(const Scenario& scenario, const Value& file, Networks& networks, Faults& faults) {
  const auto count = faults.size();
  Parts parts;
  std::vector<models::NetworkUse> uses;
  const auto attempt = [&](std::string_view key, const auto& action) {
    try {
      action();
    } catch (const InputError& error) {
      faults.push_back({place_of(file, key), std::string(key) + ": " + error.what()});
    }
  };
  for (const auto& entry : scenario.networks) try {
      uses.push_back(use_of(entry, cached(networks, scenario, entry.network)));
    } catch (const InputError& error) {
      faults.push_back({entry.place, title(entry) + error.what()});
    }
  attempt("platform", [&] { parts.platform = checked(scenario.platform); });
  if (const auto fault = fault_of_expenses(scenario)) faults.push_back(*fault);
  if (faults.size() != count) return;
  const auto& choice = scenario.optimizer;
  try {
    parts.problem =
        models::make_problem(std::move(uses), parts.platform, scenario.choices, scenario.events);
    refuse_immense_timeline(scenario, *parts.problem);
  } catch (const InputError& error) {
    faults.push_back(fault_of_problem(scenario, error.what()));
    return;
  }
  try {
    if (scenario.codesign) {
      parts.goal = scenario.goal;
      parts.platforms = std::make_shared<Platforms>(scenario, parts.problem);
      make_codesign(scenario, start_plans(scenario), parts, 1);
      return;
    }
    optimizers::find(choice.name)
        .make({*parts.problem, scenario.goal, 1, choice.budget,
               fitting(start_plans(scenario), *parts.problem)},
              choice.values());
  } catch (const InputError& error) {
    faults.push_back({scenario.optimizer_place, std::string("optimizer: ") + error.what()});
  }
}

void collect(Reading& reading, const fs::path& file) {
  constexpr std::size_t enough = 100;
  Networks networks;
  const auto count = cell_count(reading.sweep, reading.file, reading.faults);
  for (std::size_t i = 0; i < count && reading.faults.size() < enough; ++i) {
    const auto before = reading.faults.size();
    const auto cell = make_cell(reading.file, reading.sweep, i);
    const auto scenario = read_cell(cell, file, reading.faults);
    if (reading.faults.size() == before) check_parts(scenario, cell.file, networks, reading.faults);
  }
}

models::Platform platform_of(const Value& value, Faults& faults) {
  models::Platform platform;
  read(value, platform, faults);
  if (!faults.empty()) return platform;
  try {
    platform.check();
  } catch (const InputError& error) {
    faults.push_back({value.place, error.what()});
  }
  return platform;
}

}  // namespace

std::vector<InputError> faults(const fs::path& file, const Overrides& overrides) {
  Faults found;
  try {
    const auto value = read_yaml(file);
    if (value.find("devices") && !value.find("platform")) {
      platform_of(value, found);
      return sorted(std::move(found));
    }
    auto reading = open_scenario(file, overrides);
    try {
      collect(reading, file);
    } catch (const InputError& error) {
      reading.faults.push_back({{}, error.what()});
    }
    return sorted(std::move(reading.faults));
  } catch (const InputError& error) {
    return {error};
  }
}

models::Platform read_platform(const fs::path& file) {
  Faults found;
  const auto value = read_yaml(file);
  auto platform = platform_of(value, found);
  throw_first(std::move(found));
  return platform;
}

}  // namespace scenarios
