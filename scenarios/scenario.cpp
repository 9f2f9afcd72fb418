#include "scenarios/scenario.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "models/precision.h"
#include "scenarios/schema.h"
#include "scenarios/writer.h"

namespace scenarios {

using models::About;
using models::Visitor;

namespace {

constexpr std::array<std::string_view, 2> unknown_words = {"refuse", "bandwidth"};
constexpr std::array<std::string_view, 2> order_words = {"strict", "ready"};

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const auto& entry : models::metrics()) names.emplace_back(entry.name);
  return names;
}

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

std::optional<models::Metric> metric_of(std::string_view key, Visitor& v) {
  const auto metric = models::find_metric(key);
  if (!metric)
    v.refuse(key, "'" + std::string(key) + "' is no metric" + suggestion(key, metric_names()) +
                      " ('list metrics' shows them all)");
  return metric;
}

/// A bound in the unit of its metric.
void describe_bound(std::string_view key, double& bound, models::Metric metric, Visitor& v) {
  const auto& entry = models::about(metric);
  const About about{.meaning = entry.meaning, .low = 0};
  if (entry.unit == "s") {
    models::Time time{};
    time = models::Time(std::llround(bound * 1e12));
    v.visit(key, time, about);
    bound = models::seconds(time);
  } else if (entry.unit == "B") {
    models::Bytes bytes{static_cast<std::int64_t>(bound)};
    v.visit(key, bytes, about);
    bound = static_cast<double>(bytes.count);
  } else if (entry.unit == "J") {
    v.quantity(key, bound, models::Dimension::energy, about);
  } else if (entry.unit == "/s") {
    v.quantity(key, bound, models::Dimension::frequency, about);
  } else {
    v.visit(key, bound, about);
  }
}

void describe_objectives(models::Goal& goal, Visitor& v) {
  std::vector<std::string> keys;
  for (const auto& one : goal.objectives) keys.emplace_back(models::about(one.metric).name);
  v.table(
      "objectives", keys,
      {.meaning = "what is to be made better: metric and weight; standard: latency_mean",
       .optional = true},
      [&](std::size_t count) { goal.objectives.resize(count); },
      [&](Visitor& inner, std::size_t i) {
        auto& one = goal.objectives[i];
        one.metric = metric_of(keys[i], inner).value_or(one.metric);
        inner.visit(
            keys[i], one.weight,
            {.meaning = "weight in the sum that is minimised", .low = 0, .above_low = true});
      });
  if (goal.objectives.empty()) v.refuse("objectives", "give at least one metric");
  v.visit("pareto", goal.pareto,
          {.meaning = "keep all plans that are best in some way, not the least weighted sum",
           .optional = true});
}

void describe_limits(models::Goal& goal, Visitor& v) {
  std::vector<std::string> keys;
  for (const auto& one : goal.limits) keys.emplace_back(models::about(one.metric).name);
  v.table(
      "limits", keys,
      {.meaning = "what a plan must hold: metric and bound (throughput: at least, others: at most)",
       .optional = true},
      [&](std::size_t count) { goal.limits.resize(count); },
      [&](Visitor& inner, std::size_t i) {
        auto& one = goal.limits[i];
        one.metric = metric_of(keys[i], inner).value_or(one.metric);
        describe_bound(keys[i], one.bound, one.metric, inner);
      });
}

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

void describe_dims(NetworkChoice& network, Visitor& v) {
  std::vector<std::string> keys;
  for (const auto& dim : network.dims) keys.push_back(dim.first);
  v.table(
      "dims", keys,
      {.meaning = "values of the file's symbolic dimensions, such as batch: 1", .optional = true},
      [&](std::size_t count) { network.dims.resize(count); },
      [&](Visitor& inner, std::size_t i) {
        network.dims[i].first = keys[i];
        inner.visit(keys[i], network.dims[i].second,
                    {.meaning = "size of the dimension", .low = 1, .high = 1e9});
      });
}

void describe(NetworkChoice& network, Visitor& v) {
  const NetworkChoice standard;
  v.visit("file", network.file,
          {.meaning = "an ONNX file, relative to the scenario", .optional = true});
  v.visit("builtin", network.builtin, {.meaning = "a name of 'list networks'", .optional = true});
  v.visit("batch", network.batch,
          {.meaning = "inputs per request (of a built-in network)",
           .low = 1,
           .high = 65536,
           .optional = true});
  v.visit("sequence", network.sequence,
          {.meaning = "tokens per input (of a built-in transformer)",
           .low = 1,
           .high = 1 << 20,
           .optional = true});
  describe_dims(network, v);
  int by_bandwidth = network.unknown_by_bandwidth ? 1 : 0;
  v.choice("unknown_operators", by_bandwidth, unknown_words,
           {.meaning = "operators nothing is known about: refuse them, or cost them by their bytes",
            .optional = true});
  network.unknown_by_bandwidth = by_bandwidth == 1;

  if (network.file.empty() == network.builtin.empty())
    v.refuse("", "network: give either 'file' (ONNX) or 'builtin'");
  else if (network.builtin.empty() && network.batch != standard.batch)
    v.refuse("batch", "is for built-in networks; of a file, set 'dims'");
  else if (network.builtin.empty() && network.sequence != standard.sequence)
    v.refuse("sequence", "is for built-in networks; of a file, set 'dims'");
  else if (!network.builtin.empty() && !network.dims.empty())
    v.refuse("dims", "is for files; a built-in network takes 'batch' and 'sequence'");
}

bool is_folder_name(std::string_view name) {
  const auto fits = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' || letter == '.';
  };
  return !name.empty() && name.size() <= 100 && name.front() != '.' &&
         std::ranges::all_of(name, fits);
}

void describe_texts(Scenario& scenario, Visitor& v) {
  v.visit(
      "name", scenario.name,
      {.meaning = "what results are stored under; standard: the file's name", .optional = true});
  if (!is_folder_name(scenario.name))
    v.refuse("name",
             "'" + scenario.name + "' cannot name a folder; use letters, digits, '_', '-' and '.'");
  v.visit("question", scenario.question,
          {.meaning = "what the user wants to know", .optional = true});
}

}  // namespace

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

void describe(Scenario& scenario, Visitor& v) {
  describe_texts(scenario, v);
  v.group("network", true, {.meaning = "the neural network"},
          [&](Visitor& inner, std::size_t) { describe(scenario.network, inner); });
  v.group("platform", true, {.meaning = "devices and links; usually 'include: ...'"},
          [&](Visitor& inner, std::size_t) { describe(scenario.platform, inner); });
  v.group("workload", true, {.meaning = "which requests arrive, when and where", .optional = true},
          [&](Visitor& inner, std::size_t) { describe(scenario.workload, inner); });
  describe_choices(scenario.choices, v);
  describe_objectives(scenario.goal, v);
  describe_limits(scenario.goal, v);
  v.group("optimizer", true, {.meaning = "the search", .optional = true},
          [&](Visitor& inner, std::size_t) { describe(scenario.optimizer, inner); });
  v.visit("finalists", scenario.finalists,
          {.meaning = "how many of the best plans are simulated in full; standard: 1",
           .low = 1,
           .high = 1000,
           .optional = true});
  v.visit("timeline", scenario.timeline,
          {.meaning = "whether the events of the finalists are stored; standard: true",
           .optional = true});
}

std::string to_json(const Scenario& scenario) {
  Value value;
  Writer writer(value);
  auto copy = scenario;
  describe(copy, writer);
  return to_json(value);
}

std::string fingerprint(const Scenario& scenario) {
  return hash_of(to_json(scenario));
}

namespace {

constexpr std::string_view claim_schema = R"("type":"array","items":{"type":"object",
"additionalProperties":false,"properties":{"metric":{"type":"string"},"where":{"type":"object"},
"at_least":{"type":["string","number"]},"at_most":{"type":["string","number"]},
"equals":{"type":["string","number"]},"within":{"type":["string","number"]},
"compared_to":{"type":"object"},"feasible":{"type":"boolean"}}})";

}  // namespace

std::string scenario_schema() {
  Scenario scratch;
  scratch.goal.objectives.resize(models::metric_count);
  scratch.goal.limits.resize(models::metric_count);
  for (std::size_t i = 0; i < static_cast<std::size_t>(models::metric_count); ++i)
    scratch.goal.objectives[i].metric = scratch.goal.limits[i].metric =
        static_cast<models::Metric>(i);
  SchemaWriter writer;
  describe(scratch, writer);
  writer.add("sweep",
             {.meaning = "dotted paths and the values each takes in turn", .optional = true},
             R"("type":"object")");
  writer.add("seeds", {.meaning = "of the optimizer: a list, or how many", .optional = true},
             R"("type":["array","integer"])");
  writer.add("expect", {.meaning = "claims on the answer", .optional = true},
             std::string(claim_schema));
  return R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Partwise scenario",)" +
         writer.body() + "}";
}

}  // namespace scenarios
