#include "results/placement_json.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "models/error.h"
#include "models/index.h"
#include "models/placement/fault.h"
#include "models/units.h"
#include "results/json_document.h"
#include "results/json_writer.h"

namespace results {
namespace {

using models::at;
using models::PlacementEdge;
using models::PlacementFault;
using models::PlacementProblem;
using models::Time;

constexpr int most_devices = 100000;
constexpr double picoseconds_of_ms = 1e9;
/// What one number may come to in picoseconds or bytes; sums have a limit of their own.
constexpr double most = 0x1p61;

const std::vector<std::string> graph_keys = {"maxSizePerFPGA", "maxFPGAs", "maxCPUs", "nodes",
                                             "edges"};
const std::vector<std::string> node_keys = {
    "id",   "supportedOnFpga", "cpuLatency", "fpgaLatency", "isBackwardNode", "colorClass", "size",
    "name", "layerId"};
const std::vector<std::string> edge_keys = {"sourceId", "destId", "cost", "size"};

class Reader {
 public:
  Reader(const JsonDocument& document, const PlacementOptions& options)
      : document_(document), options_(options) {}

  PlacementFile read() {
    JsonKeys keys(document_, document_.root(), "the graph");
    auto& problem = file_.problem;
    problem.objective = options_.objective;
    read_devices(keys);
    note_unknown(document_.root(), "the graph", graph_keys);
    const auto& nodes = keys.need("nodes");
    nodes_at_ = nodes.at;
    for (const auto& node : document_.list(nodes, "'nodes'")) read_node(node);
    costs_.resize(problem.nodes.size());
    for (const auto& edge : document_.list(keys.need("edges"), "'edges'")) read_edge(edge);
    if (without_size_ > 0)
      file_.notes.push_back(without_size_ == 1
                                ? "1 node has no 'size': it counts as 0 bytes"
                                : std::to_string(without_size_) +
                                      " nodes have no 'size': they count as 0 bytes");
    try {
      finish(problem, edges_, colours_);
    } catch (const PlacementFault& fault) {
      document_.refuse(place_of(fault), fault.what());
    }
    return std::move(file_);
  }

 private:
  std::size_t place_of(const PlacementFault& fault) const {
    using Part = PlacementFault::Part;
    switch (fault.part()) {
      case Part::node:
        return at(node_at_, fault.index());
      case Part::edge:
        return at(edge_at_, fault.index());
      // What was asked for instead stands in no file.
      case Part::memory:
        return options_.memory ? nodes_at_ : memory_at_;
      case Part::devices:
        return options_.cpus && options_.accelerators ? nodes_at_
               : options_.cpus                        ? accelerators_at_
                                                      : cpus_at_;
      case Part::nodes:
        break;
    }
    return nodes_at_;
  }

  void read_devices(JsonKeys& keys) {
    auto& problem = file_.problem;
    const auto count = [&](const char* key, std::size_t& place) {
      const auto& value = keys.need(key);
      place = value.at;
      return static_cast<int>(whole(value, "'" + std::string(key) + "'", 0, most_devices));
    };
    const auto& memory = keys.need("maxSizePerFPGA");
    memory_at_ = memory.at;
    problem.memory = bytes(memory, "'maxSizePerFPGA'", false);
    problem.accelerators = count("maxFPGAs", accelerators_at_);
    problem.cpus = count("maxCPUs", cpus_at_);
    if (options_.accelerators) problem.accelerators = *options_.accelerators;
    if (options_.cpus) problem.cpus = *options_.cpus;
    if (options_.memory) problem.memory = *options_.memory;
    if (options_.objective != PlacementProblem::Objective::latency) return;
    if (problem.cpus == 0)
      file_.notes.push_back(
          "there are to be no CPUs, but for latency there are any number of them: they are used");
    problem.cpus = 1;
  }

  void read_node(const JsonValue& value) {
    JsonKeys keys(document_, value, "a node");
    note_unknown(value, "nodes", node_keys);
    PlacementProblem::Node node;
    const auto& id = keys.need("id");
    node.id = whole(id, "'id'");
    const auto index = static_cast<int>(file_.problem.nodes.size());
    if (!index_.emplace(node.id, index).second)
      document_.refuse(id.at, "a node with id " + std::to_string(node.id) +
                                  " is there already; every node needs an id of its own");
    node.on_accelerator = yes(keys.need("supportedOnFpga"), "'supportedOnFpga'");
    node.cpu = time(keys.need("cpuLatency"), "'cpuLatency'");
    // Where it can never run there, the time may be left out.
    const auto* accelerator = keys.find("fpgaLatency");
    if (!accelerator && node.on_accelerator) accelerator = &keys.need("fpgaLatency");
    node.accelerator = accelerator ? time(*accelerator, "'fpgaLatency'") : node.cpu;
    const auto* backward = keys.find("isBackwardNode");
    node.backward = backward && yes(*backward, "'isBackwardNode'");
    const auto* size = keys.find("size");
    node.size = size ? bytes(*size, "'size'", true) : 0;
    without_size_ += size ? 0 : 1;
    colours_.push_back(colour(keys.find("colorClass")));
    const auto* name = keys.find("name");
    file_.names.push_back(name && name->text() ? *name->text() : std::to_string(node.id));
    file_.problem.nodes.push_back(node);
    node_at_.push_back(value.at);
  }

  void read_edge(const JsonValue& value) {
    JsonKeys keys(document_, value, "an edge");
    note_unknown(value, "edges", edge_keys);
    const PlacementEdge edge{node_of(keys.need("sourceId"), "'sourceId'"),
                             node_of(keys.need("destId"), "'destId'")};
    const auto& cost_value = keys.need("cost");
    const auto cost = time(cost_value, "'cost'");
    auto& known = at(costs_, edge.from);
    if (known && *known != cost)
      document_.refuse(cost_value.at, "'cost' must be the same on all edges that leave node " +
                                          std::to_string(at(file_.problem.nodes, edge.from).id) +
                                          ", not " + models::to_text(cost) + " here and " +
                                          models::to_text(*known) + " before");
    known = cost;
    at(file_.problem.nodes, edge.from).send = cost;
    edges_.push_back(edge);
    edge_at_.push_back(value.at);
  }

  std::int64_t whole(const JsonValue& value, const std::string& name,
                     std::int64_t low = std::numeric_limits<std::int64_t>::min(),
                     std::int64_t high = std::numeric_limits<std::int64_t>::max()) const {
    const auto* real = std::get_if<double>(&value.content);
    if (!real || !(*real > -0x1p53 && *real < 0x1p53)) {
      return document_.whole(value, name, low, high);
    }
    JsonValue same;
    same.at = value.at;
    same.content = static_cast<std::int64_t>(*real);
    if (static_cast<double>(std::get<std::int64_t>(same.content)) != *real)
      document_.refuse(value.at, name + " must be a whole number");
    return document_.whole(same, name, low, high);
  }

  bool yes(const JsonValue& value, const std::string& name) const {
    if (const auto* number = std::get_if<std::int64_t>(&value.content)) {
      if (*number == 0 || *number == 1) return *number == 1;
    } else if (const auto* word = std::get_if<bool>(&value.content)) {
      return *word;
    }
    document_.refuse(value.at, name + " must be true or false (or 1 or 0)");
  }

  double at_least_zero(const JsonValue& value, const std::string& name) const {
    const double number = document_.number(value, name);
    if (!(number >= 0))
      document_.refuse(value.at, name + " must not be negative: " + models::shortest(number));
    return number;
  }

  Time time(const JsonValue& value, const std::string& name) const {
    const double picoseconds = at_least_zero(value, name) * picoseconds_of_ms;
    if (!(picoseconds < most))
      document_.refuse(value.at, name + " is too long: the limit is 26 days, in milliseconds");
    return Time(static_cast<std::int64_t>(picoseconds + 0.5));
  }

  std::int64_t bytes(const JsonValue& value, const std::string& name, bool up) const {
    const double number = at_least_zero(value, name);
    if (!(number < most)) document_.refuse(value.at, name + " is too large: the limit is 2 EiB");
    const auto below = static_cast<std::int64_t>(number);
    return below + (up && static_cast<double>(below) < number ? 1 : 0);
  }

  int colour(const JsonValue* value) {
    if (!value) return -1;
    const auto number = whole(*value, "'colorClass'", -1);
    if (number < 0) return -1;
    return colour_index_.emplace(number, static_cast<int>(colour_index_.size())).first->second;
  }

  int node_of(const JsonValue& value, const std::string& name) const {
    const auto id = whole(value, name);
    const auto found = index_.find(id);
    if (found == index_.end())
      document_.refuse(value.at, name + ": there is no node with id " + std::to_string(id));
    return found->second;
  }

  /// Once per key: a graph has thousands of nodes.
  void note_unknown(const JsonValue& value, const std::string& of,
                    const std::vector<std::string>& known) {
    for (const auto& member : *value.object()) {
      if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
      if (noted_.emplace(of, member.key).second)
        file_.notes.push_back("key '" + member.key + "' of " + of + " is not known and not used" +
                              suggestion(member.key, known));
    }
  }

  const JsonDocument& document_;
  const PlacementOptions& options_;
  PlacementFile file_;
  std::map<std::int64_t, int> index_;  // id -> node
  std::map<std::int64_t, int> colour_index_;
  std::vector<int> colours_;
  std::vector<PlacementEdge> edges_;
  std::vector<std::optional<Time>> costs_;  // [node] of its edges so far
  std::set<std::pair<std::string, std::string>> noted_;
  int without_size_ = 0;
  // Where things stand in the text.
  std::size_t memory_at_ = 0, accelerators_at_ = 0, cpus_at_ = 0, nodes_at_ = 0;
  std::vector<std::size_t> node_at_, edge_at_;
};

double ms(Time time) {
  return static_cast<double>(time.count()) / picoseconds_of_ms;
}

void write_node(JsonWriter& json, const PlacementProblem& problem, int n) {
  const auto& node = at(problem.nodes, n);
  json.begin_object(JsonWriter::Layout::line)
      .member("id", node.id)
      .member("supportedOnFpga", node.on_accelerator)
      .member("cpuLatency", ms(node.cpu))
      .member("fpgaLatency", ms(node.accelerator))
      .member("isBackwardNode", node.backward);
  const int group = at(problem.group_of, n);
  if (problem.members(group).size() > 1) json.member("colorClass", group);
  json.member("size", node.size).end_object();
}

void write_edges(JsonWriter& json, const PlacementProblem& problem) {
  for (int n = 0; n < problem.size(); ++n) {
    for (const int reader : problem.readers(n))
      json.begin_object(JsonWriter::Layout::line)
          .member("sourceId", at(problem.nodes, n).id)
          .member("destId", at(problem.nodes, reader).id)
          .member("cost", ms(at(problem.nodes, n).send))
          .end_object();
  }
}

}  // namespace

PlacementFile read_placement(std::string_view text, const std::string& file,
                             const PlacementOptions& options) {
  const JsonDocument document(text, file);
  return Reader(document, options).read();
}

std::string placement_json(const PlacementProblem& problem) {
  JsonWriter json;
  json.begin_object()
      .member("maxSizePerFPGA", problem.memory)
      .member("maxFPGAs", problem.accelerators)
      .member("maxCPUs", problem.cpus);
  json.key("nodes").begin_list();
  for (int n = 0; n < problem.size(); ++n) write_node(json, problem, n);
  json.end_list().key("edges").begin_list();
  write_edges(json, problem);
  json.end_list().end_object();
  return json.text();
}

}  // namespace results
