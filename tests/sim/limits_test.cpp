// Law 5 of docs/execution-model.md: nothing is used beyond what there is, and all work is done.
#include <algorithm>
#include <map>
#include <vector>

#include "tests/sim/each_case.h"
#include "tests/sim/reference.h"

namespace {

using namespace each_case;
using models::Timeline;

std::int64_t most_at_once(std::vector<std::pair<std::int64_t, std::int64_t>> spans) {
  std::map<std::int64_t, std::int64_t> change;
  for (const auto& [begin, end] : spans)
    if (end > begin) ++change[begin], --change[end];
  std::int64_t now = 0, most = 0;
  for (const auto& [when, by] : change) most = std::max(most, now += by);
  return most;
}

TEST(Limits, NoDeviceRunsMoreTasksThanSlots) {
  for_each_kind({}, [](const Case&, const Outcome& outcome) {
    const auto& timeline = outcome.timeline;
    for (std::size_t d = 0; d < timeline.devices.size(); ++d) {
      std::map<int, std::vector<std::pair<std::int64_t, std::int64_t>>> of_slot;
      for (const auto& record : timeline.records) {
        const auto& task = timeline.tasks[at(record.task)];
        if (task.kind != Timeline::Kind::transfer && task.device == static_cast<int>(d))
          of_slot[record.slot].emplace_back(record.start, record.released);
      }
      for (const auto& [slot, spans] : of_slot) {
        EXPECT_GE(slot, 0);
        EXPECT_LT(slot, timeline.devices[d].slots);
        EXPECT_LE(most_at_once(spans), 1) << "slot " << slot;
      }
    }
  });
}

TEST(Limits, AFifoChannelCarriesOneTransfer) {
  for_each_kind({}, [](const Case&, const Outcome& outcome) {
    const auto& timeline = outcome.timeline;
    for (std::size_t c = 0; c < timeline.channels.size(); ++c) {
      if (timeline.channels[c].fair) continue;
      std::vector<std::pair<std::int64_t, std::int64_t>> spans;
      for (const auto& record : timeline.records)
        for (const int used : timeline.tasks[at(record.task)].channels)
          if (used == static_cast<int>(c)) spans.emplace_back(record.start, record.released);
      EXPECT_LE(most_at_once(spans), 1) << timeline.channels[c].name;
    }
  });
}

TEST(Limits, FairFlowsShareNoMoreThanTheBandwidth) {
  for_each_case({.links = Links::fair}, [](const Case&, const Outcome& outcome) {
    const auto& timeline = outcome.timeline;
    const auto& rates = timeline.rates;
    std::map<std::pair<int, int>, double> flows;
    for (std::size_t i = 0; i < rates.size(); ++i) {
      flows[{rates[i].request, rates[i].task}] = rates[i].bytes_per_second;
      // Within the margin of 1e-3 ps an end may come before a change of a smaller fraction.
      const bool settled = i + 1 == rates.size() || rates[i].when != rates[i + 1].when ||
                           rates[i].fraction != rates[i + 1].fraction;
      if (!settled) continue;
      std::vector<double> used(timeline.channels.size());
      for (const auto& [flow, rate] : flows)
        for (const int c : timeline.tasks[at(flow.second)].channels) used[at(c)] += rate;
      for (std::size_t c = 0; c < used.size(); ++c)
        EXPECT_LE(used[c], timeline.channels[c].bandwidth * (1 + 1e-9)) << rates[i].when << " ps";
    }
  });
}

TEST(Limits, NothingStartsBeforeWhatItReadsIsPresent) {
  for_each_kind({}, [](const Case&, const Outcome& outcome) {
    const auto& timeline = outcome.timeline;
    std::map<std::pair<int, int>, const Timeline::Record*> records;
    for (const auto& record : timeline.records) records[{record.request, record.task}] = &record;
    for (const auto& record : timeline.records) {
      auto present = timeline.requests[at(record.request)].admitted;
      for (const int read : timeline.tasks[at(record.task)].reads)
        present = std::max(present, records.at({record.request, read})->end);
      EXPECT_EQ(record.ready, present);
      EXPECT_LE(record.ready, record.start);
      EXPECT_LE(record.start, record.work);
      EXPECT_LE(record.work, record.released);
      EXPECT_LE(record.released, record.end);
    }
  });
}

TEST(Limits, MemoryStaysWithinWhatWasAdmitted) {
  int waited = 0;
  for_each_kind({}, [&](const Case&, const Outcome& outcome) {
    std::vector<std::pair<std::int64_t, std::int64_t>> spans;
    for (const auto& request : outcome.timeline.requests) {
      EXPECT_LE(request.arrival, request.admitted);
      waited += request.arrival < request.admitted;
      spans.emplace_back(request.admitted, request.completed);
    }
    const auto admitted = std::max<std::int64_t>(1, most_at_once(spans));
    for (const auto& device : outcome.devices) {
      EXPECT_LE(device.weights + admitted * device.per_request, device.capacity) << device.name;
      EXPECT_LE(device.observed_peak, device.weights + admitted * device.per_request)
          << device.name;
    }
  });
  EXPECT_GT(waited, 50) << "too few requests ever waited for memory";
}

/// A number of bytes held on a device for a while.
struct Holding {
  std::int64_t from, until, bytes;
};

/// What one request holds on a device: every tensor from its making to its last reading.
void add_holdings(std::vector<Holding>& all, const Case& example, const reference::Lowered& lowered,
                  int device, const Timeline::Request& request,
                  const std::vector<const Timeline::Record*>& records) {
  const auto& problem = *example.problem;
  std::map<reference::Version, Holding> tensors;
  const auto begin = [&](const reference::Version& version, std::int64_t when) {
    if (version.device != device) return;
    const auto bytes = problem.bytes[at(version.tensor * problem.formats + version.format)];
    tensors[version] = {when, -1, bytes};
  };
  for (const auto& input : lowered.inputs) begin(input, request.admitted);
  for (std::size_t t = 0; t < lowered.tasks.size(); ++t) {
    for (const auto& made : lowered.tasks[t].makes) begin(made, records[t]->start);
    if (lowered.tasks[t].kind == Timeline::Kind::compute && lowered.tasks[t].device == device)
      all.push_back({records[t]->start, records[t]->released, lowered.tasks[t].workspace});
  }
  for (std::size_t t = 0; t < lowered.tasks.size(); ++t)
    for (const auto& read : lowered.tasks[t].reads)
      if (read.device == device)
        tensors.at(read).until = std::max(tensors.at(read).until, records[t]->released);
  for (const auto& output : lowered.outputs)
    if (device == problem.streams.front().sink) tensors.at(output).until = request.completed;
  for (auto& [version, holding] : tensors) {
    if (holding.until < 0) holding.until = request.completed;
    all.push_back(holding);
  }
}

/// What is given back at an instant is free for what starts then.
std::int64_t most_held(const std::vector<Holding>& holdings) {
  std::map<std::int64_t, std::int64_t> change;
  for (const auto& each : holdings)
    if (each.until > each.from) change[each.from] += each.bytes, change[each.until] -= each.bytes;
  std::int64_t now = 0, most = 0;
  for (const auto& [when, by] : change) most = std::max(most, now += by);
  return most;
}

TEST(Limits, ObservedPeakIsTheMostEverHeld) {
  for_each_kind({}, [](const Case& example, const Outcome& outcome) {
    const auto lowered = reference::lower(*example.problem, example.plan);
    std::vector<std::vector<const Timeline::Record*>> records(
        outcome.timeline.requests.size(),
        std::vector<const Timeline::Record*>(lowered.tasks.size()));
    bool instantaneous = false;  // what takes no time is held for no time here, but by the engine
    for (const auto& record : outcome.timeline.records) {
      records[at(record.request)][at(record.task)] = &record;
      instantaneous |= record.released == record.start;
    }
    for (int d = 0; d < example.problem->devices; ++d) {
      std::vector<Holding> holdings;
      for (std::size_t r = 0; r < records.size(); ++r)
        add_holdings(holdings, example, lowered, d, outcome.timeline.requests[r], records[r]);
      const auto& device = outcome.devices[at(d)];
      const auto expected = device.weights + most_held(holdings);
      if (instantaneous)
        EXPECT_GE(device.observed_peak, expected) << device.name;
      else
        EXPECT_EQ(device.observed_peak, expected) << device.name;
    }
  });
}

TEST(Limits, WorkDoneIsWorkAsked) {
  for_each_kind({.jitter = false}, [](const Case& example, const Outcome& outcome) {
    const auto asked = reference::lower(*example.problem, example.plan);
    const auto n = outcome.score.requests;
    ASSERT_EQ(outcome.timeline.records.size(), at(n) * asked.tasks.size());
    std::vector<std::int64_t> work(outcome.devices.size());
    for (const auto& task : asked.tasks)
      if (task.kind != Timeline::Kind::transfer) work[at(task.device)] += n * task.duration;
    for (std::size_t d = 0; d < work.size(); ++d) {
      const auto& time = outcome.devices[d].time;
      EXPECT_EQ(time.compute + time.convert, work[d]);
      EXPECT_EQ(time.total(), example.problem->slots[d] * outcome.score.makespan.count());
    }
    for (std::size_t c = 0; c < outcome.channels.size(); ++c) {
      std::int64_t bytes = 0;
      for (const auto& task : asked.tasks)
        if (std::count(task.channels.begin(), task.channels.end(), static_cast<int>(c)) > 0)
          bytes += n * task.bytes;
      EXPECT_EQ(outcome.channels[c].bytes, bytes);
    }
  });
}

TEST(Limits, PartsAddUp) {
  for_each_kind({}, [](const Case& example, const Outcome& outcome) {
    std::int64_t sum = 0;
    for (const auto latency : outcome.latencies) sum += latency;
    EXPECT_EQ(outcome.latency.total(), sum);
    double devices = 0;
    for (const auto& device : outcome.devices) {
      devices += device.joules;
      EXPECT_GE(std::min({device.time.compute, device.time.convert, device.time.switching,
                          device.time.wait_input, device.time.wait_memory, device.time.idle}),
                0);
    }
    EXPECT_NEAR(devices + outcome.energy.transfer + outcome.energy.static_links,
                outcome.energy.total(), 1e-12 * outcome.energy.total());
    EXPECT_NEAR(outcome.score.energy_joules * static_cast<double>(outcome.score.requests),
                outcome.energy.total(), 1e-12 * outcome.energy.total());
    EXPECT_EQ(outcome.score.requests, example.problem->streams.front().workload().requests);
  });
}

}  // namespace
