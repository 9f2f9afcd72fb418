#include <algorithm>

#include "models/error.h"
#include "models/index.h"
#include "models/problem_parts.h"

namespace models {
namespace {

using What = Event::What;

constexpr double longest = 0x1p62;
constexpr std::int64_t most_times = 10'000'000;

[[noreturn]] void refuse(std::size_t index, const std::string& what) {
  throw InputError("event " + std::to_string(index + 1) + ": " + what);
}

void check_time(std::size_t i, const Event& event) {
  if (event.at < Time{}) refuse(i, "'at' must not be before 0");
  if (event.times < 1 || event.times > most_times)
    refuse(i, "'times' must be 1 to " + std::to_string(most_times));
  if (event.times > 1 && event.every <= Time{}) refuse(i, "'times' needs 'every'");
  if (event.times == 1 && event.every != Time{}) refuse(i, "'every' needs 'times'");
  if (static_cast<double>(event.at.count()) +
          static_cast<double>(event.every.count()) * static_cast<double>(event.times) >=
      longest)
    refuse(i, "it would happen after more than 53 days");
}

void check_link(std::size_t i, const Platform& platform, const std::string& name) {
  if (std::ranges::any_of(platform.links, [&](const Link& each) { return each.name == name; }))
    return;
  std::string known;
  for (const auto& each : platform.links) known += (known.empty() ? "" : ", ") + each.name;
  refuse(i, "there is no link '" + name + "'; there are: " + known);
}

void check_target(std::size_t i, const Event& event, const Platform& platform) {
  const bool on_device = !event.device.empty(), on_link = !event.link.empty();
  if (on_device && on_link) refuse(i, "it names a device and a link; write two events");
  const bool wants_device = event.what == What::speed, wants_link = event.what == What::lanes;
  if (event.what == What::burst) {
    if (on_device || on_link) refuse(i, "more requests are of a network, not of a device or link");
    return;
  }
  if (!on_device && !on_link) refuse(i, "it names no device and no link");
  if (wants_device && !on_device) refuse(i, "'speed' is of a device; a link has 'lanes'");
  if (wants_link && !on_link) refuse(i, "'lanes' are of a link");
  if (on_device) device_named(platform, event.device, "event " + std::to_string(i + 1));
  if (on_link) check_link(i, platform, event.link);
}

void check_burst(std::size_t i, const Problem& problem, const Event& event) {
  if (event.count < 1) refuse(i, "'requests' must be at least 1");
  std::string known;
  bool found = false;
  for (const auto& stream : problem.streams) {
    found |= stream.use.name == event.network;
    known += (known.empty() ? "" : ", ") + stream.use.name;
  }
  if (event.network.empty() && problem.streams.size() == 1) return;
  if (event.network.empty()) refuse(i, "'network' is missing; there are: " + known);
  if (!found) refuse(i, "there is no network '" + event.network + "'; there are: " + known);
}

void check_value(std::size_t i, const Problem& problem, const Event& event) {
  const bool stands = event.what == What::speed && event.value == 0;
  if (event.what == What::speed && !stands && !(event.value >= 1e-6 && event.value <= 1e6))
    refuse(i, "'speed' must be 0, or at least 0.000001 and at most 1000000");
  if (event.what == What::load && !(event.value >= 0 && event.value <= 0.999999))
    refuse(i, "'load' must be at least 0 and at most 0.999999");
  if (event.what == What::burst) check_burst(i, problem, event);
  if (event.what != What::lanes) return;
  const auto& links = problem.platform->links;
  const auto& link = *std::ranges::find(links, event.link, &Link::name);
  const auto widths = link.allowed_widths();
  if (std::ranges::find(widths, event.count) != widths.end()) return;
  std::string known;
  for (const auto width : widths) known += (known.empty() ? "" : ", ") + std::to_string(width);
  refuse(i, "link '" + event.link + "' cannot power " + std::to_string(event.count) +
                " lanes; it can power " + known);
}

}  // namespace

void check_events(const Problem& problem) {
  for (std::size_t i = 0; i < problem.events.size(); ++i) {
    const auto& event = problem.events[i];
    check_time(i, event);
    check_target(i, event, *problem.platform);
    check_value(i, problem, event);
  }
}

}  // namespace models
