// Section 8 of docs/execution-model.md, law by law, on random cases.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <map>
#include <string>

#include "sim/event_engine.h"
#include "tests/sim/random_case.h"
#include "tests/sim/reference.h"

namespace {

using models::Outcome;
using models::Problem;
using models::Timeline;
using random_case::Case;
using random_case::Wanted;
using Discipline = models::Plan::Discipline;
using Links = Wanted::Links;

constexpr std::uint64_t cases = 150;

std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

Outcome executed(const std::shared_ptr<const Problem>& problem, const models::Plan& plan) {
  return sim::make_event_engine(problem, {.timeline = true})->execute(plan);
}
Outcome executed(const Case& example) {
  return executed(example.problem, example.plan);
}

/// Calls `claim` with random cases that can run, and their outcomes.
template <class Claim>
void for_each_case(Wanted wanted, Claim claim) {
  int ran = 0;
  for (std::uint64_t seed = 1; seed <= cases; ++seed) {
    const auto example = random_case::make(seed, wanted);
    const auto outcome = executed(example);
    if (!outcome.infeasible.empty()) continue;
    ++ran;
    SCOPED_TRACE(random_case::description(example));
    claim(example, outcome);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(ran, static_cast<int>(cases / 2));
}

/// The same for every order and kind of link.
template <class Claim>
void for_each_kind(Wanted wanted, Claim claim) {
  for (const auto links : {Links::fifo, Links::fair, Links::mixed})
    for (const auto discipline : {Discipline::strict, Discipline::ready}) {
      wanted.links = links;
      wanted.discipline = discipline;
      for_each_case(wanted, claim);
    }
}

// Law 2. Faster devices and links, fewer waits.

void expect_no_later(const Outcome& faster, const Outcome& outcome) {
  ASSERT_EQ(faster.timeline.requests.size(), outcome.timeline.requests.size());
  for (std::size_t r = 0; r < outcome.timeline.requests.size(); ++r)
    EXPECT_LE(faster.timeline.requests[r].completed, outcome.timeline.requests[r].completed)
        << "request " << r;
}

constexpr Wanted fixed_arrivals = {.jitter = false, .closed = false, .tight = false};

TEST(Law, AFasterDeviceIsNeverLater) {
  for_each_case(fixed_arrivals, [](const Case& example, const Outcome& outcome) {
    for (int d = 0; d < example.problem->devices; ++d) {
      auto faster = std::make_shared<Problem>(*example.problem);
      for (int o = 0; o < faster->operators; ++o)
        for (int p = 0; p < faster->compute_formats; ++p) {
          auto& duration = faster->duration[faster->cost_index(o, d, p)];
          if (duration > 0) duration = duration * 5 / 7;
        }
      faster->convert_bandwidth[at(d)] *= 1.5;
      faster->convert_overhead[at(d)] *= 0.5;
      expect_no_later(executed(faster, example.plan), outcome);
    }
  });
}

TEST(Law, AFasterLinkIsNeverLater) {
  for_each_case(fixed_arrivals, [](const Case& example, const Outcome& outcome) {
    for (int l = 0; l < example.problem->links; ++l) {
      auto faster = std::make_shared<Problem>(*example.problem);
      faster->lane_bandwidth[at(l)] *= 1.7;
      expect_no_later(executed(faster, example.plan), outcome);
    }
  });
}

TEST(Law, ASmallerLatencyIsNeverLater) {
  for_each_case(fixed_arrivals, [](const Case& example, const Outcome& outcome) {
    auto faster = std::make_shared<Problem>(*example.problem);
    for (std::size_t route = 0; route < faster->route_latency.size(); route += 2)
      faster->route_latency[route] /= 3;
    expect_no_later(executed(faster, example.plan), outcome);
  });
}

// Law 3. Energy of transfers.

TEST(Law, TransferEnergyDoesNotDependOnTheRate) {
  for_each_case({.closed = false}, [](const Case& example, const Outcome& outcome) {
    auto slower = std::make_shared<Problem>(*example.problem);
    for (std::size_t r = 0; r < slower->arrivals.size(); ++r)
      slower->arrivals[r] = slower->arrivals[r] * 3 + models::Time(static_cast<std::int64_t>(r));
    EXPECT_EQ(executed(slower, example.plan).energy.transfer, outcome.energy.transfer);
  });
}

TEST(Law, HalfTheWireBitsAreHalfThePayload) {
  using models::Precision;
  for (const std::int64_t elements : {1, 7, 64, 1001}) {
    const auto bits = [&](Precision p) {
      const auto scales = p == Precision::fp16 || p == Precision::fp32 ? 0 : 32;
      return models::payload_bits(elements, p) - scales;
    };
    EXPECT_EQ(2 * bits(Precision::fp16), bits(Precision::fp32));
    EXPECT_EQ(2 * bits(Precision::int4), bits(Precision::int8));
    EXPECT_EQ(2 * bits(models::integer_of_width(12)), bits(models::integer_of_width(24)));
  }
}

// Law 4. Scaling and renumbering.

/// Everything that takes time takes twice as long.
std::shared_ptr<Problem> twice_as_slow(const Problem& problem) {
  auto slow = std::make_shared<Problem>(problem);
  for (auto& duration : slow->duration)
    if (duration > 0) duration *= 2;
  for (auto& time : slow->switch_time) time *= 2;
  for (auto& time : slow->route_latency) time *= 2;
  for (auto& time : slow->arrivals) time *= 2;
  for (auto& time : slow->convert_overhead) time *= 2;
  for (auto& rate : slow->convert_bandwidth) rate /= 2;
  for (auto& rate : slow->lane_bandwidth) rate /= 2;
  return slow;
}

/// Rounding up after doubling is not doubling after rounding up: only cases where nothing is
/// rounded.
bool scales(const Case& example, const Problem& slow) {
  const auto once = reference::lower(*example.problem, example.plan);
  const auto twice = reference::lower(slow, example.plan);
  for (std::size_t t = 0; t < once.tasks.size(); ++t)
    if (twice.tasks[t].duration != 2 * once.tasks[t].duration) return false;
  return true;
}

TEST(Law, TwiceAsSlowIsTwiceAsLate) {
  int scaled = 0;
  for (const auto discipline : {Discipline::strict, Discipline::ready})
    for_each_case(
        {.discipline = discipline, .jitter = false, .whole_bytes = true},
        [&](const Case& example, const Outcome& outcome) {
          const auto slow = twice_as_slow(*example.problem);
          if (!scales(example, *slow)) return;
          ++scaled;
          const auto slower = executed(slow, example.plan);
          EXPECT_EQ(slower.score.makespan, 2 * outcome.score.makespan);
          ASSERT_EQ(slower.timeline.records.size(), outcome.timeline.records.size());
          for (std::size_t i = 0; i < outcome.timeline.records.size(); ++i) {
            EXPECT_EQ(slower.timeline.records[i].start, 2 * outcome.timeline.records[i].start);
            EXPECT_EQ(slower.timeline.records[i].end, 2 * outcome.timeline.records[i].end);
          }
        });
  EXPECT_GT(scaled, static_cast<int>(cases / 4));
}

std::map<std::pair<int, std::string>, std::pair<std::int64_t, std::int64_t>> spans(
    const Timeline& timeline) {
  std::map<std::pair<int, std::string>, std::pair<std::int64_t, std::int64_t>> result;
  for (const auto& record : timeline.records)
    result[{record.request, reference::key_of(timeline, timeline.tasks.at(at(record.task)))}] = {
        record.start, record.end};
  return result;
}

TEST(Law, RenumberingChangesNothing) {
  for_each_kind({}, [](const Case& example, const Outcome& outcome) {
    models::Random random(example.seed);
    const auto other = random_case::renumbered(example, random);
    const auto again = executed(other);
    EXPECT_EQ(again.latencies, outcome.latencies);
    EXPECT_EQ(again.score.memory_bytes, outcome.score.memory_bytes);
    EXPECT_EQ(again.score.period_bound, outcome.score.period_bound);
    EXPECT_DOUBLE_EQ(again.score.energy_joules, outcome.score.energy_joules);
    EXPECT_EQ(spans(again.timeline), spans(outcome.timeline)) << random_case::description(other);
  });
}

// Law 5. Nothing is used beyond what there is.

std::int64_t most_at_once(std::vector<std::pair<std::int64_t, std::int64_t>> spans) {
  std::map<std::int64_t, std::int64_t> change;
  for (const auto& [begin, end] : spans)
    if (end > begin) ++change[begin], --change[end];
  std::int64_t now = 0, most = 0;
  for (const auto& [when, by] : change) most = std::max(most, now += by);
  return most;
}

TEST(Law, NoDeviceRunsMoreTasksThanSlots) {
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

TEST(Law, AFifoChannelCarriesOneTransfer) {
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

TEST(Law, FairFlowsShareNoMoreThanTheBandwidth) {
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

TEST(Law, NothingStartsBeforeWhatItReadsIsPresent) {
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

TEST(Law, MemoryStaysWithinWhatWasAdmitted) {
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
    if (device == problem.sink) tensors.at(output).until = request.completed;
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

TEST(Law, ObservedPeakIsTheMostEverHeld) {
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

TEST(Law, WorkDoneIsWorkAsked) {
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

TEST(Law, PartsAddUp) {
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
    EXPECT_EQ(outcome.score.requests, example.problem->workload.requests);
  });
}

// Law 6. The same again.

TEST(Law, SameSeedSameFingerprint) {
  std::map<std::string, std::uint64_t> seen;
  for_each_kind({}, [&](const Case& example, const Outcome& outcome) {
    EXPECT_EQ(executed(example).fingerprint, outcome.fingerprint);
    auto elsewhere = std::async(std::launch::async, [&] { return executed(example).fingerprint; });
    EXPECT_EQ(elsewhere.get(), outcome.fingerprint);
    EXPECT_FALSE(outcome.fingerprint.empty());
    seen[outcome.fingerprint] = example.seed;
  });
  EXPECT_GT(seen.size(), cases) << "different cases have different fingerprints";
}

TEST(Law, AnEngineForgetsTheLastPlan) {
  for (std::uint64_t seed = 1; seed <= cases; ++seed) {
    const auto example = random_case::make(seed, {.tight = false});
    models::Random random(seed);
    const auto other = random_case::random_plan(random, *example.problem);
    const auto engine = sim::make_event_engine(example.problem, {});
    const auto first = engine->execute(example.plan).fingerprint;
    engine->execute(other);
    EXPECT_EQ(engine->execute(example.plan).fingerprint, first);
  }
}

// Law 8. Bounds.

TEST(Law, NoPeriodIsBelowItsBound) {
  for_each_kind({.jitter = false}, [](const Case& example, const Outcome& outcome) {
    // Fair flows: every request rounds its own end up.
    const std::int64_t slack = example.problem->fair_links ? outcome.score.requests : 0;
    EXPECT_LE(outcome.score.requests * outcome.score.period_bound.count(),
              outcome.score.makespan.count() + slack);
  });
}

TEST(Law, NoLatencyIsBelowItsOwnWork) {
  for_each_kind({.jitter = false}, [](const Case& example, const Outcome& outcome) {
    std::map<int, std::int64_t> longest;  // of each device: its work in one request, on all slots
    for (const auto& task : outcome.timeline.tasks)
      if (task.kind != Timeline::Kind::transfer) longest[task.device] += task.duration;
    for (const auto latency : outcome.latencies)
      for (const auto& [device, work] : longest)
        EXPECT_GE(latency, work / example.problem->slots[at(device)]);
  });
}

}  // namespace
