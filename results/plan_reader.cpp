#include <algorithm>
#include <map>
#include <optional>

#include "models/index.h"
#include "results/json_document.h"
#include "results/output.h"
#include "results/plan_json.h"

namespace results {
namespace {

using models::at;
using models::Plan;
using models::Problem;

std::string quoted(const std::string& name) {
  return "'" + name + "'";
}

/// Turns the names in a plan file into the numbers of one problem.
class Reader {
 public:
  Reader(const JsonDocument& document, const Problem& problem)
      : document_(document), problem_(problem) {
    for (int op = 0; op < problem.operators; ++op) operators_[problem.operator_name(op)] = op;
    for (int t = 0; t < problem.tensors; ++t) tensors_[problem.tensor_name(t)] = t;
    for (int d = 0; d < problem.devices; ++d) devices_[problem.device_name(d)] = d;
    for (int l = 0; l < problem.links; ++l) links_[problem.link_name(l)] = l;
  }

  Plan read() {
    JsonKeys keys(document_, document_.root(), "the plan");
    read_format(keys);
    if (const auto* network = keys.find("network")) read_network(*network);
    if (const auto* platform = keys.find("platform")) read_platform(*platform);
    keys.find("platform_values");  // of a co-design: chose the problem that we have here
    // The scenario says where outputs go; whoever has none reads it here.
    if (const auto* sink = keys.find("sink"))
      look_up(devices_, *sink, "device", "platform " + quoted(problem_.platform->name));
    plan_.discipline = problem_.choices.discipline;
    if (const auto* discipline = keys.find("discipline")) read_discipline(*discipline);
    for (const char* later : {"splits", "fusions", "batches", "events"}) {
      if (const auto* value = keys.find(later)) refuse_unless_empty(*value, later);
    }
    read_operators(keys.need("operators"));
    read_order(keys.find("order"));
    read_wires(keys.find("wires"));
    read_lanes(keys.find("lanes"));
    keys.finish();
    return std::move(plan_);
  }

 private:
  using Index = std::map<std::string, int>;

  int look_up(const Index& index, const JsonValue& value, const std::string& kind,
              const std::string& where) const {
    return look_up(index, document_.text(value, "a " + kind), value.at, kind, where);
  }
  int look_up(const Index& index, const std::string& name, std::size_t place,
              const std::string& kind, const std::string& where) const {
    if (const auto found = index.find(name); found != index.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [other, number] : index) names.push_back(other);
    std::string what = "unknown " + kind + " " + quoted(name);
    if (const auto hint = suggestion(name, names); !hint.empty()) {
      what += hint;
    } else {
      what += ": " + where + " has none of that name";
    }
    document_.refuse(place, what);
  }

  void read_format(JsonKeys& keys) const {
    const auto& format = keys.need("format");
    if (document_.text(format, "format") != "partwise-plan") {
      document_.refuse(format.at, "this is no plan: format must be 'partwise-plan', not " +
                                      quoted(*format.text()));
    }
    const auto& version = keys.need("version");
    const auto number = document_.whole(version, "version");
    if (number != 1) {
      document_.refuse(version.at, "plan version " + std::to_string(number) +
                                       " is not known to this version of Partwise, which reads 1");
    }
  }

  void read_network(const JsonValue& value) const {
    JsonKeys keys(document_, value, "network");
    const auto* name = keys.find("name");
    const auto* hash = keys.find("hash");
    keys.finish();
    const auto& ours = problem_.network->name;
    if (name && document_.text(*name, "name") != ours) {
      document_.refuse(name->at, "this plan is for network " + quoted(*name->text()) +
                                     ", the scenario has " + quoted(ours));
    }
    if (hash && document_.text(*hash, "hash") != network_hash(*problem_.network)) {
      document_.refuse(hash->at, "network " + quoted(ours) +
                                     " is not the one that this plan was made for (its structure "
                                     "has another hash); make the plan again, or remove 'hash' if "
                                     "the names still fit");
    }
  }

  void read_platform(const JsonValue& value) const {
    if (document_.text(value, "platform") != problem_.platform->name) {
      document_.refuse(value.at, "this plan is for platform " + quoted(*value.text()) +
                                     ", the scenario has " + quoted(problem_.platform->name) +
                                     "; remove 'platform' if the names of devices and links fit");
    }
  }

  void read_discipline(const JsonValue& value) {
    const auto& word = document_.text(value, "discipline");
    if (word != "strict" && word != "ready") {
      document_.refuse(value.at, "discipline must be 'strict' or 'ready', not " + quoted(word) +
                                     suggestion(word, {"strict", "ready"}));
    }
    plan_.discipline = word == "strict" ? Plan::Discipline::strict : Plan::Discipline::ready;
  }

  void refuse_unless_empty(const JsonValue& value, const std::string& key) const {
    const bool empty = (value.list() && value.list()->empty()) ||
                       (value.object() && value.object()->empty()) ||
                       std::holds_alternative<std::monostate>(value.content);
    if (!empty) {
      document_.refuse(value.at, key + " are not supported by this version; leave " + quoted(key) +
                                     " empty or out");
    }
  }

  /// Index of a format, below `end`.
  std::uint8_t format(const JsonValue& value, int end, const std::string& what) const {
    const auto& name = document_.text(value, what);
    std::vector<std::string> allowed;
    for (int f = 0; f < end; ++f) {
      allowed.push_back(models::name_of(problem_.format[at(f)]));
      if (allowed.back() == name) return static_cast<std::uint8_t>(f);
    }
    std::string list;
    for (const auto& one : allowed) list += (list.empty() ? "" : ", ") + one;
    const bool known = models::find_precision(name).has_value();
    document_.refuse(
        value.at, (known ? "the scenario does not offer " + what + " " : "unknown " + what + " ") +
                      quoted(name) + (known ? "" : suggestion(name, allowed)) + "; it offers " +
                      list);
  }

  struct Assignment {
    std::optional<int> device;
    std::optional<std::uint8_t> precision;
  };
  Assignment assignment(const JsonValue& value, const std::string& name) const {
    JsonKeys keys(document_, value, "operator " + quoted(name));
    Assignment result;
    const std::string where = "platform " + quoted(problem_.platform->name);
    if (const auto* d = keys.find("device")) result.device = look_up(devices_, *d, "device", where);
    if (const auto* p = keys.find("precision")) {
      result.precision = format(*p, problem_.compute_formats, "precision");
    }
    keys.finish();
    return result;
  }

  void read_operators(const JsonValue& value) {
    const auto& members = document_.object(value, "operators");
    plan_.device.resize(at(problem_.operators));
    plan_.precision.resize(at(problem_.operators));
    Assignment standard;
    for (const auto& member : members) {
      if (member.key == "*") standard = assignment(member.value, member.key);
    }
    std::vector<bool> given(at(problem_.operators) + 1);  // the last stands for "*"
    for (const auto& member : members) {
      const bool star = member.key == "*";
      const int op = star ? problem_.operators
                          : look_up(operators_, member.key, member.at, "operator",
                                    "network " + quoted(problem_.network->name));
      if (given[at(op)]) {
        document_.refuse(member.at, "operator " + quoted(member.key) + " is given twice");
      }
      given[at(op)] = true;
      if (!star) assign(op, assignment(member.value, member.key), standard, member.value.at);
    }
    for (int op = 0; op < problem_.operators; ++op) {
      if (!given[at(op)]) assign(op, {}, standard, value.at);
    }
  }

  void assign(int op, const Assignment& own, const Assignment& standard, std::size_t place) {
    const auto device = own.device ? own.device : standard.device;
    const auto precision = own.precision ? own.precision : standard.precision;
    if (!device || !precision) {
      document_.refuse(place, "operator " + quoted(problem_.operator_name(op)) + " has no " +
                                  (device ? "precision" : "device") +
                                  "; name it, or give '*' for all that are not named");
    }
    plan_.device[at(op)] = static_cast<std::uint16_t>(*device);
    plan_.precision[at(op)] = *precision;
  }

  void read_order(const JsonValue* value) {
    plan_.order.reserve(at(problem_.operators));
    if (!value) {
      for (int op = 0; op < problem_.operators; ++op) plan_.order.push_back(op);
      return;
    }
    const auto& list = document_.list(*value, "order");
    std::vector<bool> done(at(problem_.operators));
    for (const auto& item : list) {
      const int op =
          look_up(operators_, item, "operator", "network " + quoted(problem_.network->name));
      if (done[at(op)]) {
        document_.refuse(item.at, "operator " + quoted(*item.text()) + " is in the order twice");
      }
      refuse_before_maker(op, done, item.at);
      done[at(op)] = true;
      plan_.order.push_back(op);
    }
    for (int op = 0; op < problem_.operators; ++op) {
      if (done[at(op)]) continue;
      document_.refuse(value->at, "operator " + quoted(problem_.operator_name(op)) +
                                      " is missing in the order; name all, or leave 'order' out");
    }
  }

  void refuse_before_maker(int op, const std::vector<bool>& done, std::size_t place) const {
    for (auto i = problem_.input_begin[at(op)]; i < problem_.input_begin[at(op) + 1]; ++i) {
      const int tensor = problem_.input_tensor[at(i)];
      const int producer = problem_.producer[at(tensor)];
      if (producer < 0 || done[at(producer)]) continue;
      document_.refuse(place, "operator " + quoted(problem_.operator_name(op)) + " comes before " +
                                  quoted(problem_.operator_name(producer)) + ", whose result " +
                                  quoted(problem_.tensor_name(tensor)) + " it reads");
    }
  }

  void read_wires(const JsonValue* value) {
    plan_.wire.assign(at(problem_.tensors) * at(problem_.devices), Plan::as_produced);
    if (!value) return;
    for (const auto& item : document_.list(*value, "wires")) {
      JsonKeys keys(document_, item, "a wire");
      const int tensor = look_up(tensors_, keys.need("tensor"), "tensor",
                                 "network " + quoted(problem_.network->name));
      const int to = look_up(devices_, keys.need("to"), "device",
                             "platform " + quoted(problem_.platform->name));
      const auto chosen = format(keys.need("format"), problem_.formats, "wire format");
      keys.finish();
      auto& wire = plan_.wire[at(tensor) * at(problem_.devices) + at(to)];
      if (wire != Plan::as_produced) {
        document_.refuse(item.at, "the wire format of tensor " +
                                      quoted(problem_.tensor_name(tensor)) + " to " +
                                      quoted(problem_.device_name(to)) + " is given twice");
      }
      wire = chosen;
    }
  }

  void read_lanes(const JsonValue* value) {
    for (int l = 0; l < problem_.links; ++l) {
      plan_.lanes.push_back(static_cast<std::uint16_t>(problem_.lane_budget[at(l)]));
    }
    if (!value) return;
    std::vector<bool> given(at(problem_.links));
    for (const auto& member : document_.object(*value, "lanes")) {
      const int link = look_up(links_, member.key, member.at, "link",
                               "platform " + quoted(problem_.platform->name));
      if (given[at(link)]) {
        document_.refuse(member.at, "link " + quoted(member.key) + " is given twice");
      }
      given[at(link)] = true;
      plan_.lanes[at(link)] = lanes(link, member);
    }
  }

  std::uint16_t lanes(int link, const JsonMember& member) const {
    const auto number = document_.whole(member.value, "a number of lanes");
    const auto allowed = problem_.platform->links[at(link)].allowed_widths();
    if (std::find(allowed.begin(), allowed.end(), number) != allowed.end()) {
      return static_cast<std::uint16_t>(number);
    }
    std::string list;
    for (const auto one : allowed) list += (list.empty() ? "" : ", ") + std::to_string(one);
    document_.refuse(member.value.at, "link " + quoted(member.key) + " cannot power " +
                                          std::to_string(number) + " lanes; it allows " + list);
  }

  const JsonDocument& document_;
  const Problem& problem_;
  Index operators_, tensors_, devices_, links_;
  Plan plan_;
};

}  // namespace

Plan read_plan(std::string_view text, const std::string& file, const Problem& problem) {
  const JsonDocument document(text, file);
  return Reader(document, problem).read();
}

Plan read_plan_file(const std::filesystem::path& file, const Problem& problem) {
  return read_plan(read_file(file), file.string(), problem);
}

}  // namespace results
