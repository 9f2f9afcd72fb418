#include "models/network/tensor_proto.h"

#include <limits>

#include "models/error.h"
#include "models/network/onnx_proto.h"

namespace models {
namespace {

constexpr std::size_t largest = std::numeric_limits<int>::max();

}  // namespace

NamedTensor tensor_of_proto(std::string_view bytes, const std::string& source) {
  if (bytes.empty()) throw InputError(source + ": is empty; write the tensor again");
  if (bytes.size() > largest)
    throw InputError(source + ": is larger than 2 GB; save the tensor as .npy");
  const google::protobuf::LogSilencer silence;
  proto::Tensor message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    throw InputError(source +
                     ": is not an ONNX tensor, or is damaged or cut short; write the tensor again");
  return {message.name(), proto::value_of(source, message)};
}

std::string proto_of(const NamedTensor& tensor, const std::string& source) {
  const auto elements = tensor.value.span();
  constexpr std::size_t room_for_the_rest = 1 << 20;
  if (elements.size() > largest - room_for_the_rest)
    throw InputError(source + ": an ONNX tensor may take 2 GB; save it as .npy");
  proto::Tensor message;
  message.set_name(tensor.name);
  message.set_data_type(proto::data_type(tensor.value.type));
  for (const auto size : tensor.value.shape) message.add_dims(size);
  message.set_raw_data(elements.data(), elements.size());
  return message.SerializeAsString();
}

}  // namespace models
