// Every shipped scenario, searched for a moment: what its best plan does must be the same under
// every compiler and instruction set, and from one version to the next unless a change was meant.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "scenarios/platforms.h"
#include "scenarios/scenario.h"
#include "scenarios/study.h"
#include "sim/event_engine.h"
#include "sim/lane_replay.h"

namespace scenarios {
namespace {

const std::filesystem::path golden = "tests/golden/fingerprints.txt";

std::string key_of(const Run& run, const std::string& file) {
  return file + (run.label.empty() ? "" : " " + run.label) + " seed " + std::to_string(run.seed);
}

/// Of the best of a few plans; enough to draw on everything that could differ.
std::string fingerprint(const Run& run) {
  auto parts = make_parts(*run.scenario);
  set_scales(parts.goal, parts.problem);
  const auto evaluator = make_evaluator(parts);
  Search search(run, parts, *evaluator);
  while (search.step()) continue;
  const auto& plan = search.archive().best()->plan;
  const auto problem = parts_at(parts, plan.platform).problem;
  const auto outcome = sim::make_event_engine(problem)->execute(plan);
  return outcome.infeasible.empty() ? outcome.fingerprint : "infeasible";
}

std::map<std::string, std::string> found() {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("scenarios/examples"))
    if (entry.path().extension() == ".yaml") files.insert(entry.path());
  std::map<std::string, std::string> all;
  for (const auto& file : files) {
    Overrides brief;
    brief.set = {"optimizer.budget=60"};
    const auto experiment = read_experiment(file, brief);
    for (const auto& run : experiment.runs)
      all[key_of(run, file.stem().string())] = fingerprint(run);
  }
  return all;
}

std::map<std::string, std::string> recorded() {
  std::map<std::string, std::string> all;
  std::ifstream in(golden);
  for (std::string print, key; in >> print >> std::ws && std::getline(in, key);) all[key] = print;
  return all;
}

/// PARTWISE_GOLDEN=write writes them anew.
TEST(Fingerprints, OfShippedScenariosAreThoseOnRecord) {
  const auto now = found();
  if (const char* wish = std::getenv("PARTWISE_GOLDEN"); wish && std::string(wish) == "write") {
    std::ofstream out(golden);
    for (const auto& [key, print] : now) out << print << "  " << key << '\n';
    return;
  }
  EXPECT_GE(now.size(), 10u);
  EXPECT_EQ(now, recorded());
}

TEST(Fingerprints, AreTheSameWithEveryVectorCode) {
  for (const auto target : sim::vector_targets()) {
    sim::use_vector_target(target);
    EXPECT_EQ(found(), recorded()) << target;
  }
  sim::use_vector_target("");
}

}  // namespace
}  // namespace scenarios
