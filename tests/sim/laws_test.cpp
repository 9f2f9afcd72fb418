// Section 8 of docs/execution-model.md, law by law, on random cases. Law 5 is in limits_test.cpp,
// law 7 in agreement_test.cpp, law 1 in closed_form_test.cpp.
#include <future>
#include <map>
#include <string>

#include "tests/sim/each_case.h"
#include "tests/sim/reference.h"

namespace {

using namespace each_case;
using models::Timeline;

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
    for (std::size_t r = 0; r < slower->streams.front().arrivals.size(); ++r)
      slower->streams.front().arrivals[r] =
          slower->streams.front().arrivals[r] * 3 + models::Time(static_cast<std::int64_t>(r));
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
  for (auto& time : slow->streams.front().arrivals) time *= 2;
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

TEST(Law, NoChannelIsBusierThanAlways) {
  for (const auto links : {Links::fifo, Links::fair, Links::mixed})
    for_each_case({.links = links}, [](const Case&, const Outcome& outcome) {
      for (const auto& channel : outcome.channels)
        EXPECT_LE(channel.utilisation, 1 + 1e-9) << channel.name;
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
