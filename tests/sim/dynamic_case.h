#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/problem.h"
#include "tests/sim/random_case.h"

/// Small random problems in which anything may happen: several networks, batches, priorities,
/// limits, events, failures. Everything is made from named parts, so that a case can be renumbered,
/// made smaller, and written as a scenario.
namespace dynamic_case {

/// A network as it is made, all of vectors: what to leave out of it is easy to say.
struct NetworkPlan {
  struct Step {
    std::string name;
    std::string type;        ///< "Relu", "Identity", "Scale" (by a weight) or "Join"
    std::vector<int> reads;  ///< inputs first, then the steps in order
    bool is_output = false;  ///< also where others read it
  };
  std::string name;
  std::vector<std::int64_t> inputs;  ///< elements
  std::vector<Step> steps;
  models::Workload workload;
  std::int64_t priority = 0;
  models::Time deadline{};
};

struct Case {
  std::uint64_t seed = 0;
  std::vector<NetworkPlan> networks;
  models::Platform platform;
  models::Choices choices;
  std::vector<models::Event> events;
  std::shared_ptr<const models::Problem> problem;
  models::Plan plan;
};

/// The same for the same seed, on every machine.
Case make(std::uint64_t seed, random_case::Wanted::Links links,
          models::Plan::Discipline discipline);

/// Compiles the parts, and draws the plan from names: renumbered parts have the same plan.
void compile(Case& what);

/// The same case with operators, devices and links in another order.
Case renumbered(const Case& from, models::Random& random);

/// A smaller case that still fails: fewer networks, requests, operators and events, no limits.
Case shrunk(Case from, const std::function<bool(const Case&)>& fails);

/// Writes scenario.yaml, plan.json and the networks into a folder. To run it:
/// partwise simulate scenario.yaml --plan plan.json.
void write(const Case& what, const std::filesystem::path& folder);

}  // namespace dynamic_case
