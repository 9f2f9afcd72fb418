#include "models/platform/expenses.h"

#include <algorithm>
#include <utility>

#include "models/error.h"

namespace models {
namespace {

constexpr double mib = 1 << 20;

double given(double value) {
  return std::max(value, 0.0);
}

bool is_given(const Device::Expense& expense) {
  return std::max(
             {expense.fixed, expense.per_cell, expense.per_memory_mib, expense.per_sram_mib}) >= 0;
}

double sum_of(const Device& device, const Device::Expense& expense) {
  return given(expense.fixed) + given(expense.per_cell) * device.array.cells() +
         given(expense.per_memory_mib) * static_cast<double>(device.memory.count) / mib +
         given(expense.per_sram_mib) * static_cast<double>(device.sram.count) / mib;
}

/// Adds what a part says; notes the first that says nothing.
void add(double& sum, std::string& without, bool says, double value, const std::string& part) {
  if (says)
    sum += value;
  else if (without.empty())
    without = part;
}

/// Links of the platform with copies in place of the devices.
class Copier {
 public:
  explicit Copier(const Platform& platform) : from_(platform), to_(platform) {}

  Platform copied() {
    to_.devices.clear();
    to_.links.clear();
    for (const auto& device : from_.devices) copy(device);
    for (const auto& link : from_.links) copy(link);
    for (const auto& route : from_.routes) check(route);
    check_names();
    return std::move(to_);
  }

 private:
  void copy(const Device& device) {
    for (std::int64_t number = 1; number <= device.count; ++number) {
      auto& made = to_.devices.emplace_back(device);
      made.name = name_of_copy(device.name, number);
      made.count = 1;
    }
  }

  std::int64_t count_of(const std::string& end) const {
    const int device = from_.device_index(end);
    return device < 0 ? 1 : from_.devices[static_cast<std::size_t>(device)].count;
  }

  void copy(const Link& link) {
    std::vector<std::string> several;
    for (const auto& end : link.ends)
      if (count_of(end) != 1) several.push_back(end);
    if (link.ends.size() > 2) return copy_bus(link);
    if (several.size() > 1)
      throw InputError("link '" + link.name + "' joins '" + several[0] + "' and '" + several[1] +
                       "', which both have a 'count'; join them over a switch");
    if (several.empty()) {
      to_.links.push_back(link);
      return;
    }
    for (std::int64_t number = 1; number <= count_of(several.front()); ++number) {
      auto& made = to_.links.emplace_back(link);
      made.name = name_of_copy(link.name, number);
      std::ranges::replace(made.ends, several.front(), name_of_copy(several.front(), number));
    }
  }

  void copy_bus(const Link& link) {
    auto bus = link;
    bus.ends.clear();
    for (const auto& end : link.ends)
      for (std::int64_t number = 1; number <= count_of(end); ++number)
        bus.ends.push_back(name_of_copy(end, number));
    if (bus.ends.size() > 1) to_.links.push_back(std::move(bus));
  }

  void check(const Route& route) const {
    const auto refuse = [&](const std::string& what) {
      throw InputError("the route from '" + route.from + "' to '" + route.to + "' is over " + what +
                       ", of which there are several; leave the route out");
    };
    for (const auto& end : {route.from, route.to})
      if (count_of(end) != 1) refuse("device '" + end + "'");
    for (const auto& name : route.via)
      if (to_.link_index(name) < 0 || to_.link_index(name_of_copy(name, 2)) >= 0)
        refuse("link '" + name + "'");
  }

  void check_names() const {
    for (std::size_t i = 0; i < to_.devices.size(); ++i) {
      const auto& name = to_.devices[i].name;
      if (to_.device_index(name) != static_cast<int>(i) ||
          std::ranges::find(to_.switches, name) != to_.switches.end())
        throw InputError("'" + name + "' is the name of a copy, and is taken; rename one of them");
    }
    for (std::size_t i = 0; i < to_.links.size(); ++i)
      if (to_.link_index(to_.links[i].name) != static_cast<int>(i))
        throw InputError("'" + to_.links[i].name +
                         "' is the name of a copy of a link, and is taken; rename one of them");
  }

  const Platform& from_;
  Platform to_;
};

}  // namespace

Expenses expenses_of(const Platform& platform) {
  Expenses all;
  for (const auto& device : platform.devices) {
    const auto part = "device '" + device.name + "'";
    const auto count = static_cast<double>(device.count);
    add(all.area, all.without_area, is_given(device.area), count * sum_of(device, device.area),
        part);
    add(all.price, all.without_price, is_given(device.price), count * sum_of(device, device.price),
        part);
  }
  for (const auto& link : platform.links) {
    const auto part = "link '" + link.name + "'";
    const auto lanes = static_cast<double>(link.lanes);
    add(all.area, all.without_area, std::max(link.area, link.area_per_lane) >= 0,
        given(link.area) + lanes * given(link.area_per_lane), part);
    add(all.price, all.without_price, std::max(link.price, link.price_per_lane) >= 0,
        given(link.price) + lanes * given(link.price_per_lane), part);
  }
  if (!all.without_area.empty()) all.area = 0;
  if (!all.without_price.empty()) all.price = 0;
  return all;
}

std::string name_of_copy(const std::string& name, std::int64_t number) {
  return number == 1 ? name : name + "_" + std::to_string(number);
}

Platform with_copies(const Platform& platform) {
  const auto is_single = [](const Device& device) { return device.count == 1; };
  if (std::ranges::all_of(platform.devices, is_single)) return platform;
  return Copier(platform).copied();
}

}  // namespace models
