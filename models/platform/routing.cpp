#include "models/platform/routing.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <functional>
#include <limits>
#include <numeric>
#include <tuple>

#include "models/error.h"

namespace models {
namespace {

/// What routes of least time are chosen for.
constexpr Bytes reference_size{1 << 20};

using Hops = std::vector<Hop>;

/// A way so far: its latency, and its hops with the ranks of their links' names. Ways to one place
/// compare by latency, number of hops, names; and adding the same hop to two keeps their order,
/// which is what Dijkstra's algorithm needs.
struct Way {
  Time latency{};
  std::vector<int> ranks;
  Hops hops;
};

bool shorter(const Way& a, const Way& b) {
  if (a.latency != b.latency) return a.latency < b.latency;
  if (a.ranks.size() != b.ranks.size()) return a.ranks.size() < b.ranks.size();
  return a.ranks < b.ranks;
}

Way joined(const Way& way, const Way& hop) {
  if (way.latency == Time::max()) return way;
  Way result = way;
  result.latency += hop.latency;
  result.ranks.insert(result.ranks.end(), hop.ranks.begin(), hop.ranks.end());
  result.hops.insert(result.hops.end(), hop.hops.begin(), hop.hops.end());
  return result;
}

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                                    boost::property<boost::edge_weight_t, Way>>;

class Router {
 public:
  explicit Router(const Platform& platform)
      : platform_(platform), devices_(platform.devices.size()), rank_(platform.links.size()) {
    std::vector<std::size_t> by_name(rank_.size());
    std::iota(by_name.begin(), by_name.end(), std::size_t{0});
    std::sort(by_name.begin(), by_name.end(), [&](std::size_t a, std::size_t b) {
      return platform_.links[a].name < platform_.links[b].name;
    });
    for (std::size_t i = 0; i < by_name.size(); ++i) rank_[by_name[i]] = static_cast<int>(i);
    for (const auto& link : platform_.links) bandwidths_.push_back(bandwidth(link));
    std::sort(bandwidths_.begin(), bandwidths_.end(), std::greater<>());
    bandwidths_.erase(std::unique(bandwidths_.begin(), bandwidths_.end()), bandwidths_.end());
  }

  /// The routes of least time from every device to every other; empty where there is none.
  ///
  /// A transfer holds all links of its route for size / narrowest bandwidth and then takes the sum
  /// of their latencies: a route's time is no sum over its links. But among links of at least some
  /// bandwidth the route of least latency is best, so one search per bandwidth finds the best of
  /// all.
  std::vector<Hops> routes() const {
    std::vector<Way> best(devices_ * devices_);
    for (const double narrowest : bandwidths_) {
      const Graph graph = graph_of_links(narrowest);
      for (std::size_t from = 0; from < devices_; ++from) {
        const auto ways = ways_from(graph, from);
        for (std::size_t to = 0; to < devices_; ++to) {
          auto& known = best[from * devices_ + to];
          const auto& found = ways[arriving(to)];
          if (from != to && found.latency != Time::max() && is_better(found, known)) known = found;
        }
      }
    }
    std::vector<Hops> routes;
    for (const auto& way : best) routes.push_back(way.hops);
    return routes;
  }

 private:
  static double bandwidth(const Link& link) { return link.bandwidth(link.lanes).value; }

  // Devices do not forward: each is a vertex that only sends and one that only receives. In between
  // are the switches.
  static std::size_t sending(std::size_t device) { return device; }
  std::size_t arriving(std::size_t device) const { return devices_ + device; }
  std::size_t vertex(const std::string& end, bool sends) const {
    const int device = platform_.device_index(end);
    if (device >= 0)
      return sends ? sending(static_cast<std::size_t>(device))
                   : arriving(static_cast<std::size_t>(device));
    const auto& names = platform_.switches;
    const auto place = std::find(names.begin(), names.end(), end) - names.begin();
    return 2 * devices_ + static_cast<std::size_t>(place);
  }

  Graph graph_of_links(double narrowest) const {
    Graph graph(2 * devices_ + platform_.switches.size());
    for (std::size_t i = 0; i < platform_.links.size(); ++i) {
      const auto& link = platform_.links[i];
      if (bandwidth(link) < narrowest) continue;
      for (const auto& from : link.ends)
        for (const auto& to : link.ends) {
          if (from == to) continue;
          const bool forward = link.ends.size() > 2 || from == link.ends[0];
          const Way hop{link.latency, {rank_[i]}, {{static_cast<int>(i), forward}}};
          boost::add_edge(vertex(from, true), vertex(to, false), hop, graph);
        }
    }
    return graph;
  }

  static std::vector<Way> ways_from(const Graph& graph, std::size_t device) {
    std::vector<Way> ways(boost::num_vertices(graph));
    const auto map =
        boost::make_iterator_property_map(ways.begin(), boost::get(boost::vertex_index, graph));
    boost::dijkstra_shortest_paths(graph, sending(device),
                                   boost::distance_map(map)
                                       .distance_compare(&shorter)
                                       .distance_combine(&joined)
                                       .distance_inf(Way{Time::max(), {}, {}})
                                       .distance_zero(Way{}));
    return ways;
  }

  bool is_better(const Way& a, const Way& b) const {
    if (b.hops.empty()) return true;
    const auto key = [&](const Way& way) {
      double narrowest = std::numeric_limits<double>::infinity();
      for (const auto& hop : way.hops)
        narrowest =
            std::min(narrowest, bandwidth(platform_.links[static_cast<std::size_t>(hop.link)]));
      return way.latency + transfer_time(reference_size, {narrowest});
    };
    const Time of_a = key(a), of_b = key(b);
    return std::tuple(of_a, a.ranks.size(), a.ranks) < std::tuple(of_b, b.ranks.size(), b.ranks);
  }

  const Platform& platform_;
  std::size_t devices_;
  std::vector<int> rank_;           ///< [link] position of its name among all, sorted
  std::vector<double> bandwidths_;  ///< of links at full lanes, descending, each once
};

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

void use_given_routes(const Platform& platform, std::vector<Hops>& routes) {
  const auto place = [&](const std::string& from, const std::string& to) -> Hops& {
    return routes[static_cast<std::size_t>(platform.device_index(from)) * platform.devices.size() +
                  static_cast<std::size_t>(platform.device_index(to))];
  };
  std::vector<Hops> given;
  for (const auto& route : platform.routes) {
    Hops hops;
    if (!follow(platform, route, 0, route.from, hops))
      throw InputError("the route from '" + route.from + "' to '" + route.to +
                       "' does not hold together");
    place(route.to, route.from) = reversed(platform, hops);
    given.push_back(std::move(hops));
  }
  // Last, since a way back that is given itself counts more than one turned round.
  for (std::size_t i = 0; i < given.size(); ++i)
    place(platform.routes[i].from, platform.routes[i].to) = given[i];
}

void check_kinds(const Platform& platform, const Hops& hops, const std::string& from,
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

std::vector<std::vector<Hop>> resolve_routes(const Platform& platform) {
  auto routes = Router(platform).routes();
  use_given_routes(platform, routes);
  const auto count = platform.devices.size();
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const auto& from = platform.devices[i / count].name;
    const auto& to = platform.devices[i % count].name;
    if (from == to) continue;
    if (routes[i].empty())
      throw InputError(
          "device '" + to + "' cannot be reached from '" + from +
          "'; join them by links and switches, or give a route (devices do not forward "
          "by themselves)");
    check_kinds(platform, routes[i], from, to);
  }
  return routes;
}

}  // namespace models
