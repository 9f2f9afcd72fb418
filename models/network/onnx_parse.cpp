#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <set>

#include "models/error.h"
#include "models/network/old_opsets.h"
#include "models/network/onnx_bytes.h"
#include "models/network/onnx_proto.h"

namespace models {
namespace {

namespace fs = std::filesystem;
using proto::element_type;
using proto::File;
using proto::tensor_of;
using proto::type_name;

/// Fields that came after the version of ONNX whose messages we are built with.
std::vector<std::string> later_fields(const google::protobuf::Message& message, int number) {
  std::vector<std::string> found;
  const auto& fields = message.GetReflection()->GetUnknownFields(message);
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto& field = fields.field(i);
    if (field.number() == number && field.type() == field.TYPE_LENGTH_DELIMITED)
      found.push_back(field.length_delimited());
  }
  return found;
}

/// The `overload` of nodes and functions, since IR version 10.
std::string overload_of(const google::protobuf::Message& message, int number) {
  const auto found = later_fields(message, number);
  return found.empty() ? "" : found.back();
}

void add_constant_value(const File& file, const onnx::AttributeProto& proto, OnnxNode& node) {
  const std::string& name = proto.name();
  auto& tensors = node.tensors;
  if (const auto value = node.attributes.find(name); value != node.attributes.end())
    if (auto tensor = constant_of(name, value->second); tensor.value)
      tensors["value"] = std::move(tensor);
  if (name == "value_string" || name == "value_strings") node.fault = "string";
  if (name == "sparse_value") {
    const auto& sparse = proto.sparse_tensor();
    const auto type = element_type(sparse.values().data_type());
    if (!type) file.complain("a sparse constant has elements of an unsupported type");
    tensors["value"] = {"",    *type, Shape(sparse.dims().begin(), sparse.dims().end()),
                        false, {},    {}};
    node.fault = "sparse_value";
  }
}

/// Old files leave the type of an attribute out; then its only filled field tells.
int attribute_type(const onnx::AttributeProto& proto) {
  using A = onnx::AttributeProto;
  if (proto.type() != A::UNDEFINED) return proto.type();
  if (proto.has_f()) return A::FLOAT;
  if (proto.has_i()) return A::INT;
  if (proto.has_s()) return A::STRING;
  if (proto.has_t()) return A::TENSOR;
  if (proto.has_g()) return A::GRAPH;
  if (proto.floats_size() > 0) return A::FLOATS;
  if (proto.strings_size() > 0) return A::STRINGS;
  return A::INTS;
}

void collect_captures(const onnx::GraphProto& graph, OnnxNode& node) {
  for (const auto& inner : graph.node()) {
    node.captures.insert(node.captures.end(), inner.input().begin(), inner.input().end());
    for (const auto& attribute : inner.attribute()) {
      if (attribute.has_g()) collect_captures(attribute.g(), node);
      for (const auto& other : attribute.graphs()) collect_captures(other, node);
    }
  }
  for (const auto& output : graph.output()) node.captures.push_back(output.name());
}

void add_attribute(const File& file, onnx::AttributeProto& proto, OnnxNode& node) {
  using A = onnx::AttributeProto;
  const std::string& name = proto.name();
  if (!proto.ref_attr_name().empty()) {
    node.references[name] = proto.ref_attr_name();
    return;
  }
  switch (attribute_type(proto)) {
    case A::FLOAT:
      node.attributes[name] = static_cast<double>(proto.f());
      break;
    case A::INT:
      node.attributes[name] = proto.i();
      break;
    case A::STRING:
      node.attributes[name] = proto.s();
      break;
    case A::INTS:
      node.attributes[name] = std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end());
      break;
    case A::FLOATS:
      node.attributes[name] = std::vector<double>(proto.floats().begin(), proto.floats().end());
      break;
    case A::STRINGS:
      node.attributes[name] =
          std::vector<std::string>(proto.strings().begin(), proto.strings().end());
      break;
    case A::TENSOR:
      node.tensors[name] = tensor_of(file, *proto.mutable_t());
      break;
    case A::GRAPH:
      node.has_subgraph = true;
      collect_captures(proto.g(), node);
      break;
    case A::GRAPHS:
      node.has_subgraph = true;
      for (const auto& graph : proto.graphs()) collect_captures(graph, node);
      break;
    default:
      break;
  }
  if (node.type == "Constant") add_constant_value(file, proto, node);
}

std::string full_type(const std::string& domain, const std::string& type) {
  return domain.empty() || domain == "ai.onnx" ? type : domain + "." + type;
}

OnnxNode node_of(const File& file, onnx::NodeProto& proto) {
  OnnxNode node;
  node.name = proto.name();
  node.type = full_type(proto.domain(), proto.op_type());
  if (proto.op_type().empty()) file.complain("node '" + node.name + "' has no operator type");
  node.overload = overload_of(proto, 8);
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  node.values_unknown = proto.doc_string() == values_unknown_mark;
  for (auto& attribute : *proto.mutable_attribute()) add_attribute(file, attribute, node);
  if (node.type == "Constant" && node.tensors.contains("value")) node.attributes.clear();
  return node;
}

OnnxInfo info_of(const onnx::ValueInfoProto& proto) {
  OnnxInfo info;
  info.name = proto.name();
  if (!proto.type().has_tensor_type()) {
    using T = onnx::TypeProto;
    const auto kind = proto.type().value_case();
    info.fault = "is not declared as a tensor";
    if (kind == T::kSequenceType) info.unsupported = "sequence";
    if (kind == T::kMapType) info.unsupported = "map";
    if (kind == T::kOptionalType) info.unsupported = "optional";
    if (kind == T::kSparseTensorType) info.unsupported = "sparse tensor";
    if (kind == T::kOpaqueType) info.unsupported = "opaque";
    return info;
  }
  const auto& tensor = proto.type().tensor_type();
  const auto type = element_type(tensor.elem_type());
  if (!type) {
    info.unsupported = type_name(tensor.elem_type());
    info.fault = "has elements of " + info.unsupported + ", which are not supported";
    return info;
  }
  info.type = *type;
  if (!tensor.has_shape()) info.fault = "has no declared shape";
  for (const auto& dim : tensor.shape().dim()) {
    auto& dimension = info.shape.emplace_back();
    if (dim.has_dim_value()) dimension.size = dim.dim_value();
    if (dim.has_dim_param()) dimension.symbol = dim.dim_param();
  }
  return info;
}

OnnxFunction function_of(const File& file, onnx::FunctionProto& proto) {
  OnnxFunction function;
  function.type = full_type(proto.domain(), proto.name());
  function.overload = overload_of(proto, 13);
  function.inputs.assign(proto.input().begin(), proto.input().end());
  function.outputs.assign(proto.output().begin(), proto.output().end());
  for (const auto& bytes : later_fields(proto, 11)) {
    onnx::AttributeProto standard;
    if (!standard.ParseFromString(bytes))
      file.complain("function '" + function.type + "' is damaged; export the model again");
    add_attribute(file, standard, function.defaults);
  }
  for (auto& node : *proto.mutable_node()) function.nodes.push_back(node_of(file, node));
  return function;
}

int opset_of(const onnx::ModelProto& proto) {
  std::int64_t opset = 0;
  for (const auto& import : proto.opset_import())
    if (import.domain().empty() || import.domain() == "ai.onnx") opset = import.version();
  return static_cast<int>(std::clamp<std::int64_t>(opset, -1, 1000));
}

/// Why the model's opset cannot be read; empty if it can.
std::string opset_fault(const OnnxModel& model, Values values) {
  std::string fault;
  if (model.opset == 0)
    fault = "it names no ONNX opset";
  else if (model.opset < 0 || model.opset > newest_opset)
    fault = "its opset " + std::to_string(model.opset) + " is not known";
  else if (model.opset < oldest_opset)
    fault = differs_from_opset_7(model, values == Values::all);
  if (fault.empty()) return fault;
  if (model.opset > 0 && model.opset < oldest_opset)
    fault = "its opset " + std::to_string(model.opset) + " defines " + fault + " otherwise";
  return fault + "; export it with opset " + std::to_string(oldest_opset) + " to " +
         std::to_string(newest_opset);
}

onnx::ModelProto read_proto(const File& file, const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) file.complain("is a folder; name the .onnx file inside it");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw EnvironmentError(file.name + ": cannot be opened: " + std::strerror(errno));
  const auto size = fs::file_size(path, error);
  if (!error && size == 0) file.complain("is empty; export the model again");
  if (!error && size > std::numeric_limits<int>::max())
    file.complain("is larger than 2 GB; save the model with external data");

  const google::protobuf::LogSilencer silence;
  google::protobuf::io::IstreamInputStream input(&stream);
  google::protobuf::io::CodedInputStream coded(&input);
  onnx::ModelProto proto;
  if (!proto.ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage())
    file.complain("is not an ONNX model, or is damaged or cut short; export it again");
  return proto;
}

}  // namespace

OnnxModel parse_onnx(const fs::path& path, Values values) {
  ExternalData external(path, path.string());
  const File file{path.string(), values, &external};
  auto proto = read_proto(file, path);
  if (!proto.has_graph())
    file.complain("is not an ONNX model: it holds no graph; name a file made by an exporter");

  OnnxModel model;
  model.source = file.name;
  model.opset = opset_of(proto);
  auto& graph = *proto.mutable_graph();
  model.name = graph.name().empty() ? path.stem().string() : graph.name();
  for (auto& weight : *graph.mutable_initializer())
    model.weights.push_back(tensor_of(file, weight));
  for (const auto& weight : graph.sparse_initializer()) {
    const auto type = element_type(weight.values().data_type());
    if (!type) file.complain("a sparse weight has elements of an unsupported type");
    model.weights.push_back({weight.values().name(),
                             *type,
                             Shape(weight.dims().begin(), weight.dims().end()),
                             false,
                             {},
                             {},
                             {},
                             "sparse weight"});
  }
  std::set<std::string> given;
  for (const auto& weight : model.weights) given.insert(weight.name);
  // Before IR version 4 weights had to be listed among the inputs too.
  for (const auto& input : graph.input())
    if (!given.contains(input.name())) model.inputs.push_back(info_of(input));
  for (const auto& output : graph.output()) model.outputs.push_back(info_of(output));
  for (const auto& info : graph.value_info()) model.infos.push_back(info_of(info));
  for (auto& node : *graph.mutable_node()) model.nodes.push_back(node_of(file, node));
  for (auto& function : *proto.mutable_functions())
    model.functions.push_back(function_of(file, function));
  model.fault = opset_fault(model, values);
  if (!model.fault.empty() && values == Values::small) file.complain(model.fault);
  model.declared_opset = model.opset;
  model.opset = std::max(model.opset, oldest_opset);
  return model;
}

}  // namespace models
