#include <algorithm>

#include "tests/hardware/property.h"

namespace hardware::property {
namespace {

using enum ElementType;

ElementType any_type(Draw& draw) {
  return draw.type({float32, float64, float16, bfloat16, int8, int16, int32, int64, uint8, uint16,
                    uint32, uint64, boolean});
}

/// TensorProto.DataType.
std::int64_t code_of(ElementType type) {
  constexpr std::int64_t codes[] = {1, 11, 10, 16, 3, 5, 6, 7, 2, 4, 12, 13, 9};
  return codes[static_cast<std::size_t>(type)];
}

/// Whole and broken numbers that every type can hold, so that no conversion is undefined.
Array convertible(ElementType from, ElementType to, Draw& draw) {
  Array x(from, draw.shape(0, 6));
  const bool positive = !models::is_real(to) && reference::lowest(to) == 0;
  for (auto& value : x.reals)
    value = reference::rounded(from, draw.real(positive ? -0.9 : -99, 100));
  for (auto& value : x.integers) value = draw.between(reference::lowest(from) < 0 ? -99 : 0, 99);
  if (from == boolean)
    for (auto& value : x.integers) value = draw.between(0, 1);
  if (models::is_real(to) && draw.chance(0.4)) {
    draw.make_special(x);
    for (auto& value : x.reals)
      if (draw.chance(0.3))
        value = reference::rounded(from, value * draw.one_of({1e-6, 1e4, 1e-3}));
  }
  // Integers wrap.
  if (!models::is_real(to) && to != boolean && draw.chance(0.4))
    for (auto& value : x.integers)
      if (draw.chance(0.3) && from != boolean) value = reference::highest(from) - draw.below(3);
  return x;
}

Case cast(const std::string& type, Draw& draw) {
  const auto from = any_type(draw), to = any_type(draw);
  Maker maker(type, type == "Cast" ? draw.one_of({9, 13, 19}) : 15);
  maker.input(convertible(from, to, draw));
  if (type == "Cast")
    maker.attribute("to", code_of(to));
  else
    maker.input(draw.any(to, draw.shape(0, 2)));
  return maker.made();
}

Case identity(const std::string& type, Draw& draw) {
  return Maker(type, 13).input(draw.any(any_type(draw), draw.shape(0, 6))).made();
}

Case dropout(const std::string& type, Draw& draw) {
  const int opset = draw.one_of({7, 10, 12, 13});
  Maker maker(type, opset);
  maker.input(draw.any(draw.type({float32, float64, float16}), draw.shape(0, 5)));
  if (opset < 12 && draw.chance(0.5)) maker.attribute("ratio", 0.3);
  if (opset >= 12 && draw.chance(0.5)) maker.input(draw.scalar(float32, 0.4), draw.chance(0.5));
  if (draw.chance(0.5)) maker.outputs(2);
  return maker.made();
}

Case shape(const std::string& type, Draw& draw) {
  Maker maker(type, 15);
  maker.input(draw.any(any_type(draw), draw.shape(0, 6)));
  if (type == "Shape" && draw.chance(0.5)) maker.attribute("start", draw.between(-7, 7));
  if (type == "Shape" && draw.chance(0.5)) maker.attribute("end", draw.between(-7, 7));
  return maker.made();
}

Case constant(const std::string& type, Draw& draw) {
  Maker maker(type, 13);
  switch (draw.below(4)) {
    case 0:
      return maker.attribute("value_float", 2.5).made();
    case 1:
      return maker.attribute("value_int", draw.between(-9, 9)).made();
    case 2:
      return maker.attribute("value_floats", std::vector<double>{0.5, -1, 4}).made();
    default:
      return maker.attribute("value_ints", std::vector<std::int64_t>{3, -1, 4}).made();
  }
}

Case constant_of_shape(const std::string& type, Draw& draw) {
  Maker maker(type, 9);
  maker.input(draw.list(draw.shape(0, 4)), draw.chance(0.5));
  if (draw.chance(0.2)) return maker.made();
  const auto of = any_type(draw);
  maker.attribute("value_type", static_cast<std::int64_t>(of));
  if (models::is_real(of))
    maker.attribute("value", -1.5);
  else
    maker.attribute("value", draw.between(0, of == boolean ? 1 : 99));
  return maker.made();
}

Case range(const std::string& type, Draw& draw) {
  const auto of = draw.type({float32, float64, int16, int32, int64});
  const double delta = draw.one_of({1.0, 2.0, -1.0, -3.0, 0.5});
  const double step = models::is_real(of) ? delta : delta == 0.5 ? 4 : delta;
  const double start = static_cast<double>(draw.between(-5, 5));
  const double limit = start + static_cast<double>(draw.between(-9, 20)) * (step < 0 ? -1 : 1);
  const bool fixed = draw.chance(0.5);
  return Maker(type, 11)
      .input(draw.scalar(of, start), fixed)
      .input(draw.scalar(of, limit), fixed)
      .input(draw.scalar(of, step), fixed)
      .near(Near::Kind::close, 4)
      .made();
}

Case eye_like(const std::string& type, Draw& draw) {
  Maker maker(type, 9);
  maker.input(draw.any(draw.type({float32, float64, int32, int64, uint8, float16}), draw.shape(2)));
  if (draw.chance(0.6))
    maker.attribute("dtype", code_of(draw.type({float32, float64, int32, int64, uint8})));
  if (draw.chance(0.6)) maker.attribute("k", draw.between(-4, 4));
  return maker.made();
}

Case one_hot(const std::string& type, Draw& draw) {
  const auto depth = draw.between(1, draw.largest());
  const auto index_type = draw.type({int64, int32, uint8, float32, float64});
  const auto shape = draw.shape(0, 4);
  Array indices(index_type, shape);
  const bool is_signed = models::is_real(index_type) || reference::lowest(index_type) < 0;
  for (std::size_t i = 0; i < indices.count(); ++i)
    indices.set(i, draw.between(is_signed ? -depth - 1 : 0, depth + 1));
  const auto of = draw.type({float32, float64, int32, int64, uint8, float16});
  Maker maker(type, draw.one_of({9, 11}));
  if (draw.chance(0.7)) maker.attribute("axis", draw.axis(shape.size() + 1));
  auto depth_input = draw.scalar(draw.type({int64, int32, float32}), static_cast<double>(depth));
  if (draw.chance(0.4)) depth_input.shape = {1};
  return maker.input(indices)
      .input(depth_input, draw.chance(0.5))
      .input(draw.any(of, {2}), draw.chance(0.5))
      .made();
}

constexpr Generator generators[] = {
    {" Cast CastLike ", cast}, {" Identity ", identity}, {" Dropout ", dropout},
    {" Shape Size ", shape},   {" Constant ", constant}, {" ConstantOfShape ", constant_of_shape},
    {" Range ", range},        {" EyeLike ", eye_like},  {" OneHot ", one_hot},
};

}  // namespace

std::span<const Generator> making_cases() {
  return generators;
}

}  // namespace hardware::property
