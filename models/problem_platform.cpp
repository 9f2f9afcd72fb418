#include <algorithm>

#include "models/index.h"
#include "models/platform/expenses.h"
#include "models/problem_parts.h"

namespace models {
namespace {

/// Fills what a Problem says of devices, links and routes.
class PlatformParts {
 public:
  explicit PlatformParts(Problem& problem) : p_(problem), platform_(*problem.platform) {}

  void describe() {
    describe_devices();
    describe_links();
    describe_routes();
  }

 private:
  bool handles(const Device& device, Precision format) const {
    if (format == Precision::fp32 || device.support(format)) return true;
    if (is_compute(format)) return false;
    return std::ranges::any_of(device.formats,
                               [](const auto& each) { return is_integer(each.precision); });
  }

  void describe_devices() {
    const auto expenses = expenses_of(platform_);
    p_.area = expenses.area;
    p_.price = expenses.price;
    for (const auto& device : platform_.devices) {
      p_.capacity.push_back(device.memory.count);
      p_.slots.push_back(static_cast<std::int32_t>(device.slots));
      p_.switch_time.push_back(device.switch_time.count());
      p_.switch_energy.push_back(device.switch_energy.value);
      p_.static_power.push_back(device.static_power.value);
      p_.device_gated.push_back(device.gated);
      p_.convert_overhead.push_back(seconds(device.launch_overhead));
      p_.convert_bandwidth.push_back(device.memory_bandwidth.value /
                                     static_cast<double>(device.slots));
      p_.convert_energy.push_back(device.memory_energy.value);
      for (const auto format : p_.format) p_.handles_format.push_back(handles(device, format));
    }
  }

  void describe_links() {
    p_.links = size_of(platform_.links);
    for (int l = 0; l < p_.links; ++l) {
      const auto& link = platform_.links[at(l)];
      const bool half = link.duplex == Link::Duplex::half;
      first_channel_.push_back(p_.channels);
      p_.channels += half ? 1 : 2;
      for (int c = half ? 1 : 0; c < 2; ++c) {
        p_.channel_link.push_back(l);
        p_.channel_forward.push_back(half || c == 0);
      }
      p_.lane_bandwidth.push_back(link.bandwidth(1).value);
      p_.lane_budget.push_back(static_cast<std::int32_t>(link.lanes));
      p_.lane_power.push_back(link.lane_idle_power.value);
      p_.link_gated.push_back(link.gated);
      p_.link_fair.push_back(link.sharing == Link::Sharing::fair);
      p_.link_energy_per_bit.push_back(link.energy.value);
      p_.lane_begin.push_back(size_of(p_.lane_option));
      if (p_.choices.lanes)
        for (const auto width : link.allowed_widths())
          p_.lane_option.push_back(static_cast<std::int32_t>(width));
      else
        p_.lane_option.push_back(static_cast<std::int32_t>(link.lanes));
    }
    p_.lane_begin.push_back(size_of(p_.lane_option));
  }

  void describe_routes() {
    const auto pairs = at(p_.devices) * at(p_.devices);
    p_.route_begin.reserve(pairs + 1);
    p_.route_latency.reserve(pairs);
    p_.route_packet.reserve(pairs);
    p_.route_energy_per_bit.reserve(pairs);
    p_.route_fair.reserve(pairs);
    resolve_routes(platform_, [&](std::span<const Hop> hops) { describe_route(hops); });
    p_.route_begin.push_back(size_of(p_.route_channel));
  }

  void describe_route(std::span<const Hop> hops) {
    p_.route_begin.push_back(size_of(p_.route_channel));
    std::int64_t latency = 0, packet = 1;
    double energy = 0;
    bool fair = false;
    for (const auto& hop : hops) {
      const auto& link = platform_.links[at(hop.link)];
      const bool half = link.duplex == Link::Duplex::half;
      p_.route_channel.push_back(first_channel_[at(hop.link)] + (half || hop.forward ? 0 : 1));
      latency += link.latency.count();
      packet = std::max(packet, link.packet.count);
      energy += link.energy.value;
      fair = link.sharing == Link::Sharing::fair;
    }
    p_.route_latency.push_back(latency);
    p_.route_packet.push_back(packet);
    p_.route_energy_per_bit.push_back(energy);
    p_.route_fair.push_back(fair);
    p_.fair_links |= fair;
  }

  Problem& p_;
  const Platform& platform_;
  std::vector<int> first_channel_;  ///< by link
};

}  // namespace

void describe_platform(Problem& problem) {
  PlatformParts(problem).describe();
}

}  // namespace models
