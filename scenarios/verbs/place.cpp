#include <algorithm>
#include <charconv>
#include <filesystem>

#include "models/error.h"
#include "models/placement/generate.h"
#include "models/units.h"
#include "results/output.h"
#include "results/placement_json.h"
#include "scenarios/interruption.h"
#include "scenarios/placement_bridge.h"
#include "scenarios/placement_comparison.h"
#include "scenarios/placing.h"
#include "scenarios/shipped.h"
#include "scenarios/value.h"
#include "scenarios/verbs/verb.h"

namespace scenarios {
namespace {

using models::InputError;
using Objective = models::PlacementProblem::Objective;

double positive(const std::string& text, const std::string& name) {
  double number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || !(number > 0 && number < 1e9))
    throw InputError("place: " + name + ": '" + text + "' is no number above 0");
  return number;
}

std::int64_t whole(const std::string& text, const std::string& name, std::int64_t low,
                   std::int64_t high) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || number < low || number > high)
    throw InputError("place: " + name + ": '" + text + "' is no whole number from " +
                     std::to_string(low) + " to " + std::to_string(high));
  return number;
}

class Place final : public Verb {
 public:
  std::vector<Option> options() override {
    return {
        {"GRAPH", "",
         "a graph of nodes with given times, as JSON; with --compare several or folders", &graphs_},
        {"--objective", "WHAT",
         "throughput or latency; standard: latency where a folder of the graph is "
         "named so, else throughput",
         &objective_},
        {"--devices", "N", "accelerators, instead of the graph's maxFPGAs", &devices_},
        {"--cpus", "M", "CPUs, instead of the graph's maxCPUs (throughput only)", &cpus_},
        {"--memory", "BYTES", "of one accelerator, such as '16 GiB'", &memory_},
        {"--algorithm", "NAME", "standard: portfolio", &algorithm_},
        {"--seconds", "S",
         "ends the search, of which reading the graph is no part; standard: 10, none where "
         "--budget is given",
         &seconds_},
        {"--budget", "N", "evaluations after which the search ends", &budget_},
        {"--seed", "N", "standard: 1", &seed_},
        {"--contiguous", "", "devices one after the other along the graph (throughput only)",
         &contiguous_},
        {"--start", "FILE", "begins with the placement of an earlier answer", &start_},
        {"--generate", "RECIPE", "makes a graph instead and writes it to --output, see below",
         &recipe_},
        {"--output", "FILE", "writes the answer there, as JSON", &output_},
        {"--write-scenario", "DIR", "writes the problem there for 'partwise run', and ends",
         &scenario_},
        {"--compare", "", "all --algorithms on all graphs, as a Markdown table", &compare_},
        {"--algorithms", "A,B", "of --compare; standard: all made for placement", &algorithms_},
        {"--json", "", "prints the answer as one object", &json_}};
  }

  int act(const Console& console) override {
    if (!recipe_.empty()) return generate(console);
    if (graphs_.empty())
      throw InputError(
          "place: GRAPH is missing: a graph of nodes with given times, as JSON (example: partwise "
          "place graph.json --objective throughput)");
    if (compare_) return compare(console);
    if (!algorithms_.empty()) throw InputError("place: --algorithms goes with --compare");
    if (graphs_.size() > 1)
      throw InputError("place: '" + graphs_[1] + "' is one graph too many without --compare");
    return place(graphs_.front(), console);
  }

 private:
  int place(const std::string& graph, const Console& console) const {
    need_file(graph, "a graph of nodes with given times, as JSON");
    const auto options = problem_options(graph);
    auto choice = search_choice();
    const auto file = results::read_placement(results::read_file(graph), graph, options);
    if (objective_.empty() && options.objective == Objective::latency)
      console.say("asked for latency, since a folder of the graph is named so");
    for (const auto& note : file.notes) console.say(graph + ": " + note);
    if (!scenario_.empty()) return write_scenario(file.problem, console);
    if (!start_.empty()) choice.start.push_back(read_start(file.problem));

    const Interruption interruption;
    Progress progress(console);
    auto placing = find_placement(file.problem, choice, progress);
    placing.report.graph = graph;
    return show(file, placing.report, console);
  }

  int write_scenario(const models::PlacementProblem& problem, const Console& console) const {
    write_placement_scenario(problem, scenario_, algorithm_);
    console.say(placement_scenario_note(problem));
    console.out << (std::filesystem::path(scenario_) / "scenario.yaml").string() << '\n';
    return exit_code::done;
  }

  int compare(const Console& console) const {
    for (const auto& graph : graphs_)
      if (!std::filesystem::is_directory(graph))
        need_file(graph, "a graph of nodes with given times, as JSON");
    if (!start_.empty() || !algorithm_.empty())
      throw InputError("place: --compare takes --algorithms, and no --start");
    const auto names = algorithm_names();
    const Interruption interruption;
    Progress progress(console);
    const auto rows = compare_placements(
        graphs_, search_choice(), names,
        [this](const std::string& graph) { return problem_options(graph); }, progress);
    progress.clear();
    const auto text = json_ ? placement_table_json(rows) : placement_table(rows);
    console.out << text;
    if (!output_.empty()) results::write_file(output_, text);
    return Interruption::count() > 0 ? exit_code::interrupted : exit_code::done;
  }

  std::vector<std::string> algorithm_names() const {
    std::vector<std::string> names;
    std::string_view rest = algorithms_;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      names.emplace_back(rest.substr(0, comma));
      check_placement_algorithm(names.back());
      rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
    }
    if (names.empty())
      for (const auto& row : optimizers::placement_catalogue()) names.emplace_back(row.name);
    return names;
  }

  int generate(const Console& console) const {
    if (!graphs_.empty())
      throw InputError("place: --generate makes a graph and takes none; --output says where to");
    const auto problem = make_placement_problem(models::parse_placement_recipe(recipe_));
    const auto text = results::placement_json(problem);
    if (output_.empty())
      console.out << text;
    else
      results::write_file(output_, text);
    return exit_code::done;
  }

  results::PlacementOptions problem_options(const std::string& graph) const {
    results::PlacementOptions options;
    if (!objective_.empty() && objective_ != "throughput" && objective_ != "latency")
      throw InputError("place: --objective: there is no '" + objective_ + "'" +
                       suggestion(objective_, {"throughput", "latency"}) +
                       " (there are throughput, latency)");
    const auto folders = std::filesystem::path(graph).parent_path();
    const bool latency =
        objective_.empty() &&
        std::any_of(folders.begin(), folders.end(), [](const std::filesystem::path& folder) {
          return folder.string().starts_with("latency");
        });
    if (latency || objective_ == "latency") options.objective = Objective::latency;
    const auto counted = [](const std::string& text, const char* name) {
      return static_cast<int>(whole(text, name, 0, 100000));
    };
    if (!devices_.empty()) options.accelerators = counted(devices_, "--devices");
    if (!cpus_.empty()) options.cpus = counted(cpus_, "--cpus");
    if (!memory_.empty()) options.memory = memory();
    if (options.objective == Objective::latency && (options.cpus || contiguous_))
      throw InputError(
          "place: --cpus and --contiguous are for throughput; for latency there are any number of "
          "CPUs and every accelerator's set is contiguous");
    return options;
  }

  std::int64_t memory() const try {
    const auto bytes = models::parse_bytes(memory_);
    if (bytes.count < 0) throw InputError("'" + memory_ + "' is negative");
    return bytes.count;
  } catch (const InputError& error) {
    throw InputError(std::string("place: --memory: ") + error.what());
  }

  PlacingChoice search_choice() const {
    PlacingChoice choice;
    choice.algorithm = algorithm_.empty() ? standard_placement_algorithm() : algorithm_;
    check_placement_algorithm(choice.algorithm);
    if (!budget_.empty())
      choice.budget = whole(budget_, "--budget", 1, std::numeric_limits<std::int64_t>::max());
    choice.seconds = !seconds_.empty() ? positive(seconds_, "--seconds") : budget_.empty() ? 10 : 0;
    choice.seed = seed_.value_or(1);
    choice.contiguous = contiguous_;
    return choice;
  }

  models::Placement read_start(const models::PlacementProblem& problem) const {
    need_file(start_, "an answer of 'partwise place'");
    auto placement = results::read_placement_answer(results::read_file(start_), start_, problem);
    const auto score = evaluate(problem, placement);
    if (!score.valid)
      throw InputError(start_ + ": this placement cannot be started from: " + score.fault);
    if (contiguous_ && !is_contiguous(problem, placement))
      throw InputError(start_ + ": this placement cannot be started from: it is not contiguous");
    return placement;
  }

  int show(const results::PlacementFile& file, const results::PlacementReport& report,
           const Console& console) const {
    const auto json = results::placement_answer_json(file.problem, report);
    console.out << (json_ ? json
                          : results::placement_answer_text(file.problem, file.names, report));
    if (!output_.empty()) results::write_file(output_, json);
    if (report.interrupted) return exit_code::interrupted;
    if (report.found()) return exit_code::done;
    console.complain(report.graph + ": no placement was found in " + std::to_string(report.effort) +
                     " evaluations; give it more time, memory or devices");
    return exit_code::some_failed;
  }

  std::vector<std::string> graphs_;
  std::string objective_;
  std::string devices_;
  std::string cpus_;
  std::string memory_;
  std::string algorithm_;
  std::string seconds_;
  std::string budget_;
  std::optional<std::uint64_t> seed_;
  bool contiguous_ = false;
  std::string start_;
  std::string recipe_;
  std::string scenario_;
  bool compare_ = false;
  std::string algorithms_;
  std::string output_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_place() {
  return std::make_unique<Place>();
}

}  // namespace scenarios
