#include "scenarios/placement_bridge.h"

#include <algorithm>

#include "models/index.h"
#include "models/network/onnx.h"
#include "models/placement/as_network.h"
#include "models/placement/detail.h"
#include "optimizers/optimizer.h"
#include "results/output.h"
#include "scenarios/scenario.h"

namespace scenarios {
namespace {

using models::at;
using models::PlacementProblem;
using models::Score;
using optimizers::PlacementAnswer;
using optimizers::PlacementTask;

std::shared_ptr<const models::Problem> as_problem(const PlacementProblem& problem) {
  return models::make_problem(
      std::make_shared<const models::Network>(models::placement_network(problem)),
      std::make_shared<const models::Platform>(models::placement_platform(problem)),
      models::Workload{}, models::placement_choices());
}

models::Plan as_plan(const PlacementProblem& problem, const models::Problem& general,
                     const models::Placement& placement) {
  auto plan = general.first_plan();
  for (std::size_t op = 0; op < problem.sorted.size(); ++op)
    plan.device[op] = static_cast<std::uint16_t>(at(placement, problem.sorted[op]));
  return plan;
}

models::Goal goal_of(const models::Score& reference) {
  models::Goal goal;
  goal.objectives = {{models::Metric::latency_mean, 1, 1}};
  goal.normalise(reference);
  return goal;
}

/// Classes go together: one member that cannot run there keeps all away.
bool needs_no_accelerator(const PlacementProblem& problem) {
  for (int group = 0; group < problem.groups(); ++group)
    if (std::ranges::all_of(problem.members(group),
                            [&](int n) { return at(problem.nodes, n).on_accelerator; }))
      return false;
  return problem.accelerators > 0;
}

}  // namespace

PlacementEvaluator::PlacementEvaluator(const PlacementProblem& problem)
    : problem_(problem), operator_of_(at(problem.size())) {
  std::vector<int> position(at(problem.size()));
  for (std::size_t op = 0; op < problem.sorted.size(); ++op)
    at(position, problem.sorted[op]) = static_cast<int>(op);
  for (int n = 0; n < problem.size(); ++n)
    at(operator_of_, n) = at(position, problem.members(at(problem.group_of, n)).front());
}

models::Placement PlacementEvaluator::placement(const models::Plan& plan) const {
  models::Placement placement(operator_of_.size());
  for (std::size_t n = 0; n < placement.size(); ++n)
    placement[n] = at(plan.device, operator_of_[n]);
  return placement;
}

Score PlacementEvaluator::score(const models::Plan& plan) {
  const auto found = models::evaluate(problem_, placement(plan));
  Score score;
  score.memory_over = found.memory_over;
  score.unfinished = found.valid || found.memory_over > 0 ? 0 : 1;
  score.latency_mean = score.latency_p50 = score.latency_p95 = score.latency_p99 = score.makespan =
      score.period_bound = found.value;
  score.period_seconds = models::seconds(found.value);
  if (!found.load.empty()) {
    const auto most = std::max_element(found.load.begin(), found.load.end());
    score.bottleneck = {models::Resource::Kind::device,
                        static_cast<int>(most - found.load.begin())};
  }
  return score;
}

void PlacementEvaluator::score(const models::Batch& batch, std::span<Score> scores) {
  std::vector<models::Plan> bases;
  for (const auto* base : batch.bases) bases.push_back(*base);
  std::vector<models::Change> undo;
  for (std::size_t i = 0; i < batch.trials.size(); ++i) {
    const auto& trial = batch.trials[i];
    auto& plan = at(bases, trial.base);
    undo.clear();
    for (int c = trial.first_change; c < trial.end_change; ++c)
      undo.push_back(models::apply(plan, at(batch.changes, c)));
    scores[i] = score(plan);
    for (; !undo.empty(); undo.pop_back()) models::apply(plan, undo.back());
  }
}

std::string general_refusal(const PlacementTask& task) {
  if (task.contiguous) return "it knows no contiguous placements";
  if (task.problem.devices() > 60000) return "there are too many devices";
  if (needs_no_accelerator(task.problem))
    return "no class of nodes can run on an accelerator, and it takes no device for nothing; say "
           "--devices 0, or use 'portfolio'";
  return {};
}

namespace {

/// Adds what one search of a general algorithm finds to the answer.
void search_once(const std::string& algorithm, const optimizers::Task& asked,
                 PlacementEvaluator& evaluator, const PlacementTask& task,
                 PlacementAnswer& answer) {
  const auto optimizer = optimizers::make(algorithm, asked);
  models::Batch batch;
  std::vector<Score> scores;
  for (optimizer->ask(batch); !batch.trials.empty(); optimizer->ask(batch)) {
    scores.resize(batch.trials.size());
    evaluator.score(batch, scores);
    answer.effort += static_cast<std::int64_t>(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (!scores[i].feasible() || (answer.found() && scores[i].latency_mean >= answer.value))
        continue;
      answer.value = scores[i].latency_mean;
      answer.placement = evaluator.placement(batch.plan(i));
      task.improved(answer);
    }
    if (task.stop()) return;
    optimizer->tell(batch, scores);
  }
}

}  // namespace

PlacementAnswer solve_by_general(const std::string& algorithm, const PlacementTask& task) {
  const auto& problem = task.problem;
  const auto general = as_problem(problem);
  PlacementEvaluator evaluator(problem);
  const auto goal = goal_of(evaluator.score(general->first_plan()));
  optimizers::Task asked{*general, goal, task.seed, task.budget};
  asked.stop = task.stop;
  for (const auto& start : task.start) asked.start.push_back(as_plan(problem, *general, start));

  PlacementAnswer answer;
  answer.lower_bound = task.known_bound;
  // Many algorithms plan by their budget, as annealing does its cooling. Where there is none but
  // the clock, searches of growing budgets follow each other, each from the best so far.
  constexpr std::int64_t first_budget = 20'000;
  const bool has_budget = task.budget != PlacementTask{problem}.budget;
  for (asked.budget = has_budget ? task.budget : first_budget;; asked.budget *= 2, ++asked.seed) {
    const auto before = answer.effort;
    search_once(algorithm, asked, evaluator, task, answer);
    const bool ended = answer.effort - before < asked.budget;  // it has nothing more to try
    if (has_budget || ended || task.stop()) return answer;
    if (answer.found()) asked.start = {as_plan(problem, *general, answer.placement)};
  }
}

void write_placement_scenario(const PlacementProblem& problem, const std::filesystem::path& folder,
                              const std::string& algorithm) {
  std::filesystem::create_directories(folder);
  models::write_onnx(models::placement_network(problem), folder / "network.onnx");
  Scenario scenario;
  scenario.name = "placement";
  scenario.question = "which node runs where?";
  scenario.networks.front().network.file = "network.onnx";
  scenario.networks.front().network.unknown_by_bandwidth = true;
  if (problem.cpus > 0)
    scenario.networks.front().workload.source = device_name(problem, problem.accelerators);
  scenario.platform = models::placement_platform(problem);
  scenario.choices = models::placement_choices();
  const bool latency = problem.objective == PlacementProblem::Objective::latency;
  scenario.goal.objectives = {
      {latency ? models::Metric::latency_mean : models::Metric::period_bound, 1, 1}};
  const auto rows = optimizers::catalogue();
  if (std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.name == algorithm; }))
    scenario.optimizer.name = algorithm;
  scenario.folder = folder;
  results::write_file(folder / "scenario.yaml", to_json(scenario) + "\n");
}

std::string placement_scenario_note(const PlacementProblem& problem) {
  std::string text =
      "an execution counts otherwise: links beside the accelerators pay for moving, once per "
      "reading device; accelerators also hold tensors, for which they have room";
  if (problem.objective == PlacementProblem::Objective::latency)
    text += "; nodes of an accelerator run one by one as they become ready";
  if (problem.groups() < problem.size()) text += "; colour classes may be apart";
  return text;
}

}  // namespace scenarios
