#include "results/plan_names.h"

#include "results/json_document.h"

namespace results {
namespace {

const JsonValue* find(const JsonValue& value, std::string_view key) {
  if (value.object() == nullptr) return nullptr;
  for (const auto& member : *value.object())
    if (member.key == key) return &member.value;
  return nullptr;
}

}  // namespace

PlanNames plan_names(std::string_view text, const std::string& file) {
  const JsonDocument document(text, file);
  const auto& root = document.root();
  document.object(root, "the plan");
  PlanNames names;
  std::set<std::string> devices;
  if (const auto* platform = find(root, "platform"))
    names.platform = document.text(*platform, "platform");
  if (const auto* values = find(root, "platform_values"))
    for (const auto& member : document.object(*values, "platform_values"))
      names.platform_values.emplace_back(member.key, document.text(member.value, member.key));
  const auto* operators = find(root, "operators");
  if (operators == nullptr) document.refuse(root.at, "this is no plan: it has no 'operators'");
  for (const auto& member : document.object(*operators, "operators"))
    if (const auto* device = find(member.value, "device"))
      devices.insert(document.text(*device, "device"));
  if (const auto* wires = find(root, "wires"))
    for (const auto& wire : document.list(*wires, "wires")) {
      if (const auto* to = find(wire, "to")) devices.insert(document.text(*to, "to"));
      const auto* format = find(wire, "format");
      if (format == nullptr) continue;
      if (const auto known = models::find_precision(document.text(*format, "wire format")))
        names.wires.insert(*known);
    }
  if (const auto* sink = find(root, "sink")) {
    names.sink = document.text(*sink, "sink");
    devices.insert(names.sink);
  }
  if (const auto* lanes = find(root, "lanes"))
    for (const auto& member : document.object(*lanes, "lanes"))
      names.lanes[member.key] = document.whole(member.value, "a number of lanes", 1, 1 << 16);
  names.devices.assign(devices.begin(), devices.end());
  return names;
}

}  // namespace results
