#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>

#include "models/error.h"
#include "models/version.h"
#include "results/json_writer.h"
#include "results/text_table.h"
#include "scenarios/campaign.h"
#include "scenarios/folder.h"
#include "scenarios/shipped.h"
#include "scenarios/verbs/report.h"
#include "scenarios/verbs/verb.h"
#include "scenarios/warm_start.h"
#include "sim/simgrid_check.h"

namespace scenarios {

using results::RunFile;

namespace {

std::string counted(std::size_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

void show_work(const Experiment& experiment, std::ostream& out) {
  results::TextTable table(
      {"run", "label", "operators", "tensors", "devices", "links", "optimizer", "budget"});
  for (const auto& run : experiment.runs) {
    const auto problem = make_parts(*run.scenario).problem;
    table.add({run.id, run.label, std::to_string(problem->operators),
               std::to_string(problem->tensors), std::to_string(problem->devices),
               std::to_string(problem->links), run.scenario->optimizer.name,
               std::to_string(run.scenario->optimizer.budget)});
  }
  out << experiment.name << ": " << counted(experiment.runs.size(), "run")
      << ", nothing is run now\n"
      << table.text();
}

std::string work_json(const Experiment& experiment) {
  results::JsonWriter json;
  json.begin_object().member("scenario", experiment.name).key("runs").begin_list();
  for (const auto& run : experiment.runs) {
    const auto problem = make_parts(*run.scenario).problem;
    json.begin_object(results::JsonWriter::Layout::line)
        .member("id", run.id)
        .member("label", run.label)
        .member("operators", problem->operators)
        .member("tensors", problem->tensors)
        .member("devices", problem->devices)
        .member("links", problem->links)
        .member("optimizer", run.scenario->optimizer.name)
        .member("budget", run.scenario->optimizer.budget)
        .end_object();
  }
  return json.end_list().end_object().text();
}

/// Whether the scenario itself says that nothing is feasible there.
bool expects_none(const Experiment& experiment, const Answer& answer) {
  const auto concerns = [&](const Claim& claim) {
    auto asked = claim;
    asked.feasible = true;
    return claim.feasible == false &&
           !broken_claims(std::span(&asked, 1), std::span(&answer, 1)).empty();
  };
  return std::ranges::any_of(experiment.claims, concerns);
}

/// Throws what is wrong with the first run when none of them is fit to run: then nothing is
/// written.
void refuse_unfit(const Experiment& experiment) {
  std::optional<models::InputError> first;
  for (const auto& run : experiment.runs) try {
      const auto parts = make_parts(*run.scenario);
      check_timeline(*run.scenario, *parts.problem);
      make_optimizer(run, parts);
      return;
    } catch (const models::InputError& error) {
      if (!first) first = error;
    }
  throw models::InputError(*first);
}

bool asks_for_simgrid(const Experiment& experiment) {
  return std::ranges::any_of(
      experiment.runs, [](const Run& run) { return run.scenario->engine == Engine::simgrid; });
}

class RunVerb final : public Verb {
 public:
  std::vector<Option> options() override {
    return {
        {"FILE", "", "a scenario", &file_, true},
        {"-j,--jobs", "N", "runs at once; standard: as many as there are cores", &jobs_},
        {"--threads", "N", "of each run; standard: cores / runs at once", &threads_},
        {"--start", "PATH", "plans to start from: a plan, a result file or an output folder",
         &overrides_.start},
        {"--checkpoint", "SECONDS", "between two checkpoints; 0: none; standard: 30", &checkpoint_},
        {"--out", "DIR", "where results go; standard: out/<name of the scenario>", &out_},
        {"--set", "KEY=VALUE", "changes the scenario; may be repeated", &overrides_.set},
        {"--seed", "N", "instead of the scenario's seeds", &overrides_.seed},
        {"--engine", "NAME", "simulates the best plans: fast or simgrid", &overrides_.engine},
        {"--audit", "SHARE", "of all scored plans SimGrid executes so many too, such as 1e-4",
         &audit_},
        {"--dry-run", "", "says what would be run, and runs nothing", &dry_},
        {"--json", "", "the results as one object", &json_}};
  }

  int act(const Console& console) override {
    need_file(file_, "a scenario, such as scenarios/examples/quickstart.yaml");
    if (jobs_ && *jobs_ == 0) throw models::InputError("run: -j must be 1 or more");
    if (threads_ && (*threads_ == 0 || *threads_ > most_threads))
      throw models::InputError("run: --threads must be 1 to " + std::to_string(most_threads));
    check_engine(overrides_.engine);
    const double every = seconds_of(checkpoint_);
    const double audit = share_of(audit_);
    const auto experiment = read_experiment(file_, overrides_);
    if (dry_) return dry_run(experiment, console);
    if (out_.empty()) out_ = "out/" + experiment.name;
    refuse_own_results(experiment);
    refuse_unfit(experiment);
    if (audit > 0 || asks_for_simgrid(experiment)) sim::SimgridCheck::need();
    claim_folder(out_, experiment);

    const auto missing = missing_runs(experiment, console);
    if (!missing.empty() && !sim::SimgridCheck::is_there())
      console.say("SimGrid not built: plans are not checked on it");
    const auto at_once = jobs(missing.size());
    const int code = do_runs(missing, out_, {at_once, threads(at_once), audit, every}, console);
    if (code == exit_code::interrupted)
      console.say("interrupted; what is found is stored, the same command goes on from there");
    const auto runs = finished_runs(experiment);
    const auto answers = answers_of(experiment, runs);
    const auto broken = broken_claims(experiment.claims, answers);
    report(experiment, runs, broken, console);
    if (code != exit_code::interrupted && !runs.empty() && runs.size() < experiment.runs.size())
      console.complain(std::to_string(experiment.runs.size() - runs.size()) + " of " +
                       counted(experiment.runs.size(), "run") + " without a result");
    // A scenario of which some runs can be done is not wrong as a whole.
    if (code == exit_code::invalid && !runs.empty()) return exit_code::some_failed;
    if (code != exit_code::done) return code;
    if (!broken.empty()) return exit_code::not_as_expected;
    return complain_of_infeasible(experiment, runs, answers, console);
  }

 private:
  /// A study that starts from what it writes would be another one each time.
  void refuse_own_results(const Experiment& experiment) const {
    const auto out = std::filesystem::weakly_canonical(out_);
    for (const auto& run : experiment.runs) {
      if (run.start.empty()) continue;
      const auto start = std::filesystem::weakly_canonical(start_path(*run.scenario));
      if (std::ranges::mismatch(out, start).in1 == out.end())
        throw models::InputError(
            run.scenario->optimizer_place,
            "optimizer: start: '" + out_ + "' is where the results go; choose another with --out");
    }
  }

  int dry_run(const Experiment& experiment, const Console& console) const {
    if (json_)
      console.out << work_json(experiment);
    else
      show_work(experiment, console.out);
    return exit_code::done;
  }

  static double share_of(const std::string& text) {
    if (text.empty()) return 0;
    double share = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, share);
    if (error != std::errc{} || rest != end || !(share > 0 && share <= 1))
      throw models::InputError("--audit: '" + text + "' is no share; give a number such as 1e-4");
    return share;
  }

  static double seconds_of(const std::string& text) {
    if (text.empty()) return 30;
    double seconds = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc{} || rest != end || !(seconds >= 0 && seconds <= 1e6))
      throw models::InputError("--checkpoint: '" + text +
                               "' is not a number of seconds from 0 (no checkpoints) to 1000000");
    return seconds;
  }

  static std::size_t cores() { return std::max(1u, std::thread::hardware_concurrency()); }
  std::size_t jobs(std::size_t most) const {
    const auto wanted = jobs_ ? static_cast<std::size_t>(*jobs_) : cores();
    return std::max<std::size_t>(1, std::min(wanted, most));
  }
  std::size_t threads(std::size_t at_once) const {
    if (threads_) return static_cast<std::size_t>(*threads_);
    return std::max<std::size_t>(1, cores() / at_once);
  }

  std::vector<const Run*> missing_runs(const Experiment& experiment, const Console& console) const {
    std::vector<const Run*> missing;
    std::string other_commit;
    for (const auto& run : experiment.runs) {
      const auto stored = stored_result(run, out_, console);
      if (!stored) missing.push_back(&run);
      if (stored && stored->commit != models::commit()) other_commit = stored->commit;
    }
    const auto there = experiment.runs.size() - missing.size();
    console.say(experiment.name + ": " + counted(experiment.runs.size(), "run") + ", results in " +
                out_);
    if (there > 0) console.say(counted(there, "run") + " stored there already, not run again");
    if (!other_commit.empty())
      console.say("some were made by another build (" + other_commit +
                  "); to have them made anew, choose another --out or remove the folder");
    return missing;
  }

  std::vector<RunFile> finished_runs(const Experiment& experiment) const {
    const auto depth = json_ ? results::Depth::whole : results::Depth::summary;
    std::vector<RunFile> runs;
    for (const auto& run : experiment.runs)
      if (const auto file = results::run_file(out_, run.id); std::filesystem::exists(file))
        runs.push_back(results::read_run(file, depth));
    return runs;
  }

  static std::vector<Answer> answers_of(const Experiment& experiment,
                                        const std::vector<RunFile>& runs) {
    std::vector<Answer> answers;
    for (const auto& stored : runs)
      answers.push_back(
          answer_of(*std::ranges::find(experiment.runs, stored.id, &Run::id), stored));
    return answers;
  }

  void report(const Experiment& experiment, const std::vector<RunFile>& runs,
              const std::vector<std::string>& broken, const Console& console) const {
    if (json_) {
      console.out << report_json(out_, runs, broken);
    } else if (!runs.empty()) {
      if (!experiment.question.empty()) console.out << experiment.question << "\n\n";
      show_runs(runs, console.out);
      const auto best = results::run_file(out_, best_run(runs).id);
      show_details(results::read_run(best), console.out);
      if (!experiment.claims.empty() && broken.empty())
        console.out << "\nAs expected: " << counted(experiment.claims.size(), "claim") << '\n';
    }
    for (const auto& one : broken) console.complain("not as expected: " + one);
  }

  static int complain_of_infeasible(const Experiment& experiment, const std::vector<RunFile>& runs,
                                    const std::vector<Answer>& answers, const Console& console) {
    int code = exit_code::done;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (answers[i].feasible || expects_none(experiment, answers[i])) continue;
      code = exit_code::some_failed;
      const auto& label = runs[i].label;
      console.complain((label.empty() ? runs[i].scenario_name : label) +
                       ": no plan holds all limits; of the best found, " + runs[i].complaint);
    }
    return code;
  }

  std::string file_;
  static constexpr std::uint64_t most_threads = 1024;

  std::optional<std::uint64_t> jobs_;
  std::optional<std::uint64_t> threads_;
  std::string checkpoint_;
  std::string out_;
  std::string audit_;
  Overrides overrides_;
  bool dry_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_run() {
  return std::make_unique<RunVerb>();
}

}  // namespace scenarios
