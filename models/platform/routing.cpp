#include "models/platform/routing.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "models/error.h"
#include "models/index.h"
#include "models/platform/route_search.h"

namespace models {
namespace {

using Hops = std::vector<Hop>;

/// Follows the links of a given route. On a bus the next end is one that the next link has too.
bool follow(const Platform& platform, const Route& route, std::size_t step, const std::string& at,
            Hops& hops) {
  if (step == route.via.size()) return at == route.to;
  const int index = platform.link_index(route.via[step]);
  const auto& ends = platform.links[static_cast<std::size_t>(index)].ends;
  if (std::find(ends.begin(), ends.end(), at) == ends.end()) return false;
  hops.push_back({index, ends.size() > 2 || at == ends[0]});
  for (const auto& next : ends)
    if (next != at && follow(platform, route, step + 1, next, hops)) return true;
  hops.pop_back();
  return false;
}

Hops reversed(const Platform& platform, const Hops& hops) {
  Hops back(hops.rbegin(), hops.rend());
  for (auto& hop : back) {
    const bool bus = platform.links[static_cast<std::size_t>(hop.link)].ends.size() > 2;
    hop.forward = bus || !hop.forward;
  }
  return back;
}

/// By from * devices + to.
std::map<std::size_t, Hops> given_routes(const Platform& platform) {
  std::map<std::size_t, Hops> given, turned;
  const auto pair = [&](const std::string& from, const std::string& to) {
    return at(platform.device_index(from)) * platform.devices.size() +
           at(platform.device_index(to));
  };
  for (const auto& route : platform.routes) {
    Hops hops;
    if (!follow(platform, route, 0, route.from, hops))
      throw InputError("the route from '" + route.from + "' to '" + route.to +
                       "' does not hold together");
    turned[pair(route.to, route.from)] = reversed(platform, hops);
    given[pair(route.from, route.to)] = std::move(hops);
  }
  given.merge(turned);  // a way back that is given itself counts more than one turned round
  return given;
}

void check_kinds(const Platform& platform, std::span<const Hop> hops, const std::string& from,
                 const std::string& to) {
  const auto& first = platform.links[static_cast<std::size_t>(hops.front().link)];
  for (const auto& hop : hops) {
    const auto& link = platform.links[static_cast<std::size_t>(hop.link)];
    if (link.sharing == first.sharing) continue;
    const auto word = [](const Link& each) {
      return each.sharing == Link::Sharing::fair ? "fair" : "fifo";
    };
    throw InputError("the route from '" + from + "' to '" + to + "' mixes link '" + first.name +
                     "' (" + word(first) + ") and link '" + link.name + "' (" + word(link) +
                     "); give all links of a route the same 'sharing'");
  }
}

}  // namespace

std::optional<std::string> gap_in(const Platform& platform, const Route& route) {
  Hops hops;
  if (follow(platform, route, 0, route.from, hops)) return std::nullopt;
  return "these links do not lead from '" + route.from + "' to '" + route.to + "'";
}

void resolve_routes(const Platform& platform,
                    const std::function<void(std::span<const Hop>)>& visit) {
  const auto given = given_routes(platform);
  const auto& devices = platform.devices;
  RouteSearch search(platform);
  Hops hops;
  auto next_given = given.begin();
  for (std::size_t from = 0; from < devices.size(); ++from) {
    search.start_from(from);
    for (std::size_t to = 0; to < devices.size(); ++to) {
      hops.clear();
      if (next_given != given.end() && next_given->first == from * devices.size() + to)
        hops = (next_given++)->second;
      else if (from != to && !search.append_way_to(to, hops))
        throw InputError(
            "device '" + devices[to].name + "' cannot be reached from '" + devices[from].name +
            "'; join them by links and switches, or give a route (devices do not forward "
            "by themselves)");
      if (from != to) check_kinds(platform, hops, devices[from].name, devices[to].name);
      visit(hops);
    }
  }
}

void resolve_routes(const Platform& platform) {
  resolve_routes(platform, [](std::span<const Hop>) {});
}

}  // namespace models
