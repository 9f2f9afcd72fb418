#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "models/error.h"
#include "models/index.h"
#include "models/problem_parts.h"

namespace models {
namespace {

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

/// [device] whether the rule permits it.
std::vector<bool> permitted_devices(const Problem& problem, const Choices::Rule* rule) {
  std::vector<bool> permitted(at(problem.devices), !rule || rule->devices.empty());
  if (rule)
    for (const auto& name : rule->devices)
      permitted[at(problem.platform->device_index(name))] = true;
  return permitted;
}

/// [kind x compute format] whether devices of the kind support the operator there, and the rule
/// permits the format.
std::vector<bool> usable_formats(const Problem& problem, const Choices::Rule* rule, int op) {
  std::vector<bool> usable;
  const auto cells = at(problem.kinds) * at(problem.compute_formats);
  for (std::size_t i = 0; i < cells; ++i) {
    const auto format = problem.format[i % at(problem.compute_formats)];
    const bool permits = !rule || rule->precisions.empty() ||
                         std::ranges::find(rule->precisions, format) != rule->precisions.end();
    usable.push_back(permits && problem.duration[at(op) * cells + i] >= 0);
  }
  return usable;
}

/// Where a list of options begins and ends.
using List = std::pair<std::int32_t, std::int32_t>;

List append_options(Problem& problem, const std::vector<bool>& devices,
                    const std::vector<bool>& formats) {
  const auto begin = size_of(problem.option);
  for (int d = 0; d < problem.devices; ++d)
    for (int f = 0; f < problem.compute_formats; ++f)
      if (devices[at(d)] &&
          formats[at(problem.device_kind[at(d)]) * at(problem.compute_formats) + at(f)])
        problem.option.push_back({static_cast<std::uint16_t>(d), static_cast<std::uint8_t>(f)});
  return {begin, size_of(problem.option)};
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
  // With many devices lists are long, but few are different.
  std::map<std::pair<const Choices::Rule*, std::vector<bool>>, List> lists;
  for (int o = 0; o < problem.operators; ++o) {
    const auto& op = problem.network->operators[at(o)];
    const auto* rule = rule_of(problem, op);
    const auto formats = usable_formats(problem, rule, o);
    const auto [place, is_new] = lists.try_emplace({rule, formats});
    if (is_new) place->second = append_options(problem, permitted_devices(problem, rule), formats);
    const auto [begin, end] = place->second;
    if (begin == end)
      throw InputError("operator '" + op.name + "' (" + op.type + ") can run nowhere: no " +
                       (rule ? "permitted device has a permitted precision"
                             : "device supports it in any of the scenario's precisions"));
    problem.option_begin.push_back(begin);
    problem.option_end.push_back(end);
  }
}

}  // namespace models
