#include <gtest/gtest.h>

#include <algorithm>

#include "models/error.h"
#include "models/platform/platform.h"
#include "models/random.h"
#include "tests/models/samples.h"

namespace models {
namespace {

using namespace std::chrono_literals;

/// "ab> bc<": the links of a route and the directions they are used in.
std::string route(const Platform& platform, std::string_view from, std::string_view to) {
  const auto routes = resolve_routes(platform);
  std::string text;
  for (const auto& hop :
       routes[static_cast<std::size_t>(platform.device_index(from)) * platform.devices.size() +
              static_cast<std::size_t>(platform.device_index(to))])
    text += (text.empty() ? "" : " ") + platform.links[static_cast<std::size_t>(hop.link)].name +
            (hop.forward ? ">" : "<");
  return text;
}

Platform platform_of(const std::vector<std::string>& devices,
                     const std::vector<std::string>& switches,
                     const std::vector<std::pair<std::string, std::vector<std::string>>>& links) {
  Platform platform;
  for (const auto& name : devices) platform.devices.push_back(sample_device(name));
  platform.switches = switches;
  for (const auto& [name, ends] : links) {
    platform.links.push_back(sample_link(name, ends));
    if (ends.size() > 2) platform.links.back().duplex = Link::Duplex::half;
  }
  return platform;
}

Link& link(Platform& platform, std::string_view name) {
  return platform.links[static_cast<std::size_t>(platform.link_index(name))];
}

TEST(Routes, OnAStarPassItsSwitch) {
  const auto star = platform_of({"a", "b", "c"}, {"s"},
                                {{"la", {"a", "s"}}, {"lb", {"s", "b"}}, {"lc", {"s", "c"}}});
  EXPECT_EQ(route(star, "a", "b"), "la> lb>");
  EXPECT_EQ(route(star, "c", "a"), "lc< la<");
  EXPECT_EQ(route(star, "b", "b"), "");
}

TEST(Routes, OnARingOfSwitchesTakeTheShortWay) {
  const auto ring = platform_of({"a", "b"}, {"s", "t", "u", "v"},
                                {{"as", {"a", "s"}},
                                 {"st", {"s", "t"}},
                                 {"tu", {"t", "u"}},
                                 {"uv", {"u", "v"}},
                                 {"vs", {"v", "s"}},
                                 {"bv", {"b", "v"}}});
  EXPECT_EQ(route(ring, "a", "b"), "as> vs< bv<");
  EXPECT_EQ(route(ring, "b", "a"), "bv> vs> as<");
}

TEST(Routes, OnABusAreOneHopThatHasNoDirection) {
  const auto bus = platform_of({"a", "b", "c"}, {}, {{"bus", {"a", "b", "c"}}});
  EXPECT_EQ(route(bus, "a", "c"), "bus>");
  EXPECT_EQ(route(bus, "c", "a"), "bus>");
}

TEST(Routes, LeadFromABusThroughASwitch) {
  const auto platform =
      platform_of({"a", "b", "c"}, {"s"}, {{"bus", {"a", "b", "s"}}, {"up", {"c", "s"}}});
  EXPECT_EQ(route(platform, "a", "c"), "bus> up<");
  EXPECT_EQ(route(platform, "c", "b"), "up> bus>");
}

TEST(Routes, AreNotForwardedByDevices) {
  auto chain = platform_of({"a", "b", "c"}, {}, {{"ab", {"a", "b"}}, {"bc", {"b", "c"}}});
  EXPECT_THROW(resolve_routes(chain), InputError);
  chain.routes = {{"a", "c", {"ab", "bc"}}};
  EXPECT_EQ(route(chain, "a", "c"), "ab> bc>");
  EXPECT_EQ(route(chain, "c", "a"), "bc< ab<");
}

TEST(Routes, TakeTheLinkOfLeastTimeForAMebibyte) {
  auto two = platform_of({"a", "b"}, {}, {{"wide", {"a", "b"}}, {"near", {"b", "a"}}});
  link(two, "wide").lanes = 2;
  link(two, "wide").latency = 524us;  // 1 MiB at 1 GB/s takes 1048.576 us, at 2 GB/s 524.288 us
  EXPECT_EQ(route(two, "a", "b"), "wide>");
  link(two, "wide").latency = 525us;
  EXPECT_EQ(route(two, "a", "b"), "near<");
}

TEST(Routes, PayTheNarrowestLinkOnce) {
  // By the sum of times per link the way over s would lose: 2 x 1.049 ms against 1.1 + 1.049 ms.
  auto platform =
      platform_of({"a", "b"}, {"s"}, {{"d", {"a", "b"}}, {"x", {"a", "s"}}, {"y", {"s", "b"}}});
  link(platform, "d").latency = 100us;
  EXPECT_EQ(route(platform, "a", "b"), "x> y>");
}

TEST(Routes, DoNotKeepALatencyThatANarrowLinkFurtherOnMakesUseless) {
  // To s the wide link is quicker for itself; but y is narrow, so the less latent x wins in the
  // end.
  auto platform =
      platform_of({"a", "b"}, {"s"}, {{"w", {"a", "s"}}, {"x", {"a", "s"}}, {"y", {"s", "b"}}});
  link(platform, "w").lanes = 16;
  link(platform, "w").latency = 10us;
  EXPECT_EQ(route(platform, "a", "b"), "x> y>");
  link(platform, "y").lanes = 16;
  EXPECT_EQ(route(platform, "a", "b"), "w> y>");
}

TEST(Routes, BreakTiesByHopsThenByNames) {
  auto platform =
      platform_of({"a", "b"}, {"s"}, {{"a1", {"a", "s"}}, {"a2", {"s", "b"}}, {"z", {"a", "b"}}});
  EXPECT_EQ(route(platform, "a", "b"), "z>");
  platform.links.push_back(sample_link("m", {"a", "b"}));
  EXPECT_EQ(route(platform, "a", "b"), "m>");
  std::reverse(platform.links.begin(), platform.links.end());
  EXPECT_EQ(route(platform, "a", "b"), "m>");
}

TEST(Routes, GivenOnesWinAndServeTheWayBack) {
  auto platform =
      platform_of({"a", "b"}, {"s"}, {{"z", {"a", "b"}}, {"x", {"a", "s"}}, {"y", {"b", "s"}}});
  platform.routes = {{"a", "b", {"x", "y"}}};
  EXPECT_EQ(route(platform, "a", "b"), "x> y<");
  EXPECT_EQ(route(platform, "b", "a"), "y> x<");
  platform.routes = {{"a", "b", {"x", "y"}}, {"b", "a", {"z"}}};
  EXPECT_EQ(route(platform, "a", "b"), "x> y<");
  EXPECT_EQ(route(platform, "b", "a"), "z<");
}

TEST(Routes, GivenOverBusesFindTheEndThatTheNextLinkHas) {
  auto platform =
      platform_of({"a", "b", "c"}, {"s", "t"},
                  {{"bus", {"a", "s", "t", "c"}}, {"y", {"t", "b"}}, {"q", {"s", "c"}}});
  platform.routes = {{"a", "b", {"bus", "y"}}};
  EXPECT_EQ(route(platform, "a", "b"), "bus> y>");
}

TEST(Routes, DoNotMixFifoWithFair) {
  auto platform = platform_of({"a", "b"}, {"s"}, {{"x", {"a", "s"}}, {"y", {"s", "b"}}});
  link(platform, "y").sharing = Link::Sharing::fair;
  try {
    resolve_routes(platform);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "the route from 'a' to 'b' mixes link 'x' (fifo) and link 'y' (fair); give all "
                 "links of a route the same 'sharing'");
  }
}

/// Every way without a repeated switch, tried one after the other.
struct Search {
  const Platform& platform;
  std::string to;
  Time best = Time::max();

  void from(const std::string& at, Time latency, double narrowest, std::vector<std::string> seen) {
    if (at == to) {
      best = std::min(best, latency + transfer_time(Bytes{1 << 20}, {narrowest}));
      return;
    }
    if (seen.size() > 0 && platform.device_index(at) >= 0) return;
    seen.push_back(at);
    for (const auto& each : platform.links)
      for (int side = 0; side < 2; ++side) {
        const auto& next = each.ends[static_cast<std::size_t>(1 - side)];
        if (each.ends[static_cast<std::size_t>(side)] != at) continue;
        if (std::find(seen.begin(), seen.end(), next) != seen.end()) continue;
        from(next, latency + each.latency, std::min(narrowest, each.bandwidth(each.lanes).value),
             seen);
      }
  }
};

Time time_of(const Platform& platform, const std::vector<Hop>& hops) {
  Time latency{};
  double narrowest = 1e30;
  for (const auto& hop : hops) {
    const auto& each = platform.links[static_cast<std::size_t>(hop.link)];
    latency += each.latency;
    narrowest = std::min(narrowest, each.bandwidth(each.lanes).value);
  }
  return latency + transfer_time(Bytes{1 << 20}, {narrowest});
}

TEST(Routes, AreNeverSlowerThanAnyOtherWay) {
  Random random(11);
  const std::vector<std::string> nodes = {"a", "b", "s", "t", "u", "v"};
  for (int round = 0; round < 100; ++round) {
    Platform platform = platform_of({"a", "b"}, {"s", "t", "u", "v"}, {{"last", {"a", "b"}}});
    platform.links[0].latency = 5ms;
    for (int i = 0; i < 9; ++i) {
      const auto one = random.below(6), other = (one + 1 + random.below(5)) % 6;
      platform.links.push_back(sample_link(
          "l" + std::to_string(i),
          {nodes[static_cast<std::size_t>(one)], nodes[static_cast<std::size_t>(other)]}));
      platform.links.back().lanes = 1 + random.below(4);
      platform.links.back().latency = Time(random.below(400) * 1'000'000);
    }
    Search search{platform, "b"};
    search.from("a", Time{}, 1e30, {});
    EXPECT_EQ(time_of(platform, resolve_routes(platform)[1]), search.best);
  }
}

}  // namespace
}  // namespace models
