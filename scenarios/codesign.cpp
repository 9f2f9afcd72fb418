#include "scenarios/codesign.h"

#include <algorithm>
#include <array>
#include <utility>

#include "scenarios/writer.h"

namespace scenarios {

using models::About;
using models::Visitor;

namespace {

constexpr std::array<std::string_view, 2> search_words = {"nested", "joint"};
constexpr std::array<std::string_view, 4> outer_words = {"automatic", "exhaustive", "halving",
                                                         "evolution"};

Value made(Value::Kind kind) {
  Value value;
  value.kind = kind;
  return value;
}

Value path_value(const Codesign::Variable& variable, std::size_t path) {
  auto item = made(Value::Kind::mapping);
  auto name = made(Value::Kind::scalar);
  name.text = variable.axis.paths[path];
  name.quoted = true;
  item.entries.push_back({"path", {}, std::move(name)});
  auto values = made(Value::Kind::list);
  for (const auto& step : variable.axis.steps) values.items.push_back(step[path]);
  item.entries.push_back({variable.is_preset[path] ? "presets" : "values", {}, std::move(values)});
  return item;
}

/// Calls `visit` with every mapping that has a path, and what is around it.
template <class Visit>
void for_each_path(const Value& section, const Visit& visit) {
  const auto* variables = section.find("variables");
  if (variables == nullptr) return;
  for (const auto& item : variables->items) {
    if (const auto* path = item.find("path")) visit(item, *path);
    if (const auto* group = item.find("together"))
      for (const auto& one : group->items)
        if (const auto* path = one.find("path")) visit(one, *path);
  }
}

bool is_set(const Value& item, const std::vector<std::string>& set) {
  const auto* path = item.find("path");
  return path != nullptr && std::ranges::any_of(set, [&](const std::string& one) {
           return one.substr(0, one.find('=')) == path->text;
         });
}

}  // namespace

void describe(Codesign& codesign, Visitor& v) {
  v.pick("search", codesign.search, search_words,
         {.meaning = "nested: searches of plans within one of platforms; joint: both at once; "
                     "standard: nested",
          .optional = true});
  v.pick("outer", codesign.outer, outer_words,
         {.meaning = "which platforms a nested search visits: all alike, all with halving, or "
                     "a sample and neighbours of the best; standard: what the budget allows",
          .optional = true});
  v.visit("share", codesign.share,
          {.meaning = "of the budget, for the population of a joint search; standard: 0.5",
           .low = 0,
           .high = 1,
           .optional = true,
           .above_low = true});
  v.visit("least", codesign.least,
          {.meaning = "evaluations that a visit of a platform takes at least; standard: 50",
           .low = 1,
           .high = 1e9,
           .optional = true});
}

Value to_value(const Codesign& codesign) {
  Value value;
  Writer writer(value);
  auto copy = codesign;
  describe(copy, writer);
  auto list = made(Value::Kind::list);
  for (const auto& variable : codesign.variables) {
    auto group = made(Value::Kind::list);
    for (std::size_t p = 0; p < variable.axis.paths.size(); ++p)
      group.items.push_back(path_value(variable, p));
    if (group.items.size() == 1) {
      list.items.push_back(std::move(group.items.front()));
      continue;
    }
    auto item = made(Value::Kind::mapping);
    item.entries.push_back({"together", {}, std::move(group)});
    list.items.push_back(std::move(item));
  }
  value.entries.push_back({"variables", {}, std::move(list)});
  return value;
}

void drop_what_is_set(Value& file, const std::vector<std::string>& set) {
  auto* section = file.find("codesign");
  auto* variables = section == nullptr ? nullptr : section->find("variables");
  if (variables == nullptr) return;
  const auto goes = [&](const Value& item) { return is_set(item, set); };
  const bool had = !variables->items.empty();
  for (auto& item : variables->items)
    if (auto* group = item.find("together")) std::erase_if(group->items, goes);
  std::erase_if(variables->items, [&](const Value& item) {
    const auto* group = item.find("together");
    return goes(item) || (group != nullptr && group->items.empty());
  });
  if (had && variables->items.empty()) file.take("codesign");
}

void refuse_swept(const Value& section, const std::vector<Axis>& axes, Faults& faults) {
  for_each_path(section, [&](const Value&, const Value& path) {
    for (const auto& axis : axes)
      for (const auto& swept : axis.paths)
        if (swept == path.text || path.text.starts_with(swept + ".") ||
            swept.starts_with(path.text + "."))
          faults.push_back({path.place, "codesign: '" + path.text + "' is searched, and '" + swept +
                                            "' is swept; leave it to one of them"});
  });
}

void put_choice(Value& file, const Codesign::Variable& variable, std::size_t step) {
  for (std::size_t p = 0; p < variable.axis.paths.size(); ++p) {
    const auto& path = variable.axis.paths[p];
    const auto& value = variable.axis.steps[step][p];
    if (!variable.is_preset[p]) {
      put(file, path, value);
      continue;
    }
    for (const auto& entry : value.entries)
      if (entry.key != "name" && entry.key != "ends")
        put(file, path + "." + entry.key, entry.value);
  }
}

}  // namespace scenarios
