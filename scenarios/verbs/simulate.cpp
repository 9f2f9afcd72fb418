#include "models/error.h"
#include "results/outcome_json.h"
#include "results/output.h"
#include "results/plan_json.h"
#include "results/plan_names.h"
#include "results/show.h"
#include "results/timeline_json.h"
#include "scenarios/platforms.h"
#include "scenarios/scenario.h"
#include "scenarios/shipped.h"
#include "scenarios/verbs/verb.h"
#include "sim/event_engine.h"

namespace scenarios {
namespace {

void show_outcome(const models::Outcome& outcome, const models::Plan& plan,
                  const results::Names& names, std::ostream& out) {
  out << results::score_text(outcome.score);
  if (const auto text = results::networks_text(outcome); !text.empty())
    out << "\nNetworks\n" << text;
  out << "\nWhat runs where\n" << results::placement_text(plan, names);
  out << "\nWhere latency went\n" << results::latency_text(outcome);
  out << "\nWhere the devices' time went\n" << results::time_text(outcome);
  if (!outcome.channels.empty()) out << "\nLinks\n" << results::channels_text(outcome);
  out << "\nWhere energy went\n" << results::energy_text(outcome);
  out << "\nMemory\n" << results::memory_text(outcome);
  out << "\nfingerprint " << outcome.fingerprint << '\n';
}

class Simulate final : public Verb {
 public:
  std::vector<Option> options() override {
    return {
        {"FILE", "", "a scenario", &file_, true},
        {"--plan", "PLAN", "the plan, JSON", &plan_, true},
        {"--run", "RUN", "of a sweep, the run with this label or id; standard: the first", &run_},
        {"--set", "KEY=VALUE", "changes the scenario; may be repeated", &overrides_.set},
        {"--engine", "NAME", "fast or simgrid; standard: what the scenario says",
         &overrides_.engine},
        {"--timeline", "FILE", "writes the timeline there, JSON", &timeline_},
        {"--json", "", "the outcome as one object", &json_}};
  }

  int act(const Console& console) override {
    need_file(file_, "a scenario, such as scenarios/examples/quickstart.yaml");
    need_file(plan_, "a plan of 'partwise export DIR --to json', or your own");
    check_engine(overrides_.engine);
    const auto experiment = read_experiment(file_, overrides_);
    const auto& run = chosen(experiment);
    if (experiment.runs.size() > 1 && run_.empty())
      console.say("of " + std::to_string(experiment.runs.size()) +
                  " runs, the first: " + run.label + "; --run chooses another");
    const auto text = results::read_file(plan_);
    const auto parts = parts_with(make_parts(*run.scenario), platform_values(text));
    const auto plan = results::read_plan(text, plan_, *parts.problem);
    const auto engine = sim::make_event_engine(
        parts.problem,
        {.timeline = !timeline_.empty(), .simgrid = run.scenario->engine == Engine::simgrid});
    const auto outcome = engine->execute(plan);
    if (!outcome.infeasible.empty()) {
      console.complain("the plan cannot be executed: " + outcome.infeasible);
      return exit_code::some_failed;
    }
    const auto names = results::names_of(*parts.problem);
    if (json_)
      console.out << results::outcome_json(outcome, names);
    else
      show_outcome(outcome, plan, names, console.out);
    if (!timeline_.empty())
      results::write_file(timeline_, results::write_timeline(outcome.timeline));
    if (outcome.stall.empty()) return exit_code::done;
    console.complain(outcome.stall);
    return exit_code::some_failed;
  }

 private:
  std::vector<results::NamedValue> platform_values(const std::string& text) const {
    std::vector<results::NamedValue> values;
    for (const auto& [path, value] : results::plan_names(text, plan_).platform_values)
      values.push_back({path, value});
    return values;
  }

  const Run& chosen(const Experiment& experiment) const {
    if (run_.empty()) return experiment.runs.front();
    std::string names;
    for (const auto& run : experiment.runs) {
      if (run.label == run_ || run.id == run_) return run;
      names += "\n  " + run.id + "  " + run.label;
    }
    throw models::InputError("--run: there is no run '" + run_ + "'; there are:" + names);
  }

  std::string file_;
  std::string plan_;
  std::string timeline_;
  std::string run_;
  Overrides overrides_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_simulate() {
  return std::make_unique<Simulate>();
}

}  // namespace scenarios
