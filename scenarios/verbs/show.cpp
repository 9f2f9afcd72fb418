#include "scenarios/folder.h"
#include "scenarios/verbs/report.h"
#include "scenarios/verbs/verb.h"

namespace scenarios {
namespace {

class Show final : public Verb {
 public:
  std::vector<Option> options() override {
    return {{"DIR", "", "an output folder of 'partwise run'", &folder_, true},
            {"--run", "RUN", "details of this run: its id, the start of it, or its label", &run_},
            {"--json", "", "all of it as one object", &json_}};
  }

  int act(const Console& console) override {
    const auto note = read_note(folder_);
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
  std::string folder_;
  std::string run_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_show() {
  return std::make_unique<Show>();
}

}  // namespace scenarios
