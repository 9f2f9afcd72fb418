#include "sim/event_engine.h"

#include <utility>

#include "models/index.h"
#include "models/task_graph.h"
#include "sim/batch_scoring.h"
#include "sim/control.h"
#include "sim/fast_kernel.h"
#include "sim/recorder.h"
#include "sim/scoring.h"

namespace sim {
namespace {

using models::at;

/// What both faces of the engine are made of.
struct Machine {
  explicit Machine(std::shared_ptr<const models::Problem> owned)
      : problem(std::move(owned)), graph(*problem), control(*problem) {}

  void run(Observer* observer) {
    bandwidth.clear();
    for (const auto link : problem->channel_link)
      bandwidth.push_back(graph.totals().link_bandwidth[at(link)]);
    kernel.reset({problem->devices, bandwidth, false});
    control.run(graph, kernel, tally, observer);
  }

  std::shared_ptr<const models::Problem> problem;
  models::TaskGraph graph;
  FastKernel kernel;
  Control control;
  Tally tally;
  std::vector<double> bandwidth;
};

class EventEvaluator final : public BatchScoring {
 public:
  explicit EventEvaluator(std::shared_ptr<const models::Problem> problem)
      : machine_(std::move(problem)) {}

  using BatchScoring::score;
  models::Score score(const models::Plan& plan) override {
    machine_.graph.build(plan);
    machine_.run(nullptr);
    return make_score(*machine_.problem, machine_.graph.totals(), plan, machine_.tally);
  }

 private:
  Machine machine_;
};

class EventEngine final : public models::Executor {
 public:
  EventEngine(std::shared_ptr<const models::Problem> problem, const EngineOptions& options)
      : machine_(std::move(problem)), options_(options) {}

  models::Outcome execute(const models::Plan& plan) override {
    auto& graph = machine_.graph;
    graph.build(plan);
    models::Outcome outcome;
    outcome.infeasible = infeasibility(graph, plan);
    machine_.kernel.report_rates(options_.timeline);
    Recorder recorder(graph, options_.timeline);
    machine_.run(outcome.infeasible.empty() ? &recorder : nullptr);
    outcome.score = make_score(*machine_.problem, graph.totals(), plan, machine_.tally);
    outcome.latencies = machine_.tally.latencies;
    outcome.energy = energy_of(*machine_.problem, graph.totals(), plan, machine_.tally);
    outcome.events = machine_.control.events();
    describe_devices(outcome);
    describe_channels(outcome);
    if (outcome.infeasible.empty()) recorder.write(outcome, machine_.tally);
    return outcome;
  }

 private:
  void describe_devices(models::Outcome& outcome) const {
    const auto& problem = *machine_.problem;
    const auto requests = static_cast<double>(machine_.tally.completions.size());
    for (int d = 0; d < problem.devices; ++d) {
      const auto& load = machine_.graph.totals().devices[at(d)];
      models::DeviceUse use;
      use.name = problem.device_name(d);
      use.capacity = problem.capacity[at(d)];
      use.weights = load.weights;
      use.per_request = load.per_request;
      use.load = device_load(problem, machine_.graph.totals(), d);
      use.joules =
          static_energy_of_device(problem, d, machine_.tally) +
          static_cast<double>(machine_.tally.switches[at(d)]) * problem.switch_energy[at(d)];
      for (const auto& task : machine_.graph.tasks())
        if (task.kind != models::TaskGraph::Kind::transfer && task.device == d)
          use.joules += task.energy * requests;
      outcome.devices.push_back(std::move(use));
    }
  }

  void describe_channels(models::Outcome& outcome) const {
    const auto& problem = *machine_.problem;
    const auto& tally = machine_.tally;
    const auto requests = static_cast<std::int64_t>(tally.completions.size());
    for (int c = 0; c < problem.channels; ++c) {
      models::ChannelUse use;
      use.name = problem.channel_name(c);
      use.busy = tally.channel_busy[at(c)];
      for (const auto& task : machine_.graph.tasks())
        if (task.kind == models::TaskGraph::Kind::transfer)
          for (const auto used : machine_.graph.route(task))
            if (used == c) use.bytes += task.bytes * requests;
      const auto makespan = tally.last_event - tally.first_arrival;
      if (makespan > 0)
        use.utilisation = static_cast<double>(use.busy) / static_cast<double>(makespan);
      outcome.channels.push_back(std::move(use));
    }
  }

  Machine machine_;
  EngineOptions options_;
};

}  // namespace

std::unique_ptr<models::Executor> make_event_engine(std::shared_ptr<const models::Problem> problem,
                                                    const EngineOptions& options) {
  return std::make_unique<EventEngine>(std::move(problem), options);
}

std::unique_ptr<models::Evaluator> make_event_evaluator(
    std::shared_ptr<const models::Problem> problem) {
  return std::make_unique<EventEvaluator>(std::move(problem));
}

}  // namespace sim
