#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

#include "scenarios/codesign.h"

namespace scenarios {

using models::InputError;
using models::Visitor;

namespace {

constexpr std::array<std::string_view, 2> scale_words = {"linear", "log"};

/// One path of a variable as it is written; lists are read apart.
struct Draft {
  std::string path, from, to;
  std::int64_t steps = 0;
  int scale = 0;
};

void describe(Draft& draft, Visitor& v) {
  v.visit("path", draft.path, {.meaning = "what is searched, such as platform.devices.npu.memory"});
  v.visit("from", draft.from, {.meaning = "the least value, with its unit", .optional = true});
  v.visit("to", draft.to, {.meaning = "the largest value, in the same unit", .optional = true});
  v.visit("steps", draft.steps,
          {.meaning = "how many values from the least to the largest",
           .low = 2,
           .high = 1000,
           .optional = true});
  v.choice("scale", draft.scale, scale_words,
           {.meaning = "equal differences or equal factors between them", .optional = true});
}

/// A number and the unit behind it.
struct Amount {
  double number = 0;
  std::string unit;
  bool is_whole = false;
};

Amount amount_in(const std::string& text, const models::Place& place) {
  Amount amount;
  const auto end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, amount.number);
  if (error != std::errc{} || !std::isfinite(amount.number))
    throw InputError(place, "codesign: '" + text + "' is not a number");
  std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  amount.unit = unit;
  amount.is_whole =
      unit.empty() && amount.number == std::trunc(amount.number) && text.find('.') == text.npos;
  return amount;
}

/// Six digits: what machines compute differently lies beyond them.
std::string rounded(double number, bool whole) {
  if (whole) return models::shortest(std::round(number));
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", number);
  return models::shortest(std::strtod(text.data(), nullptr));
}

std::vector<Value> values_between(const Value& item, const Draft& draft) {
  const auto place = item.find("from") ? item.find("from")->place : item.place;
  if (draft.from.empty() || draft.to.empty() || draft.steps == 0)
    throw InputError(place, "codesign: give 'from', 'to' and 'steps' together");
  const auto low = amount_in(draft.from, place), high = amount_in(draft.to, item.find("to")->place);
  if (low.unit != high.unit)
    throw InputError(place, "codesign: 'from' and 'to' must have the same unit; '" + draft.from +
                                "' and '" + draft.to + "' have not");
  if (!(low.number < high.number))
    throw InputError(place, "codesign: 'from' must be less than 'to'");
  if (draft.scale == 1 && !(low.number > 0))
    throw InputError(place, "codesign: on a log scale 'from' must be greater than 0");
  std::vector<Value> values;
  for (std::int64_t k = 0; k < draft.steps; ++k) {
    const double part = static_cast<double>(k) / static_cast<double>(draft.steps - 1);
    const double number = draft.scale == 1 ? low.number * std::pow(high.number / low.number, part)
                                           : low.number + (high.number - low.number) * part;
    Value value;
    value.kind = Value::Kind::scalar;
    value.place = place;
    value.text =
        rounded(number, low.is_whole && high.is_whole) + (low.unit.empty() ? "" : " " + low.unit);
    if (values.empty() || values.back().text != value.text) values.push_back(std::move(value));
  }
  return values;
}

/// The list below `key`, which must not be empty.
std::vector<Value> listed(const Value& list, const std::string& path, const std::string& example) {
  if (list.kind == Value::Kind::list && !list.items.empty()) return list.items;
  throw InputError(list.place,
                   "codesign: expected the values of '" + path + "' as a list, like " + example);
}

std::vector<Value> presets_of(const Value& list, const std::string& path) {
  auto presets = listed(list, path, "[{include: a.yaml}, {include: b.yaml}]");
  for (const auto& preset : presets)
    if (preset.kind != Value::Kind::mapping)
      throw InputError(preset.place, "codesign: a preset is a mapping, like {lanes: 16}");
  return presets;
}

void refuse_repeats(const std::vector<Value>& values, const std::string& path) {
  std::set<std::string> seen;
  for (const auto& value : values)
    if (!seen.insert(to_json(value)).second)
      throw InputError(value.place, "codesign: '" + path + "' takes the same value twice");
}

/// Reads variables, one fault each at most.
class Reader {
 public:
  explicit Reader(Faults& faults) : faults_(faults) {}

  void read(const Value& item, Codesign& codesign) {
    Codesign::Variable variable;
    if (item.kind == Value::Kind::mapping && item.find("together") != nullptr)
      read_together(item, variable);
    else
      read_path(item, variable);
    if (!variable.axis.paths.empty()) codesign.variables.push_back(std::move(variable));
  }

 private:
  void read_together(const Value& item, Codesign::Variable& variable) {
    const auto& group = *item.find("together");
    for (const auto& entry : item.entries)
      if (entry.key != "together") {
        faults_.push_back({entry.place, "'" + entry.key + "' does not go beside 'together'"});
        return;
      }
    if (group.kind != Value::Kind::list || group.items.empty()) {
      faults_.push_back({group.place,
                         "codesign: expected a list of paths with values below "
                         "'together'"});
      return;
    }
    for (const auto& one : group.items) read_path(one, variable);
  }

  void read_path(const Value& item, Codesign::Variable& variable) {
    auto scalars = item;
    scalars.take("values");
    scalars.take("presets");
    const auto before = faults_.size();
    Draft draft;
    scenarios::read(scalars, draft, faults_);
    if (faults_.size() > before) return;
    try {
      check_path(item, draft.path);
      add(variable, item, draft);
    } catch (const InputError& error) {
      faults_.push_back({{}, error.what()});
    }
  }

  void check_path(const Value& item, const std::string& path) {
    const auto& place = item.find("path")->place;
    if (!path.starts_with("platform."))
      throw InputError(place, "codesign: '" + path +
                                  "' is no part of the platform; paths start with 'platform.'");
    for (const auto& other : paths_) {
      if (other == path) throw InputError(place, "codesign: '" + path + "' is searched twice");
      if (path.starts_with(other + ".") || other.starts_with(path + "."))
        throw InputError(place, "codesign: '" + path + "' and '" + other + "' overlap");
    }
    paths_.push_back(path);
  }

  static void add(Codesign::Variable& variable, const Value& item, const Draft& draft) {
    const auto* values = item.find("values");
    const auto* presets = item.find("presets");
    const bool is_range = item.find("from") || item.find("to") || item.find("steps");
    if ((values != nullptr) + (presets != nullptr) + is_range != 1)
      throw InputError(item.place, "codesign: give '" + draft.path +
                                       "' either 'values', or 'from', 'to' and 'steps', or "
                                       "'presets'");
    const auto all = values != nullptr    ? listed(*values, draft.path, "[1, 2]")
                     : presets != nullptr ? presets_of(*presets, draft.path)
                                          : values_between(item, draft);
    auto& axis = variable.axis;
    if (axis.paths.empty()) {
      refuse_repeats(all, draft.path);
      axis.steps.resize(all.size());
    }
    if (axis.steps.size() != all.size())
      throw InputError(item.place, "codesign: '" + draft.path + "' has " +
                                       std::to_string(all.size()) + " values, '" +
                                       axis.paths.front() + "' beside it has " +
                                       std::to_string(axis.steps.size()));
    axis.paths.push_back(draft.path);
    variable.is_preset.push_back(presets != nullptr);
    for (std::size_t k = 0; k < all.size(); ++k) axis.steps[k].push_back(all[k]);
  }

  Faults& faults_;
  std::vector<std::string> paths_;
};

}  // namespace

Codesign read_codesign(const Value& section, Faults& faults) {
  Codesign codesign;
  auto scalars = section;
  const auto variables = scalars.take("variables");
  read(scalars, codesign, faults);
  if (variables.kind != Value::Kind::list || variables.items.empty()) {
    faults.push_back({variables.kind == Value::Kind::nothing ? section.place : variables.place,
                      "codesign: expected 'variables' as a list of paths with values"});
    return codesign;
  }
  Reader reader(faults);
  for (const auto& item : variables.items) reader.read(item, codesign);
  return codesign;
}

}  // namespace scenarios
