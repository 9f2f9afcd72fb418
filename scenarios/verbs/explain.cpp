#include <algorithm>
#include <cstdio>

#include "models/index.h"
#include "results/json_writer.h"
#include "results/plan_json.h"
#include "results/show.h"
#include "results/text_table.h"
#include "scenarios/folder.h"
#include "scenarios/platforms.h"
#include "scenarios/verbs/verb.h"
#include "scenarios/what_if.h"
#include "sim/event_engine.h"
#include "sim/timeline_head.h"

namespace scenarios {
namespace {

using models::at;
using models::Metric;
using Kind = models::Timeline::Kind;

constexpr std::size_t most_steps = 12;  ///< of the critical path that are shown

std::string percent(double part) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.1f %%", 100 * part);
  return text;
}

std::string share(std::int64_t part, std::int64_t whole) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%",
                whole == 0 ? 0.0 : 100 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

/// What the plan is judged by, and always latency, period, energy and accuracy.
std::vector<Metric> metrics_of(const models::Goal& goal) {
  std::vector<Metric> all;
  const auto add = [&](Metric metric) {
    if (std::ranges::find(all, metric) == all.end()) all.push_back(metric);
  };
  for (const auto& objective : goal.objectives) add(objective.metric);
  for (const auto metric :
       {Metric::latency_mean, Metric::period, Metric::energy, Metric::accuracy_loss})
    add(metric);
  return all;
}

/// A stored run with its best plan executed once more, now with everything that explains it.
struct Subject {
  results::RunFile run;
  Parts parts;
  models::Plan plan;
  models::Outcome outcome;
  models::Timeline timeline;  ///< its tasks and devices, without events
};

std::string resource_name(const models::Problem& problem, models::Resource resource) {
  switch (resource.kind) {
    case models::Resource::Kind::device:
      return "device " + problem.device_name(resource.index);
    case models::Resource::Kind::channel:
      return "link " + problem.channel_name(resource.index);
    case models::Resource::Kind::none:
      break;
  }
  return "nothing";
}

std::string place_of(const models::Timeline& timeline, const models::Timeline::Task& task) {
  const auto& from = timeline.devices[at(task.device)].name;
  return task.kind == Kind::transfer ? from + " -> " + timeline.devices[at(task.target)].name
                                     : from;
}

std::string_view word(Kind kind) {
  return kind == Kind::compute ? "compute" : kind == Kind::convert ? "convert" : "send";
}

/// The longest steps of the critical path, the longest first.
std::vector<models::CriticalStep> longest(const models::Outcome& outcome) {
  auto steps = outcome.critical_path;
  std::ranges::stable_sort(steps, std::ranges::greater{}, [](const models::CriticalStep& step) {
    return step.end - step.start + step.waited;
  });
  steps.resize(std::min(steps.size(), most_steps));
  return steps;
}

class Explain final : public Verb {
 public:
  std::vector<Option> options() override {
    return {{"DIR", "", "an output folder of 'partwise run'", &folder_, true},
            {"--run", "RUN", "this run: its id, the start of it, or its label", &run_},
            {"--json", "", "all of it as one object", &json_}};
  }

  int act(const Console& console) override {
    const auto subject = read();
    const auto steps = one_step_more(subject.parts, subject.plan, subject.outcome);
    if (json_) {
      console.out << as_json(subject, steps);
      return exit_code::done;
    }
    console.out << "run " << subject.run.id
                << (subject.run.label.empty() ? "" : " (" + subject.run.label + ")")
                << ", best plan\n";
    show_bounds(subject, console.out);
    show_critical_path(subject, console.out);
    show_steps(subject, steps, console.out);
    return exit_code::done;
  }

 private:
  Subject read() const {
    const auto runs = stored_runs(folder_, results::Depth::summary);
    const auto& chosen = choose_run(runs, run_);
    const auto* best = chosen.best_plan();
    if (best == nullptr)
      throw models::InputError(folder_ + ": run " + chosen.id + " has found no plan to explain");
    Subject subject{chosen,
                    make_parts(stored_scenario(chosen, read_note(folder_).file.parent_path())),
                    best->plan,
                    {},
                    {}};
    if (subject.parts.platforms) {
      subject.parts = parts_with(subject.parts, best->platform);
      subject.plan = results::read_plan(best->json, folder_, *subject.parts.problem);
    }
    subject.outcome = sim::make_event_engine(subject.parts.problem)->execute(subject.plan);
    if (!subject.outcome.infeasible.empty())
      throw models::InputError(folder_ + ": the best plan of run " + chosen.id +
                               " cannot be executed: " + subject.outcome.infeasible);
    sim::Workbench bench(*subject.parts.problem);
    bench.prepare(subject.plan);
    subject.timeline = sim::timeline_head(bench);
    return subject;
  }

  static void show_bounds(const Subject& subject, std::ostream& out) {
    const auto& outcome = subject.outcome;
    const auto& score = outcome.score;
    out << "\nWhat bounds it\n";
    out << "  throughput: " << resource_name(*subject.parts.problem, score.bottleneck) << " works "
        << models::pretty(score.period_bound) << " per request; measured period "
        << models::pretty(Metric::period, score.value(Metric::period)) << '\n';
    out << "  memory:\n" << results::memory_text(outcome);
    out << "\nWhere latency went (mean "
        << models::pretty(Metric::latency_mean, score.value(Metric::latency_mean)) << ")\n"
        << results::latency_text(outcome);
  }

  static void show_critical_path(const Subject& subject, std::ostream& out) {
    const auto& timeline = subject.timeline;
    const auto& path = subject.outcome.critical_path;
    if (path.empty()) return;
    const auto whole = path.back().end - (path.front().start - path.front().waited);
    results::TextTable table({"what", "where", "format", "name", "waited", "took", "share"});
    for (const auto& step : longest(subject.outcome)) {
      const auto& task = timeline.tasks[at(step.task)];
      table.add({std::string(word(task.kind)), place_of(timeline, task), task.format, task.name,
                 models::pretty(models::Time(step.waited)),
                 models::pretty(models::Time(step.end - step.start)),
                 share(step.end - step.start + step.waited, whole)});
    }
    out << "\nCritical path of the slowest request: " << path.size() << " steps, the longest:\n"
        << table.text("  ");
  }

  static void show_steps(const Subject& subject, const std::vector<WhatIf>& steps,
                         std::ostream& out) {
    const auto metrics = metrics_of(subject.run.goal);
    std::vector<std::string> headers = {"one step more"};
    for (const auto metric : metrics) {
      const auto& row = models::about(metric);
      headers.push_back(std::string(row.name) + (row.estimated ? " (estimated)" : ""));
    }
    results::TextTable table(headers);
    bool beyond = false;
    for (const auto& step : steps) {
      std::vector<std::string> cells = {step.step + (step.beyond ? " *" : "")};
      beyond |= step.beyond;
      for (const auto metric : metrics)
        cells.push_back(step.infeasible.empty() ? change(subject, step, metric) : "cannot");
      table.add(cells);
    }
    out << "\nWhat one step more would change, the plan staying as it is\n" << table.text("  ");
    if (beyond) out << "  * needs other hardware than the platform has\n";
    for (const auto& step : steps)
      if (!step.infeasible.empty()) out << "  " << step.step << ": " << step.infeasible << '\n';
  }

  static std::string change(const Subject& subject, const WhatIf& step, Metric metric) {
    const double before = subject.outcome.score.value(metric);
    const double after = step.score.value(metric);
    if (before == after) return "same";
    if (before == 0) return "to " + models::pretty(metric, after);
    return percent(after / before - 1);
  }

  static std::string as_json(const Subject& subject, const std::vector<WhatIf>& steps) {
    const auto& outcome = subject.outcome;
    const auto& timeline = subject.timeline;
    const auto metrics = metrics_of(subject.run.goal);
    using Layout = results::JsonWriter::Layout;
    results::JsonWriter json;
    json.begin_object().member("run", subject.run.id);
    json.member("bottleneck", resource_name(*subject.parts.problem, outcome.score.bottleneck));
    json.member("period_bound", models::seconds(outcome.score.period_bound));
    json.key("metrics");
    write_metrics(json, outcome.score, metrics);
    json.key("critical_path").begin_list();
    for (const auto& step : outcome.critical_path) {
      const auto& task = timeline.tasks[at(step.task)];
      json.begin_object(Layout::line)
          .member("what", word(task.kind))
          .member("where", place_of(timeline, task))
          .member("name", task.name)
          .member("format", task.format)
          .member("waited_ps", step.waited)
          .member("start_ps", step.start)
          .member("end_ps", step.end)
          .end_object();
    }
    json.end_list().key("one_step_more").begin_list();
    for (const auto& step : steps) {
      json.begin_object().member("step", step.step).member("beyond_platform", step.beyond);
      if (step.infeasible.empty()) {
        json.key("metrics");
        write_metrics(json, step.score, metrics);
      } else {
        json.member("infeasible", step.infeasible);
      }
      json.end_object();
    }
    return json.end_list().end_object().text();
  }

  static void write_metrics(results::JsonWriter& json, const models::Score& score,
                            const std::vector<Metric>& metrics) {
    json.begin_object(results::JsonWriter::Layout::line);
    for (const auto metric : metrics) json.member(models::about(metric).name, score.value(metric));
    json.end_object();
  }

  std::string folder_;
  std::string run_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_explain() {
  return std::make_unique<Explain>();
}

}  // namespace scenarios
