#include <map>
#include <system_error>
#include <utility>

#include "models/network/onnx.h"
#include "models/network/zoo.h"
#include "scenarios/reading.h"
#include "scenarios/scenario.h"
#include "scenarios/yaml.h"

namespace scenarios {

namespace fs = std::filesystem;
using models::InputError;

namespace {

std::shared_ptr<const models::Network> load_network(const Scenario& scenario) {
  const auto& choice = scenario.network;
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

}  // namespace

Parts make_parts(const Scenario& scenario) {
  Parts parts;
  parts.network =
      placed(scenario, scenario.network_place, "network: ", [&] { return load_network(scenario); });
  parts.platform = placed(scenario, scenario.platform_place,
                          "platform: ", [&] { return checked(scenario.platform); });
  parts.problem = placed(scenario, scenario.place, "", [&] {
    return models::make_problem(parts.network, parts.platform, scenario.workload, scenario.choices);
  });
  parts.goal = scenario.goal;
  return parts;
}

std::unique_ptr<optimizers::Optimizer> make_optimizer(const Run& run, const Parts& parts) {
  const auto& choice = run.scenario->optimizer;
  const optimizers::Task task{*parts.problem, parts.goal, run.seed, choice.budget};
  return placed(*run.scenario, run.scenario->optimizer_place, "optimizer: ", [&] {
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
std::shared_ptr<const models::Network> cached(Networks& networks, const Scenario& scenario) {
  const auto& choice = scenario.network;
  std::string key = choice.file + "\n" + choice.builtin + "\n" + std::to_string(choice.batch) +
                    "\n" + std::to_string(choice.sequence) +
                    (choice.unknown_by_bandwidth ? "\nbandwidth" : "\n");
  for (const auto& [dim, size] : choice.dims) key += "\n" + dim + "=" + std::to_string(size);
  auto& network = networks[key];
  if (!network) network = load_network(scenario);
  return network;
}

/// What cannot be seen in the text alone, at the place of the part that is at fault.
void check_parts(const Scenario& scenario, const Value& file, Networks& networks, Faults& faults) {
  const auto count = faults.size();
  Parts parts;
  const auto attempt = [&](std::string_view key, const auto& action) {
    try {
      action();
    } catch (const InputError& error) {
      faults.push_back({place_of(file, key), std::string(key) + ": " + error.what()});
    }
  };
  attempt("network", [&] { parts.network = cached(networks, scenario); });
  attempt("platform", [&] {
    parts.platform = checked(scenario.platform);
    models::resolve_routes(*parts.platform);
  });
  if (faults.size() != count) return;
  const auto& choice = scenario.optimizer;
  try {
    parts.problem =
        models::make_problem(parts.network, parts.platform, scenario.workload, scenario.choices);
    refuse_immense_timeline(scenario, *parts.problem);
  } catch (const InputError& error) {
    faults.push_back({file.place, error.what()});
    return;
  }
  attempt("optimizer", [&] {
    optimizers::find(choice.name)
        .make({*parts.problem, scenario.goal, 1, choice.budget}, choice.values());
  });
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
    models::resolve_routes(platform);
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
