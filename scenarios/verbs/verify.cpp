#include "results/verify.h"

#include "results/json_writer.h"
#include "results/timeline_json.h"
#include "scenarios/shipped.h"
#include "scenarios/verbs/verb.h"

namespace scenarios {
namespace {

class Verify final : public Verb {
 public:
  std::vector<Option> options() override {
    return {{"TIMELINE", "", "a timeline as JSON", &file_, true},
            {"--json", "", "an object: records, violations", &json_}};
  }

  int act(const Console& console) override {
    need_file(file_, "a timeline of 'partwise export DIR --to json --what timeline'");
    const auto timeline = results::read_timeline_file(file_);
    const auto broken = results::verify(timeline);
    if (json_)
      show_json(timeline, broken, console);
    else
      show(timeline, broken, console);
    return broken.empty() ? exit_code::done : exit_code::not_as_expected;
  }

 private:
  static void show_json(const models::Timeline& timeline,
                        const std::vector<results::Violation>& broken, const Console& console) {
    results::JsonWriter json;
    json.begin_object().member("records", timeline.records.size());
    json.key("violations").begin_list();
    for (const auto& one : broken)
      json.begin_object()
          .member("rule", one.rule)
          .member("what", one.what)
          .member("where", one.where)
          .member("when", one.when)
          .end_object();
    console.out << json.end_list().end_object().text();
  }

  static void show(const models::Timeline& timeline, const std::vector<results::Violation>& broken,
                   const Console& console) {
    for (const auto& one : broken) console.out << results::to_text(one) << '\n';
    if (broken.empty())
      console.out << "all laws hold for " << timeline.records.size() << " tasks of "
                  << timeline.requests.size() << " requests\n";
  }

  std::string file_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_verify() {
  return std::make_unique<Verify>();
}

}  // namespace scenarios
