#include <set>
#include <tuple>

#include "models/platform/device.h"
#include "models/platform/device_limits.h"
#include "models/platform/fault.h"

namespace models {
namespace {

bool is_part(double part) {
  return part > 0 && part <= 1;
}

std::optional<Fault> fault_of_formats(const Device& device) {
  std::set<Precision> seen;
  for (const auto& format : device.formats) {
    if (!seen.insert(format.precision).second)
      return Fault{"formats", "'" + name_of(format.precision) + "' is given twice"};
    const auto name = "'" + name_of(format.precision) + "'";
    if (device.array.rows > 0 && format.matrix_rate.value > 0)
      return Fault{"formats", name +
                                  " has a 'matrix_rate', and the 'array' says it too; "
                                  "leave one of them out"};
    if (device.array.rows == 0 && format.matrix_rate.value == 0)
      return Fault{"formats", name + " has no 'matrix_rate', and there is no 'array' that says it"};
    if (!(device.matrix_rate(format).value > 0 && format.element_rate.value >= 0))
      return Fault{"formats", "the rates of " + name + " must be greater than 0"};
    if (!(format.operation_energy.value >= 0))
      return Fault{"formats", "the energy of '" + name_of(format.precision) + "' is negative"};
  }
  return std::nullopt;
}

std::optional<Fault> fault_of_array(const Device& device) {
  const auto& array = device.array;
  const bool given = array.rows != 0 || array.columns != 0 || array.clock.value != 0;
  const auto fits = [](std::int64_t cells) { return cells >= 1 && cells <= most_cells_aside; };
  if (given && !(fits(array.rows) && fits(array.columns) && array.clock.value > 0))
    return Fault{"array", "needs 'rows' and 'columns' from 1 to " +
                              std::to_string(most_cells_aside) + " and a 'clock' above 0"};
  if (!given && device.model == Device::Model::systolic)
    return Fault{"model", "the model 'systolic' needs an 'array'"};
  if (!given && (device.area.per_cell >= 0 || device.price.per_cell >= 0))
    return Fault{device.area.per_cell >= 0 ? "area_per_cell" : "price_per_cell",
                 "there is no 'array' whose cells could be counted"};
  return std::nullopt;
}

std::optional<Fault> fault_of_durations(const Device& device) {
  std::set<std::tuple<std::string, Precision, std::int64_t>> seen;
  for (const auto& entry : device.durations) {
    if (entry.batch < 1) return Fault{"durations", "'" + entry.of + "' has a 'batch' below 1"};
    if (!seen.insert({entry.of, entry.precision, entry.batch}).second)
      return Fault{"durations", "'" + entry.of + "' is given twice in " + name_of(entry.precision)};
    if (entry.duration < Time{} || !(entry.energy.value >= 0))
      return Fault{"durations", "'" + entry.of + "' has a negative duration or energy"};
  }
  const bool table = device.model == Device::Model::table;
  if (table && device.durations.empty())
    return Fault{"model", "the model 'table' needs 'durations'"};
  if (!table && !device.durations.empty())
    return Fault{"durations", "only the model 'table' has durations; add 'model: table'"};
  return std::nullopt;
}

std::optional<Fault> fault_of_queues(const Device& device) {
  if (device.slots < 1 || device.slots > 1024) return Fault{"slots", "is outside 1 to 1024"};
  if (device.buffers < 0 || device.buffers > most_buffers)
    return Fault{"buffers", "is outside 1 to " + std::to_string(most_buffers)};
  if (device.copy_engines < 0 || device.copy_engines > most_buffers)
    return Fault{"copy_engines", "is outside 1 to " + std::to_string(most_buffers)};
  return std::nullopt;
}

std::optional<Fault> fault_of_efficiencies(const Device& device) {
  if (!is_part(device.efficiency))
    return Fault{"efficiency", "must be greater than 0 and at most 1"};
  std::set<std::string> types;
  for (const auto& each : device.efficiencies) {
    if (!types.insert(each.type).second)
      return Fault{"efficiencies", "'" + each.type + "' is given twice"};
    if (!is_part(each.part))
      return Fault{"efficiencies", "'" + each.type + "' must be greater than 0 and at most 1"};
  }
  return std::nullopt;
}

std::optional<Fault> fault_of_power(const Device& device) {
  if (!(device.static_power.value >= 0)) return Fault{"static_power", "must not be negative"};
  if (!(device.memory_energy.value >= 0)) return Fault{"memory_energy", "must not be negative"};
  if (device.switch_time < Time{}) return Fault{"switch_time", "must not be negative"};
  if (device.switch_time > longest_overhead)
    return Fault{"switch_time", "is longer than " + to_text(longest_overhead)};
  if (!(device.switch_energy.value >= 0)) return Fault{"switch_energy", "must not be negative"};
  return std::nullopt;
}

}  // namespace

std::optional<Fault> fault_of(const Device& device) {
  if (device.name.empty()) return Fault{"name", "must not be empty"};
  if (device.count < 0 || device.count > most_copies)
    return Fault{"count", "is outside 0 to " + std::to_string(most_copies)};
  if (device.sram.count < 0) return Fault{"sram", "must not be negative"};
  if (auto fault = fault_of_array(device)) return fault;
  if (device.memory.count <= 0) return Fault{"memory", "must be greater than 0"};
  if (!(device.memory_bandwidth.value > 0))
    return Fault{"memory_bandwidth", "must be greater than 0"};
  if (auto fault = fault_of_queues(device)) return fault;
  if (device.launch_overhead < Time{}) return Fault{"launch_overhead", "must not be negative"};
  if (device.launch_overhead > longest_overhead)
    return Fault{"launch_overhead", "is longer than " + to_text(longest_overhead)};
  if (auto fault = fault_of_efficiencies(device)) return fault;
  if (auto fault = fault_of_power(device)) return fault;
  if (device.formats.empty() && device.durations.empty())
    return Fault{"", "'formats' is missing (the precisions the device computes in, and how fast)"};
  if (auto fault = fault_of_formats(device)) return fault;
  return fault_of_durations(device);
}

}  // namespace models
