#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "models/error.h"
#include "scenarios/described.h"
#include "scenarios/value.h"

namespace scenarios {

using models::About;
using models::Visitor;

namespace {

const optimizers::Parameter* parameter(const optimizers::Entry* entry, std::string_view name) {
  if (!entry) return nullptr;
  const auto found = std::ranges::find(entry->parameters, name, &optimizers::Parameter::name);
  return found == entry->parameters.end() ? nullptr : &*found;
}

const optimizers::Entry* algorithm(std::string_view name) {
  const auto all = optimizers::catalogue();
  const auto found = std::ranges::find(all, name, &optimizers::Entry::name);
  return found == all.end() ? nullptr : &*found;
}

void describe_name(OptimizerChoice& optimizer, Visitor& v) {
  v.visit("name", optimizer.name,
          {.meaning = "an algorithm of 'list optimizers'; standard: annealing", .optional = true});
  if (algorithm(optimizer.name)) return;
  std::vector<std::string> names;
  std::string all;
  for (const auto& entry : optimizers::catalogue()) {
    names.emplace_back(entry.name);
    all += (all.empty() ? "" : ", ") + names.back();
  }
  v.refuse("name", "there is no optimizer '" + optimizer.name + "'; there are " + all +
                       suggestion(optimizer.name, names));
}

void describe_setting(std::pair<std::string, double>& setting, const optimizers::Entry* entry,
                      Visitor& v) {
  const auto* known = parameter(entry, setting.first);
  v.visit(setting.first, setting.second,
          known ? About{.meaning = known->meaning, .low = known->low, .high = known->high}
                : About{.meaning = "a parameter of the algorithm"});
  if (known || !entry) return;
  std::vector<std::string> names;
  std::string all;
  for (const auto& one : entry->parameters) {
    names.emplace_back(one.name);
    all += (all.empty() ? "" : ", ") + names.back();
  }
  v.refuse(setting.first, "no such parameter of '" + std::string(entry->name) + "'" +
                              (all.empty() ? "; it has none"
                                           : "; it has " + all + suggestion(setting.first, names)));
}

}  // namespace

void describe(OptimizerChoice& optimizer, Visitor& v) {
  describe_name(optimizer, v);
  v.visit("budget", optimizer.budget,
          {.meaning = "how many plans may be scored; standard: 10000",
           .low = 1,
           .high = 1e12,
           .optional = true});
  auto limit = optimizer.time_limit.value_or(models::Time{});
  v.visit("time_limit", limit,
          {.meaning = "real time after which the search is cut short; 0 s: never",
           .low = 0,
           .optional = true});
  if (limit > models::Time{}) optimizer.time_limit = limit;
  v.visit("start", optimizer.start,
          {.meaning = "plans to start from: a plan file, a result file, or the output folder of an "
                      "earlier study",
           .optional = true,
           .not_empty = true});
  std::vector<std::string> keys;
  for (const auto& setting : optimizer.settings) keys.push_back(setting.first);
  v.table(
      "settings", keys,
      {.meaning = "parameters of the algorithm that are not to have their standard value",
       .optional = true},
      [&](std::size_t count) { optimizer.settings.resize(count); },
      [&](Visitor& inner, std::size_t i) {
        optimizer.settings[i].first = keys[i];
        describe_setting(optimizer.settings[i], algorithm(optimizer.name), inner);
      });
}

optimizers::Settings OptimizerChoice::values() const {
  const auto& entry = optimizers::find(name);
  optimizers::Settings values;
  for (const auto& one : entry.parameters) values.push_back(one.standard);
  for (const auto& [key, value] : settings) {
    const auto* known = parameter(&entry, key);
    if (!known || value < known->low || value > known->high)
      throw models::InputError("'" + name + "' takes no parameter '" + key + "' of " +
                               models::shortest(value));
    values[static_cast<std::size_t>(known - entry.parameters.data())] = value;
  }
  return values;
}

}  // namespace scenarios
