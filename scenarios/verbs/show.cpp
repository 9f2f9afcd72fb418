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
    return {{"DIR", "", "an output folder of 'partwise run'", &folder_, true},
            {"--run", "RUN", "details of this run: its id, the start of it, or its label", &run_},
            {"--curves", "", "instead: cost over effort, optimizer by optimizer, in Markdown",
             &curves_},
            {"--csv", "", "with --curves: as CSV", &csv_},
            {"--json", "", "all of it as one object", &json_}};
  }

  int act(const Console& console) override {
    if (csv_ && !curves_) throw models::InputError("show: --csv goes with --curves");
    if (curves_ && json_) throw models::InputError("show: --curves and --json exclude each other");
    const auto note = read_note(folder_);
    if (curves_) return show_curves(console.out);
    const auto depth = json_ ? results::Depth::whole : results::Depth::summary;
    const auto runs = stored_runs(folder_, depth);
    const auto& chosen = choose_run(runs, run_);
    if (json_) {
      console.out << report_json(folder_, runs, {});
      return exit_code::done;
    }
    console.out << note.name << (note.question.empty() ? "" : ": " + note.question) << "\n\n";
    show_runs(runs, console.out);
    show_details(results::read_run(results::run_file(folder_, chosen.id)), console.out);
    return exit_code::done;
  }

 private:
  int show_curves(std::ostream& out) const {
    const auto rows = curve_rows(stored_runs(folder_, results::Depth::summary));
    out << (csv_ ? results::csv(curves_table(rows)) : curves_text(rows));
    return exit_code::done;
  }

  std::string folder_;
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
