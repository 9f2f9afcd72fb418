#include "scenarios/folder.h"

#include <algorithm>
#include <tuple>

#include "models/version.h"
#include "results/json_document.h"
#include "results/json_writer.h"
#include "results/output.h"
#include "scenarios/section.h"
#include "scenarios/yaml.h"

namespace scenarios {

namespace fs = std::filesystem;
using models::InputError;

namespace {

fs::path note_file(const fs::path& folder) {
  return folder / "experiment.json";
}

bool is_new(const fs::path& folder) {
  if (!fs::exists(folder)) return true;
  // The note is written beside and renamed: another process may be about to.
  const auto is_unfinished_note = [](const fs::directory_entry& entry) {
    return entry.path().filename().string().starts_with(".experiment.json.");
  };
  return fs::is_directory(folder) &&
         std::all_of(fs::directory_iterator(folder), fs::directory_iterator(), is_unfinished_note);
}

std::string note_text(const FolderNote& note, const std::string& text) {
  results::JsonWriter json;
  json.begin_object()
      .member("scenario", note.name)
      .member("question", note.question)
      .member("file", note.file.string())
      .member("fingerprint", note.fingerprint)
      .member("version", models::version())
      .member("commit", models::commit())
      .key("runs")
      .values(note.ids)
      .key("text")
      .raw(text)
      .end_object();
  return json.text();
}

FolderNote parsed_note(const std::string& text, const std::string& file) {
  try {
    const results::JsonDocument document(text, file);
    results::JsonKeys keys(document, document.root(), "the note");
    const auto word = [&](const std::string& key) { return document.text(keys.need(key), key); };
    FolderNote note{word("scenario"), word("question"), word("file"), word("fingerprint"), {}};
    for (const auto& id : document.list(keys.need("runs"), "runs"))
      note.ids.push_back(document.text(id, "runs"));
    return note;
  } catch (const InputError& error) {
    throw InputError(std::string(error.what()) +
                     "; the folder is damaged: run the scenario again with another --out");
  }
}

/// Throws InputError when the folder belongs to something else.
std::vector<std::string> ids_there(const fs::path& folder, const Experiment& experiment) {
  const std::string remedy = "; choose another with --out, or remove it";
  if (is_new(folder)) return {};
  if (!fs::is_directory(folder))
    throw InputError("'" + folder.string() + "' is a file, not a folder" + remedy);
  if (!fs::exists(note_file(folder)))
    throw InputError("the folder '" + folder.string() + "' holds something else than results" +
                     remedy);
  const auto note = read_note(folder);
  if (note.fingerprint == experiment.fingerprint) return note.ids;
  if (results::run_files(folder).empty()) return {};
  const bool same_name = note.name == experiment.name;
  throw InputError("the folder '" + folder.string() + "' holds results of " +
                   (same_name ? "an earlier version of '" + note.name + "'"
                              : "another scenario, '" + note.name + "'") +
                   " (" + note.file.string() + ")" + remedy);
}

}  // namespace

FolderNote read_note(const fs::path& folder) {
  if (!fs::is_directory(folder))
    throw InputError("there is no folder '" + folder.string() +
                     "'; give one that 'partwise run' wrote, such as out/quickstart");
  const auto file = note_file(folder);
  if (!fs::exists(file))
    throw InputError("the folder '" + folder.string() +
                     "' holds no results; give one that 'partwise run' wrote");
  const auto text = results::read_file(file);
  return parsed_note(text, file.string());
}

void claim_folder(const fs::path& folder, const Experiment& experiment) {
  FolderNote note{experiment.name,
                  experiment.question,
                  fs::absolute(experiment.file),
                  experiment.fingerprint,
                  {}};
  for (const auto& run : experiment.runs) note.ids.push_back(run.id);
  for (const auto& id : ids_there(folder, experiment))
    if (std::ranges::find(note.ids, id) == note.ids.end()) note.ids.push_back(id);
  results::write_file(note_file(folder), note_text(note, experiment.text));
}

std::vector<results::RunFile> stored_runs(const fs::path& folder, results::Depth depth) {
  const auto note = read_note(folder);
  std::vector<results::RunFile> runs;
  for (const auto& id : note.ids)
    if (const auto file = results::run_file(folder, id); fs::exists(file))
      runs.push_back(results::read_run(file, depth));
  if (runs.empty())
    throw InputError("the folder '" + folder.string() +
                     "' holds no finished run yet; 'partwise run " + note.file.string() +
                     " --out " + folder.string() + "' makes them");
  return runs;
}

const results::RunFile& best_run(const std::vector<results::RunFile>& runs) {
  const auto& goal = runs.front().goal;
  const auto rank = [&](const results::RunFile& run) {
    const auto* best = run.best_plan();
    return std::tuple(best == nullptr, best ? best->violation : 0,
                      best ? goal.cost(best->score) : 0);
  };
  return *std::ranges::min_element(runs,
                                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

const results::RunFile& choose_run(const std::vector<results::RunFile>& runs,
                                   const std::string& wanted) {
  if (wanted.empty()) return best_run(runs);
  const results::RunFile* found = nullptr;
  std::string names;
  for (const auto& run : runs) {
    names += "\n  " + run.id + "  " + run.label;
    if (run.id == wanted || run.label == wanted) return run;
    if (!run.id.starts_with(wanted)) continue;
    if (found != nullptr) throw InputError("--run: several runs start with '" + wanted + "'");
    found = &run;
  }
  if (found == nullptr)
    throw InputError("--run: there is no run '" + wanted + "'; there are:" + names);
  return *found;
}

Scenario stored_scenario(const results::RunFile& run, const fs::path& folder) {
  auto value = parse_yaml(run.scenario_text, "the scenario of run " + run.id);
  Faults faults;
  Scenario scenario;
  if (value.find("codesign")) scenario.codesign = read_codesign(value.take("codesign"), faults);
  read(value, scenario, faults);
  throw_first(faults);
  scenario.folder = folder;
  return scenario;
}

}  // namespace scenarios
