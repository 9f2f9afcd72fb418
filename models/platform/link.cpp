#include "models/platform/link.h"

#include <algorithm>
#include <array>
#include <set>

#include "models/platform/fault.h"

namespace models {
namespace {

constexpr std::array<std::string_view, 2> duplex_words = {"full", "half"};
constexpr std::array<std::string_view, 2> sharing_words = {"fifo", "fair"};
constexpr std::int64_t most_lanes = 4096;
/// So that payloads can be rounded up to packets without overflow.
constexpr std::int64_t largest_packet = std::int64_t{1} << 30;
/// So that the latencies of any route add up without overflow.
constexpr Time longest_latency = std::chrono::seconds(60);

std::optional<Fault> fault_of_ends(const Link& link) {
  const auto& ends = link.ends;
  if (ends.size() < 2) return Fault{"ends", "a link joins two ends, or several as a bus"};
  if (std::set(ends.begin(), ends.end()).size() < ends.size())
    return Fault{"ends", "an end is given twice"};
  if (ends.size() > 2 && link.duplex != Link::Duplex::half)
    return Fault{"ends", "a link with more than two ends is a bus and needs 'duplex: half'"};
  return std::nullopt;
}

std::optional<Fault> fault_of_widths(const Link& link) {
  if (link.lanes < 1 || link.lanes > most_lanes)
    return Fault{"lanes", "is outside 1 to " + std::to_string(most_lanes)};
  if (link.widths.empty()) return std::nullopt;
  const auto [least, most] = std::minmax_element(link.widths.begin(), link.widths.end());
  if (*least < 1) return Fault{"widths", "must be at least 1"};
  if (*most != link.lanes)
    return Fault{"widths", "the largest must be the lane budget, " + std::to_string(link.lanes) +
                               ", not " + std::to_string(*most)};
  if (std::set(link.widths.begin(), link.widths.end()).size() < link.widths.size())
    return Fault{"widths", "a width is given twice"};
  return std::nullopt;
}

void describe_power(Link& link, Visitor& v) {
  v.visit("energy", link.energy, {.meaning = "energy per payload bit", .low = 0, .optional = true});
  v.visit("lane_idle_power", link.lane_idle_power,
          {.meaning = "power of each powered lane, sending or not", .low = 0, .optional = true});
  v.visit("gated", link.gated,
          {.meaning = "idle power only while something is sent", .optional = true});
  v.visit("width_change_time", link.width_change_time,
          {.meaning = "time to change the number of powered lanes", .low = 0, .optional = true});
  v.visit("width_change_energy", link.width_change_energy,
          {.meaning = "energy to change the number of powered lanes", .low = 0, .optional = true});
}

void describe_width(Link& link, Visitor& v) {
  v.visit("lanes", link.lanes,
          {.meaning = "lane budget: the most that can be powered",
           .low = 1,
           .high = static_cast<double>(most_lanes),
           .optional = true});
  v.visit("widths", link.widths,
          {.meaning = "numbers of lanes that may be powered; 1, 2, 4 up to the budget unless said",
           .low = 1,
           .high = static_cast<double>(most_lanes),
           .optional = true});
  v.visit("lane_rate", link.lane_rate,
          {.meaning = "raw rate of one lane, one way", .low = 0, .above_low = true});
  v.visit("efficiency", link.efficiency,
          {.meaning = "part of the raw rate left to payload by line coding and packet headers",
           .low = 0,
           .high = 1,
           .optional = true,
           .above_low = true});
}

void describe_expenses(Link& link, Visitor& v) {
  v.quantity("area", link.area, Dimension::area,
             {.meaning = "silicon of both ends, lanes aside", .low = 0, .optional = true});
  v.quantity("area_per_lane", link.area_per_lane, Dimension::area,
             {.meaning = "of each lane of the budget", .low = 0, .optional = true});
  v.visit("price", link.price,
          {.meaning = "lanes aside, in a unit of your choice", .low = 0, .optional = true});
  v.visit("price_per_lane", link.price_per_lane,
          {.meaning = "of each lane of the budget", .low = 0, .optional = true});
}

}  // namespace

std::optional<Fault> fault_of(const Link& link) {
  if (link.name.empty()) return Fault{"name", "must not be empty"};
  if (auto fault = fault_of_ends(link)) return fault;
  if (auto fault = fault_of_widths(link)) return fault;
  if (!(link.lane_rate.value > 0)) return Fault{"lane_rate", "must be greater than 0"};
  if (!(link.efficiency > 0 && link.efficiency <= 1))
    return Fault{"efficiency", "must be greater than 0 and at most 1"};
  if (link.latency < Time{} || link.latency > longest_latency)
    return Fault{"latency", "is outside 0 s to " + to_text(longest_latency)};
  if (!(link.bandwidth(1).value >= 1))
    return Fault{"lane_rate", "leaves less than 1 B/s of payload to a lane"};
  if (link.packet.count < 1) return Fault{"packet", "must be at least 1 B"};
  if (link.packet.count > largest_packet) return Fault{"packet", "must be at most 1 GiB"};
  if (!(link.energy.value >= 0)) return Fault{"energy", "must not be negative"};
  if (!(link.lane_idle_power.value >= 0)) return Fault{"lane_idle_power", "must not be negative"};
  if (link.width_change_time < Time{} || link.width_change_time > longest_latency)
    return Fault{"width_change_time", "is outside 0 s to " + to_text(longest_latency)};
  if (!(link.width_change_energy.value >= 0))
    return Fault{"width_change_energy", "must not be negative"};
  return std::nullopt;
}

std::vector<std::int64_t> Link::allowed_widths() const {
  std::vector<std::int64_t> allowed = widths;
  if (allowed.empty()) {
    for (std::int64_t width = 1; width < lanes; width *= 2) allowed.push_back(width);
    allowed.push_back(lanes);
  }
  std::sort(allowed.begin(), allowed.end());
  return allowed;
}

void describe(Link& link, Visitor& v) {
  v.visit("name", link.name, {.meaning = "what plans and reports call it"});
  v.visit(
      "source", link.source,
      {.meaning = "where the figures come from: data sheet, paper, measurement", .optional = true});
  v.visit("ends", link.ends, {.meaning = "names of the devices or switches it joins"});
  describe_width(link, v);
  v.visit("latency", link.latency, {.meaning = "first byte sent to first byte received", .low = 0});
  v.pick("duplex", link.duplex, duplex_words,
         {.meaning = "full: each direction has the whole rate; half: both share it",
          .optional = true});
  v.pick("sharing", link.sharing, sharing_words,
         {.meaning = "fifo: one transfer after the other; fair: all at once, each its share",
          .optional = true});
  v.visit("packet", link.packet,
          {.meaning = "payloads are rounded up to whole packets", .low = 1, .optional = true});
  describe_power(link, v);
  describe_expenses(link, v);
  if (const auto fault = fault_of(link)) v.refuse(fault->key, fault->why);
}

}  // namespace models
