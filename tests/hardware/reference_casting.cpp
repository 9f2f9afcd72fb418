#include <cmath>
#include <stdexcept>

#include "tests/hardware/reference.h"

namespace hardware::reference {
namespace {

/// TensorProto.DataType.
ElementType type_of(std::int64_t code) {
  using enum ElementType;
  constexpr ElementType types[] = {float32, float32, uint8,   int8,    uint16,  int16,
                                   int32,   int64,   float32, boolean, float16, float64,
                                   uint32,  uint64,  float32, float32, bfloat16};
  if (code < 1 || code > 16 || code == 8 || code == 14 || code == 15)
    throw std::runtime_error("a type that is not supported");
  return types[code];
}

Array converted(const Array& x, ElementType to) {
  Array result(to, x.shape);
  for (std::size_t i = 0; i < result.count(); ++i) {
    if (to == ElementType::boolean)
      result.integers[i] = x.real() ? x.reals[i] != 0 : x.integers[i] != 0;
    else if (result.real())
      result.reals[i] = rounded(to, x.number(i));
    else if (!x.real())
      result.integers[i] = wrapped(to, x.integers[i]);
    else if (to == ElementType::uint64 && x.reals[i] >= 0x1p63)
      result.integers[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(x.reals[i]));
    else
      result.integers[i] = wrapped(to, static_cast<std::int64_t>(std::trunc(x.reals[i])));
  }
  return result;
}

Arrays cast(const Call& call) {
  return {converted(call.in(0), type_of(call.integer("to", 0)))};
}

Arrays cast_like(const Call& call) {
  return {converted(call.in(0), call.in(1).type)};
}

Arrays identity(const Call& call) {
  return {call.in(0)};
}

/// Passes everything at inference; nothing is masked.
Arrays dropout(const Call& call) {
  if (call.has(2) && call.in(2).integers.at(0) != 0) throw std::runtime_error("training");
  Array mask(call.opset < 10 ? call.in(0).type : ElementType::boolean, call.in(0).shape);
  for (std::size_t i = 0; i < mask.count(); ++i) mask.set(i, std::int64_t{1});
  return {call.in(0), mask};
}

Arrays shape(const Call& call) {
  const auto& whole = call.in(0).shape;
  const auto rank = static_cast<std::int64_t>(whole.size());
  const auto bound = [&](const char* name, std::int64_t otherwise) {
    const auto value = call.integer(name, otherwise);
    return std::clamp(value < 0 ? value + rank : value, std::int64_t{0}, rank);
  };
  const auto start = bound("start", 0);
  const auto end = std::max(start, bound("end", rank));
  Array result(ElementType::int64, {end - start});
  for (auto i = start; i < end; ++i) result.integers[at(i - start)] = at(whole, i);
  return {result};
}

Arrays size(const Call& call) {
  Array result(ElementType::int64, {});
  result.integers[0] = models::elements_of(call.in(0).shape);
  return {result};
}

/// The value as a number or numbers (opset 12); tensors are not attributes here.
Arrays constant(const Call& call) {
  const bool real = call.given("value_float") || call.given("value_floats");
  const auto type = real ? ElementType::float32 : ElementType::int64;
  if (call.given("value_float") || call.given("value_int")) {
    Array result(type, {});
    if (real)
      result.set(0, call.real("value_float", 0));
    else
      result.set(0, call.integer("value_int", 0));
    return {result};
  }
  const auto reals = call.reals("value_floats");
  const auto integers = call.integers("value_ints");
  Array result(type, {static_cast<std::int64_t>(real ? reals.size() : integers.size())});
  result.reals = reals;
  result.integers = integers;
  return {result};
}

/// A counter of n steps; the last input is never reached.
Arrays range(const Call& call) {
  const auto& start = call.in(0);
  const auto& limit = call.in(1);
  const auto& delta = call.in(2);
  if (delta.number(0) == 0) throw std::runtime_error("a step of nought");
  std::int64_t steps = 0;
  if (start.real()) {
    steps =
        static_cast<std::int64_t>(std::ceil((limit.reals[0] - start.reals[0]) / delta.reals[0]));
  } else {
    const auto way = limit.integers[0] - start.integers[0];
    const auto step = delta.integers[0];
    steps = way / step + (way % step != 0 && (way < 0) == (step < 0) ? 1 : 0);
  }
  Array result(start.type, {std::max<std::int64_t>(steps, 0)});
  for (std::size_t i = 0; i < result.count(); ++i) {
    if (start.real())
      result.reals[i] = start.reals[0] + static_cast<double>(i) * delta.reals[0];
    else
      result.set(i, start.integers[0] + static_cast<std::int64_t>(i) * delta.integers[0]);
  }
  return {result};
}

Arrays eye_like(const Call& call) {
  const auto& like = call.in(0);
  const auto type = call.given("dtype") ? type_of(call.integer("dtype", 1)) : like.type;
  Array result(type, like.shape);
  std::size_t n = 0;
  each(like.shape, [&](const Shape& place) {
    result.set(n++, std::int64_t{place.at(1) - place.at(0) == call.integer("k", 0)});
  });
  return {result};
}

/// Depth and values are inputs; indices may be real, are cut to integers, and those out of range
/// give rows of off-values only.
Arrays one_hot(const Call& call) {
  const auto& indices = call.in(0);
  const auto depth = static_cast<std::int64_t>(call.in(1).number(0));
  const auto& values = call.in(2);
  auto shape = indices.shape;
  const auto axis = axis_of(call.integer("axis", -1), shape.size() + 1);
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), depth);
  return {picked(values, shape, [&](const Shape& place) -> std::size_t {
    auto from = place;
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(axis));
    auto index = static_cast<std::int64_t>(indices.number(position(indices.shape, from)));
    if (index < -depth || index >= depth) return 0;
    return (index < 0 ? index + depth : index) == place[axis] ? 1 : 0;
  })};
}

/// The tensor attribute of one element is two attributes here: a number, and the type it has.
Arrays constant_of_shape(const Call& call) {
  const auto type = static_cast<ElementType>(call.integer("value_type", 0));
  Array result(type, call.in(0).integers);
  const auto found = call.op.attributes.find("value");
  if (found == call.op.attributes.end()) return {result};
  for (std::size_t i = 0; i < result.count(); ++i)
    if (const auto* whole = std::get_if<std::int64_t>(&found->second))
      result.set(i, *whole);
    else
      result.set(i, std::get<double>(found->second));
  return {result};
}

constexpr Row rows[] = {
    {"Cast", cast},         {"CastLike", cast_like},
    {"Constant", constant}, {"ConstantOfShape", constant_of_shape},
    {"Dropout", dropout},   {"EyeLike", eye_like},
    {"Identity", identity}, {"OneHot", one_hot},
    {"Range", range},       {"Shape", shape},
    {"Size", size},
};

}  // namespace

std::span<const Row> casting_rows() {
  return rows;
}

}  // namespace hardware::reference
