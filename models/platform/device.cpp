#include "models/platform/device.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "models/platform/fault.h"

namespace models {
namespace {

/// So that sums with durations stay in the range of Time.
constexpr Time longest_overhead = std::chrono::seconds(60);

constexpr std::int64_t most_buffers = 1'000'000;

constexpr std::int64_t most_copies = 1024;
constexpr std::int64_t most_cells_aside = 1 << 16;

constexpr std::array<std::string_view, 3> model_words = {"roofline", "table", "systolic"};

void set_precision(Precision& precision, const std::string& name, std::string_view key,
                   Visitor& v) {
  const auto found = find_precision(name);
  if (found && is_compute(*found))
    precision = *found;
  else
    v.refuse(key, "'" + name +
                      "' is no precision to compute in; there are: " + compute_precision_names());
}

void describe(FormatSupport& format, Visitor& v) {
  v.visit(
      "matrix_rate", format.matrix_rate,
      {.meaning = "convolutions and matrix products; a multiply-accumulate counts two operations; "
                  "the array's unless said",
       .low = 0,
       .optional = true,
       .above_low = true});
  v.visit("element_rate", format.element_rate,
          {.meaning = "all other arithmetic; a sixteenth of the matrix rate unless said",
           .low = 0,
           .optional = true});
  v.visit("operation_energy", format.operation_energy,
          {.meaning = "energy of one operation", .low = 0, .optional = true});
  v.visit("cell_rate", format.cell_rate,
          {.meaning = "multiply-accumulates of one cell of the array in one cycle; standard: 1",
           .low = 0,
           .optional = true,
           .above_low = true});
}

void describe_formats(std::vector<FormatSupport>& formats, Visitor& v) {
  std::vector<std::string> keys;
  for (const auto& format : formats) keys.push_back(name_of(format.precision));
  v.table(
      "formats", keys,
      {.meaning = "the precisions the device computes in, and how fast", .optional = true},
      [&](std::size_t count) { formats.resize(count); },
      [&](Visitor& entry, std::size_t i) {
        set_precision(formats[i].precision, keys[i], keys[i], entry);
        entry.group(keys[i], true, {.meaning = "rates and energy of one precision"},
                    [&](Visitor& inner, std::size_t) { describe(formats[i], inner); });
      });
}

void describe_efficiencies(std::vector<TypeEfficiency>& efficiencies, Visitor& v) {
  std::vector<std::string> keys;
  for (const auto& each : efficiencies) keys.push_back(each.type);
  v.table(
      "efficiencies", keys,
      {.meaning = "part of the peak rates that operators of a type reach; 'depthwise' is for "
                  "convolutions with one channel per group",
       .optional = true},
      [&](std::size_t count) { efficiencies.resize(count); },
      [&](Visitor& entry, std::size_t i) {
        efficiencies[i].type = keys[i];
        entry.visit(keys[i], efficiencies[i].part,
                    {.meaning = "part of the peak rates", .low = 0, .high = 1, .above_low = true});
      });
}

void describe(TabledDuration& entry, Visitor& v) {
  v.visit("of", entry.of, {.meaning = "an operator's name, or 'type:Conv' for all of a type"});
  std::string precision = name_of(entry.precision);
  v.visit("precision", precision, {.meaning = "the precision it was measured in"});
  set_precision(entry.precision, precision, "precision", v);
  v.visit("batch", entry.batch,
          {.meaning = "requests computed as one when it was measured", .low = 1, .optional = true});
  v.visit("duration", entry.duration, {.meaning = "how long one operator takes", .low = 0});
  v.visit(
      "energy", entry.energy,
      {.meaning = "energy of one operator; from the energies per operation and byte unless said",
       .low = 0,
       .optional = true});
}

void describe_durations(std::vector<TabledDuration>& durations, Visitor& v) {
  v.list(
      "durations", durations.size(),
      {.meaning = "of the model 'table': durations that were measured", .optional = true},
      [&](std::size_t count) { durations.resize(count); },
      [&](Visitor& item, std::size_t i) { describe(durations[i], item); });
}

void describe_power(Device& device, Visitor& v) {
  v.visit("static_power", device.static_power,
          {.meaning = "power drawn whether or not it computes", .low = 0, .optional = true});
  v.visit("gated", device.gated,
          {.meaning = "static power only while a slot is busy", .optional = true});
  v.visit("memory_energy", device.memory_energy,
          {.meaning = "energy per byte read or written", .low = 0, .optional = true});
  v.visit("switch_time", device.switch_time,
          {.meaning = "time to change the compute precision", .low = 0, .optional = true});
  v.visit("switch_energy", device.switch_energy,
          {.meaning = "energy to change the compute precision", .low = 0, .optional = true});
}

void describe_array(CellArray& array, Visitor& v) {
  v.group("array", array.rows > 0,
          {.meaning = "a grid of multiply-accumulate cells that says the matrix rates: 2 x rows x "
                      "columns x clock",
           .optional = true},
          [&](Visitor& inner, std::size_t) {
            inner.visit("rows", array.rows,
                        {.meaning = "cells that add to one sum",
                         .low = 1,
                         .high = static_cast<double>(most_cells_aside)});
            inner.visit("columns", array.columns,
                        {.meaning = "sums made side by side",
                         .low = 1,
                         .high = static_cast<double>(most_cells_aside)});
            inner.visit("clock", array.clock,
                        {.meaning = "cycles per second", .low = 0, .above_low = true});
          });
}

void describe_expenses(Device& device, Visitor& v) {
  const auto area = [&](std::string_view name, double& value, std::string_view meaning) {
    v.quantity(name, value, Dimension::area, {.meaning = meaning, .low = 0, .optional = true});
  };
  area("area", device.area.fixed, "silicon of what is not counted below");
  area("area_per_cell", device.area.per_cell, "of each cell of the array");
  area("area_per_memory_mib", device.area.per_memory_mib, "of each MiB of 'memory'");
  area("area_per_sram_mib", device.area.per_sram_mib, "of each MiB of 'sram'");
  const auto price = [&](std::string_view name, double& value, std::string_view meaning) {
    v.visit(name, value, {.meaning = meaning, .low = 0, .optional = true});
  };
  price("price", device.price.fixed, "of what is not counted below, in a unit of your choice");
  price("price_per_cell", device.price.per_cell, "of each cell of the array");
  price("price_per_memory_mib", device.price.per_memory_mib, "of each MiB of 'memory'");
  price("price_per_sram_mib", device.price.per_sram_mib, "of each MiB of 'sram'");
}

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
  if (device.slots < 1 || device.slots > 1024) return Fault{"slots", "is outside 1 to 1024"};
  if (device.buffers < 0 || device.buffers > most_buffers)
    return Fault{"buffers", "is outside 1 to " + std::to_string(most_buffers)};
  if (device.copy_engines < 0 || device.copy_engines > most_buffers)
    return Fault{"copy_engines", "is outside 1 to " + std::to_string(most_buffers)};
  if (device.launch_overhead < Time{}) return Fault{"launch_overhead", "must not be negative"};
  if (device.launch_overhead > longest_overhead)
    return Fault{"launch_overhead", "is longer than " + to_text(longest_overhead)};
  if (!is_part(device.efficiency))
    return Fault{"efficiency", "must be greater than 0 and at most 1"};
  std::set<std::string> types;
  for (const auto& each : device.efficiencies) {
    if (!types.insert(each.type).second)
      return Fault{"efficiencies", "'" + each.type + "' is given twice"};
    if (!is_part(each.part))
      return Fault{"efficiencies", "'" + each.type + "' must be greater than 0 and at most 1"};
  }
  if (!(device.static_power.value >= 0)) return Fault{"static_power", "must not be negative"};
  if (!(device.memory_energy.value >= 0)) return Fault{"memory_energy", "must not be negative"};
  if (device.switch_time < Time{}) return Fault{"switch_time", "must not be negative"};
  if (device.switch_time > longest_overhead)
    return Fault{"switch_time", "is longer than " + to_text(longest_overhead)};
  if (!(device.switch_energy.value >= 0)) return Fault{"switch_energy", "must not be negative"};
  if (device.formats.empty() && device.durations.empty())
    return Fault{"", "'formats' is missing (the precisions the device computes in, and how fast)"};
  if (auto fault = fault_of_formats(device)) return fault;
  return fault_of_durations(device);
}

const FormatSupport* Device::support(Precision precision) const {
  const auto found = std::find_if(formats.begin(), formats.end(), [&](const auto& format) {
    return format.precision == precision;
  });
  return found == formats.end() ? nullptr : &*found;
}

void describe(Device& device, Visitor& v) {
  v.visit("name", device.name, {.meaning = "what plans and reports call it"});
  v.visit(
      "source", device.source,
      {.meaning = "where the figures come from: data sheet, paper, measurement", .optional = true});
  v.pick("model", device.model, model_words,
         {.meaning = "how durations are predicted", .optional = true});
  v.visit("count", device.count,
          {.meaning = "how many of them, each with links of its own; standard: 1",
           .low = 0,
           .high = static_cast<double>(most_copies),
           .optional = true});
  describe_array(device.array, v);
  v.visit("sram", device.sram,
          {.meaning = "on-chip memory that operators are tiled into; large enough unless said",
           .low = 0,
           .optional = true,
           .above_low = true});
  v.visit("memory", device.memory,
          {.meaning = "capacity for weights and tensors", .low = 0, .above_low = true});
  v.visit("memory_bandwidth", device.memory_bandwidth,
          {.meaning = "between memory and arithmetic", .low = 0, .above_low = true});
  v.visit("slots", device.slots,
          {.meaning = "tasks at once; each owns an equal part of arithmetic and memory bandwidth",
           .low = 1,
           .high = 1024,
           .optional = true});
  v.visit("buffers", device.buffers,
          {.meaning = "arriving tensors it can hold until they are read; any number unless said",
           .low = 1,
           .high = static_cast<double>(most_buffers),
           .optional = true});
  v.visit("copy_engines", device.copy_engines,
          {.meaning = "transfers it sends or receives at once; any number unless said",
           .low = 1,
           .high = static_cast<double>(most_buffers),
           .optional = true});
  v.visit("launch_overhead", device.launch_overhead,
          {.meaning = "added to every operator and conversion", .low = 0, .optional = true});
  describe_formats(device.formats, v);
  describe_efficiencies(device.efficiencies, v);
  v.visit("efficiency", device.efficiency,
          {.meaning = "part of the peak rates that types not listed reach",
           .low = 0,
           .high = 1,
           .optional = true,
           .above_low = true});
  describe_durations(device.durations, v);
  describe_power(device, v);
  describe_expenses(device, v);
  if (const auto fault = fault_of(device)) v.refuse(fault->key, fault->why);
}

}  // namespace models
