// Hundreds of fair flows that come, go, are cancelled and see their channels change, against the
// reference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "models/random.h"
#include "sim/fast_kernel.h"
#include "tests/sim/kernel_contract.h"
#include "tests/sim/reference_flows.h"

namespace {

struct Happening {
  enum class What { start, cancel, change } what = What::start;
  std::int64_t when = 0;
  int flow = 0;
  double bytes = 0;
  std::vector<std::int32_t> route;
  std::int32_t channel = 0;
  double bandwidth = 0;
  bool done = true;  ///< a flow that has ended already is not cancelled
};

struct World {
  std::vector<double> bandwidth;
  std::vector<Happening> happenings;
  int flows = 0;
};

std::vector<std::int32_t> random_route(models::Random& random, int channels) {
  std::vector<std::int32_t> route;
  for (auto hops = 1 + random.below(3); hops > 0; --hops) {
    const auto c = static_cast<std::int32_t>(random.below(channels));
    if (std::ranges::find(route, c) == route.end()) route.push_back(c);
  }
  return route;
}

World random_world(std::uint64_t seed) {
  models::Random random(seed);
  World world;
  const bool wide = random.chance(0.3);
  const auto channels = static_cast<int>(2 + random.below(wide ? 60 : 14));
  for (int c = 0; c < channels; ++c)
    world.bandwidth.push_back(1e9 * static_cast<double>(1 + random.below(4)));
  std::vector<std::vector<std::int32_t>> routes;
  for (auto r = 1 + random.below(wide ? 300 : 30); r > 0; --r)
    routes.push_back(random_route(random, channels));
  std::int64_t now = 0;
  for (int step = 0; step < 400; ++step) {
    if (random.chance(0.6)) now += random.below(2'000'000);
    Happening it;
    it.when = now;
    const double kind = random.unit();
    if (world.flows == 0 || kind < 0.75) {
      it.flow = world.flows++;
      it.bytes = static_cast<double>(1 + random.below(random.chance(0.3) ? 40'000 : 2'000));
      it.route =
          routes[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(routes.size())))];
    } else if (kind < 0.85) {
      it.what = Happening::What::cancel;
      it.flow = static_cast<int>(random.below(world.flows));
    } else {
      it.what = Happening::What::change;
      it.channel = static_cast<std::int32_t>(random.below(channels));
      it.bandwidth = 5e8 * static_cast<double>(random.below(7));
    }
    world.happenings.push_back(it);
  }
  for (int c = 0; c < channels; ++c)  // so that nothing stands still for ever
    world.happenings.push_back({.what = Happening::What::change,
                                .when = now + 1,
                                .route = {},
                                .channel = c,
                                .bandwidth = 1e9});
  return world;
}

std::map<int, std::int64_t> ends_by_kernel(World& world) {
  sim::FastKernel kernel;
  KernelScript script(kernel, world.bandwidth, true);
  std::map<int, bool> cancelled;
  for (auto& it : world.happenings)
    script.at(it.when, [&](sim::Kernel& on) {
      switch (it.what) {
        case Happening::What::start:
          on.flow(KernelScript::activity(it.flow), it.route, it.bytes);
          break;
        case Happening::What::cancel:
          it.done = script.end(it.flow) < 0 && !cancelled[it.flow];
          if (!it.done) break;
          cancelled[it.flow] = true;
          on.cancel(KernelScript::activity(it.flow));
          break;
        case Happening::What::change:
          on.set_bandwidth(it.channel, it.bandwidth);
          break;
      }
    });
  script.run();
  std::map<int, std::int64_t> ends;
  for (int f = 0; f < world.flows; ++f)
    if (script.end(f) >= 0) ends[f] = script.end(f);
  return ends;
}

std::map<int, std::int64_t> ends_by_reference(const World& world) {
  std::vector<long double> capacity;
  for (const double each : world.bandwidth) capacity.push_back(each * 1e-12L);
  reference::Flows flows(capacity);
  std::map<int, std::int64_t> ends;
  const auto advance = [&](long double until) {
    while (!flows.empty() && flows.next_end() <= until) {
      const auto end = flows.next_end();
      for (const auto& id : flows.advance(end))
        ends[id.second] = static_cast<std::int64_t>(std::ceil(end - reference::Flows::margin));
    }
    if (std::isfinite(until)) flows.advance(until);
  };
  for (const auto& it : world.happenings) {
    advance(static_cast<long double>(it.when));
    if (it.what == Happening::What::start)
      flows.add({0, it.flow}, it.bytes, {it.route.begin(), it.route.end()});
    else if (it.what == Happening::What::change)
      flows.set_capacity(it.channel, it.bandwidth * 1e-12L);
    else if (it.done)
      flows.remove({0, it.flow});
  }
  advance(HUGE_VALL);
  return ends;
}

TEST(FairFlows, HundredsThatComeGoAndChangeEndAsInTheReference) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    auto world = random_world(seed);
    const auto actual = ends_by_kernel(world);
    const auto expected = ends_by_reference(world);
    EXPECT_GT(expected.size(), 200u) << "most flows must end";
    ASSERT_EQ(actual.size(), expected.size()) << "seed " << seed;
    for (const auto& [flow, end] : expected)
      ASSERT_NEAR(static_cast<double>(actual.at(flow)), static_cast<double>(end), 2)
          << "seed " << seed << " flow " << flow;
  }
}

TEST(FairFlows, NothingToSendTakesNoTime) {
  sim::FastKernel kernel;
  KernelScript script(kernel, {1e9}, false);
  script.at(0, [](sim::Kernel& on) { on.flow(KernelScript::activity(0), std::vector{0}, 5000); });
  script.at(7, [](sim::Kernel& on) { on.flow(KernelScript::activity(1), std::vector{0}, 0); });
  script.run();
  EXPECT_EQ(script.end(0), 5'000'000);
  EXPECT_EQ(script.end(1), 7);
}

}  // namespace
