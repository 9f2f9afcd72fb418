#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "models/error.h"
#include "models/platform/platform.h"
#include "models/random.h"
#include "tests/models/samples.h"

namespace models {
namespace {

using namespace std::chrono_literals;

std::vector<std::vector<Hop>> all_routes(const Platform& platform) {
  std::vector<std::vector<Hop>> routes;
  resolve_routes(platform,
                 [&](std::span<const Hop> hops) { routes.emplace_back(hops.begin(), hops.end()); });
  return routes;
}

/// "ab> bc<": the links of a route and the directions they are used in.
std::string route(const Platform& platform, std::string_view from, std::string_view to) {
  const auto routes = all_routes(platform);
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

/// A way as rules compare them: time, then hops, then names; and its hops.
struct Way {
  Time time = Time::max();
  std::vector<std::string> names;
  std::vector<Hop> hops;

  bool operator<(const Way& other) const {
    return std::tuple(time, names.size(), names) <
           std::tuple(other.time, other.names.size(), other.names);
  }
};

/// Every way without a repeated switch, tried one after the other.
struct SlowSearch {
  const Platform& platform;
  std::string to;
  Way best;

  void from(const std::string& at, const std::set<std::string>& seen, const Way& so_far,
            Time latency, double narrowest) {
    if (at == to) {
      Way way = so_far;
      way.time = latency + transfer_time(Bytes{1 << 20}, {narrowest});
      if (way < best) best = way;
      return;
    }
    if (!seen.empty() && platform.device_index(at) >= 0) return;
    auto now_seen = seen;
    now_seen.insert(at);
    for (std::size_t i = 0; i < platform.links.size(); ++i) {
      const auto& each = platform.links[i];
      if (std::find(each.ends.begin(), each.ends.end(), at) == each.ends.end()) continue;
      for (const auto& next : each.ends) {
        if (now_seen.contains(next)) continue;
        Way way = so_far;
        way.names.push_back(each.name);
        way.hops.push_back({static_cast<int>(i), each.ends.size() > 2 || at == each.ends[0]});
        from(next, now_seen, way, latency + each.latency,
             std::min(narrowest, each.bandwidth(each.lanes).value));
      }
    }
  }
};

/// Trees, rings and buses with few values, so that ties are common.
Platform random_platform(Random& random) {
  std::vector<std::string> nodes;
  Platform platform;
  const auto count = 2 + random.below(4);
  for (std::int64_t d = 0; d < count; ++d) {
    platform.devices.push_back(sample_device("d" + std::to_string(d)));
    nodes.push_back(platform.devices.back().name);
  }
  for (std::int64_t s = random.below(5); s >= 0; --s) {
    platform.switches.push_back("s" + std::to_string(s));
    nodes.push_back(platform.switches.back());
  }
  const auto size = static_cast<std::int64_t>(nodes.size());
  const auto join = [&](std::vector<std::string> ends) {
    auto& made = platform.links.emplace_back(sample_link(
        "l" + std::to_string(random.below(1000)) + "_" + std::to_string(platform.links.size()),
        std::move(ends)));
    if (made.ends.size() > 2) made.duplex = Link::Duplex::half;
    made.lanes = 1 + random.below(3);
    made.latency = Time(random.below(3) * 200'000'000);
  };
  // All hang together by switches.
  for (std::size_t i = 1; i < platform.switches.size(); ++i)
    join({platform.switches[i],
          platform.switches[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]});
  for (const auto& device : platform.devices)
    join({device.name, platform.switches[static_cast<std::size_t>(
                           random.below(static_cast<std::int64_t>(platform.switches.size())))]});
  for (auto more = random.below(5); more > 0; --more) {
    std::vector<std::string> ends;
    for (auto left = 2 + random.below(3); left > 0; --left) {
      const auto& end = nodes[static_cast<std::size_t>(random.below(size))];
      if (std::find(ends.begin(), ends.end(), end) == ends.end()) ends.push_back(end);
    }
    if (ends.size() > 1) join(ends);
  }
  return platform;
}

TEST(Routes, AreThoseOfASearchThatTriesEveryWay) {
  Random random(11);
  for (int round = 0; round < 400; ++round) {
    const Platform platform = random_platform(random);
    const auto routes = all_routes(platform);
    const auto count = platform.devices.size();
    for (std::size_t from = 0; from < count; ++from)
      for (std::size_t to = 0; to < count; ++to) {
        if (from == to) continue;
        SlowSearch search{platform, platform.devices[to].name, {}};
        search.from(platform.devices[from].name, {}, {}, Time{}, 1e30);
        const auto& found = routes[from * count + to];
        ASSERT_TRUE(found == search.best.hops)
            << "round " << round << ", from " << from << " to " << to << ": "
            << route(platform, platform.devices[from].name, platform.devices[to].name) << ", not "
            << testing::PrintToString(search.best.names);
      }
  }
}

}  // namespace
}  // namespace models
