#pragma once

// The door to ONNX's messages: nothing else includes them, or protobuf. Their headers ask for
// these.
#define ONNX_ML 1
#define ONNX_NAMESPACE onnx
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/unknown_field_set.h>
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "models/network/external_data.h"
#include "models/network/onnx_model.h"

namespace models::proto {

using Tensor = onnx::TensorProto;

/// nullopt for types that tensors cannot have here.
std::optional<ElementType> element_type(int type);
Tensor::DataType data_type(ElementType type);
/// For messages: "string", "float8e4m3fn", "type 99".
std::string type_name(int type);

/// What every message starts with, and where weights may lie.
struct File {
  std::string name;
  Values values = Values::small;
  ExternalData* external = nullptr;  ///< where values are kept

  [[noreturn]] void complain(const std::string& what) const;
};

/// A constant with what is to be kept of its values; where all are kept, those in the message are
/// released. Types that tensors cannot have become a fault of the tensor then, and throw otherwise.
OnnxTensor tensor_of(const File& file, Tensor& message);

/// The elements of a message that holds them itself. Throws InputError, `name` in front.
TensorValue value_of(const std::string& name, const Tensor& message);

}  // namespace models::proto
