#include <array>

#include "models/error.h"
#include "results/csv.h"
#include "results/outcome_json.h"
#include "results/output.h"
#include "results/perfetto.h"
#include "results/timeline_json.h"
#include "scenarios/folder.h"
#include "scenarios/value.h"
#include "scenarios/verbs/verb.h"

namespace scenarios {

using models::InputError;
using results::RunFile;

namespace {

/// What is asked for: the runs of the folder, and one of them, read whole.
struct Source {
  const std::vector<RunFile>& runs;
  const RunFile& run;
};

/// The best plan. Throws InputError when there is none, or when it was not simulated.
const results::StoredPlan& best_of(const RunFile& run, bool simulated) {
  const auto* best = run.best_plan();
  if (best == nullptr) throw InputError("run " + run.id + " found no plan at all");
  if (simulated && !best->simulated)
    throw InputError("the best plan of run " + run.id +
                     " cannot be executed: " + best->outcome.infeasible);
  return *best;
}

const models::Timeline& timeline_of(const RunFile& run) {
  const auto& timeline = best_of(run, true).outcome.timeline;
  if (timeline.records.empty())
    throw InputError("run " + run.id + " was stored without a timeline; set 'timeline: true'");
  return timeline;
}

/// One row per thing that can be written in a format; the first row of a format is its standard.
struct Form {
  std::string_view format;
  std::string_view what;
  std::string (*text)(const Source&);
};

constexpr std::array<Form, 8> forms = {{
    {"json", "plan", [](const Source& s) { return best_of(s.run, false).json; }},
    {"json", "timeline",
     [](const Source& s) { return results::write_timeline(timeline_of(s.run)); }},
    {"json", "outcome",
     [](const Source& s) {
       return results::outcome_json(best_of(s.run, true).outcome, s.run.names);
     }},
    {"json", "run", [](const Source& s) { return results::run_json(s.run); }},
    {"csv", "runs", [](const Source& s) { return results::csv(results::runs_table(s.runs)); }},
    {"csv", "plans", [](const Source& s) { return results::csv(results::plans_table(s.run)); }},
    {"csv", "timeline",
     [](const Source& s) { return results::csv(results::timeline_table(timeline_of(s.run))); }},
    {"perfetto", "timeline",
     [](const Source& s) { return results::perfetto_json(timeline_of(s.run)); }},
}};

const Form& find_form(const std::string& format, const std::string& what) {
  std::vector<std::string> formats, contents;
  for (const auto& form : forms) {
    formats.emplace_back(form.format);
    if (form.format != format) continue;
    if (what.empty() || form.what == what) return form;
    contents.emplace_back(form.what);
  }
  if (contents.empty())
    throw InputError("--to: there is no format '" + format + "'" + suggestion(format, formats) +
                     " (there are json, csv, perfetto)");
  std::string all;
  for (const auto& one : contents) all += (all.empty() ? "" : ", ") + one;
  throw InputError("--what: '" + what + "' does not go to " + format + suggestion(what, contents) +
                   " (there are " + all + ")");
}

class Export final : public Verb {
 public:
  std::vector<Option> options() override {
    return {
        {"DIR", "", "an output folder of 'partwise run'", &folder_, true},
        {"--to", "FORMAT", "json, csv or perfetto", &format_, true},
        {"--what", "WHAT", "what to write, see below", &what_},
        {"--run", "RUN", "id, start of it, or label; standard: the run with the best plan", &run_},
        {"--output", "FILE", "where to; standard: the terminal", &file_}};
  }

  int act(const Console& console) override {
    const auto& form = find_form(format_, what_);
    const auto runs = stored_runs(folder_);
    const auto& chosen = choose_run(runs, run_);
    if (runs.size() > 1 && run_.empty() && form.what != "runs")
      console.say("run " + chosen.id + " (" + chosen.label +
                  ") has the best plan; --run chooses another");
    const auto whole = results::read_run(results::run_file(folder_, chosen.id));
    const auto text = form.text({runs, whole});
    if (file_.empty())
      console.out << text;
    else
      results::write_file(file_, text);
    return exit_code::done;
  }

 private:
  std::string folder_;
  std::string format_;
  std::string what_;
  std::string run_;
  std::string file_;
};

}  // namespace

std::unique_ptr<Verb> make_export() {
  return std::make_unique<Export>();
}

}  // namespace scenarios
