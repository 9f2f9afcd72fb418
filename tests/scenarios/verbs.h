#pragma once

#include <string>
#include <vector>

#include "results/json_document.h"
#include "scenarios/folder.h"
#include "tests/scenarios/workspace.h"

namespace scenarios {

/// Values of a JSON object by key; it is an error when one is missing.
class Json {
 public:
  explicit Json(const std::string& text) : text_(text), document_(text_, "output") {}

  const results::JsonValue& at(const std::string& key) const {
    return results::JsonKeys(document_, document_.root(), "output").need(key);
  }
  std::int64_t whole(const std::string& key) const { return document_.whole(at(key), key); }
  std::string text(const std::string& key) const { return document_.text(at(key), key); }
  std::size_t size(const std::string& key) const { return document_.list(at(key), key).size(); }
  const results::JsonDocument& document() const { return document_; }

 private:
  std::string text_;
  results::JsonDocument document_;
};

/// Runs of the small question, by the command line.
class Verbs : public Workspace {
 protected:
  Spoken run(const std::string& more = "", std::vector<std::string> options = {}) const {
    std::vector<std::string> arguments = {"run", scenario(more), "--out", path("out")};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return partwise(arguments);
  }
  std::vector<results::RunFile> stored() const {
    return stored_runs(path("out"), results::Depth::whole);
  }
  static constexpr const char* two_runs = "sweep: {platform.links.d2d.lanes: [2, 8]}\n";
};

}  // namespace scenarios
