#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/platform/device.h"
#include "models/platform/link.h"

namespace models {

/// A device of round numbers that computes in fp32 and int8.
inline Device sample_device(std::string name) {
  Device device;
  device.name = std::move(name);
  device.memory = {1'000'000};
  device.memory_bandwidth = {1e9};
  device.formats = {{Precision::fp32, {1e9}, {1e8}, {2e-12}},
                    {Precision::int8, {4e9}, {}, {1e-12}}};
  return device;
}

/// One lane of 1 GB/s without latency.
inline Link sample_link(std::string name, std::vector<std::string> ends) {
  Link link;
  link.name = std::move(name);
  link.ends = std::move(ends);
  link.lane_rate = {1e9};
  return link;
}

}  // namespace models
