#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <set>

#include "models/error.h"
#include "models/network/onnx_bytes.h"
#include "models/network/onnx_model.h"

namespace models {
namespace {

namespace fs = std::filesystem;
using Proto = onnx::TensorProto;

/// What every message starts with, and where weights may lie.
struct File {
  std::string name;
  fs::path folder;

  [[noreturn]] void complain(const std::string& what) const {
    throw InputError(name + ": " + what);
  }
};

std::optional<ElementType> element_type(int type) {
  switch (type) {
    case Proto::FLOAT:
      return ElementType::float32;
    case Proto::DOUBLE:
      return ElementType::float64;
    case Proto::FLOAT16:
      return ElementType::float16;
    case Proto::BFLOAT16:
      return ElementType::bfloat16;
    case Proto::INT8:
      return ElementType::int8;
    case Proto::INT16:
      return ElementType::int16;
    case Proto::INT32:
      return ElementType::int32;
    case Proto::INT64:
      return ElementType::int64;
    case Proto::UINT8:
      return ElementType::uint8;
    case Proto::UINT16:
      return ElementType::uint16;
    case Proto::UINT32:
      return ElementType::uint32;
    case Proto::UINT64:
      return ElementType::uint64;
    case Proto::BOOL:
      return ElementType::boolean;
    default:
      return std::nullopt;
  }
}

/// For messages: "string", "type 17".
std::string type_name(int type) {
  if (!Proto::DataType_IsValid(type)) return "type " + std::to_string(type);
  std::string name = Proto::DataType_Name(static_cast<Proto::DataType>(type));
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

/// The field of the message that holds values of this type when raw_data does not.
int typed_count(const Proto& proto, ElementType type) {
  switch (type) {
    case ElementType::float32:
      return proto.float_data_size();
    case ElementType::float64:
      return proto.double_data_size();
    case ElementType::int64:
      return proto.int64_data_size();
    case ElementType::uint32:
    case ElementType::uint64:
      return proto.uint64_data_size();
    default:
      return proto.int32_data_size();
  }
}

void keep_typed_values(const Proto& proto, OnnxTensor& tensor) {
  switch (tensor.type) {
    case ElementType::float32:
      tensor.reals.assign(proto.float_data().begin(), proto.float_data().end());
      return;
    case ElementType::float64:
      tensor.reals.assign(proto.double_data().begin(), proto.double_data().end());
      return;
    case ElementType::int64:
      tensor.integers.assign(proto.int64_data().begin(), proto.int64_data().end());
      return;
    case ElementType::uint32:
    case ElementType::uint64:
      for (const auto value : proto.uint64_data())
        tensor.integers.push_back(static_cast<std::int64_t>(value));
      return;
    case ElementType::float16:
      for (const auto bits : proto.int32_data())
        tensor.reals.push_back(from_half(static_cast<std::uint16_t>(bits)));
      return;
    case ElementType::bfloat16:
      for (const auto bits : proto.int32_data())
        tensor.reals.push_back(from_bfloat(static_cast<std::uint16_t>(bits)));
      return;
    default:
      tensor.integers.assign(proto.int32_data().begin(), proto.int32_data().end());
  }
}

/// External weights are never opened; a path that leaves the model's folder is refused all the
/// same, since whoever reads the file later may open it.
void check_location(const File& file, const Proto& proto) {
  std::string location;
  for (const auto& entry : proto.external_data())
    if (entry.key() == "location") location = entry.value();
  const auto refuse = [&](const std::string& why) {
    file.complain("weight '" + proto.name() + "': its external data '" + location + "' " + why +
                  "; keep it in the model's folder and name it by a relative path");
  };

  if (location.empty()) refuse("has no location");
  if (location.find('\0') != std::string::npos) refuse("has a zero byte in its name");
  const fs::path path(location);
  if (path.is_absolute()) refuse("is an absolute path");
  int depth = 0;
  for (const auto& part : path) {
    depth += part == ".." ? -1 : part == "." ? 0 : 1;
    if (depth < 0) refuse("lies outside the model's folder");
  }
  std::error_code error;
  const auto folder = fs::canonical(file.folder, error);
  const auto target = fs::weakly_canonical(folder / path, error);
  if (error) refuse("cannot be followed (" + error.message() + ")");
  if (*target.lexically_relative(folder).begin() == "..")
    refuse("leads outside the model's folder through a link");
}

OnnxTensor tensor_of(const File& file, const Proto& proto) {
  OnnxTensor tensor;
  tensor.name = proto.name();
  const auto complain = [&](const std::string& what) {
    file.complain("tensor '" + proto.name() + "': " + what);
  };
  const auto type = element_type(proto.data_type());
  if (!type) complain("elements of " + type_name(proto.data_type()) + " are not supported");
  tensor.type = *type;
  tensor.shape.assign(proto.dims().begin(), proto.dims().end());
  std::int64_t elements = 0;
  try {
    elements = elements_of(tensor.shape);
  } catch (const TooLarge& error) {
    complain("its shape " + text_of(tensor.shape) + " is not possible: " + error.what());
  }

  if (proto.data_location() == Proto::EXTERNAL) {
    check_location(file, proto);
    return tensor;
  }
  const auto truncated = [&](std::int64_t have, std::int64_t want, const std::string& unit) {
    if (have != want)
      complain("it holds " + std::to_string(have) + " " + unit + " where its shape " +
               text_of(tensor.shape) + " needs " + std::to_string(want) +
               "; the file is damaged: export it again");
  };
  tensor.has_values = elements == 0;
  const int typed = typed_count(proto, tensor.type);
  if (proto.has_raw_data())
    truncated(static_cast<std::int64_t>(proto.raw_data().size()),
              elements * bits_of(tensor.type) / 8, "bytes");
  else if (typed > 0)
    truncated(typed, elements, "values");
  else
    return tensor;  // a model without its weights: we need none

  if (elements > max_values) return tensor;
  if (proto.has_raw_data())
    keep_raw_values(proto.raw_data(), tensor);
  else
    keep_typed_values(proto, tensor);
  tensor.has_values = true;
  return tensor;
}

/// A typed value as the tensor that a Constant node makes of it.
OnnxTensor constant(std::vector<std::int64_t> integers, bool scalar) {
  OnnxTensor tensor{"", ElementType::int64, {}, true, std::move(integers), {}};
  if (!scalar) tensor.shape = {static_cast<std::int64_t>(tensor.integers.size())};
  return tensor;
}

OnnxTensor constant(std::vector<double> reals, bool scalar) {
  OnnxTensor tensor{"", ElementType::float32, {}, true, {}, std::move(reals)};
  if (!scalar) tensor.shape = {static_cast<std::int64_t>(tensor.reals.size())};
  return tensor;
}

void add_constant_value(const File& file, const onnx::AttributeProto& proto, OnnxNode& node) {
  const std::string& name = proto.name();
  if (name == "value_int") node.tensors["value"] = constant(std::vector{proto.i()}, true);
  if (name == "value_float") node.tensors["value"] = constant(std::vector<double>{proto.f()}, true);
  if (name == "value_ints")
    node.tensors["value"] =
        constant(std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end()), false);
  if (name == "value_floats")
    node.tensors["value"] =
        constant(std::vector<double>(proto.floats().begin(), proto.floats().end()), false);
  if (name == "sparse_value") {
    const auto& sparse = proto.sparse_tensor();
    const auto type = element_type(sparse.values().data_type());
    if (!type) file.complain("a sparse constant has elements of an unsupported type");
    node.tensors["value"] = {"",    *type, Shape(sparse.dims().begin(), sparse.dims().end()),
                             false, {},    {}};
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

void add_attribute(const File& file, const onnx::AttributeProto& proto, OnnxNode& node) {
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
      node.tensors[name] = tensor_of(file, proto.t());
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

OnnxNode node_of(const File& file, const onnx::NodeProto& proto) {
  OnnxNode node;
  node.name = proto.name();
  node.type = full_type(proto.domain(), proto.op_type());
  if (proto.op_type().empty()) file.complain("node '" + node.name + "' has no operator type");
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  node.values_unknown = proto.doc_string() == values_unknown_mark;
  for (const auto& attribute : proto.attribute()) add_attribute(file, attribute, node);
  if (node.type == "Constant" && node.tensors.contains("value")) node.attributes.clear();
  return node;
}

OnnxInfo info_of(const onnx::ValueInfoProto& proto) {
  OnnxInfo info;
  info.name = proto.name();
  if (!proto.type().has_tensor_type()) {
    info.fault = "is not declared as a tensor";
    return info;
  }
  const auto& tensor = proto.type().tensor_type();
  const auto type = element_type(tensor.elem_type());
  if (!type) {
    info.fault = "has elements of " + type_name(tensor.elem_type()) + ", which are not supported";
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

OnnxFunction function_of(const File& file, const onnx::FunctionProto& proto) {
  OnnxFunction function;
  function.type = full_type(proto.domain(), proto.name());
  function.inputs.assign(proto.input().begin(), proto.input().end());
  function.outputs.assign(proto.output().begin(), proto.output().end());
  for (const auto& node : proto.node()) function.nodes.push_back(node_of(file, node));
  return function;
}

int opset_of(const File& file, const onnx::ModelProto& proto) {
  std::int64_t opset = 0;
  for (const auto& import : proto.opset_import())
    if (import.domain().empty() || import.domain() == "ai.onnx") opset = import.version();
  const std::string range =
      "opset " + std::to_string(oldest_opset) + " to " + std::to_string(newest_opset);
  if (opset == 0) file.complain("it names no ONNX opset; export it with " + range);
  if (opset < oldest_opset || opset > newest_opset)
    file.complain("its opset " + std::to_string(opset) + " is not known; export it with " + range);
  return static_cast<int>(opset);
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

OnnxModel parse_onnx(const fs::path& path) {
  const File file{path.string(), path.has_parent_path() ? path.parent_path() : fs::path(".")};
  const auto proto = read_proto(file, path);
  if (!proto.has_graph())
    file.complain("is not an ONNX model: it holds no graph; name a file made by an exporter");

  OnnxModel model;
  model.source = file.name;
  model.opset = opset_of(file, proto);
  const auto& graph = proto.graph();
  model.name = graph.name().empty() ? path.stem().string() : graph.name();
  for (const auto& weight : graph.initializer()) model.weights.push_back(tensor_of(file, weight));
  for (const auto& weight : graph.sparse_initializer()) {
    const auto type = element_type(weight.values().data_type());
    if (!type) file.complain("a sparse weight has elements of an unsupported type");
    model.weights.push_back({weight.values().name(),
                             *type,
                             Shape(weight.dims().begin(), weight.dims().end()),
                             false,
                             {},
                             {}});
  }
  std::set<std::string> given;
  for (const auto& weight : model.weights) given.insert(weight.name);
  // Before IR version 4 weights had to be listed among the inputs too.
  for (const auto& input : graph.input())
    if (!given.contains(input.name())) model.inputs.push_back(info_of(input));
  for (const auto& output : graph.output()) model.outputs.push_back(info_of(output));
  for (const auto& info : graph.value_info()) model.infos.push_back(info_of(info));
  for (const auto& node : graph.node()) model.nodes.push_back(node_of(file, node));
  for (const auto& function : proto.functions())
    model.functions.push_back(function_of(file, function));
  return model;
}

}  // namespace models
