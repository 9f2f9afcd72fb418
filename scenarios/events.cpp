#include <charconv>
#include <string>
#include <vector>

#include "models/error.h"
#include "scenarios/described.h"
#include "scenarios/value.h"

namespace scenarios {

using models::Event;
using models::Visitor;
using What = Event::What;

namespace {

/// An event as it is written: which of the keys is there says what happens.
struct Draft {
  std::string speed;
  std::string load;
  std::int64_t lanes = 0;
  bool fails = false;
  bool returns = false;
  std::int64_t requests = 0;
};

std::string part_text(double part) {
  return models::shortest(part);
}

Draft draft_of(const Event& event) {
  Draft draft;
  if (event.what == What::speed) draft.speed = part_text(event.value);
  if (event.what == What::load) draft.load = part_text(event.value);
  if (event.what == What::lanes) draft.lanes = event.count;
  draft.fails = event.what == What::fails;
  draft.returns = event.what == What::returns;
  if (event.what == What::burst) draft.requests = event.count;
  return draft;
}

/// "50 %" or "0.5". Throws InputError.
double part_of(const std::string& text) {
  double value = 0;
  const auto end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  auto unit = std::string_view(rest, static_cast<std::size_t>(end - rest));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  if (error != std::errc{} || !(value >= 0 && value <= 1e6) || (!unit.empty() && unit != "%"))
    throw models::InputError("'" + text + "' is no part; write it like '50 %' or 0.5");
  return unit.empty() ? value : value / 100;
}

void set_part(Event& event, What what, std::string_view key, const std::string& text, Visitor& v) {
  event.what = what;
  try {
    event.value = part_of(text);
  } catch (const models::InputError& error) {
    v.refuse(key, error.what());
  }
}

/// Turns the draft into what happens. Exactly one thing must.
void settle(Event& event, const Draft& draft, Visitor& v) {
  int given = 0;
  if (!draft.speed.empty() && ++given) set_part(event, What::speed, "speed", draft.speed, v);
  if (!draft.load.empty() && ++given) set_part(event, What::load, "load", draft.load, v);
  if (draft.lanes != 0 && ++given) event.what = What::lanes, event.count = draft.lanes;
  if (draft.fails && ++given) event.what = What::fails;
  if (draft.returns && ++given) event.what = What::returns;
  if (draft.requests != 0 && ++given) event.what = What::burst, event.count = draft.requests;
  if (given == 1) return;
  v.refuse("", std::string(given == 0 ? "nothing happens" : "several things happen at once") +
                   "; give one of 'speed', 'load', 'lanes', 'fails', 'returns' and 'requests'");
}

template <class Things>
void check_name(std::string_view key, const std::string& name, const Things& things, Visitor& v) {
  if (name.empty() || things.empty()) return;
  std::vector<std::string> known;
  std::string all;
  for (const auto& thing : things) {
    if (thing.name == name) return;
    known.push_back(thing.name);
    all += (all.empty() ? "" : ", ") + thing.name;
  }
  const auto hint = suggestion(name, known);
  v.refuse(key, "there is no " + std::string(key) + " '" + name + "'" +
                    (hint.empty() ? "; there are: " + all : hint));
}

void check_names(const Event& event, const Scenario& scenario, Visitor& v) {
  check_name("device", event.device, scenario.platform.devices, v);
  check_name("link", event.link, scenario.platform.links, v);
  if (!event.network.empty() && scenario.networks.front().name.empty())
    v.refuse("network", "is for scenarios with 'networks'");
  else
    check_name("network", event.network, scenario.networks, v);
}

void describe(Event& event, bool reads, Scenario& scenario, Visitor& v) {
  auto draft = reads ? Draft{} : draft_of(event);
  v.visit("at", event.at, {.meaning = "when, from the start of the run", .low = 0});
  v.visit("every", event.every,
          {.meaning = "time from one to the next, with 'times'",
           .low = 0,
           .optional = true,
           .above_low = true});
  v.visit("times", event.times,
          {.meaning = "how often it happens", .low = 1, .high = 1e7, .optional = true});
  v.visit("device", event.device, {.meaning = "the device it is about", .optional = true});
  v.visit("link", event.link, {.meaning = "the link it is about", .optional = true});
  v.visit("network", event.network, {.meaning = "the network asked for", .optional = true});
  v.visit("speed", draft.speed,
          {.meaning = "the device computes at this part of its speed: '50 %'", .optional = true});
  v.visit("load", draft.load,
          {.meaning = "something else takes this part of the device or link: '30 %'",
           .optional = true});
  v.visit("lanes", draft.lanes,
          {.meaning = "the link changes to so many powered lanes", .low = 1, .optional = true});
  v.visit("fails", draft.fails, {.meaning = "the device or link stops", .optional = true});
  v.visit("returns", draft.returns, {.meaning = "it works again", .optional = true});
  v.visit("requests", draft.requests,
          {.meaning = "so many more requests arrive", .low = 1, .high = 1e7, .optional = true});
  if (!reads) return;
  settle(event, draft, v);
  check_names(event, scenario, v);
}

}  // namespace

void describe_events(Scenario& scenario, Visitor& v) {
  bool reads = false;  // a visitor that writes does not resize
  v.list(
      "events", scenario.events.size(),
      {.meaning = "what happens to the platform, or to the requests, during the run",
       .optional = true},
      [&](std::size_t count) {
        reads = true;
        scenario.events.assign(count, {});
      },
      [&](Visitor& inner, std::size_t i) { describe(scenario.events[i], reads, scenario, inner); });
}

}  // namespace scenarios
