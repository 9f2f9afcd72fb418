#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/network/network.h"
#include "models/network/onnx.h"
#include "models/network/shape.h"
#include "models/network/tensor_value.h"

namespace models {

/// Longest constant whose values are looked at: enough for shapes, axes and small tables.
inline constexpr std::int64_t max_values = 4096;

/// A constant as the file has it, or what is known of any tensor while a model is being read.
struct OnnxTensor {
  std::string name;
  ElementType type = ElementType::float32;
  Shape shape;
  bool has_values = false;             ///< only up to max_values elements
  std::vector<std::int64_t> integers;  ///< row by row, of integer and boolean types
  std::vector<double> reals;           ///< row by row, of real types
  TensorValue value = {};              ///< all elements, where they are kept
  std::string fault = {};              ///< what of it is not supported, if so: "string"
};

/// A declared input, output or intermediate: dimensions are numbers, names, or neither.
struct OnnxInfo {
  struct Dimension {
    std::optional<std::int64_t> size;
    std::string symbol;
  };
  std::string name;
  ElementType type = ElementType::float32;
  std::vector<Dimension> shape;
  std::string fault;        ///< why it cannot be used, if so: "is a sequence", "has no shape"
  std::string unsupported;  ///< the type, where that is the reason: "string", "sequence"
};

/// One node as the file has it; tensors go by name and "" means absent.
struct OnnxNode {
  std::string name;
  std::string type;      ///< with its domain unless that is ONNX's own: "com.microsoft.Gelu"
  std::string overload;  ///< which of several functions of this type is called
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::map<std::string, Attribute> attributes;
  std::map<std::string, OnnxTensor> tensors;      ///< attributes that are tensors
  std::map<std::string, std::string> references;  ///< attributes that a function's caller gives
  std::vector<std::string> captures;              ///< outer tensors that its subgraphs may read
  bool has_subgraph = false;
  bool values_unknown = false;  ///< a constant fill that stands for values nobody kept
  std::string fault = {};       ///< what of it is not supported, if so: "sparse_value"
};

/// A function of the model: called like an operator, made of operators.
struct OnnxFunction {
  std::string type;      ///< as OnnxNode::type
  std::string overload;  ///< as OnnxNode::overload
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  OnnxNode defaults;  ///< only its attributes: those that a caller may leave out
  std::vector<OnnxNode> nodes;
};

/// An ONNX file without protobuf: nothing is folded or inferred yet.
struct OnnxModel {
  std::string source;  ///< file name, for messages
  std::string name;
  int opset = 17;           ///< of what its operators mean
  int declared_opset = 17;  ///< of what the file says
  std::vector<OnnxInfo> inputs;
  std::vector<OnnxInfo> outputs;
  std::vector<OnnxInfo> infos;
  std::vector<OnnxTensor> weights;
  std::vector<OnnxNode> nodes;
  std::vector<OnnxFunction> functions;
  std::string fault;  ///< why it can only be looked at, if so: its opset is unknown
};

/// Older ones are read where all operators mean what they mean in this one.
inline constexpr int oldest_opset = 7;
inline constexpr int newest_opset = 28;
/// Marks a constant fill whose values mean nothing; the doc_string of its node.
inline constexpr const char* values_unknown_mark = "values not kept";

/// What is kept of weights: values up to max_values, or all of all.
enum class Values : std::uint8_t { small, all };

/// Throws InputError if the file is no ONNX model, EnvironmentError if it cannot be read. Where all
/// values are kept, whatever is not supported is noted as a fault of where it was found.
OnnxModel parse_onnx(const std::filesystem::path& file, Values values = Values::small);

/// Nodes that outputs of the graph depend on.
std::vector<bool> nodes_reached(const OnnxModel& model);

/// The constant that a Constant node's attribute "value_int", "value_ints", "value_float" or
/// "value_floats" stands for; without value for any other.
OnnxTensor constant_of(const std::string& attribute, const Attribute& value);

/// Replaces calls of the model's functions by their nodes.
void inline_functions(OnnxModel& model);

/// Folds constants, infers shapes, costs operators. Throws InputError.
Network network_of(OnnxModel model, const OnnxOptions& options = {});

}  // namespace models
