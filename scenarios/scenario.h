#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "models/error.h"
#include "models/event.h"
#include "models/goal.h"
#include "models/network/network.h"
#include "models/platform/platform.h"
#include "models/problem.h"
#include "models/visitor.h"
#include "models/workload.h"
#include "optimizers/optimizer.h"
#include "scenarios/codesign.h"
#include "scenarios/value.h"

namespace scenarios {

/// Which neural network: exactly one of `file` and `builtin` is given.
struct NetworkChoice {
  std::string file;     ///< ONNX, relative to the folder of the scenario
  std::string builtin;  ///< a name of models::zoo()
  std::int64_t batch = 1;
  std::int64_t sequence = 128;
  std::vector<std::pair<std::string, std::int64_t>> dims;  ///< of symbolic dimensions in `file`
  bool unknown_by_bandwidth = false;
};

/// One network with its requests.
struct NetworkEntry {
  std::string name;  ///< empty where it is the only one, given as `network` and `workload`
  NetworkChoice network;
  models::Workload workload;
  std::int64_t priority = 0;  ///< smaller goes first
  models::Time deadline{};    ///< 0: none
  models::Place place;        ///< where the file says which network
};

/// Which search, for how long.
struct OptimizerChoice {
  std::string name = "annealing";
  std::int64_t budget = 10'000;            ///< evaluations
  std::optional<models::Time> time_limit;  ///< only cuts short
  std::vector<std::pair<std::string, double>>
      settings;       ///< of parameters that differ from standard
  std::string start;  ///< a plan, result file or output folder, relative to the scenario's folder

  /// One value per parameter of the algorithm. Throws InputError for names and values it refuses.
  optimizers::Settings values() const;
};

/// Which program executes plans in full.
enum class Engine : std::uint8_t { fast, simgrid };

/// Throws InputError unless it is empty or names an engine.
void check_engine(std::string_view name);

/// One question with every choice made: a scenario file, or one cell of its sweep.
struct Scenario {
  std::string name;      ///< usable as the name of a folder
  std::string question;  ///< what the user wants to know
  std::vector<NetworkEntry> networks = std::vector<NetworkEntry>(1);  ///< at least one
  models::Platform platform;
  std::vector<models::Event> events;
  models::Choices choices;
  models::Goal goal;
  OptimizerChoice optimizer;
  std::int64_t finalists = 1;    ///< how many best plans are simulated in full
  bool timeline = true;          ///< whether the events of the finalists are stored
  Engine engine = Engine::fast;  ///< that simulates the finalists
  /// What is searched of the platform, whose first values `platform` has.
  std::optional<Codesign> codesign;

  std::filesystem::path folder;  ///< of the scenario file: what its paths start from
  /// Where the file says which platform, and the rest; without a file in it when the scenario was
  /// not read from one.
  models::Place platform_place, optimizer_place, place;
  models::Place area_place, price_place;  ///< where it asks for them
  std::vector<models::Place> event_places;
};

void describe(Scenario& scenario, models::Visitor& v);

/// 16 hexadecimal digits: a hash of everything describe() shows, defaults included.
std::string fingerprint(const Scenario& scenario);

/// The scenario as one line of JSON, defaults included, without sweep and seeds. Reads back (as
/// YAML) as the same scenario from a file in the same folder.
std::string to_json(const Scenario& scenario);

/// The JSON Schema (draft 2020-12) of a scenario file, for editors.
std::string scenario_schema();

/// What one run of a sweep was given for a swept path.
struct SweptValue {
  std::string path;   ///< "platform.links.d2d.lanes"
  std::string label;  ///< "8"
  int axis = 0;       ///< paths swept in lockstep share one
  friend bool operator==(const SweptValue&, const SweptValue&) = default;
};

/// A plan that a search starts from: JSON text with names, and where it came from.
struct StartPlan {
  std::string text;
  std::string from;
};

/// One cell of a sweep with one seed: the unit of running, storing and resuming.
struct Run {
  std::string id;     ///< 12 hexadecimal digits: hash of scenario, files and seed
  std::string label;  ///< "lanes=8 name=greedy seed=2"; empty when there is only one run
  std::vector<SweptValue> swept;
  std::uint64_t seed = 1;  ///< of the optimizer
  std::shared_ptr<const Scenario> scenario;
  /// [network] of the file's bytes, or of what the built-in was asked for.
  std::vector<std::string> network_hashes;
  std::vector<StartPlan> start = {};  ///< the best first
};

/// What a scenario states about its own answer, checked after it ran. Values are those of a run's
/// best plan; in a Pareto search, the best of that metric among all plans kept.
struct Claim {
  models::Place place;
  std::vector<std::pair<std::string, std::string>>
      where;  ///< swept path and label; empty: all runs
  std::optional<models::Metric> metric;
  std::optional<double> at_least;
  std::optional<double> at_most;
  double slack = 0;  ///< of `equals`, already part of the bounds above
  /// Bounds are factors on the mean of the runs that match this and are otherwise swept alike (over
  /// all seeds, unless it says which), instead of values.
  std::optional<std::vector<std::pair<std::string, std::string>>> compared_to;
  std::optional<bool> feasible;  ///< instead of a metric: whether any feasible plan is found
  std::string text;              ///< as the user wrote it, for messages
};

/// A scenario file, read whole.
struct Experiment {
  std::filesystem::path file{};
  std::string name{};
  std::string question{};
  std::string text{};         ///< the file with its includes and overrides, as one line of JSON
  std::string fingerprint{};  ///< of `text`: tells whether a folder holds this experiment's results
  std::vector<std::string> swept{};  ///< the paths swept, in file order
  std::vector<Run> runs{};  ///< cells in file order, the last path fastest, seeds innermost
  std::vector<Claim> claims{};
};

/// What is given on the command line beside the file. With `set`, the file's claims are left out:
/// they are about the file as it is written, whatever seed and engine it runs with.
struct Overrides {
  std::vector<std::string> set;       ///< "path=value"; what is set is not swept
  std::optional<std::uint64_t> seed;  ///< instead of the file's seeds
  std::string engine = {};            ///< a name; empty: the file's
  std::string start = {};             ///< plans to start from; empty: the file's
};

/// Reads a scenario file and expands its sweep. Throws InputError for the first fault.
Experiment read_experiment(const std::filesystem::path& file, const Overrides& overrides = {});

/// Every fault that can be told from the others, in the order of the file; reads network and
/// platform too, and searches nothing. Empty when the scenario is fit to run. A file with `devices`
/// is checked as a platform.
std::vector<models::InputError> faults(const std::filesystem::path& file,
                                       const Overrides& overrides = {});

/// A platform file on its own.
models::Platform read_platform(const std::filesystem::path& file);

class Platforms;

/// What an optimizer needs, made from a run.
struct Parts {
  std::shared_ptr<const models::Platform> platform;
  std::shared_ptr<const models::Problem> problem;
  std::shared_ptr<Platforms> platforms;  ///< of a co-design, `problem` is the first of them
  models::Goal goal;  ///< scales still 1: normalise() with a reference plan's score
};

/// Loads the network, compiles the problem. Throws InputError, with the
/// place of the part at fault or else the scenario's name in front.
Parts make_parts(const Scenario& scenario);

/// Throws InputError for a timeline that would need gigabytes: before the search, not after it.
void check_timeline(const Scenario& scenario, const models::Problem& problem);

/// The optimizer of a run, with its settings. `parts` must outlive it.
std::unique_ptr<optimizers::Optimizer> make_optimizer(const Run& run, const Parts& parts);

/// The values of one finished run that claims are about.
struct Answer {
  const Run* run = nullptr;
  bool feasible = false;
  std::array<double, models::metric_count> best{};  ///< [Metric], in base units
};

/// One sentence per claim that does not hold, with its place; empty when all do. Claims about runs
/// that are not among the answers are skipped.
std::vector<std::string> broken_claims(std::span<const Claim> claims,
                                       std::span<const Answer> answers);

}  // namespace scenarios
