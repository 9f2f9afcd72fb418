#include <filesystem>

#include "models/error.h"
#include "results/csv.h"
#include "scenarios/folder.h"
#include "scenarios/verbs/curves.h"
#include "scenarios/verbs/report.h"
#include "scenarios/verbs/verb.h"

namespace scenarios {
namespace {

class Show final : public Verb {
 public:
  std::vector<Option> options() override {
    return {
        {"PATH", "", "an output folder of 'partwise run', or one result file of it", &path_, true},
        {"--run", "RUN", "details of this run: its id, the start of it, or its label", &run_},
        {"--curves", "", "instead: cost over effort, optimizer by optimizer, in Markdown",
         &curves_},
        {"--csv", "", "with --curves: as CSV", &csv_},
        {"--json", "", "all of it as one object", &json_}};
  }

  int act(const Console& console) override {
    if (csv_ && !curves_) throw models::InputError("show: --csv goes with --curves");
    if (curves_ && json_) throw models::InputError("show: --curves and --json exclude each other");
    const auto runs = read_runs(json_ ? results::Depth::whole : results::Depth::summary);
    if (curves_) return show_curves(runs, console.out);
    const auto& chosen = choose_run(runs, run_);
    if (json_) {
      console.out << report_json(path_, runs, {});
      return exit_code::done;
    }
    console.out << title(runs) << "\n\n";
    show_runs(runs, console.out);
    show_details(
        results::read_run(is_file() ? path_ : results::run_file(path_, chosen.id).string()),
        console.out);
    return exit_code::done;
  }

 private:
  bool is_file() const { return std::filesystem::is_regular_file(path_); }

  std::vector<results::RunFile> read_runs(results::Depth depth) const {
    if (!is_file()) return stored_runs(path_, depth);
    return {results::read_run(path_, depth)};
  }

  std::string title(const std::vector<results::RunFile>& runs) const {
    if (is_file()) return runs.front().scenario_name;
    const auto note = read_note(path_);
    return note.name + (note.question.empty() ? "" : ": " + note.question);
  }

  int show_curves(const std::vector<results::RunFile>& runs, std::ostream& out) const {
    const auto rows = curve_rows(runs);
    out << (csv_ ? results::csv(curves_table(rows)) : curves_text(rows));
    return exit_code::done;
  }

  std::string path_;
  std::string run_;
  bool curves_ = false;
  bool csv_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_show() {
  return std::make_unique<Show>();
}

}  // namespace scenarios
