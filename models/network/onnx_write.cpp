#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <type_traits>

#include "models/error.h"
#include "models/network/onnx_model.h"
#include "models/network/onnx_proto.h"
#include "models/network/operator_kinds.h"

namespace models {
namespace {

/// What weights are filled with: small, so that deep networks stay in range when really run.
constexpr float fill = 0.02F;

using proto::data_type;

class Writer {
 public:
  explicit Writer(const Network& network) : network_(network) {}

  std::string bytes() {
    model_.set_ir_version(8);
    model_.set_producer_name("partwise");
    graph().set_name(network_.name);
    for (const auto& tensor : network_.tensors) names_.insert(tensor.name);
    for (const auto& tensor : network_.tensors)
      if (tensor.role == Tensor::Role::weight) add_weight(tensor);
    for (const auto& op : network_.operators) add_operator(op);
    for (const int input : network_.inputs)
      set_info(*graph().add_input(), at(network_.tensors, input));
    for (const int output : network_.outputs)
      set_info(*graph().add_output(), at(network_.tensors, output));
    add_opset("", network_.opset);
    for (const auto& domain : domains_) add_opset(domain, 1);
    return model_.SerializeAsString();
  }

 private:
  onnx::GraphProto& graph() { return *model_.mutable_graph(); }

  void add_opset(const std::string& domain, int version) {
    auto& import = *model_.add_opset_import();
    import.set_domain(domain);
    import.set_version(version);
  }

  void add_weight(const Tensor& tensor) {
    if (tensor.elements() == 0 || !tensor.values.empty() || !tensor.reals.empty())
      add_values(tensor);
    else
      add_fill(tensor);
  }

  void add_values(const Tensor& tensor) {
    auto& proto = *graph().add_initializer();
    proto.set_name(tensor.name);
    proto.set_data_type(data_type(tensor.type));
    for (const auto size : tensor.shape) proto.add_dims(size);
    for (const auto value : tensor.values) {
      if (tensor.type == ElementType::int64)
        proto.add_int64_data(value);
      else if (tensor.type == ElementType::uint32 || tensor.type == ElementType::uint64)
        proto.add_uint64_data(static_cast<std::uint64_t>(value));
      else
        proto.add_int32_data(static_cast<std::int32_t>(value));
    }
    for (const auto value : tensor.reals) {
      if (tensor.type == ElementType::float64)
        proto.add_double_data(value);
      else
        proto.add_float_data(static_cast<float>(value));
    }
  }

  void add_fill(const Tensor& tensor) {
    auto& node = *graph().add_node();
    node.set_op_type("ConstantOfShape");
    node.add_input(shape_constant(tensor.shape));
    node.add_output(tensor.name);
    if (!is_real(tensor.type)) node.set_doc_string(values_unknown_mark);
    auto& attribute = *node.add_attribute();
    attribute.set_name("value");
    attribute.set_type(onnx::AttributeProto::TENSOR);
    auto& value = *attribute.mutable_t();
    value.add_dims(1);
    value.set_data_type(data_type(tensor.type));
    switch (tensor.type) {
      case ElementType::float32:
        value.add_float_data(fill);
        break;
      case ElementType::float64:
        value.add_double_data(static_cast<double>(fill));
        break;
      case ElementType::int64:
        value.add_int64_data(0);
        break;
      case ElementType::uint32:
      case ElementType::uint64:
        value.add_uint64_data(0);
        break;
      default:
        value.add_int32_data(0);
    }
  }

  /// The name of a constant that holds this shape; equal shapes share one.
  const std::string& shape_constant(const Shape& shape) {
    auto& name = shapes_[shape];
    if (!name.empty()) return name;
    name = "shape_" + text_of(shape);
    while (!names_.insert(name).second) name += "_";
    auto& proto = *graph().add_initializer();
    proto.set_name(name);
    proto.set_data_type(proto::Tensor::INT64);
    proto.add_dims(static_cast<std::int64_t>(shape.size()));
    for (const auto size : shape) proto.add_int64_data(size);
    return name;
  }

  void add_operator(const Operator& op) {
    auto& node = *graph().add_node();
    node.set_name(op.name);
    // The type of an operator outside ONNX's own domain starts with its domain.
    const auto dot = op.type.rfind('.');
    node.set_op_type(dot == std::string::npos ? op.type : op.type.substr(dot + 1));
    if (dot != std::string::npos) {
      node.set_domain(op.type.substr(0, dot));
      domains_.insert(node.domain());
    }
    for (const int tensor : op.inputs)
      node.add_input(tensor < 0 ? "" : at(network_.tensors, tensor).name);
    for (const int tensor : op.outputs)
      node.add_output(tensor < 0 ? "" : at(network_.tensors, tensor).name);
    for (const auto& [name, value] : op.attributes) add_attribute(node, name, value);
    if (shapes_must_be_declared(op))
      for (const int tensor : op.outputs)
        if (tensor >= 0) set_info(*graph().add_value_info(), at(network_.tensors, tensor));
  }

  /// Whoever reads the file cannot infer them: the type is unknown, or they depend on data.
  bool shapes_must_be_declared(const Operator& op) const {
    if (find_operator_kind(op.type) == nullptr) return true;
    return std::ranges::any_of(op.inputs, [&](int tensor) {
      if (tensor < 0 || tensor == op.inputs[0]) return false;
      const auto& input = at(network_.tensors, tensor);
      return input.role != Tensor::Role::weight || (input.values.empty() && !is_real(input.type));
    });
  }

  static void add_attribute(onnx::NodeProto& node, const std::string& name,
                            const Attribute& value) {
    using A = onnx::AttributeProto;
    auto& attribute = *node.add_attribute();
    attribute.set_name(name);
    std::visit(
        [&](const auto& held) {
          using Held = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<Held, std::int64_t>) {
            attribute.set_type(A::INT);
            attribute.set_i(held);
          } else if constexpr (std::is_same_v<Held, double>) {
            attribute.set_type(A::FLOAT);
            attribute.set_f(static_cast<float>(held));
          } else if constexpr (std::is_same_v<Held, std::string>) {
            attribute.set_type(A::STRING);
            attribute.set_s(held);
          } else if constexpr (std::is_same_v<Held, std::vector<std::int64_t>>) {
            attribute.set_type(A::INTS);
            for (const auto item : held) attribute.add_ints(item);
          } else if constexpr (std::is_same_v<Held, std::vector<double>>) {
            attribute.set_type(A::FLOATS);
            for (const auto item : held) attribute.add_floats(static_cast<float>(item));
          } else {
            attribute.set_type(A::STRINGS);
            for (const auto& item : held) attribute.add_strings(item);
          }
        },
        value);
  }

  static void set_info(onnx::ValueInfoProto& info, const Tensor& tensor) {
    info.set_name(tensor.name);
    auto& type = *info.mutable_type()->mutable_tensor_type();
    type.set_elem_type(data_type(tensor.type));
    auto& shape = *type.mutable_shape();
    for (const auto size : tensor.shape) shape.add_dim()->set_dim_value(size);
  }

  const Network& network_;
  onnx::ModelProto model_;
  std::set<std::string> names_;
  std::set<std::string> domains_;
  std::map<Shape, std::string> shapes_;
};

}  // namespace

void write_onnx(const Network& network, const std::filesystem::path& file) {
  const auto bytes = Writer(network).bytes();
  std::error_code error;
  // Devices and pipes are written to; a file renamed over them would take their place.
  const bool in_place =
      std::filesystem::exists(file, error) && !std::filesystem::is_regular_file(file, error);
  auto beside = file;
  if (!in_place) beside += ".partial";
  const auto give_up = [&](const std::string& why) {
    std::error_code ignored;
    if (!in_place) std::filesystem::remove(beside, ignored);
    throw EnvironmentError(file.string() + ": cannot be written: " + why);
  };

  std::ofstream stream(beside, std::ios::binary | std::ios::trunc);
  if (!stream)
    throw EnvironmentError(file.string() + ": cannot be written: " + std::strerror(errno));
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) give_up(std::strerror(errno));
  if (in_place) return;
  std::filesystem::rename(beside, file, error);
  if (error) give_up(error.message());
}

}  // namespace models
