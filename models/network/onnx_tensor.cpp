// ONNX's messages of tensors: what types they have, and their elements.
#include <algorithm>
#include <cstring>
#include <span>

#include "models/error.h"
#include "models/network/onnx_bytes.h"
#include "models/network/onnx_proto.h"

namespace models::proto {
namespace {

constexpr std::pair<Tensor::DataType, ElementType> types[] = {
    {Tensor::FLOAT, ElementType::float32},   {Tensor::DOUBLE, ElementType::float64},
    {Tensor::FLOAT16, ElementType::float16}, {Tensor::BFLOAT16, ElementType::bfloat16},
    {Tensor::INT8, ElementType::int8},       {Tensor::INT16, ElementType::int16},
    {Tensor::INT32, ElementType::int32},     {Tensor::INT64, ElementType::int64},
    {Tensor::UINT8, ElementType::uint8},     {Tensor::UINT16, ElementType::uint16},
    {Tensor::UINT32, ElementType::uint32},   {Tensor::UINT64, ElementType::uint64},
    {Tensor::BOOL, ElementType::boolean}};

/// Those that came after the version of ONNX whose messages we are built with.
constexpr const char* later_types[] = {
    "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4",
    "int4",         "float4e2m1",     "float8e8m0", "uint2",          "int2"};
constexpr int first_later_type = 17;

/// The field of the message that holds values of this type when raw_data does not.
int typed_count(const Tensor& message, ElementType type) {
  switch (type) {
    case ElementType::float32:
      return message.float_data_size();
    case ElementType::float64:
      return message.double_data_size();
    case ElementType::int64:
      return message.int64_data_size();
    case ElementType::uint32:
    case ElementType::uint64:
      return message.uint64_data_size();
    default:
      return message.int32_data_size();
  }
}

template <class Stored>
void put(const auto& list, std::span<std::byte> into) {
  for (std::size_t i = 0; const auto item : list) {
    const auto stored = static_cast<Stored>(item);
    std::memcpy(into.data() + i, &stored, sizeof stored);
    i += sizeof stored;
  }
}

void put_typed(const Tensor& message, ElementType type, std::span<std::byte> into) {
  switch (type) {
    case ElementType::float32:
      return put<float>(message.float_data(), into);
    case ElementType::float64:
      return put<double>(message.double_data(), into);
    case ElementType::int64:
      return put<std::int64_t>(message.int64_data(), into);
    case ElementType::uint32:
      return put<std::uint32_t>(message.uint64_data(), into);
    case ElementType::uint64:
      return put<std::uint64_t>(message.uint64_data(), into);
    case ElementType::int32:
      return put<std::int32_t>(message.int32_data(), into);
    case ElementType::boolean:
      return put<bool>(message.int32_data(), into);
    case ElementType::int8:
    case ElementType::uint8:
      return put<std::uint8_t>(message.int32_data(), into);
    case ElementType::float16:
    case ElementType::bfloat16:
    case ElementType::int16:
    case ElementType::uint16:
      return put<std::uint16_t>(message.int32_data(), into);
  }
}

[[noreturn]] void unsupported(const std::string& start, const std::string& type) {
  throw InputError(start + "elements of " + type + " are not supported");
}

/// Type and shape. Throws InputError; `fault` gets the name of a type that is not supported.
TensorValue header_of(const std::string& start, const Tensor& message, std::string& fault) {
  TensorValue value;
  const auto type = element_type(message.data_type());
  if (type)
    value.type = *type;
  else
    fault = type_name(message.data_type());
  value.shape.assign(message.dims().begin(), message.dims().end());
  try {
    value.elements();
  } catch (const TooLarge& error) {
    throw InputError(start + "its shape " + text_of(value.shape) +
                     " is not possible: " + error.what());
  }
  return value;
}

/// Whether the message holds elements itself. Throws InputError where they do not fit its shape.
bool holds_elements(const std::string& start, const Tensor& message, const TensorValue& value) {
  const auto want = [&](std::int64_t have, std::int64_t wanted, const std::string& unit) {
    if (have != wanted)
      throw InputError(start + "it holds " + std::to_string(have) + " " + unit +
                       " where its shape " + text_of(value.shape) + " needs " +
                       std::to_string(wanted) + "; the file is damaged: export it again");
  };
  const int typed = typed_count(message, value.type);
  if (message.has_raw_data())
    want(static_cast<std::int64_t>(message.raw_data().size()),
         value.elements() * bits_of(value.type) / 8, "bytes");
  else if (typed > 0)
    want(typed, value.elements(), "values");
  return message.has_raw_data() || typed > 0 || value.elements() == 0;
}

TensorValue elements_of(const Tensor& message, const TensorValue& header) {
  if (message.has_raw_data())
    return copied(header.type, header.shape,
                  std::as_bytes(std::span(message.raw_data().data(), message.raw_data().size())));
  auto made = fresh_value(header.type, header.shape);
  put_typed(message, header.type, made.fresh);
  return made.value;
}

ExternalPlace place_of(const Tensor& message) {
  ExternalPlace place;
  place.weight = message.name();
  for (const auto& entry : message.external_data()) {
    if (entry.key() == "location") place.location = entry.value();
    if (entry.key() == "offset") place.offset = entry.value();
    if (entry.key() == "length") place.length = entry.value();
  }
  return place;
}

/// Gives the memory back, which clearing would keep.
void release(Tensor& message) {
  Tensor empty;
  empty.Swap(&message);
}

}  // namespace

std::optional<ElementType> element_type(int type) {
  const auto* found = std::ranges::find(types, type, [](const auto& t) { return int{t.first}; });
  return found == std::end(types) ? std::nullopt : std::optional(found->second);
}

Tensor::DataType data_type(ElementType type) {
  return std::ranges::find(types, type, [](const auto& t) { return t.second; })->first;
}

std::string type_name(int type) {
  if (type >= first_later_type && type < first_later_type + int{std::size(later_types)})
    return later_types[type - first_later_type];
  if (!Tensor::DataType_IsValid(type)) return "type " + std::to_string(type);
  std::string name = Tensor::DataType_Name(static_cast<Tensor::DataType>(type));
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

void File::complain(const std::string& what) const {
  throw InputError(name + ": " + what);
}

OnnxTensor tensor_of(const File& file, Tensor& message) {
  OnnxTensor tensor;
  tensor.name = message.name();
  const auto start = file.name + ": tensor '" + message.name() + "': ";
  auto header = header_of(start, message, tensor.fault);
  tensor.type = header.type;
  tensor.shape = header.shape;
  if (!tensor.fault.empty()) {
    if (file.values == Values::small) unsupported(start, tensor.fault);
    return tensor;
  }
  if (message.data_location() == Tensor::EXTERNAL) {
    // Never opened for small values; a path that leaves the model's folder is refused all the same,
    // since whoever reads the file later may open it.
    if (file.values == Values::small) {
      file.external->check(place_of(message));
      return tensor;
    }
    tensor.value = file.external->value(place_of(message), tensor.type, tensor.shape);
  } else if (!holds_elements(start, message, header)) {
    return tensor;  // a model without its weights
  }
  const bool small = header.elements() <= max_values;
  if (!tensor.value && (small || file.values == Values::all))
    tensor.value = elements_of(message, header);
  tensor.has_values = small;
  if (small) keep_raw_values(tensor.value.span(), tensor);
  if (file.values == Values::small)
    tensor.value = {};
  else
    release(message);
  return tensor;
}

TensorValue value_of(const std::string& name, const Tensor& message) {
  std::string fault;
  const auto header = header_of(name + ": ", message, fault);
  if (!fault.empty()) unsupported(name + ": ", fault);
  if (message.data_location() == Tensor::EXTERNAL)
    throw InputError(name + ": its elements lie in another file; write them into this one");
  if (!holds_elements(name + ": ", message, header))
    throw InputError(name + ": it holds no elements where its shape " + text_of(header.shape) +
                     " needs " + std::to_string(header.elements()) +
                     "; the file is damaged: export it again");
  return elements_of(message, header);
}

}  // namespace models::proto
