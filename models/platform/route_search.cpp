#include "models/platform/route_search.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <queue>
#include <unordered_map>

#include "models/index.h"

namespace models {
namespace {

/// What routes of least time are chosen for.
constexpr Bytes reference_size{1 << 20};
constexpr double unlimited = std::numeric_limits<double>::infinity();
constexpr std::int32_t nothing = -1;

}  // namespace

/// A way to a switch, the last hop of it; the hops before are another way.
struct RouteSearch::Way {
  Time latency{};
  double narrowest = unlimited;
  std::int32_t hops = 0;
  std::int32_t before = nothing;
  std::int32_t at = 0;  ///< the switch
  Hop hop{};
};

/// The ways to every switch that are worth keeping: in order of latency, each wider than those
/// before it.
struct RouteSearch::Fan {
  std::vector<Way> ways;
  std::vector<std::vector<std::int32_t>> at;  ///< [switch] into ways
};

/// One whole way between two devices.
struct RouteSearch::Candidate {
  Time time = Time::max();
  std::int32_t hops = 0;
  std::int32_t way = nothing;  ///< over switches
  Hop last{};                  ///< the only one of a direct way
};

/// Dijkstra's algorithm with several ways per switch. Adding the same hop to two ways keeps their
/// order by (latency, hops, names), so whatever comes out later and is no wider is never better.
class RouteSearch::Search {
 public:
  Search(const RouteSearch& about, Fan& fan) : about_(about), fan_(fan), open_(Later{this}) {
    fan_.at.resize(about.between_.size());
  }

  void start_at(std::int32_t place) { push({.at = place}); }
  void start_with(const Step& step) { push(longer({}, nothing, step)); }

  void run() {
    while (!open_.empty()) {
      const auto index = open_.top();
      open_.pop();
      const Way way = fan_.ways[at(index)];
      auto& kept = fan_.at[at(way.at)];
      if (!kept.empty() && fan_.ways[at(kept.back())].narrowest >= way.narrowest) continue;
      kept.push_back(index);
      for (const auto& step : about_.between_[at(way.at)]) {
        const auto& there = fan_.at[at(step.end)];
        auto next = longer(way, index, step);
        if (there.empty() || fan_.ways[at(there.back())].narrowest < next.narrowest) push(next);
      }
    }
  }

 private:
  struct Later {
    const Search* search;
    bool operator()(std::int32_t a, std::int32_t b) const { return search->is_later(a, b); }
  };

  Way longer(const Way& way, std::int32_t index, const Step& step) const {
    return {.latency = way.latency + about_.latency(step.hop),
            .narrowest = std::min(way.narrowest, about_.bandwidth(step.hop)),
            .hops = way.hops + 1,
            .before = index,
            .at = step.end,
            .hop = step.hop};
  }

  void push(const Way& way) {
    fan_.ways.push_back(way);
    open_.push(static_cast<std::int32_t>(fan_.ways.size()) - 1);
  }

  bool is_later(std::int32_t a, std::int32_t b) const {
    const auto& one = fan_.ways[at(a)];
    const auto& other = fan_.ways[at(b)];
    if (one.latency != other.latency) return one.latency > other.latency;
    if (one.hops != other.hops) return one.hops > other.hops;
    return about_.compare_names(fan_, a, b) > 0;
  }

  const RouteSearch& about_;
  Fan& fan_;
  std::priority_queue<std::int32_t, std::vector<std::int32_t>, Later> open_;
};

RouteSearch::RouteSearch(const Platform& platform) : platform_(platform) {
  const auto links = platform.links.size(), devices = platform.devices.size();
  std::vector<std::size_t> by_name(links);
  std::iota(by_name.begin(), by_name.end(), std::size_t{0});
  std::ranges::sort(by_name, {},
                    [&](std::size_t i) { return std::string_view(platform.links[i].name); });
  rank_.resize(links);
  for (std::size_t i = 0; i < links; ++i) rank_[by_name[i]] = static_cast<std::int32_t>(i);
  for (const auto& link : platform.links) {
    latency_.push_back(link.latency);
    bandwidth_.push_back(link.bandwidth(link.lanes).value);
  }
  for (auto* steps : {&up_, &down_, &direct_}) steps->resize(devices);
  between_.resize(platform.switches.size());
  of_switch_.resize(platform.switches.size());
  direct_way_.resize(devices);
  add_links();
}

RouteSearch::~RouteSearch() = default;

void RouteSearch::add_links() {
  // Devices by their index, switches by its complement.
  std::unordered_map<std::string_view, std::int32_t> number;
  for (std::size_t s = 0; s < platform_.switches.size(); ++s)
    number.emplace(platform_.switches[s], ~static_cast<std::int32_t>(s));
  for (std::size_t d = 0; d < platform_.devices.size(); ++d)
    number.insert_or_assign(platform_.devices[d].name, static_cast<std::int32_t>(d));
  std::vector<std::int32_t> ends;
  for (std::size_t i = 0; i < platform_.links.size(); ++i) {
    ends.clear();
    for (const auto& end : platform_.links[i].ends) ends.push_back(number.at(end));
    for (const auto from : ends)
      for (const auto to : ends)
        if (from != to)
          add_step(from, to, {static_cast<int>(i), ends.size() > 2 || from == ends[0]});
  }
}

void RouteSearch::add_step(std::int32_t from, std::int32_t to, Hop hop) {
  if (from >= 0 && to >= 0)
    direct_[at(from)].push_back({hop, to});
  else if (from >= 0)
    up_[at(from)].push_back({hop, ~to});
  else if (to >= 0)
    down_[at(to)].push_back({hop, ~from});
  else
    between_[at(~from)].push_back({hop, ~to});
}

/// Negative if the names of the links of way `a` come before those of `b`, which has as many.
int RouteSearch::compare_names(const Fan& fan, std::int32_t a, std::int32_t b) const {
  int result = 0;  // by the first that differ, which are the last that we come to
  for (; a != b; a = fan.ways[at(a)].before, b = fan.ways[at(b)].before) {
    const auto one = rank(fan.ways[at(a)].hop), other = rank(fan.ways[at(b)].hop);
    if (one != other) result = one < other ? -1 : 1;
  }
  return result;
}

void RouteSearch::start_from(std::size_t device) {
  for (const auto& step : direct_[from_]) direct_way_[at(step.end)].clear();
  from_ = device;
  for (const auto& step : direct_[device]) direct_way_[at(step.end)].push_back(step.hop);
  const auto& up = up_[device];
  shared_up_ = up.size() == 1 ? &up.front() : nullptr;
  auto& fan = shared_up_ ? of_switch_[at(shared_up_->end)] : of_device_;
  if (!shared_up_) fan.reset();
  if (!fan) {
    fan = std::make_unique<Fan>();
    Search search(*this, *fan);
    if (shared_up_)
      search.start_at(shared_up_->end);
    else
      for (const auto& step : up) search.start_with(step);
    search.run();
  }
  fan_ = fan.get();
}

bool RouteSearch::is_better(const Candidate& a, const Candidate& b) const {
  if (a.time != b.time) return a.time < b.time;
  if (a.hops != b.hops) return a.hops < b.hops;
  // A direct way has one hop, one over switches at least two.
  const int names = a.way == nothing ? 0 : compare_names(*fan_, a.way, b.way);
  return names != 0 ? names < 0 : rank(a.last) < rank(b.last);
}

RouteSearch::Candidate RouteSearch::best_way_to(std::size_t device) const {
  Candidate best;
  const auto consider = [&](Time latency, double narrowest, Candidate candidate) {
    candidate.time = latency + transfer_time(reference_size, {narrowest});
    if (is_better(candidate, best)) best = candidate;
  };
  const auto& down = down_[device];
  const std::int32_t beside = shared_up_ ? 2 : 1;  // hops before and after a way of the fan
  if (direct_way_[device].empty() && down.size() == 1 &&
      fan_->at[at(down.front().end)].size() == 1) {  // no choice, as in a tree
    const auto only = fan_->at[at(down.front().end)].front();
    return {.time = {},
            .hops = fan_->ways[at(only)].hops + beside,
            .way = only,
            .last = down.front().hop};
  }
  for (const auto hop : direct_way_[device])
    consider(latency(hop), bandwidth(hop), {.hops = 1, .last = hop});
  for (const auto& step : down) {
    auto beyond = latency(step.hop);
    auto widest = bandwidth(step.hop);
    if (shared_up_) {
      beyond += latency(shared_up_->hop);
      widest = std::min(widest, bandwidth(shared_up_->hop));
    }
    for (const auto index : fan_->at[at(step.end)]) {
      const auto& way = fan_->ways[at(index)];
      consider(way.latency + beyond, std::min(way.narrowest, widest),
               {.hops = way.hops + beside, .way = index, .last = step.hop});
      if (way.narrowest >= widest) break;  // the others are later, and no wider in the end
    }
  }
  return best;
}

bool RouteSearch::append_way_to(std::size_t device, std::vector<Hop>& hops) {
  const auto best = best_way_to(device);
  if (best.time == Time::max()) return false;
  const auto first = hops.size();
  hops.resize(first + at(best.hops));
  auto place = hops.end();
  *--place = best.last;
  if (best.way != nothing) {
    for (auto way = best.way; way != nothing; way = fan_->ways[at(way)].before)
      if (fan_->ways[at(way)].hops > 0) *--place = fan_->ways[at(way)].hop;
    if (shared_up_) *--place = shared_up_->hop;
  }
  return true;
}

}  // namespace models
