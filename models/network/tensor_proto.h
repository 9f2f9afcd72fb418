#pragma once

#include <string>
#include <string_view>

#include "models/network/tensor_value.h"

namespace models {

/// A tensor with the name it goes by; "" if it has none.
struct NamedTensor {
  std::string name;
  TensorValue value;
};

/// The tensor that the bytes of an ONNX TensorProto hold. Throws InputError starting with `source`
/// for anything else, for elements of other types, and for those that lie in another file.
NamedTensor tensor_of_proto(std::string_view bytes, const std::string& source);

/// The reverse, with its elements as raw data. Throws InputError beyond the 2 GB that it may take.
std::string proto_of(const NamedTensor& tensor, const std::string& source);

}  // namespace models
