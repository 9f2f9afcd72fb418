#include "models/network/onnx.h"
#include "results/json_writer.h"
#include "scenarios/scenario.h"
#include "scenarios/shipped.h"
#include "scenarios/verbs/verb.h"

namespace scenarios {
namespace {

std::vector<models::InputError> faults_of_network(const std::string& file) {
  try {
    std::vector<models::InputError> found;
    for (const auto& op : models::read_onnx(file).operators)
      if (op.costing == models::Costing::not_costed)
        found.emplace_back(file + ": " + op.type + " '" + op.name +
                           "' cannot be costed: " + op.reason);
    return found;
  } catch (const models::InputError& error) {
    return {error};
  }
}

class Check final : public Verb {
 public:
  std::vector<Option> options() override {
    return {{"FILE...", "", "scenarios, platforms (.yaml) and networks (.onnx)", &files_, true},
            {"--json", "", "one object per file: file, faults", &json_}};
  }

  int act(const Console& console) override {
    for (const auto& file : files_) need_file(file, "a scenario, a platform file or an ONNX file");
    bool fine = true;
    results::JsonWriter json;
    json.begin_list();
    for (const auto& file : files_) {
      const auto found = file.ends_with(".onnx") ? faults_of_network(file) : faults(file);
      fine = fine && found.empty();
      json.begin_object().member("file", file).key("faults").begin_list();
      for (const auto& fault : found) {
        json.value(fault.what());
        if (!json_) console.out << fault.what() << '\n';
      }
      json.end_list().end_object();
      if (!json_ && found.empty()) console.out << file << ": no faults\n";
    }
    json.end_list();
    if (json_) console.out << json.text();
    return fine ? exit_code::done : exit_code::invalid;
  }

 private:
  std::vector<std::string> files_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_check() {
  return std::make_unique<Check>();
}

}  // namespace scenarios
