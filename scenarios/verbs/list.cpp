#include <algorithm>
#include <array>
#include <cmath>

#include "hardware/catalogue.h"
#include "models/error.h"
#include "models/metric.h"
#include "models/network/operator_kinds.h"
#include "models/network/zoo.h"
#include "models/precision/precision.h"
#include "models/units.h"
#include "optimizers/optimizer.h"
#include "optimizers/placement/solver.h"
#include "results/json_writer.h"
#include "scenarios/scenario.h"
#include "scenarios/shipped.h"
#include "scenarios/value.h"
#include "scenarios/verbs/verb.h"

namespace scenarios {
namespace {

/// A line of a list: what it is called, and what can be said about it.
struct Item {
  std::string name;
  std::vector<std::pair<std::string, std::string>> facts;  ///< in the order shown
  std::vector<optimizers::Parameter> parameters = {};
};
using Items = std::vector<Item>;

Items optimizers_there_are() {
  Items items;
  for (const auto& entry : optimizers::catalogue())
    items.push_back({std::string(entry.name),
                     {{"summary", std::string(entry.summary)}},
                     {entry.parameters.begin(), entry.parameters.end()}});
  return items;
}

Items placements_there_are() {
  Items items;
  for (const auto& entry : optimizers::placement_catalogue())
    items.push_back({std::string(entry.name), {{"summary", std::string(entry.summary)}}});
  return items;
}

Items metrics_there_are() {
  Items items;
  for (const auto& entry : models::metrics())
    items.push_back(
        {std::string(entry.name),
         {{"unit", std::string(entry.unit)},
          {"better", entry.smaller_is_better ? "smaller" : "larger"},
          {"meaning", std::string(entry.meaning) + (entry.estimated ? " (estimated)" : "")}}});
  return items;
}

Items precisions_there_are() {
  Items items;
  for (int i = 0; i < models::compute_precisions; ++i) {
    const auto format = static_cast<models::Precision>(i);
    const double decibel = models::signal_to_noise_db(format);
    items.push_back(
        {models::name_of(format),
         {{"bits", std::to_string(models::element_bits(format))},
          {"signal to noise",
           std::isfinite(decibel) ? models::pretty(decibel) + " dB (estimated)" : "the reference"},
          {"use", "operators and wires"}}});
  }
  items.push_back({"int2 .. int32", {{"bits", "2 to 32"}, {"use", "wires"}}});
  return items;
}

Items operators_there_are() {
  Items items;
  for (const auto& kind : models::operator_kinds())
    items.push_back({std::string(kind.type), {{"meaning", models::cost_text(kind)}}});
  return items;
}

/// What runs on this machine, by name.
Items kernels_there_are() {
  std::vector<const hardware::PlainRow*> rows = hardware::plain_rows();
  std::ranges::sort(rows, {}, &hardware::PlainRow::type);
  Items items;
  for (const auto* row : rows) {
    const auto* native = hardware::find_native(row->type);
    const auto or_none = [](std::string_view text) {
      return text.empty() ? std::string("-") : std::string(text);
    };
    items.push_back({std::string(row->type),
                     {{"types", std::string(row->types)},
                      {"library", std::string(row->library)},
                      {"native", or_none(native == nullptr ? "" : native->precisions)},
                      {"fuses", or_none(native == nullptr ? "" : native->fuses)}}});
  }
  return items;
}

Items networks_there_are() {
  Items items;
  for (const auto& entry : models::zoo())
    items.push_back({std::string(entry.name),
                     {{"parameters", entry.has_sequence ? "batch, sequence" : "batch"},
                      {"summary", std::string(entry.summary)}}});
  for (const auto& file : shipped_files("networks", ".onnx"))
    items.push_back({file.filename().string(), {{"file", file.string()}}});
  return items;
}

Items platforms_there_are() {
  Items items;
  for (const auto& file : shipped_files("platforms", ".yaml")) {
    const auto platform = read_platform(file);
    std::string devices;
    for (const auto& device : platform.devices)
      devices += (devices.empty() ? "" : ", ") + device.name;
    items.push_back(
        {file.stem().string(),
         {{"devices", devices}, {"meaning", platform.meaning}, {"file", file.string()}}});
  }
  return items;
}

std::string rates(const models::Device& device) {
  std::string text;
  for (const auto& format : device.formats)
    text += (text.empty() ? "" : ", ") + models::name_of(format.precision) + " " +
            models::pretty(device.matrix_rate(format).value, models::Dimension::operation_rate);
  return text;
}

Items devices_there_are() {
  Items items;
  for (const auto& file : shipped_files("platforms", ".yaml")) {
    const auto platform = read_platform(file);
    for (const auto& device : platform.devices)
      items.push_back(
          {device.name,
           {{"platform", file.stem().string()},
            {"memory", models::pretty(device.memory)},
            {"memory bandwidth",
             models::pretty(device.memory_bandwidth.value, models::Dimension::bandwidth)},
            {"slots", std::to_string(device.slots)},
            {"rates", rates(device)},
            {"static power", models::pretty(device.static_power.value, models::Dimension::power)},
            {"source", device.source}}});
  }
  return items;
}

Items links_there_are() {
  Items items;
  for (const auto& file : shipped_files("platforms", ".yaml")) {
    const auto platform = read_platform(file);
    for (const auto& link : platform.links) {
      std::string ends;
      for (const auto& end : link.ends) ends += (ends.empty() ? "" : " - ") + end;
      items.push_back(
          {link.name,
           {{"platform", file.stem().string()},
            {"ends", ends},
            {"lanes", std::to_string(link.lanes)},
            {"bandwidth",
             models::pretty(link.bandwidth(link.lanes).value, models::Dimension::bandwidth)},
            {"latency", models::pretty(link.latency)},
            {"energy", models::pretty(link.energy.value, models::Dimension::energy_per_bit)},
            {"source", link.source}}});
    }
  }
  return items;
}

struct Catalogue {
  std::string_view name;
  Items (*items)();
};

constexpr std::array<Catalogue, 10> catalogues = {{{"optimizers", optimizers_there_are},
                                                   {"placements", placements_there_are},
                                                   {"devices", devices_there_are},
                                                   {"links", links_there_are},
                                                   {"metrics", metrics_there_are},
                                                   {"precisions", precisions_there_are},
                                                   {"operators", operators_there_are},
                                                   {"kernels", kernels_there_are},
                                                   {"networks", networks_there_are},
                                                   {"platforms", platforms_there_are}}};

const Catalogue& find_catalogue(const std::string& name) {
  std::vector<std::string> names;
  std::string all;
  for (const auto& catalogue : catalogues) {
    if (catalogue.name == name) return catalogue;
    names.emplace_back(catalogue.name);
    all += (all.empty() ? "" : ", ") + names.back();
  }
  throw models::InputError("list: there is no list of '" + name + "'" + suggestion(name, names) +
                           " (there are " + all + ")");
}

std::string to_json(const Items& items) {
  using results::JsonWriter;
  JsonWriter json;
  json.begin_list();
  for (const auto& item : items) {
    json.begin_object(JsonWriter::Layout::line).member("name", item.name);
    for (const auto& [key, value] : item.facts) json.member(key, value);
    if (!item.parameters.empty()) json.key("parameters").begin_list();
    for (const auto& parameter : item.parameters)
      json.begin_object()
          .member("name", parameter.name)
          .member("standard", parameter.standard)
          .member("low", parameter.low)
          .member("high", parameter.high)
          .member("meaning", parameter.meaning)
          .end_object();
    if (!item.parameters.empty()) json.end_list();
    json.end_object();
  }
  return json.end_list().text();
}

std::string in_words(const optimizers::Parameter& parameter) {
  return "; " + std::string(parameter.name) + " " + models::shortest(parameter.standard) + " (" +
         models::shortest(parameter.low) + " to " + models::shortest(parameter.high) + ": " +
         std::string(parameter.meaning) + ")";
}

void show(const Items& items, std::ostream& out) {
  std::size_t width = 0;
  for (const auto& item : items) width = std::max(width, item.name.size());
  for (const auto& item : items) {
    std::string line = item.name + std::string(width - item.name.size(), ' ') + "  ";
    for (std::size_t i = 0; i < item.facts.size(); ++i) {
      const auto& [key, value] = item.facts[i];
      const bool speaks_for_itself = key == "summary" || key == "meaning";
      line += (i == 0 ? "" : "; ") + (speaks_for_itself ? value : key + " " + value);
    }
    for (const auto& parameter : item.parameters) line += in_words(parameter);
    out << line << '\n';
  }
}

/// The same as a table of Markdown, a column for each fact.
std::string to_markdown(const Items& items) {
  std::string head = "| name |", rule = "|---|", text;
  for (const auto& [key, value] : items.front().facts) {
    head += " " + key + " |";
    rule += "---|";
  }
  for (const auto& item : items) {
    text += "| " + item.name + " |";
    for (const auto& [key, value] : item.facts) text += " " + value + " |";
    text += "\n";
  }
  return head + "\n" + rule + "\n" + text;
}

class List final : public Verb {
 public:
  std::vector<Option> options() override {
    return {{"WHAT", "", "which list, see below", &what_, true},
            {"--markdown", "", "a table for a page", &markdown_},
            {"--json", "", "a list of objects", &json_}};
  }

  int act(const Console& console) override {
    if (what_ == "schema") {
      console.out << scenario_schema() << '\n';
      return exit_code::done;
    }
    const auto items = find_catalogue(what_).items();
    if (json_)
      console.out << to_json(items);
    else if (markdown_)
      console.out << to_markdown(items);
    else
      show(items, console.out);
    return exit_code::done;
  }

 private:
  std::string what_;
  bool json_ = false, markdown_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_list() {
  return std::make_unique<List>();
}

}  // namespace scenarios
