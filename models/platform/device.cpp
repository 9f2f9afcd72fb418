#include "models/platform/device.h"

#include <algorithm>
#include <array>

#include "models/platform/device_limits.h"
#include "models/platform/fault.h"

namespace models {
namespace {

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

void describe_memory(Device& device, Visitor& v) {
  v.visit("sram", device.sram,
          {.meaning = "on-chip memory that operators are tiled into; large enough unless said",
           .low = 0,
           .optional = true,
           .above_low = true});
  v.visit("memory", device.memory,
          {.meaning = "capacity for weights and tensors", .low = 0, .above_low = true});
  v.visit("memory_bandwidth", device.memory_bandwidth,
          {.meaning = "between memory and arithmetic", .low = 0, .above_low = true});
}

void describe_queues(Device& device, Visitor& v) {
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
}

}  // namespace

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
  describe_memory(device, v);
  describe_queues(device, v);
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
