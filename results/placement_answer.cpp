#include <algorithm>
#include <charconv>
#include <map>

#include "models/index.h"
#include "results/json_document.h"
#include "results/placement_report.h"

namespace results {
namespace {

using models::at;
using models::PlacementProblem;

class AnswerReader {
 public:
  AnswerReader(const JsonDocument& document, const PlacementProblem& problem)
      : document_(document), problem_(problem), placement_(at(problem.size()), -1) {
    for (int n = 0; n < problem.size(); ++n) nodes_[at(problem.nodes, n).id] = n;
    for (int d = 0; d < problem.devices(); ++d) devices_[device_name(problem, d)] = d;
  }

  models::Placement read() {
    const auto& root = document_.root();
    JsonKeys keys(document_, root, "the answer");
    if (const auto* placement = keys.find("placement")) {
      for (const auto& member : document_.object(*placement, "'placement'")) read_node(member);
    } else if (keys.find("fpgas") && keys.find("cpus")) {
      read_split(*keys.find("fpgas"), 0, problem_.accelerators, "accelerators");
      read_split(*keys.find("cpus"), problem_.accelerators, problem_.cpus, "CPUs");
    } else {
      document_.refuse(root.at, "the answer lacks the key 'placement' (or 'fpgas' and 'cpus')");
    }
    need_all(root.at);
    return std::move(placement_);
  }

 private:
  void place(std::int64_t id, int device, std::size_t where) {
    const auto node = nodes_.find(id);
    if (node == nodes_.end())
      document_.refuse(where, "the graph has no node with id " + std::to_string(id));
    if (at(placement_, node->second) >= 0)
      document_.refuse(where, "node " + std::to_string(id) + " is placed twice");
    at(placement_, node->second) = device;
  }

  void read_node(const JsonMember& member) {
    std::int64_t id = 0;
    const auto* end = member.key.data() + member.key.size();
    const auto [rest, error] = std::from_chars(member.key.data(), end, id);
    if (error != std::errc{} || rest != end)
      document_.refuse(member.at, "'" + member.key + "' is no id of a node");
    const auto& name = document_.text(member.value, "a device");
    const auto device = devices_.find(name);
    if (device == devices_.end())
      document_.refuse(member.value.at, "there is no device '" + name + "', but " + range());
    place(id, device->second, member.at);
  }

  std::string range() const {
    std::string text;
    if (problem_.accelerators > 0)
      text = "accelerator0 to accelerator" + std::to_string(problem_.accelerators - 1);
    if (problem_.cpus == 0) return text;
    const auto first = device_name(problem_, problem_.accelerators);
    return text + (text.empty() ? "" : " and ") + first +
           (problem_.cpus > 1 ? " to " + device_name(problem_, problem_.devices() - 1) : "");
  }

  void read_split(const JsonValue& value, int first, int count, const std::string& what) {
    // For latency any number of CPUs are one.
    const bool one = first > 0 && problem_.objective == PlacementProblem::Objective::latency;
    int device = 0;
    for (const auto& set : document_.list(value, "a list of " + what)) {
      JsonKeys keys(document_, set, "a device");
      for (const auto& node : document_.list(keys.need("nodes"), "'nodes'")) {
        if (device >= count)
          document_.refuse(node.at, "there are only " + std::to_string(count) + " " + what);
        place(document_.whole(node, "the id of a node"), first + device, node.at);
      }
      if (!one) ++device;
    }
  }

  void need_all(std::size_t where) const {
    const auto missing = std::find(placement_.begin(), placement_.end(), -1);
    if (missing == placement_.end()) return;
    document_.refuse(where,
                     "node " + std::to_string(at(problem_.nodes, missing - placement_.begin()).id) +
                         " is not placed");
  }

  const JsonDocument& document_;
  const PlacementProblem& problem_;
  models::Placement placement_;
  std::map<std::int64_t, int> nodes_;
  std::map<std::string, int> devices_;
};

}  // namespace

models::Placement read_placement_answer(std::string_view text, const std::string& file,
                                        const PlacementProblem& problem) {
  const JsonDocument document(text, file);
  return AnswerReader(document, problem).read();
}

}  // namespace results
