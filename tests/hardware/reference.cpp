#include "tests/hardware/reference.h"

#include <cmath>
#include <limits>
#include <stdexcept>

namespace hardware::reference {
namespace {

template <class Value>
Value attribute(const Call& call, const std::string& name, Value otherwise) {
  const auto found = call.op.attributes.find(name);
  return found == call.op.attributes.end() ? otherwise : std::get<Value>(found->second);
}

/// Of a binary floating-point format with so many bits of significand (the hidden one included),
/// and the exponent of its least normal and greatest finite values.
double rounded(double value, int bits, int least, int greatest) {
  if (!std::isfinite(value) || value == 0) return value;
  int exponent = std::ilogb(value);
  if (exponent < least) exponent = least;
  const double step = std::ldexp(1.0, exponent - bits + 1);
  const double result = std::nearbyint(value / step) * step;
  if (std::abs(result) >= std::ldexp(1.0, greatest) * 2)
    return std::copysign(std::numeric_limits<double>::infinity(), value);
  return result;
}

}  // namespace

Array::Array(ElementType the_type, Shape the_shape) : type(the_type), shape(std::move(the_shape)) {
  if (real())
    reals.assign(count(), 0);
  else
    integers.assign(count(), 0);
}

double Array::number(std::size_t i) const {
  if (real()) return reals.at(i);
  if (type == ElementType::uint64)
    return static_cast<double>(static_cast<std::uint64_t>(integers.at(i)));
  return static_cast<double>(integers.at(i));
}

void Array::set(std::size_t i, double value) {
  if (real())
    reals.at(i) = value;
  else
    integers.at(i) = wrapped(type, static_cast<std::int64_t>(value));
}

void Array::set(std::size_t i, std::int64_t value) {
  if (real())
    reals.at(i) = static_cast<double>(value);
  else
    integers.at(i) = wrapped(type, value);
}

std::int64_t Call::integer(const std::string& name, std::int64_t otherwise) const {
  return attribute(*this, name, otherwise);
}
double Call::real(const std::string& name, double otherwise) const {
  // Attributes are floats, those that are left out too.
  return rounded(ElementType::float32, attribute(*this, name, otherwise));
}
std::string Call::text(const std::string& name, const std::string& otherwise) const {
  return attribute(*this, name, otherwise);
}
std::vector<std::int64_t> Call::integers(const std::string& name) const {
  return attribute(*this, name, std::vector<std::int64_t>{});
}
std::vector<double> Call::reals(const std::string& name) const {
  return attribute(*this, name, std::vector<double>{});
}
std::vector<std::string> Call::texts(const std::string& name) const {
  return attribute(*this, name, std::vector<std::string>{});
}
std::vector<std::int64_t> Call::integers(const std::string& name, std::size_t input) const {
  return has(input) ? in(input).integers : integers(name);
}

const Row* find(std::string_view type) {
  for (const auto rows :
       {unary_rows(), binary_rows(), casting_rows(), moving_rows(), shaping_rows(), picking_rows(),
        reducing_rows(), product_rows(), quantizing_rows(), pooling_rows(), normalizing_rows(),
        recurrent_rows(), resizing_rows()})
    for (const auto& row : rows)
      if (row.type == type) return &row;
  return nullptr;
}

Arrays outputs_of(const models::Operator& op, int opset, const Inputs& inputs) {
  const auto* row = find(op.type);
  if (row == nullptr) throw std::runtime_error("no reference for " + op.type);
  return row->compute({op, opset, inputs});
}

double rounded(ElementType type, double value) {
  switch (type) {
    case ElementType::float16:
      return rounded(value, 11, -14, 15);
    case ElementType::bfloat16:
      return rounded(value, 8, -126, 127);
    case ElementType::float32:
      return static_cast<double>(static_cast<float>(value));
    default:
      return value;
  }
}

std::int64_t wrapped(ElementType type, std::int64_t value) {
  switch (type) {
    case ElementType::int8:
      return static_cast<std::int8_t>(value);
    case ElementType::int16:
      return static_cast<std::int16_t>(value);
    case ElementType::int32:
      return static_cast<std::int32_t>(value);
    case ElementType::uint8:
      return static_cast<std::uint8_t>(value);
    case ElementType::uint16:
      return static_cast<std::uint16_t>(value);
    case ElementType::uint32:
      return static_cast<std::uint32_t>(value);
    case ElementType::boolean:
      return value != 0;
    default:
      return value;
  }
}

bool below(ElementType type, std::int64_t a, std::int64_t b) {
  if (type != ElementType::uint64) return a < b;
  return static_cast<std::uint64_t>(a) < static_cast<std::uint64_t>(b);
}

std::int64_t lowest(ElementType type) {
  const int bits = models::bits_of(type);
  const bool is_signed = type == ElementType::int8 || type == ElementType::int16 ||
                         type == ElementType::int32 || type == ElementType::int64;
  if (!is_signed) return 0;
  return bits == 64 ? std::numeric_limits<std::int64_t>::min() : -(std::int64_t{1} << (bits - 1));
}

std::int64_t highest(ElementType type) {
  const int bits = models::bits_of(type);
  if (type == ElementType::boolean) return 1;
  if (lowest(type) != 0) return -(lowest(type) + 1);
  return bits == 64 ? -1 : (std::int64_t{1} << bits) - 1;
}

std::size_t axis_of(std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < -size || axis >= size) throw std::runtime_error("no such axis");
  return at(axis < 0 ? axis + size : axis);
}

void each(const Shape& shape, const std::function<void(const Shape&)>& action) {
  const auto count = models::elements_of(shape);
  Shape place(shape.size(), 0);
  for (std::int64_t n = 0; n < count; ++n) {
    action(place);
    for (std::size_t i = shape.size(); i-- > 0;) {
      if (++place[i] < shape[i]) break;
      place[i] = 0;
    }
  }
}

std::size_t position(const Shape& shape, const Shape& place) {
  std::int64_t result = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (place.at(i) < 0 || place[i] >= shape[i]) throw std::runtime_error("outside the tensor");
    result = result * shape[i] + place[i];
  }
  return at(result);
}

std::size_t broadcast_position(const Shape& shape, const Shape& place) {
  Shape own(place.end() - static_cast<std::ptrdiff_t>(shape.size()), place.end());
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == 1) own[i] = 0;
  return position(shape, own);
}

Shape broadcast(const Shape& a, const Shape& b) {
  if (a.size() < b.size()) return broadcast(b, a);
  Shape result = a;
  for (std::size_t i = 0; i < b.size(); ++i) {
    auto& size = result[a.size() - b.size() + i];
    if (size == 1)
      size = b[i];
    else if (b[i] != 1 && b[i] != size)
      throw std::runtime_error("shapes cannot be broadcast");
  }
  return result;
}

void copy(const Array& from, std::size_t i, Array& to, std::size_t k) {
  if (from.real())
    to.reals.at(k) = from.reals.at(i);
  else
    to.integers.at(k) = from.integers.at(i);
}

Array picked(const Array& from, const Shape& shape,
             const std::function<std::size_t(const Shape&)>& source) {
  Array result(from.type, shape);
  std::size_t n = 0;
  each(shape, [&](const Shape& place) { copy(from, source(place), result, n++); });
  return result;
}

Array as_reals(const Array& from) {
  Array result(ElementType::float64, from.shape);
  for (std::size_t i = 0; i < result.count(); ++i) result.reals[i] = from.number(i);
  return result;
}

}  // namespace hardware::reference
