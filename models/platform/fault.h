#pragma once

#include <optional>
#include <string>

namespace models {

struct Device;
struct Link;
struct Platform;

/// What is wrong with a thing whose values each read well: the key at fault (empty: the whole
/// thing) and why. Found by the same code for files and for platforms made by code.
struct Fault {
  std::string key;
  std::string why;
};

std::optional<Fault> fault_of(const Device& device);
std::optional<Fault> fault_of(const Link& link);
/// Of the device, switch, link or route at that index, beside the others: names, ends, ways.
std::optional<Fault> fault_of_device(const Platform& platform, std::size_t index);
std::optional<Fault> fault_of_switch(const Platform& platform, std::size_t index);
std::optional<Fault> fault_of_link(const Platform& platform, std::size_t index);
std::optional<Fault> fault_of_route(const Platform& platform, std::size_t index);

}  // namespace models
