#include "scenarios/scenario.h"

#include <algorithm>
#include <array>

#include "scenarios/described.h"
#include "scenarios/schema.h"
#include "scenarios/writer.h"

namespace scenarios {

using models::About;
using models::Visitor;

namespace {

constexpr std::array<std::string_view, 2> engine_words = {"fast", "simgrid"};

bool is_folder_name(std::string_view name) {
  const auto fits = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' || letter == '.';
  };
  return !name.empty() && name.size() <= 100 && name.front() != '.' &&
         std::ranges::all_of(name, fits);
}

void describe_texts(Scenario& scenario, Visitor& v) {
  v.visit(
      "name", scenario.name,
      {.meaning = "what results are stored under; standard: the file's name", .optional = true});
  if (!is_folder_name(scenario.name))
    v.refuse("name",
             "'" + scenario.name + "' cannot name a folder; use letters, digits, '_', '-' and '.'");
  v.visit("question", scenario.question,
          {.meaning = "what the user wants to know", .optional = true});
}

}  // namespace

void describe(Scenario& scenario, Visitor& v) {
  describe_texts(scenario, v);
  describe_networks(scenario, v);
  v.group("platform", true, {.meaning = "devices and links; usually 'include: ...'"},
          [&](Visitor& inner, std::size_t) { describe(scenario.platform, inner); });
  describe_only_workload(scenario, v);
  describe_events(scenario, v);
  describe_choices(scenario.choices, v);
  describe_objectives(scenario.goal, v);
  describe_limits(scenario.goal, v);
  describe_penalties(scenario.goal, v);
  v.group("optimizer", true, {.meaning = "the search", .optional = true},
          [&](Visitor& inner, std::size_t) { describe(scenario.optimizer, inner); });
  v.visit("finalists", scenario.finalists,
          {.meaning = "how many of the best plans are simulated in full; standard: 1",
           .low = 1,
           .high = 1000,
           .optional = true});
  v.visit("timeline", scenario.timeline,
          {.meaning = "whether the events of the finalists are stored; standard: true",
           .optional = true});
  int engine = static_cast<int>(scenario.engine);
  v.choice("engine", engine, engine_words,
           {.meaning = "what simulates plans in full: ours, or SimGrid (slower); standard: fast",
            .optional = true});
  scenario.engine = static_cast<Engine>(engine);
}

std::string to_json(const Scenario& scenario) {
  Value value;
  Writer writer(value);
  auto copy = scenario;
  describe(copy, writer);
  if (scenario.codesign) value.entries.push_back({"codesign", {}, to_value(*scenario.codesign)});
  return to_json(value);
}

std::string fingerprint(const Scenario& scenario) {
  return hash_of(to_json(scenario));
}

void check_engine(std::string_view name) {
  if (name.empty() || std::ranges::find(engine_words, name) != engine_words.end()) return;
  throw models::InputError("--engine: '" + std::string(name) +
                           "' is no engine; there are 'fast' and 'simgrid'");
}

namespace {

constexpr std::string_view variables_schema = R"("type":"array","items":{"type":"object",
"properties":{"path":{"type":"string"},"values":{"type":"array"},"presets":{"type":"array",
"items":{"type":"object"}},"from":{"type":["string","number"]},"to":{"type":["string","number"]},
"steps":{"type":"integer","minimum":2},"scale":{"enum":["linear","log"]},
"together":{"type":"array","items":{"type":"object"}}},"additionalProperties":false})";

constexpr std::string_view claim_schema = R"("type":"array","items":{"type":"object",
"additionalProperties":false,"properties":{"metric":{"type":"string"},"where":{"type":"object"},
"at_least":{"type":["string","number"]},"at_most":{"type":["string","number"]},
"equals":{"type":["string","number"]},"within":{"type":["string","number"]},
"compared_to":{"type":"object"},"feasible":{"type":"boolean"}}})";

}  // namespace

std::string scenario_schema() {
  Scenario scratch;
  scratch.goal.objectives.resize(models::metric_count);
  scratch.goal.limits.resize(models::metric_count);
  scratch.goal.penalties.resize(models::metric_count);
  for (std::size_t i = 0; i < static_cast<std::size_t>(models::metric_count); ++i) {
    scratch.goal.objectives[i].metric = scratch.goal.limits[i].metric =
        scratch.goal.penalties[i].metric = static_cast<models::Metric>(i);
    scratch.goal.objectives[i].epsilon = 0.01;
  }
  SchemaWriter writer;
  describe(scratch, writer);
  Codesign codesign;
  SchemaWriter inner;
  describe(codesign, inner);
  inner.add("variables", {.meaning = "paths below 'platform' and the values each may have"},
            std::string(variables_schema));
  writer.add("codesign",
             {.meaning = "what is searched of the platform beside the plan", .optional = true},
             inner.body());
  writer.add("sweep",
             {.meaning = "dotted paths and the values each takes in turn", .optional = true},
             R"("type":"object")");
  writer.add("seeds", {.meaning = "of the optimizer: a list, or how many", .optional = true},
             R"("type":["array","integer"])");
  writer.add("expect", {.meaning = "claims on the answer", .optional = true},
             std::string(claim_schema));
  return R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Partwise scenario",)" +
         writer.body() + "}";
}

}  // namespace scenarios
