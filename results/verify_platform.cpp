#include "results/verify_platform.h"

#include <algorithm>

namespace results {

using models::Timeline;
using What = Timeline::Change::What;

namespace {

std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

PlatformHistory::PlatformHistory(const Timeline& timeline)
    : timeline_(timeline),
      changes_(!timeline.changes.empty()),
      pace_(timeline.devices.size()),
      bandwidth_(timeline.channels.size()),
      device_down_(timeline.devices.size()) {
  constexpr auto start = std::numeric_limits<std::int64_t>::min();
  int links = 0;
  for (auto& steps : pace_) steps.push_back({start, 1});
  for (std::size_t c = 0; c < bandwidth_.size(); ++c) {
    bandwidth_[c].push_back({start, timeline.channels[c].bandwidth});
    links = std::max(links, timeline.channels[c].link + 1);
  }
  for (const auto& change : timeline.changes)
    if (change.what == What::link_down || change.what == What::link_up)
      links = std::max(links, change.index + 1);
  link_down_.resize(at(links));
  const auto put = [](std::vector<Step>& steps, const Timeline::Change& change) {
    if (steps.back().when == change.when)
      steps.back().value = change.value;
    else
      steps.push_back({change.when, change.value});
  };
  const auto end = [](Outages& outages, std::int64_t when) {
    if (!outages.empty() && outages.back().to == never) outages.back().to = when;
  };
  for (const auto& change : timeline.changes) switch (change.what) {
      case What::speed:
        put(pace_[at(change.index)], change);
        break;
      case What::bandwidth:
        put(bandwidth_[at(change.index)], change);
        break;
      case What::device_down:
        device_down_[at(change.index)].push_back({change.when});
        break;
      case What::device_up:
        end(device_down_[at(change.index)], change.when);
        break;
      case What::link_down:
        link_down_[at(change.index)].push_back({change.when});
        break;
      case What::link_up:
        end(link_down_[at(change.index)], change.when);
        break;
    }
}

double PlatformHistory::value_at(const std::vector<Step>& steps, std::int64_t when) {
  const auto next = std::ranges::upper_bound(steps, when, {}, &Step::when);
  return (next - 1)->value;
}

/// Value x picoseconds.
double PlatformHistory::area(const std::vector<Step>& steps, std::int64_t from, std::int64_t to) {
  double sum = 0;
  auto next = std::ranges::upper_bound(steps, from, {}, &Step::when);
  while (from < to) {
    const auto until = next == steps.end() ? to : std::min(to, next->when);
    sum += (next - 1)->value * static_cast<double>(until - from);
    from = until;
    if (next != steps.end()) ++next;
  }
  return sum;
}

double PlatformHistory::pace(int device, std::int64_t when) const {
  return value_at(pace_[at(device)], when);
}

double PlatformHistory::bandwidth(int channel, std::int64_t when) const {
  return value_at(bandwidth_[at(channel)], when);
}

double PlatformHistory::work(int device, std::int64_t from, std::int64_t to) const {
  return area(pace_[at(device)], from, to);
}

/// Part of the planned speed that the narrowest channel leaves.
double PlatformHistory::rate(const Timeline::Task& task, std::int64_t when) const {
  double planned = std::numeric_limits<double>::infinity(), now = planned;
  for (const int c : task.channels) {
    planned = std::min(planned, timeline_.channels[at(c)].bandwidth);
    now = std::min(now, bandwidth(c, when));
  }
  return now / planned;
}

double PlatformHistory::sending(const Timeline::Task& task, std::int64_t from,
                                std::int64_t to) const {
  if (task.channels.empty()) return static_cast<double>(to - from);
  std::vector<std::int64_t> instants = {from, to};
  for (const int c : task.channels)
    for (const auto& step : bandwidth_[at(c)])
      if (step.when > from && step.when < to) instants.push_back(step.when);
  std::ranges::sort(instants);
  double sum = 0;
  for (std::size_t i = 1; i < instants.size(); ++i)
    sum += rate(task, instants[i - 1]) * static_cast<double>(instants[i] - instants[i - 1]);
  return sum;
}

std::int64_t PlatformHistory::up(const Outages& outages, std::int64_t when) {
  for (const auto& outage : outages)  // the next may begin where one ends
    if (outage.from <= when && when < outage.to) when = outage.to;
  return when;
}

std::int64_t PlatformHistory::device_up(int device, std::int64_t when) const {
  return up(device_down_[at(device)], when);
}

std::int64_t PlatformHistory::links_up(const Timeline::Task& task, std::int64_t when) const {
  for (bool again = true; again && when != never;) {
    again = false;
    for (const int c : task.channels) {
      const auto later = up(link_down_[at(timeline_.channels[at(c)].link)], when);
      again |= later > when;
      when = later;
    }
  }
  return when;
}

template <class Visit>
void PlatformHistory::for_outages(const Timeline::Task& task, Visit visit) const {
  if (task.kind != Timeline::Kind::transfer) {
    for (const auto& outage : device_down_[at(task.device)]) visit(outage);
    return;
  }
  for (const int c : task.channels)
    for (const auto& outage : link_down_[at(timeline_.channels[at(c)].link)]) visit(outage);
}

bool PlatformHistory::fails(const Timeline::Task& task, std::int64_t when) const {
  bool found = false;
  for_outages(task, [&](const Outage& outage) { found |= outage.from == when; });
  return found;
}

bool PlatformHistory::fails_between(const Timeline::Task& task, std::int64_t from,
                                    std::int64_t to) const {
  bool found = false;
  for_outages(task, [&](const Outage& outage) {
    found |= outage.from < to && from < outage.to && outage.from != outage.to;
  });
  return found;
}

}  // namespace results
