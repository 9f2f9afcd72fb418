#include "scenarios/placement_bridge.h"

#include "models/placement/as_network.h"
#include "models/placement/detail.h"
#include "scenarios/scenario.h"
#include "tests/optimizers/placement_cases.h"
#include "workspace.h"

namespace scenarios {
namespace {

using models::at;
using models::Time;
using placement_cases::problem;
using Objective = models::PlacementProblem::Objective;

std::shared_ptr<const models::Problem> as_problem(const models::PlacementProblem& made) {
  return models::make_problem(
      std::make_shared<const models::Network>(models::placement_network(made)),
      std::make_shared<const models::Platform>(models::placement_platform(made)), {},
      models::placement_choices());
}

models::Plan as_plan(const models::PlacementProblem& made, const models::Problem& general,
                     const models::Placement& placement) {
  auto plan = general.first_plan();
  for (std::size_t op = 0; op < made.sorted.size(); ++op)
    plan.device[op] = static_cast<std::uint16_t>(at(placement, made.sorted[op]));
  return plan;
}

/// What the operators of a plan take on each device by the general problem; nothing where one is
/// not supported.
std::vector<Time> compute_loads(const models::Problem& general, const models::Plan& plan) {
  std::vector<Time> loads(at(general.devices));
  for (int op = 0; op < general.operators; ++op) {
    const int device = at(plan.device, op);
    const auto duration = at(general.duration, general.cost_index(op, device, 0));
    if (duration < 0) return {};
    at(loads, device) += Time(duration);
  }
  return loads;
}

void expect_equal_loads(const models::PlacementProblem& made, const models::Problem& general) {
  models::Random random(5);
  for (int i = 0; i < 40; ++i) {
    const auto placement = placement_cases::random_placement(made, random);
    const auto loads = compute_loads(general, as_plan(made, general, placement));
    const auto fault = models::evaluate(made, placement).fault;
    const bool unsupported = fault.find("does not support") != std::string::npos;
    EXPECT_EQ(loads.empty(), unsupported) << fault;
    const auto detail = models::explain(made, placement);
    for (int d = 0; !loads.empty() && d < made.devices(); ++d)
      EXPECT_EQ(at(loads, d), at(detail.devices, d).compute);
  }
}

TEST(PlacementBridge, ComputeLoadsAreThoseOfTheExecutionModel) {
  for (const auto& recipe : placement_cases::small) {
    SCOPED_TRACE(recipe);
    const auto made = problem(recipe);
    expect_equal_loads(made, *as_problem(made));
  }
}

TEST(PlacementBridge, ScoresPlansByPlacements) {
  models::Random random(6);
  int feasible = 0;
  for (const auto objective : {Objective::throughput, Objective::latency}) {
    for (const auto& recipe : placement_cases::tiny) {
      const auto made = problem(recipe, objective);
      const auto general = as_problem(made);
      PlacementEvaluator evaluator(made);
      for (int i = 0; i < 20; ++i) {
        const auto placement = placement_cases::random_placement(made, random);
        const auto truth = models::evaluate(made, placement);
        const auto plan = as_plan(made, *general, placement);
        EXPECT_EQ(evaluator.placement(plan), placement);
        const auto score = evaluator.score(plan);
        EXPECT_EQ(score.feasible(), truth.valid) << truth.fault;
        EXPECT_EQ(score.latency_mean, truth.value);
        EXPECT_EQ(score.memory_over, truth.memory_over);
        feasible += truth.valid;
      }
    }
  }
  EXPECT_GT(feasible, 100);
}

TEST(PlacementBridge, AClassIsWhereItsFirstMemberIs) {
  const auto made = problem("shape=training,nodes=8,devices=3,seed=1");
  const auto general = as_problem(made);
  auto plan = general->first_plan();
  for (auto& device : plan.device) device = 1;
  for (std::size_t op = 0; op < made.sorted.size(); ++op)
    if (made.sorted[op] == 7) plan.device[op] = 2;  // the backward node of node 0
  EXPECT_EQ(PlacementEvaluator(made).placement(plan), models::Placement(8, 1));
}

TEST(PlacementBridge, GeneralAlgorithmsRefuseAcceleratorsForNothing) {
  const auto made = problem("shape=chain,nodes=4,devices=1,cpus=1,unsupported=1,seed=1");
  EXPECT_EQ(general_refusal({made}),
            "no class of nodes can run on an accelerator, and it takes no device for nothing; say "
            "--devices 0, or use 'portfolio'");
  EXPECT_EQ(general_refusal({problem("shape=chain,nodes=4,devices=0,cpus=1,unsupported=1,seed=1")}),
            "");
}

TEST(PlacementBridge, GeneralAlgorithmsAnswerHonestly) {
  for (const std::string algorithm : {"annealing", "genetic", "heft", "multilevel", "greedy"}) {
    for (const auto& recipe : placement_cases::tiny) {
      SCOPED_TRACE(algorithm + ": " + recipe);
      const auto made = problem(recipe);
      optimizers::PlacementTask task{made};
      task.budget = 300;
      const auto answer = solve_by_general(algorithm, task);
      if (!answer.found()) continue;
      const auto score = models::evaluate(made, answer.placement);
      EXPECT_TRUE(score.valid) << score.fault;
      EXPECT_EQ(score.value, answer.value);
      EXPECT_GE(answer.value, placement_cases::optimum(made));
      EXPECT_LE(answer.effort, 300);
    }
  }
}

class PlacementScenario : public Workspace {};

TEST_F(PlacementScenario, ReadsBackAsTheSameProblem) {
  for (const auto objective : {Objective::throughput, Objective::latency}) {
    const auto made = problem(placement_cases::small[1], objective);
    write_placement_scenario(made, folder_, "genetic");
    const auto experiment = read_experiment(folder_ / "scenario.yaml");
    ASSERT_EQ(experiment.runs.size(), 1u);
    EXPECT_EQ(experiment.runs[0].scenario->optimizer.name, "genetic");
    const auto parts = make_parts(*experiment.runs[0].scenario);
    expect_equal_loads(made, *parts.problem);
    EXPECT_EQ(parts.problem->bytes, as_problem(made)->bytes);
  }
}

TEST_F(PlacementScenario, IsFitToRun) {
  const auto file = path("made.json");
  ASSERT_EQ(partwise({"place", "--generate", "shape=training,nodes=20,unsupported=0.1,seed=2",
                      "--output", file})
                .code,
            0);
  const auto written = partwise({"place", file, "--write-scenario", path("as")});
  EXPECT_EQ(written.code, 0);
  EXPECT_EQ(written.out, path("as/scenario.yaml") + "\n");
  EXPECT_EQ(written.err,
            "an execution counts otherwise: links beside the accelerators pay for moving, once per "
            "reading device; accelerators also hold tensors, for which they have room; colour "
            "classes may be apart\n");
  const auto checked = partwise({"check", path("as/scenario.yaml")});
  EXPECT_EQ(checked.code, 0) << checked.err;
  const auto simulated = partwise({"run", path("as/scenario.yaml"), "--out", path("out"), "--set",
                                   "optimizer.budget=200", "-j", "1"});
  EXPECT_EQ(simulated.code, 0) << simulated.err;
}

class PlacementTable : public Workspace {};

TEST_F(PlacementTable, HasALinePerGraphAndAlgorithm) {
  std::filesystem::create_directories(folder_ / "latency");
  for (const std::string name : {"a.json", "latency/b.json"})
    ASSERT_EQ(
        partwise({"place", "--generate", "nodes=12,devices=2,seed=3", "--output", path(name)}).code,
        0);
  const auto table = partwise(
      {"place", folder_, "--compare", "--algorithms", "greedy,genetic", "--budget", "200"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_EQ(std::count(table.out.begin(), table.out.end(), '\n'), 2 + 4);
  EXPECT_EQ(table.out.find("| graph | asked for | algorithm | value, ms | bound, ms | gap |"), 0u);
  EXPECT_NE(table.out.find("latency/b | latency | genetic | "), std::string::npos) << table.out;
  EXPECT_NE(table.out.find("/a | throughput | greedy | "), std::string::npos) << table.out;
  const auto json = partwise({"place", path("a.json"), "--compare", "--algorithms", "greedy",
                              "--budget", "200", "--json"});
  EXPECT_NE(json.out.find("\"kind\": \"throughput\", \"algorithm\": \"greedy\""), std::string::npos)
      << json.out;
}

TEST_F(PlacementTable, RefusesWhatItCannotCompare) {
  const auto said = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "place");
    const auto answer = partwise(arguments);
    EXPECT_EQ(answer.code, 2);
    return answer.err;
  };
  EXPECT_EQ(said({folder_, "--compare"}),
            "partwise: " + folder_.string() + ": there is no .json file below it\n");
  EXPECT_EQ(said({"no.json", "--compare"}),
            "partwise: there is no file 'no.json'; give a graph of nodes with given times, as "
            "JSON\n");
  EXPECT_EQ(said({"a.json", "b.json"}),
            "partwise: place: 'b.json' is one graph too many without --compare\n");
  EXPECT_EQ(said({"a.json", "--algorithms", "greedy"}),
            "partwise: place: --algorithms goes with --compare\n");
}

}  // namespace
}  // namespace scenarios
