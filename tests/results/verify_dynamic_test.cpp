// Executions with several networks, batches, buffers, copy engines, changes of speed and width, and
// failures hold the laws, as code that shares nothing with the engine sees them.
#include <gtest/gtest.h>

#include "models/error.h"
#include "models/index.h"
#include "results/timeline_json.h"
#include "results/verify.h"
#include "sim/event_engine.h"
#include "tests/sim/random_case.h"

namespace {

using models::at;
using models::Event;
using models::Random;
using models::Time;
using random_case::one_of;
using random_case::Wanted;
using What = Event::What;

/// What is asked of the platform beside the work.
struct Spice {
  bool networks = false, batches = false, limits = false, speeds = false, failures = false;
};

Event random_change(Random& random, const models::Platform& platform) {
  Event event;
  const auto link = platform.links.empty() ? 0 : random.below(std::ssize(platform.links));
  const auto device = random.below(std::ssize(platform.devices));
  const bool on_link = !platform.links.empty() && random.chance(0.5);
  event.at = Time(random.below(20) * 64'000);
  event.what = one_of(random, {What::speed, What::load, What::lanes});
  if (event.what == What::speed || !on_link) {
    if (event.what == What::lanes) event.what = What::load;
    event.device = platform.devices[at(device)].name;
  } else {
    event.link = platform.links[at(link)].name;
  }
  if (event.what == What::speed) event.value = one_of(random, {0.5, 1.0, 2.0, 0.75});
  if (event.what == What::load) event.value = one_of(random, {0.0, 0.3, 0.5});
  if (event.what == What::lanes) {
    const auto widths = platform.links[at(link)].allowed_widths();
    event.count = widths[at(random.below(std::ssize(widths)))];
  }
  return event;
}

/// Something fails, and mostly returns.
void add_failure(Random& random, const models::Platform& platform, std::vector<Event>& events) {
  Event event;
  event.what = What::fails;
  event.at = Time(random.below(20) * 64'000 + random.below(64'000));
  if (!platform.links.empty() && random.chance(0.5))
    event.link = platform.links[at(random.below(std::ssize(platform.links)))].name;
  else
    event.device = platform.devices[at(random.below(std::ssize(platform.devices)))].name;
  events.push_back(event);
  if (random.chance(0.1)) return;
  event.what = What::returns;
  event.at += Time(64'000 + random.below(10) * 64'000);
  events.push_back(event);
}

struct Example {
  std::shared_ptr<const models::Problem> problem;
  models::Plan plan;
};

Example example(std::uint64_t seed, const Wanted& wanted, const Spice& spice) {
  Random random(seed * 7919);
  auto base = random_case::make(seed, wanted);
  auto platform = std::make_shared<models::Platform>(base.platform);
  if (spice.limits)
    for (auto& device : platform->devices) {
      // Enough for every operator's inputs, or nothing could ever start.
      if (random.chance(0.5)) device.buffers = 40 + random.below(20);
      if (random.chance(0.5)) device.copy_engines = 1 + random.below(2);
    }
  for (auto& link : platform->links)
    if (random.chance(0.5)) link.width_change_time = Time(100'000);
  std::vector<models::NetworkUse> uses;
  const int count = spice.networks ? 2 : 1;
  for (int n = 0; n < count; ++n) {
    models::NetworkUse use;
    if (count > 1) use.name = "net" + std::to_string(n);
    use.network = std::make_shared<models::Network>(
        n == 0 ? base.network : random_case::random_network(random, wanted.operators));
    use.workload =
        n == 0 ? base.workload : random_case::random_workload(random, base.platform, wanted);
    if (spice.batches && random.chance(0.7)) {
      use.workload.batch = 2 + random.below(3);
      if (random.chance(0.5)) use.workload.batch_wait = Time(128'000);
    }
    use.priority = random.below(3);
    uses.push_back(use);
  }
  auto choices = base.choices;
  choices.rules.clear();
  std::vector<Event> events;
  if (spice.speeds)
    for (auto left = 1 + random.below(5); left > 0; --left)
      events.push_back(random_change(random, *platform));
  if (spice.failures)
    for (auto left = 1 + random.below(3); left > 0; --left) add_failure(random, *platform, events);
  Example made;
  made.problem = models::make_problem(uses, platform, choices, events);
  made.plan = random_case::random_plan(random, *made.problem);
  made.plan.discipline = wanted.discipline;
  return made;
}

class VerifyDynamic
    : public testing::TestWithParam<std::tuple<Wanted::Links, models::Plan::Discipline>> {
 protected:
  void expect_laws(const Spice& spice) {
    Wanted wanted;
    wanted.tight = false;
    std::tie(wanted.links, wanted.discipline) = GetParam();
    int executed = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      const auto it = example(seed, wanted, spice);
      const auto outcome = sim::make_event_engine(it.problem, {.timeline = true})->execute(it.plan);
      if (!outcome.infeasible.empty()) continue;
      ++executed;
      for (const auto& violation : results::verify(outcome.timeline, 3))
        ADD_FAILURE() << "seed " << seed << ": " << results::to_text(violation);
      const auto text = results::write_timeline(outcome.timeline);
      EXPECT_EQ(results::write_timeline(results::read_timeline(text, "t.json")), text);
    }
    EXPECT_GT(executed, 20);
  }
};

TEST_P(VerifyDynamic, SeveralNetworks) {
  expect_laws({.networks = true});
}
TEST_P(VerifyDynamic, Batches) {
  expect_laws({.batches = true});
}
TEST_P(VerifyDynamic, BuffersAndCopyEngines) {
  expect_laws({.limits = true});
}
TEST_P(VerifyDynamic, SpeedsAndWidths) {
  expect_laws({.speeds = true});
}
TEST_P(VerifyDynamic, Failures) {
  expect_laws({.failures = true});
}
TEST_P(VerifyDynamic, AllAtOnce) {
  expect_laws({true, true, true, true, true});
}

TEST(VerifyNetworks, FindsTheWrongOneFirst) {
  int found = 0, executed = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto it = example(seed, {.tight = false}, {.networks = true});
    if (it.problem->streams[0].use.priority == it.problem->streams[1].use.priority) continue;
    auto outcome = sim::make_event_engine(it.problem, {.timeline = true})->execute(it.plan);
    if (!outcome.infeasible.empty()) continue;
    ++executed;
    std::swap(outcome.timeline.streams[0].priority, outcome.timeline.streams[1].priority);
    for (const auto& violation : results::verify(outcome.timeline))
      found += violation.rule == "order";
  }
  EXPECT_GT(executed, 10);
  EXPECT_GT(found, 10);
}

/// Whatever a file holds: it is refused with its place, or checked.
TEST(VerifyDamaged, FilesAreRefusedOrChecked) {
  const auto it = example(5, {.links = Wanted::Links::mixed, .tight = false, .operators = 5},
                          {true, true, true, true, true});
  const auto outcome = sim::make_event_engine(it.problem, {.timeline = true})->execute(it.plan);
  const auto text = results::write_timeline(outcome.timeline);
  ASSERT_FALSE(outcome.timeline.changes.empty());
  Random random(1);
  int checked = 0, refused = 0;
  for (int round = 0; round < 1500; ++round) {
    auto damaged = text;
    for (auto left = 1 + random.below(3); left > 0;) {
      auto& letter = damaged[at(random.below(std::ssize(damaged)))];
      if (letter < '0' || letter > '9') continue;
      letter = "0123456789-"[random.below(11)];
      --left;
    }
    try {
      const auto timeline = results::read_timeline(damaged, "t.json");
      results::verify(timeline);
      ++checked;
    } catch (const models::InputError& error) {
      EXPECT_EQ(std::string(error.what()).rfind("t.json:", 0), 0u) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(checked, 100);
  EXPECT_GT(refused, 100);
}

INSTANTIATE_TEST_SUITE_P(AllKinds, VerifyDynamic,
                         testing::Combine(testing::Values(Wanted::Links::fifo, Wanted::Links::fair,
                                                          Wanted::Links::mixed),
                                          testing::Values(models::Plan::Discipline::strict,
                                                          models::Plan::Discipline::ready)));

}  // namespace
