#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "models/error.h"
#include "models/network/onnx.h"
#include "models/network/zoo.h"
#include "models/precision/precision.h"
#include "models/units.h"
#include "results/json_writer.h"
#include "results/text_table.h"
#include "scenarios/shipped.h"
#include "scenarios/verbs/verb.h"

namespace scenarios {

using models::InputError;
using models::Network;
using models::Precision;
using models::Tensor;
using results::JsonWriter;

namespace {

/// Sums over the operators of one type.
struct Total {
  std::int64_t operators = 0;
  std::int64_t macs = 0;
  std::int64_t element_operations = 0;
  std::int64_t parameters = 0;  ///< a weight that several operators read counts for the first
  std::int64_t free = 0;
  std::int64_t not_costed = 0;
};

const Tensor& tensor(const Network& network, int index) {
  return network.tensors[static_cast<std::size_t>(index)];
}

std::map<std::string, Total> totals(const Network& network) {
  std::map<std::string, Total> all;
  std::set<int> seen;
  for (const auto& op : network.operators) {
    auto& total = all[op.type];
    ++total.operators;
    total.macs += op.macs;
    total.element_operations += op.element_operations;
    total.free += op.costing == models::Costing::free ? 1 : 0;
    total.not_costed += op.costing == models::Costing::not_costed ? 1 : 0;
    for (const auto input : op.inputs) {
      if (input < 0 || tensor(network, input).role != Tensor::Role::weight) continue;
      if (!models::is_real(tensor(network, input).type)) continue;
      if (seen.insert(input).second) total.parameters += tensor(network, input).elements();
    }
  }
  return all;
}

/// Bytes in one precision; what does not hold real numbers keeps its size.
struct Sizes {
  std::int64_t weights = 0;
  std::int64_t activations = 0;  ///< all that is computed, and the inputs
  std::int64_t largest_activation = 0;
};

Sizes sizes(const Network& network, Precision precision) {
  std::set<int> read(network.inputs.begin(), network.inputs.end());
  for (const auto& op : network.operators) {
    read.insert(op.inputs.begin(), op.inputs.end());
    read.insert(op.outputs.begin(), op.outputs.end());
  }
  read.erase(-1);
  Sizes sum;
  for (const auto index : read) {
    const auto& one = tensor(network, index);
    const auto bytes = models::is_real(one.type)
                           ? models::payload(one.elements(), precision).count
                           : (one.elements() * models::bits_of(one.type) + 7) / 8;
    if (one.role == Tensor::Role::weight) {
      sum.weights += bytes;
    } else {
      sum.activations += bytes;
      sum.largest_activation = std::max(sum.largest_activation, bytes);
    }
  }
  return sum;
}

std::int64_t activations(const Network& network) {
  std::int64_t count = std::ssize(network.inputs);
  for (const auto& op : network.operators)
    count += std::ranges::count_if(op.outputs, [](int output) { return output >= 0; });
  return count;
}

std::string shape_of(const Tensor& tensor) {
  std::string text;
  for (const auto size : tensor.shape) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text.empty() ? "scalar" : text;
}

/// "1,234,567": numbers that are compared by eye.
std::string grouped(std::int64_t number) {
  auto text = std::to_string(number);
  for (auto at = std::ssize(text) - 3; at > (number < 0 ? 1 : 0); at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

void show_types(const Network& network, std::ostream& out) {
  results::TextTable table({"type", "operators", "MACs", "element operations", "parameters"});
  for (const auto& [type, total] : totals(network)) {
    std::string note;
    if (total.free > 0) note = total.free == total.operators ? " (free)" : " (some free)";
    if (total.not_costed > 0) note += " (not costed)";
    table.add({type + note, grouped(total.operators), grouped(total.macs),
               grouped(total.element_operations), grouped(total.parameters)});
  }
  out << "\nBy type\n" << table.text("  ");
}

void show_sizes(const Network& network, std::ostream& out) {
  results::TextTable table({"precision", "weights", "activations", "largest activation"});
  for (int i = 0; i < models::compute_precisions; ++i) {
    const auto precision = static_cast<Precision>(i);
    const auto sum = sizes(network, precision);
    const auto text = [](std::int64_t bytes) { return models::pretty(models::Bytes{bytes}); };
    table.add({models::name_of(precision), text(sum.weights), text(sum.activations),
               text(sum.largest_activation)});
  }
  out << "\nBytes\n" << table.text("  ");
}

void show_ends(std::string_view title, const Network& network, const std::vector<int>& ends,
               std::ostream& out) {
  for (const auto index : ends)
    out << title << tensor(network, index).name << " (" << shape_of(tensor(network, index))
        << ")\n";
}

void show(const Network& network, std::ostream& out) {
  out << network.name << ", opset " << network.opset << '\n'
      << "  operators    " << grouped(std::ssize(network.operators)) << '\n'
      << "  activations  " << grouped(activations(network)) << '\n'
      << "  MACs         " << grouped(network.macs()) << '\n'
      << "  parameters   " << grouped(network.parameters()) << '\n';
  show_ends("  input        ", network, network.inputs, out);
  show_ends("  output       ", network, network.outputs, out);
  show_types(network, out);
  show_sizes(network, out);
  for (const auto& note : network.notes) out << "\nnote: " << note;
  if (!network.notes.empty()) out << '\n';
  for (const auto& op : network.operators)
    if (op.costing == models::Costing::not_costed)
      out << "cannot be costed: " << op.type << " '" << op.name << "': " << op.reason << '\n';
}

void write_ends(const Network& network, const std::vector<int>& ends, JsonWriter& json) {
  json.begin_list();
  for (const auto index : ends) {
    const auto& one = tensor(network, index);
    json.begin_object(JsonWriter::Layout::line).member("name", one.name).key("shape");
    json.values(one.shape).member("bits", models::bits_of(one.type)).end_object();
  }
  json.end_list();
}

void write_types(const Network& network, JsonWriter& json) {
  json.key("by_type").begin_object();
  for (const auto& [type, total] : totals(network))
    json.key(type)
        .begin_object(JsonWriter::Layout::line)
        .member("operators", total.operators)
        .member("macs", total.macs)
        .member("element_operations", total.element_operations)
        .member("parameters", total.parameters)
        .member("free", total.free)
        .end_object();
  json.end_object();
}

void write_sizes(const Network& network, JsonWriter& json) {
  json.key("bytes").begin_object();
  for (int i = 0; i < models::compute_precisions; ++i) {
    const auto sum = sizes(network, static_cast<Precision>(i));
    json.key(models::name_of(static_cast<Precision>(i)))
        .begin_object(JsonWriter::Layout::line)
        .member("weights", sum.weights)
        .member("activations", sum.activations)
        .member("largest_activation", sum.largest_activation)
        .end_object();
  }
  json.end_object();
}

void write_not_costed(const Network& network, JsonWriter& json) {
  json.key("not_costed").begin_list();
  for (const auto& op : network.operators)
    if (op.costing == models::Costing::not_costed)
      json.begin_object(JsonWriter::Layout::line)
          .member("name", op.name)
          .member("type", op.type)
          .member("reason", op.reason)
          .end_object();
  json.end_list();
}

std::string to_json(const Network& network) {
  JsonWriter json;
  json.begin_object()
      .member("name", network.name)
      .member("opset", network.opset)
      .member("operators", network.operators.size())
      .member("activations", activations(network))
      .member("macs", network.macs())
      .member("parameters", network.parameters());
  write_ends(network, network.inputs, json.key("inputs"));
  write_ends(network, network.outputs, json.key("outputs"));
  write_types(network, json);
  write_sizes(network, json);
  write_not_costed(network, json);
  json.key("notes").begin_list();
  for (const auto& note : network.notes) json.value(note);
  return json.end_list().end_object().text();
}

std::int64_t whole(std::string_view text, std::string_view what) {
  std::int64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || rest != text.data() + text.size() || value < 1)
    throw InputError(std::string(what) + ": '" + std::string(text) +
                     "' is not a whole number of 1 or more");
  return value;
}

class Inspect final : public Verb {
 public:
  std::vector<Option> options() override {
    return {
        {"NETWORK", "", "an ONNX file, or the name of a built-in network", &network_, true},
        {"--batch", "N", "inputs per request, of a built-in network", &batch_},
        {"--sequence", "N", "tokens per input, of a built-in transformer", &sequence_},
        {"--dims", "NAME=SIZE", "a symbolic dimension of a file; may be repeated", &dims_},
        {"--unknown", "WAY", "'bandwidth': cost unknown operators by their bytes", &unknown_},
        {"--save", "FILE", "writes the network there as ONNX, weights as constant fills", &save_},
        {"--json", "", "all of it as one object", &json_}};
  }

  int act(const Console& console) override {
    const auto network = is_built_in() ? build() : read();
    console.out << (json_ ? to_json(network) : "");
    if (!json_) show(network, console.out);
    if (save_.empty()) return exit_code::done;
    models::write_onnx(network, save_);
    console.say("written: " + save_);
    return exit_code::done;
  }

 private:
  bool is_built_in() const {
    return std::ranges::find(models::zoo(), network_, &models::ZooEntry::name) !=
           models::zoo().end();
  }

  Network build() const {
    if (!dims_.empty() || !unknown_.empty())
      throw InputError("inspect: --dims and --unknown are for files; '" + network_ +
                       "' is built in and takes --batch and --sequence");
    models::ZooOptions options;
    if (!batch_.empty()) options.batch = whole(batch_, "--batch");
    if (!sequence_.empty()) options.sequence = whole(sequence_, "--sequence");
    return models::make_network(network_, options);
  }

  Network read() const {
    need_file(network_, "an ONNX file or a name of 'partwise list networks'");
    if (!batch_.empty() || !sequence_.empty())
      throw InputError(
          "inspect: --batch and --sequence are for built-in networks; of a file, set "
          "--dims");
    if (!unknown_.empty() && unknown_ != "bandwidth")
      throw InputError("--unknown: '" + unknown_ +
                       "' is no way to cost an operator; there is "
                       "'bandwidth'");
    models::OnnxOptions options;
    options.unknown_by_bandwidth = !unknown_.empty();
    for (const auto& dim : dims_) {
      const auto equals = dim.find('=');
      if (equals == std::string::npos || equals == 0)
        throw InputError("--dims: '" + dim + "' must be written like 'batch=1'");
      options.dims[dim.substr(0, equals)] =
          whole(std::string_view(dim).substr(equals + 1), "--dims");
    }
    return models::read_onnx(network_, options);
  }

  std::string network_;
  std::string batch_;
  std::string sequence_;
  std::vector<std::string> dims_;
  std::string unknown_;
  std::string save_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_inspect() {
  return std::make_unique<Inspect>();
}

}  // namespace scenarios
