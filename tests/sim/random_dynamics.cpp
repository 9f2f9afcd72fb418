#include "tests/sim/random_dynamics.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "models/index.h"
#include "sim/event_engine.h"

namespace random_case {
namespace {

using models::at;
using models::Event;
using models::Random;
using What = Event::What;

class Drawer {
 public:
  Drawer(Random& random, const models::Problem& problem, const Dynamics& wanted, std::int64_t span)
      : random_(random), problem_(problem), wanted_(wanted), span_(span) {}

  std::vector<Event> events() {
    for (auto count = 1 + random_.below(5); count > 0; --count) add();
    return std::move(events_);
  }

 private:
  /// Round instants, so that events and ends fall together.
  models::Time instant() {
    const auto exact = random_.below(span_ + 1);
    return models::Time(random_.chance(0.5) ? exact : exact / 32'000 * 32'000);
  }
  Event& push(What what) {
    auto& event = events_.emplace_back();
    event.what = what;
    event.at = instant();
    return event;
  }
  void choose(Event& event, bool device_only = false) {
    if (device_only || problem_.links == 0 || random_.chance(0.5))
      event.device = problem_.device_name(static_cast<int>(random_.below(problem_.devices)));
    else
      event.link = problem_.link_name(static_cast<int>(random_.below(problem_.links)));
  }

  void add() {
    const auto kind = random_.below(6);
    if (kind == 0 && wanted_.changes) return change_speed();
    if (kind == 1 && wanted_.changes) return change_load();
    if (kind == 2 && wanted_.changes && problem_.links > 0) return change_width();
    if ((kind == 3 || kind == 4) && wanted_.failures) return fail();
    if (kind != 5 || !wanted_.bursts) return;
    auto& event = push(What::burst);
    event.count = 1 + random_.below(3);
    const auto& streams = problem_.streams;
    if (streams.size() > 1)
      event.network = streams[at(random_.below(std::ssize(streams)))].use.name;
  }

  void change_speed() {
    auto event = push(What::speed);
    events_.pop_back();
    choose(event, true);
    event.value = one_of(random_, {0.0, 0.3, 0.5, 1.0 / 3, 1.0, 2.0});
    if (random_.chance(0.2)) {
      event.times = 3;
      event.every = models::Time(1 + random_.below(span_ / 4 + 1));
    }
    events_.push_back(event);
    if (event.value > 0 || (wanted_.may_stall && random_.chance(0.1))) return;
    auto back = event;
    back.value = 1;
    back.at += models::Time(random_.below(span_ + 1)) + event.every * (event.times - 1);
    back.times = 1;
    back.every = {};
    events_.push_back(back);
  }

  void change_load() {
    auto& event = push(What::load);
    choose(event);
    event.value = one_of(random_, {0.0, 0.25, 0.5, 0.9});
  }

  void change_width() {
    const auto link = random_.below(problem_.links);
    auto& event = push(What::lanes);
    event.link = problem_.link_name(static_cast<int>(link));
    const auto widths = problem_.platform->links[at(link)].allowed_widths();
    event.count = widths[at(random_.below(std::ssize(widths)))];
  }

  void fail() {
    auto event = push(What::fails);
    events_.pop_back();
    choose(event);
    events_.push_back(event);
    if (wanted_.may_stall && random_.chance(0.05)) return;
    event.what = What::returns;
    event.at += models::Time(random_.below(span_ / 2 + 1));
    events_.push_back(event);
  }

  Random& random_;
  const models::Problem& problem_;
  const Dynamics& wanted_;
  std::int64_t span_;
  std::vector<Event> events_;
};

}  // namespace

std::shared_ptr<const models::Problem> with_dynamics(const Case& from, const Dynamics& wanted) {
  Random random(from.seed * 77 + 5);
  auto changed = from;
  for (auto& link : changed.platform.links)
    link.width_change_time = models::Time(one_of(random, {0L, 10'000L, 123'456L}));
  if (wanted.limits && random.chance(0.4))
    for (auto& device : changed.platform.devices) {
      device.buffers = one_of(random, {0L, 2L, 3L, 8L});
      device.copy_engines = one_of(random, {0L, 1L, 2L});
    }
  if (wanted.batches && random.chance(0.3)) {
    changed.workload.batch = 2 + random.below(2);
    changed.workload.batch_wait = models::Time(one_of(random, {0L, 50'000L, 500'000L}));
  }
  const auto problem = compiled(changed);
  for (auto& batch : problem->batched) {  // numbered alike, as compiled() has split the problem
    auto copy = std::make_shared<models::Problem>(*batch);
    copy->split_kinds();
    batch = std::move(copy);
  }
  const auto span = sim::make_event_engine(problem)->execute(from.plan).score.makespan.count();
  problem->events = Drawer(random, *problem, wanted, std::max<std::int64_t>(span, 1)).events();
  return problem;
}

TwoNetworks two_networks(const Case& from, const Wanted& wanted, const Dynamics& dynamics) {
  Random random(from.seed * 91 + 3);
  const auto other = make(from.seed + 100'000, wanted);
  const auto use = [&](const char* name, const models::Network& network) {
    models::NetworkUse made;
    made.name = name;
    made.network = std::make_shared<models::Network>(network);
    made.workload = random_workload(random, from.platform, wanted);
    made.priority = random.below(3);
    if (random.chance(0.3)) made.deadline = models::Time(1 + random.below(10'000'000));
    return made;
  };
  auto choices = from.choices;
  choices.rules.clear();  // they name operators of one network
  auto problem = std::make_shared<models::Problem>(
      *models::make_problem({use("a", from.network), use("b", other.network)},
                            std::make_shared<models::Platform>(from.platform), choices));
  TwoNetworks made;
  made.plan = random_plan(random, *problem);
  const auto span = sim::make_event_engine(problem)->execute(made.plan).score.makespan.count();
  problem->events = Drawer(random, *problem, dynamics, std::max<std::int64_t>(span, 1)).events();
  made.problem = std::move(problem);
  return made;
}

std::string events_in_words(const models::Problem& problem) {
  std::ostringstream words;
  constexpr const char* names[] = {"speed", "load", "lanes", "fails", "returns", "burst"};
  for (const auto& event : problem.events)
    words << "  at " << event.at.count() << " ps: " << event.device << event.link << ' '
          << names[static_cast<std::size_t>(event.what)] << ' ' << event.value << ' ' << event.count
          << ", " << event.times << " times every " << event.every.count() << " ps\n";
  return words.str();
}

}  // namespace random_case
