#include <algorithm>

#include "tests/hardware/property.h"
#include "tests/hardware/property_window.h"

namespace hardware::property {
namespace {

using enum ElementType;
using Kind = Near::Kind;

Array bytes(Draw& draw, ElementType type, Shape shape) {
  return draw.integers(type, std::move(shape), reference::lowest(type), reference::highest(type));
}
ElementType byte_type(Draw& draw) {
  return draw.chance(0.5) ? uint8 : int8;
}
Array scales(Draw& draw, Shape shape) {
  return draw.reals(float32, std::move(shape), 0.01, 0.2);
}

/// Scales of a whole tensor, or of each place along an axis.
struct Grid {
  Shape scales;
  std::int64_t axis = 1;
  bool along = false;
};
Grid grid(Draw& draw, const Shape& shape, int opset) {
  Grid result;
  if (opset < 13 || shape.empty() || draw.chance(0.5)) return result;
  result.along = true;
  result.axis = draw.axis(shape.size());
  result.scales = {shape[at(result.axis < 0 ? result.axis + std::ssize(shape) : result.axis)]};
  return result;
}

Case quantize(const std::string& type, Draw& draw) {
  const int opset = draw.one_of({10, 13, 19});
  auto x = draw.reals(float32, draw.shape(0, 5), -14, 14);
  const auto how = grid(draw, x.shape, opset);
  auto scale = scales(draw, how.scales);
  if (draw.chance(0.4)) {
    // Halves, where it shows how ties are rounded.
    for (auto& each : scale.reals) each = 0.25;
    for (auto& each : x.reals) each = static_cast<double>(draw.between(-60, 60)) / 8;
  }
  Maker maker(type, opset);
  const bool fixed = draw.chance(0.5);
  maker.input(x).input(scale, fixed);
  if (draw.chance(0.8)) maker.input(bytes(draw, byte_type(draw), how.scales), fixed);
  if (how.along) maker.attribute("axis", how.axis);
  return maker.near(Kind::steps, 0, 1).made();
}

Case dequantize(const std::string& type, Draw& draw) {
  const int opset = draw.one_of({10, 13});
  const auto of = draw.one_of({uint8, int8, int32});
  const auto x =
      draw.integers(of, draw.shape(0, 5), std::max<std::int64_t>(-999, reference::lowest(of)),
                    std::min<std::int64_t>(999, reference::highest(of)));
  const auto how = grid(draw, x.shape, opset);
  const bool fixed = draw.chance(0.5);
  Maker maker(type, opset);
  maker.input(x).input(scales(draw, how.scales), fixed);
  if (of != int32 && draw.chance(0.8)) maker.input(bytes(draw, of, how.scales), fixed);
  if (how.along) maker.attribute("axis", how.axis);
  return maker.near(Kind::relative, 1).made();
}

Case dynamic_quantize(const std::string& type, Draw& draw) {
  const double low = draw.one_of({-3.0, 0.5, -9.0}), high = draw.one_of({3.0, 1.0, 20.0});
  return Maker(type, 11)
      .input(draw.reals(float32, draw.full_shape(0, 4), low, high))
      .outputs(3)
      .near(Kind::steps, 2)
      .made();
}

Case matmul_integer(const std::string& type, Draw& draw) {
  const auto stack = draw.shape(0, 2);
  auto a = draw.part_of(stack), b = draw.part_of(stack);
  const auto rows = draw.size(), columns = draw.size(), depth = draw.size_or_none();
  a.insert(a.end(), {rows, depth});
  b.insert(b.end(), {depth, columns});
  const auto type_a = byte_type(draw), type_b = byte_type(draw);
  Maker maker(type, 10);
  maker.input(bytes(draw, type_a, a)).input(bytes(draw, type_b, b), draw.chance(0.5));
  const bool zero_a = draw.chance(0.6), zero_b = draw.chance(0.6);
  if (zero_a) maker.input(bytes(draw, type_a, draw.chance(0.6) ? Shape{} : Shape{rows}));
  if (!zero_a && zero_b) maker.absent();
  if (zero_b)
    maker.input(bytes(draw, type_b, draw.chance(0.5) ? Shape{} : Shape{columns}), draw.chance(0.5));
  return maker.made();
}

Case conv_integer(const std::string& type, Draw& draw) {
  const auto sizes = convolution_sizes(draw);
  const auto type_x = byte_type(draw), type_w = byte_type(draw);
  Maker maker(type, 10);
  maker.input(bytes(draw, type_x, sizes.input))
      .input(bytes(draw, type_w, sizes.weight), draw.chance(0.6));
  const bool zero_x = draw.chance(0.7), zero_w = draw.chance(0.5);
  if (zero_x) maker.input(bytes(draw, type_x, {}), draw.chance(0.5));
  if (!zero_x && zero_w) maker.absent();
  if (zero_w)
    maker.input(bytes(draw, type_w, draw.chance(0.5) ? Shape{} : Shape{sizes.weight[0]}),
                draw.chance(0.5));
  sizes.describe(maker, draw);
  return maker.made();
}

Case qlinear_conv(const std::string& type, Draw& draw) {
  const auto sizes = convolution_sizes(draw);
  const auto type_x = byte_type(draw), type_w = byte_type(draw),
             type_y = draw.chance(0.8) ? type_x : byte_type(draw);
  const Shape grid = draw.chance(0.5) ? Shape{} : Shape{sizes.weight[0]};
  const bool fixed = draw.chance(0.7);
  Maker maker(type, 10);
  maker.input(bytes(draw, type_x, sizes.input))
      .input(scales(draw, {}), fixed)
      .input(bytes(draw, type_x, {}), fixed)
      .input(bytes(draw, type_w, sizes.weight), fixed)
      .input(scales(draw, grid), fixed)
      .input(bytes(draw, type_w, grid), fixed)
      .input(draw.reals(float32, {}, 2, 9), fixed)
      .input(bytes(draw, type_y, {}), fixed);
  if (draw.chance(0.5)) maker.input(draw.integers(int32, {sizes.weight[0]}, -5000, 5000), fixed);
  sizes.describe(maker, draw);
  return maker.near(Kind::steps, 0, 6).made();
}

Case qlinear_matmul(const std::string& type, Draw& draw) {
  const auto stack = draw.shape(0, 2);
  auto a = draw.part_of(stack), b = draw.part_of(stack);
  const auto rows = draw.size(), columns = draw.size(), depth = draw.size();
  a.insert(a.end(), {rows, depth});
  b.insert(b.end(), {depth, columns});
  const auto type_a = byte_type(draw), type_b = byte_type(draw), type_y = byte_type(draw);
  const Shape by_row = draw.chance(0.7) ? Shape{} : Shape{rows};
  const Shape by_column = draw.chance(0.5) ? Shape{} : Shape{columns};
  const bool fixed = draw.chance(0.6);
  return Maker(type, 10)
      .input(bytes(draw, type_a, a))
      .input(scales(draw, by_row))
      .input(bytes(draw, type_a, by_row))
      .input(bytes(draw, type_b, b), fixed)
      .input(scales(draw, by_column), fixed)
      .input(bytes(draw, type_b, by_column), fixed)
      .input(draw.reals(float32, {}, 2, 9), fixed)
      .input(bytes(draw, type_y, {}), fixed)
      .near(Kind::steps, 0, 6)
      .made();
}

constexpr Generator generators[] = {
    {" QuantizeLinear ", quantize},
    {" DequantizeLinear ", dequantize},
    {" DynamicQuantizeLinear ", dynamic_quantize},
    {" MatMulInteger ", matmul_integer},
    {" ConvInteger ", conv_integer},
    {" QLinearConv ", qlinear_conv},
    {" QLinearMatMul ", qlinear_matmul},
};

}  // namespace

std::span<const Generator> quantizing_cases() {
  return generators;
}

}  // namespace hardware::property
