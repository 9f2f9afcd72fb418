#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "models/precision/precision.h"
#include "scenarios/described.h"

namespace scenarios {

using models::About;
using models::Visitor;

namespace {

constexpr std::array<std::string_view, 2> order_words = {"strict", "ready"};

/// Formats travel through the visitor as words.
void describe_formats(std::string_view name, std::vector<models::Precision>& formats, bool wires,
                      Visitor& v, const About& about) {
  std::vector<std::string> words;
  for (const auto format : formats) words.push_back(models::name_of(format));
  v.visit(name, words, about);
  formats.clear();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto element = std::string(name) + "[" + std::to_string(i) + "]";
    const auto format = models::find_precision(words[i]);
    if (!format)
      v.refuse(element, "'" + words[i] + "' is no number format; there are " +
                            models::compute_precision_names() +
                            (wires ? " and integers int2 to int32" : ""));
    else if (!wires && !models::is_compute(*format))
      v.refuse(element, "'" + words[i] + "' is for wires only; operators compute in " +
                            models::compute_precision_names());
    else if (std::ranges::find(formats, *format) != formats.end())
      v.refuse(element, "'" + words[i] + "' is given twice");
    else
      formats.push_back(*format);
  }
}

void describe(models::Choices::Rule& rule, Visitor& v) {
  v.visit("operators", rule.operators,
          {.meaning = "an operator's name, 'type:Conv' for all of a type, or '*' for all"});
  v.visit("devices", rule.devices,
          {.meaning = "where they may run; empty: anywhere", .optional = true});
  describe_formats(
      "precisions", rule.precisions, false, v,
      {.meaning = "what they may compute in; empty: any of 'precisions'", .optional = true});
  if (rule.devices.empty() && rule.precisions.empty())
    v.refuse("", "this rule restricts nothing; give 'devices' or 'precisions'");
}

}  // namespace

void describe_choices(models::Choices& choices, Visitor& v) {
  describe_formats(
      "precisions", choices.precisions, false, v,
      {.meaning = "formats that operators may compute in; standard: [fp32]", .optional = true});
  if (choices.precisions.empty()) v.refuse("precisions", "give at least one number format");
  describe_formats("wires", choices.wires, true, v,
                   {.meaning = "formats that tensors may travel in, beside as they were produced",
                    .optional = true});
  v.list(
      "rules", choices.rules.size(),
      {.meaning = "restrictions of operators to devices and formats; later ones win",
       .optional = true},
      [&](std::size_t count) { choices.rules.resize(count); },
      [&](Visitor& inner, std::size_t i) { describe(choices.rules[i], inner); });
  v.group(
      "search", true, {.meaning = "what else is searched", .optional = true},
      [&](Visitor& inner, std::size_t) {
        inner.visit("rank", choices.rank,
                    {.meaning = "whether the order of operators is searched", .optional = true});
        inner.visit("lanes", choices.lanes,
                    {.meaning = "whether link widths are searched; if not, all lanes are powered",
                     .optional = true});
      });
  v.pick("order", choices.discipline, order_words,
         {.meaning = "whether resources keep to the plan's order or take what is ready",
          .optional = true});
}

}  // namespace scenarios
