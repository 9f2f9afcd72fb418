#include <algorithm>

#include "models/error.h"
#include "models/index.h"
#include "models/problem_parts.h"

namespace models {
namespace {

int size_of(const auto& container) {
  return static_cast<int>(container.size());
}

bool is_about(const Choices::Rule& rule, const Operator& op) {
  return rule.operators == "*" || rule.operators == op.name || rule.operators == "type:" + op.type;
}

/// The rule that counts for the operator: the last one about it.
const Choices::Rule* rule_of(const Problem& problem, const Operator& op) {
  const Choices::Rule* found = nullptr;
  for (const auto& rule : problem.choices.rules)
    if (is_about(rule, op)) found = &rule;
  return found;
}

void check_rules(const Problem& problem) {
  for (const auto& rule : problem.choices.rules) {
    for (const auto& device : rule.devices)
      device_named(*problem.platform, device, "rule '" + rule.operators + "'");
    for (const auto precision : rule.precisions)
      if (std::ranges::find(problem.choices.precisions, precision) ==
          problem.choices.precisions.end())
        throw InputError("rule '" + rule.operators + "': precision '" + name_of(precision) +
                         "' is not among the scenario's precisions");
    if (std::ranges::none_of(problem.network->operators,
                             [&](const auto& op) { return is_about(rule, op); }))
      throw InputError("rule '" + rule.operators + "' is about no operator of network '" +
                       problem.network->name + "'; write a name, 'type:Conv' or '*'");
  }
}

bool permits(const Problem& problem, const Choices::Rule* rule, int device, int format) {
  if (!rule) return true;
  const auto& name = problem.platform->devices[at(device)].name;
  const bool device_fits =
      rule->devices.empty() || std::ranges::find(rule->devices, name) != rule->devices.end();
  const bool format_fits =
      rule->precisions.empty() ||
      std::ranges::find(rule->precisions, problem.format[at(format)]) != rule->precisions.end();
  return device_fits && format_fits;
}

}  // namespace

int device_named(const Platform& platform, const std::string& name, std::string_view role) {
  const int index = platform.device_index(name);
  if (index >= 0) return index;
  std::string known;
  for (const auto& each : platform.devices) known += (known.empty() ? "" : ", ") + each.name;
  throw InputError(std::string(role) + ": there is no device '" + name + "'; there are: " + known);
}

void list_options(Problem& problem) {
  check_rules(problem);
  for (int o = 0; o < problem.operators; ++o) {
    const auto& op = problem.network->operators[at(o)];
    const auto* rule = rule_of(problem, op);
    problem.option_begin.push_back(size_of(problem.option));
    for (int d = 0; d < problem.devices; ++d)
      for (int f = 0; f < problem.compute_formats; ++f)
        if (problem.duration[problem.cost_index(o, d, f)] >= 0 && permits(problem, rule, d, f))
          problem.option.push_back({static_cast<std::uint16_t>(d), static_cast<std::uint8_t>(f)});
    if (problem.option_begin.back() == size_of(problem.option))
      throw InputError("operator '" + op.name + "' (" + op.type + ") can run nowhere: no " +
                       (rule ? "permitted device has a permitted precision"
                             : "device supports it in any of the scenario's precisions"));
  }
  problem.option_begin.push_back(size_of(problem.option));
}

}  // namespace models
