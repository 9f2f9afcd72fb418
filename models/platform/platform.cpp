#include "models/platform/platform.h"

#include <algorithm>
#include <iterator>

#include "models/error.h"
#include "models/platform/fault.h"
#include "models/platform/routing.h"

namespace models {
namespace {

template <class Things>
int index_of(const Things& things, std::string_view name) {
  const auto found = std::find_if(things.begin(), things.end(),
                                  [&](const auto& each) { return each.name == name; });
  return found == things.end() ? -1 : static_cast<int>(found - things.begin());
}

bool is_switch(const Platform& platform, std::string_view name) {
  return std::count(platform.switches.begin(), platform.switches.end(), name) > 0;
}

std::string names_of_ends(const Platform& platform) {
  std::string names;
  for (const auto& device : platform.devices) names += (names.empty() ? "" : ", ") + device.name;
  for (const auto& name : platform.switches) names += (names.empty() ? "" : ", ") + name;
  return names;
}

void throw_if(const std::optional<Fault>& fault, const std::string& what) {
  if (!fault) return;
  const auto key = fault->key.substr(0, fault->key.find('['));
  throw InputError(what + ": " + (key.empty() ? "" : key + ": ") + fault->why);
}

std::string title(const Route& route) {
  return "route from '" + route.from + "' to '" + route.to + "'";
}

void describe(Route& route, Visitor& v) {
  v.visit("from", route.from, {.meaning = "the device that sends"});
  v.visit("to", route.to, {.meaning = "the device that receives"});
  v.visit("via", route.via, {.meaning = "names of links in order; backwards for the way back"});
}

/// Visits a list of things and refuses, at its place, each that does not fit the others.
template <class Thing>
void describe_list(std::string_view name, std::vector<Thing>& things, const About& about,
                   Platform& platform,
                   std::optional<Fault> (*fault_beside)(const Platform&, std::size_t), Visitor& v) {
  v.list(
      name, things.size(), about, [&](std::size_t count) { things.resize(count); },
      [&](Visitor& item, std::size_t i) {
        describe(things[i], item);
        if (const auto fault = fault_beside(platform, i)) item.refuse(fault->key, fault->why);
      });
}

}  // namespace

std::optional<Fault> fault_of_device(const Platform& platform, std::size_t index) {
  const auto& name = platform.devices[index].name;
  if (index_of(platform.devices, name) != static_cast<int>(index))
    return Fault{"name", "there are two devices '" + name + "'"};
  return std::nullopt;
}

std::optional<Fault> fault_of_switch(const Platform& platform, std::size_t index) {
  const auto& name = platform.switches[index];
  const std::string key = "switches[" + std::to_string(index) + "]";
  if (name.empty()) return Fault{key, "a name must not be empty"};
  if (platform.device_index(name) >= 0) return Fault{key, "'" + name + "' is a device already"};
  if (std::count(platform.switches.begin(), platform.switches.end(), name) > 1)
    return Fault{key, "there are two switches '" + name + "'"};
  return std::nullopt;
}

std::optional<Fault> fault_of_link(const Platform& platform, std::size_t index) {
  const auto& link = platform.links[index];
  if (platform.link_index(link.name) != static_cast<int>(index))
    return Fault{"name", "there are two links '" + link.name + "'"};
  for (std::size_t i = 0; i < link.ends.size(); ++i)
    if (const auto& end = link.ends[i]; platform.device_index(end) < 0 && !is_switch(platform, end))
      return Fault{
          "ends[" + std::to_string(i) + "]",
          "there is no device or switch '" + end + "'; there are: " + names_of_ends(platform)};
  return std::nullopt;
}

std::optional<Fault> fault_of_route(const Platform& platform, std::size_t index) {
  const auto& route = platform.routes[index];
  if (platform.device_index(route.from) < 0)
    return Fault{"from", "there is no device '" + route.from + "'"};
  if (platform.device_index(route.to) < 0)
    return Fault{"to", "there is no device '" + route.to + "'"};
  if (route.from == route.to) return Fault{"to", "is where the route starts"};
  for (std::size_t i = 0; i < index; ++i)
    if (platform.routes[i].from == route.from && platform.routes[i].to == route.to)
      return Fault{"", "the " + title(route) + " is given twice"};
  for (std::size_t i = 0; i < route.via.size(); ++i) {
    const auto& link = route.via[i];
    const std::string key = "via[" + std::to_string(i) + "]";
    if (platform.link_index(link) < 0) return Fault{key, "there is no link '" + link + "'"};
    if (std::find(route.via.begin(), route.via.end(), link) - route.via.begin() <
        static_cast<std::ptrdiff_t>(i))
      return Fault{key, "link '" + link + "' is used twice"};
  }
  if (const auto gap = gap_in(platform, route)) return Fault{"via", *gap};
  return std::nullopt;
}

int Platform::device_index(std::string_view wanted) const {
  return index_of(devices, wanted);
}
int Platform::link_index(std::string_view wanted) const {
  return index_of(links, wanted);
}

void Platform::check_parts() const {
  if (devices.empty()) throw InputError("a platform needs at least one device");
  for (std::size_t i = 0; i < devices.size(); ++i) {
    throw_if(fault_of(devices[i]), "device '" + devices[i].name + "'");
    throw_if(fault_of_device(*this, i), "device '" + devices[i].name + "'");
  }
  for (std::size_t i = 0; i < switches.size(); ++i) throw_if(fault_of_switch(*this, i), "platform");
  for (std::size_t i = 0; i < links.size(); ++i) {
    throw_if(fault_of(links[i]), "link '" + links[i].name + "'");
    throw_if(fault_of_link(*this, i), "link '" + links[i].name + "'");
  }
  for (std::size_t i = 0; i < routes.size(); ++i)
    throw_if(fault_of_route(*this, i), title(routes[i]));
}

void Platform::check() const {
  check_parts();
  resolve_routes(*this);
}

void describe(Platform& platform, Visitor& v) {
  v.visit("name", platform.name, {.meaning = "what reports call it", .optional = true});
  v.visit("meaning", platform.meaning,
          {.meaning = "what it stands for, in a sentence", .optional = true});
  describe_list("devices", platform.devices, {.meaning = "accelerators and processors"}, platform,
                fault_of_device, v);
  v.visit(
      "switches", platform.switches,
      {.meaning = "names of what forwards between links and computes nothing", .optional = true});
  for (std::size_t i = 0; i < platform.switches.size(); ++i)
    if (const auto fault = fault_of_switch(platform, i)) v.refuse(fault->key, fault->why);
  describe_list("links", platform.links,
                {.meaning = "connections of devices and switches", .optional = true}, platform,
                fault_of_link, v);
  describe_list("routes", platform.routes,
                {.meaning = "ways to take instead of those of least time", .optional = true},
                platform, fault_of_route, v);
  if (platform.devices.empty()) v.refuse("devices", "a platform needs at least one device");
}

}  // namespace models
