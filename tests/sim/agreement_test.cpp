// Engines against the reference and against each other, on random cases: law 7 of the execution
// model. PARTWISE_CASES=20000 runs more of them.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>

#include "models/index.h"
#include "sim/event_engine.h"
#include "sim/static_evaluator.h"
#include "tests/sim/random_case.h"
#include "tests/sim/reference.h"

namespace {

using models::at;
using models::Outcome;
using models::Score;
using models::Timeline;
using random_case::Case;
using random_case::Wanted;
using Discipline = models::Plan::Discipline;

std::uint64_t cases(std::uint64_t standard) {
  const char* const given = std::getenv("PARTWISE_CASES");
  return given ? std::strtoull(given, nullptr, 10) : standard;
}

/// Collects what differs, in words.
class Comparison {
 public:
  /// Fair flows end at real instants that two programs round differently.
  explicit Comparison(bool exact) : exact_(exact) {}

  void time(const std::string& what, std::int64_t a, std::int64_t b) {
    const double allowed = exact_ ? 0 : 2 + 1e-9 * std::abs(static_cast<double>(b));
    if (std::abs(static_cast<double>(a - b)) > allowed) say(what, a, b);
  }
  /// A sum of so many times.
  void sum(const std::string& what, std::int64_t a, std::int64_t b, std::int64_t count) {
    if (exact_ || std::abs(a - b) > 2 * count) time(what, a, b);
  }
  template <class T>
  void same(const std::string& what, const T& a, const T& b) {
    if (!(a == b)) say(what, a, b);
  }
  void close(const std::string& what, double a, double b) {
    if (!(std::abs(a - b) <= (exact_ ? 1e-12 : 1e-6) * std::max(std::abs(a), std::abs(b))))
      say(what, a, b);
  }
  std::string words() const { return words_.str(); }

 private:
  template <class T>
  void say(const std::string& what, const T& a, const T& b) {
    if (++count_ <= 12) words_ << "  " << what << ": " << a << ", expected " << b << "\n";
  }
  bool exact_;
  int count_ = 0;
  std::ostringstream words_;
};

void compare_scores(Comparison& c, const Score& a, const Score& b) {
  c.same("supported", a.supported, b.supported);
  if (!a.supported || !b.supported) return;
  c.same("memory over", a.memory_over, b.memory_over);
  if (!a.feasible() || !b.feasible()) return;
  c.time("mean latency", a.latency_mean.count(), b.latency_mean.count());
  c.time("p50", a.latency_p50.count(), b.latency_p50.count());
  c.time("p95", a.latency_p95.count(), b.latency_p95.count());
  c.time("p99", a.latency_p99.count(), b.latency_p99.count());
  c.time("makespan", a.makespan.count(), b.makespan.count());
  c.close("period", a.period_seconds, b.period_seconds);
  c.time("period bound", a.period_bound.count(), b.period_bound.count());
  c.close("energy", a.energy_joules, b.energy_joules);
  c.same("memory", a.memory_bytes, b.memory_bytes);
  c.same("transferred", a.transferred_bytes, b.transferred_bytes);
  c.close("balance", a.load_balance, b.load_balance);
  c.same("requests", a.requests, b.requests);
}

void compare_tasks(Comparison& c, const Timeline& a, const Timeline& b) {
  c.same("tasks", a.tasks.size(), b.tasks.size());
  for (std::size_t t = 0; t < std::min(a.tasks.size(), b.tasks.size()); ++t) {
    const auto key = reference::key_of(b, b.tasks[t]);
    const auto where = "position " + std::to_string(t) + " (" + key + ") ";
    c.same(where + "task", reference::key_of(a, a.tasks[t]), key);
    c.time(where + "duration", a.tasks[t].duration, b.tasks[t].duration);
    c.same(where + "latency", a.tasks[t].latency, b.tasks[t].latency);
    c.same(where + "bytes", a.tasks[t].bytes, b.tasks[t].bytes);
    c.same(where + "switches", a.tasks[t].switches, b.tasks[t].switches);
    c.same(where + "hops", a.tasks[t].channels.size(), b.tasks[t].channels.size());
  }
}

using Records = std::map<std::pair<int, std::string>, Timeline::Record>;

Records records(const Timeline& timeline) {
  Records result;
  for (const auto& record : timeline.records)
    result[{record.request, reference::key_of(timeline, timeline.tasks.at(at(record.task)))}] =
        record;
  return result;
}

void compare_records(Comparison& c, const Timeline& a, const Timeline& b) {
  const auto all_a = records(a), all_b = records(b);
  c.same("records", a.records.size(), b.records.size());
  for (const auto& [id, record] : all_b) {
    const auto found = all_a.find(id);
    const auto what = "request " + std::to_string(id.first) + " " + id.second + " ";
    c.same(what + "present", found != all_a.end(), true);
    if (found == all_a.end()) continue;
    c.time(what + "ready", found->second.ready, record.ready);
    c.time(what + "start", found->second.start, record.start);
    c.time(what + "released", found->second.released, record.released);
    c.time(what + "end", found->second.end, record.end);
    if (id.second.starts_with("transfer")) continue;
    c.time(what + "work", found->second.work, record.work);
    c.same(what + "slot", found->second.slot, record.slot);
  }
  c.same("requests", a.requests.size(), b.requests.size());
  for (std::size_t r = 0; r < std::min(a.requests.size(), b.requests.size()); ++r) {
    const auto what = "request " + std::to_string(r) + " ";
    c.time(what + "arrival", a.requests[r].arrival, b.requests[r].arrival);
    c.time(what + "admitted", a.requests[r].admitted, b.requests[r].admitted);
    c.time(what + "completed", a.requests[r].completed, b.requests[r].completed);
  }
}

void compare_uses(Comparison& c, const Outcome& a, const Outcome& b) {
  for (std::size_t d = 0; d < b.devices.size(); ++d) {
    const auto& x = a.devices.at(d);
    const auto& y = b.devices[d];
    c.same(y.name + " name", x.name, y.name);
    c.same(y.name + " weights", x.weights, y.weights);
    c.same(y.name + " per request", x.per_request, y.per_request);
    c.same(y.name + " load", x.load, y.load);
    c.close(y.name + " joules", x.joules, y.joules);
    // Sums of times that may differ by two picoseconds each.
    const auto n = static_cast<std::int64_t>(b.timeline.records.size());
    const auto near = [&](const std::string& what, std::int64_t p, std::int64_t q) {
      c.sum(y.name + what, p, q, n);
    };
    near(" computing", x.time.compute, y.time.compute);
    near(" converting", x.time.convert, y.time.convert);
    near(" switching", x.time.switching, y.time.switching);
    near(" waiting for input", x.time.wait_input, y.time.wait_input);
    near(" waiting for memory", x.time.wait_memory, y.time.wait_memory);
    near(" idle", x.time.idle, y.time.idle);
  }
  for (std::size_t k = 0; k < b.channels.size(); ++k) {
    c.same("channel", a.channels.at(k).name, b.channels[k].name);
    c.same(b.channels[k].name + " bytes", a.channels[k].bytes, b.channels[k].bytes);
    c.close(b.channels[k].name + " utilisation", a.channels[k].utilisation,
            b.channels[k].utilisation);
  }
  c.close("compute energy", a.energy.compute, b.energy.compute);
  c.close("convert energy", a.energy.convert, b.energy.convert);
  c.close("switching energy", a.energy.switching, b.energy.switching);
  c.close("transfer energy", a.energy.transfer, b.energy.transfer);
  c.close("static energy of devices", a.energy.static_devices, b.energy.static_devices);
  c.close("static energy of links", a.energy.static_links, b.energy.static_links);
}

std::string difference(const Outcome& a, const Outcome& b, bool exact) {
  Comparison c(exact);
  compare_scores(c, a.score, b.score);
  c.same("infeasible", a.infeasible.empty(), b.infeasible.empty());
  if (!b.infeasible.empty()) return c.words();
  compare_tasks(c, a.timeline, b.timeline);
  compare_records(c, a.timeline, b.timeline);
  compare_uses(c, a, b);
  return c.words();
}

/// Runs `differs` on many seeds; prints the first failures in full.
template <class Differs>
void expect_agreement(std::uint64_t count, const Wanted& wanted, Differs differs) {
  int failures = 0, feasible = 0;
  for (std::uint64_t seed = 1; seed <= count && failures < 3; ++seed) {
    const auto example = random_case::make(seed, wanted);
    bool ran = false;
    const auto words = differs(example, ran);
    feasible += ran;
    if (words.empty()) continue;
    ++failures;
    ADD_FAILURE() << random_case::description(example) << words;
  }
  if (failures == 0) {
    EXPECT_GT(feasible, static_cast<int>(count / 2)) << "most cases must be able to run";
  }
}

std::string engine_differs(const Case& example, bool& ran) {
  const auto engine = sim::make_event_engine(example.problem, {.timeline = true});
  const auto expected = reference::execute(*example.problem, example.plan);
  ran = expected.infeasible.empty();
  return difference(engine->execute(example.plan), expected, !example.problem->fair_links);
}

TEST(Agreement, EngineEqualsReferenceForStrictFifo) {
  expect_agreement(cases(250), {}, engine_differs);
}

TEST(Agreement, EngineEqualsReferenceForReadyFifo) {
  expect_agreement(cases(250), {.discipline = Discipline::ready}, engine_differs);
}

TEST(Agreement, EngineEqualsReferenceForStrictFair) {
  expect_agreement(cases(250), {.links = Wanted::Links::fair}, engine_differs);
}

TEST(Agreement, EngineEqualsReferenceForReadyFair) {
  expect_agreement(cases(250), {.links = Wanted::Links::fair, .discipline = Discipline::ready},
                   engine_differs);
}

TEST(Agreement, EngineEqualsReferenceForMixedLinks) {
  expect_agreement(cases(150), {.links = Wanted::Links::mixed}, engine_differs);
  expect_agreement(cases(150), {.links = Wanted::Links::mixed, .discipline = Discipline::ready},
                   engine_differs);
}

/// Every field, bit for bit, since both are ours; but energies are summed in another order.
std::string scores_differ(const Score& a, const Score& b) {
  Comparison c(true);
  compare_scores(c, a, b);
  if (a.supported && b.supported && a.feasible() && b.feasible()) {
    c.close("accuracy", a.accuracy_loss, b.accuracy_loss);
    c.same("bottleneck", a.bottleneck == b.bottleneck, true);
  }
  return c.words();
}

TEST(Agreement, StaticEvaluatorEqualsEngineForStrictFifo) {
  expect_agreement(cases(500), {}, [](const Case& example, bool& ran) {
    const auto score = sim::make_static_evaluator(example.problem)->score(example.plan);
    const auto outcome = sim::make_event_engine(example.problem, {})->execute(example.plan);
    ran = outcome.infeasible.empty();
    return scores_differ(score, outcome.score);
  });
}

TEST(Agreement, EventEvaluatorEqualsEngine) {
  for (const auto links : {Wanted::Links::fifo, Wanted::Links::fair})
    for (const auto discipline : {Discipline::strict, Discipline::ready})
      expect_agreement(
          cases(100), {.links = links, .discipline = discipline},
          [](const Case& example, bool& ran) {
            const auto score = sim::make_event_evaluator(example.problem)->score(example.plan);
            const auto outcome = sim::make_event_engine(example.problem, {})->execute(example.plan);
            ran = outcome.infeasible.empty();
            return scores_differ(score, outcome.score);
          });
}

/// A batch of changes to one plan gives what scoring each changed plan gives.
TEST(Agreement, BatchesEqualSinglePlans) {
  for (std::uint64_t seed = 1; seed <= cases(100); ++seed) {
    const auto example = random_case::make(seed, {.tight = false});
    models::Random random(seed);
    models::Batch batch;
    batch.bases = {&example.plan};
    for (int k = 0; k < 12; ++k) {
      const auto begin = static_cast<int>(batch.changes.size());
      for (auto n = random.below(3); n >= 0; --n) {
        const auto op = static_cast<int>(random.below(example.problem->operators));
        const auto options = example.problem->options(op);
        const auto& option = options[at(random.below(static_cast<std::int64_t>(options.size())))];
        batch.changes.push_back({models::Change::What::device, op, option.device});
        batch.changes.push_back({models::Change::What::precision, op, option.precision});
      }
      batch.trials.push_back({0, begin, static_cast<int>(batch.changes.size())});
    }
    const auto evaluator = sim::make_evaluator(example.problem);
    std::vector<Score> scores(batch.trials.size());
    evaluator->score(batch, scores);
    for (std::size_t k = 0; k < scores.size(); ++k)
      EXPECT_EQ(scores_differ(scores[k], evaluator->score(batch.plan(k))), "")
          << random_case::description(example) << "trial " << k;
  }
}

}  // namespace
