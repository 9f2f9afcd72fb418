#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "tests/hardware/reference.h"

namespace hardware::reference {
namespace {

double saturated(ElementType type, double value) {
  return std::clamp(value, static_cast<double>(lowest(type)), static_cast<double>(highest(type)));
}

/// In single precision, as the text has it: it decides ties.
double divided(double x, double scale) {
  return rounded(ElementType::float32, x / scale);
}

/// Which element of a scale or zero point belongs to a place: the only one, the one along the
/// axis, or that of the block along the axis.
std::size_t parameter(const Call& call, const Array& of, const Shape& whole, const Shape& place) {
  if (of.count() == 1 && of.rank() <= 1) return 0;
  const auto axis = axis_of(call.integer("axis", 1), whole.size());
  if (of.rank() == 1) return at(place[axis]);
  auto source = place;
  source[axis] /= call.integer("block_size", 1);
  return position(of.shape, source);
}

double zero_of(const Call& call, std::size_t input, std::size_t i) {
  return call.has(input) ? call.in(input).number(i) : 0;
}

ElementType code(std::int64_t type) {
  switch (type) {
    case 3:
      return ElementType::int8;
    case 4:
      return ElementType::uint16;
    case 5:
      return ElementType::int16;
    default:
      return ElementType::uint8;
  }
}

Arrays quantize(const Call& call) {
  const auto& x = call.in(0);
  const auto& scale = call.in(1);
  const auto type = call.has(2) ? call.in(2).type : code(call.integer("output_dtype", 2));
  Array y(type, x.shape);
  std::size_t n = 0;
  each(x.shape, [&](const Shape& place) {
    const auto i = parameter(call, scale, x.shape, place);
    const double steps = std::nearbyint(divided(x.number(n), scale.number(i)));
    y.set(n++, saturated(type, steps + zero_of(call, 2, i)));
  });
  return {y};
}

Arrays dequantize(const Call& call) {
  const auto& x = call.in(0);
  const auto& scale = call.in(1);
  Array y(scale.type, x.shape);
  std::size_t n = 0;
  each(x.shape, [&](const Shape& place) {
    const auto i = parameter(call, scale, x.shape, place);
    y.set(n, (x.number(n) - zero_of(call, 2, i)) * scale.number(i));
    ++n;
  });
  return {y};
}

/// The range always holds nought.
Arrays dynamic_quantize(const Call& call) {
  const auto& x = call.in(0);
  double low = 0, high = 0;
  for (const auto value : x.reals) low = std::min(low, value), high = std::max(high, value);
  Array scale(ElementType::float32, {}), zero(ElementType::uint8, {}),
      y(ElementType::uint8, x.shape);
  const double step = rounded(ElementType::float32, (high - low) / 255);
  const double shift =
      step == 0 ? 0 : saturated(ElementType::uint8, std::nearbyint(divided(-low, step)));
  scale.set(0, step);
  zero.set(0, shift);
  for (std::size_t i = 0; i < x.count(); ++i)
    y.set(i, step == 0 ? 0
                       : saturated(ElementType::uint8,
                                   std::nearbyint(divided(x.reals[i], step)) + shift));
  return {y, scale, zero};
}

/// Whole numbers less their zero point, which goes by `index` of the place.
template <class Index>
Array shifted(const Call& call, std::size_t input, std::size_t zero, Index index) {
  auto result = as_reals(call.in(input));
  if (!call.has(zero)) return result;
  std::size_t n = 0;
  each(result.shape,
       [&](const Shape& place) { result.reals[n++] -= call.in(zero).number(index(place)); });
  return result;
}

Array as_int32(const Array& x) {
  Array result(ElementType::int32, x.shape);
  for (std::size_t i = 0; i < x.count(); ++i) result.set(i, x.reals[i]);
  return result;
}

/// One for all, one per row, or for each matrix of a batch one per row: as the tensor that it is.
auto by_row(const Array& of) {
  return [&of](const Shape& place) -> std::size_t {
    if (of.count() == 1) return 0;
    if (of.rank() == 1) return at(place[place.size() - 2]);
    return broadcast_position(of.shape, place);
  };
}
auto by_column(const Array& of) {
  return [&of](const Shape& place) -> std::size_t {
    if (of.count() == 1) return 0;
    if (of.rank() == 1) return at(place.back());
    return broadcast_position(of.shape, place);
  };
}
auto by_filter(const Array& of) {
  return [&of](const Shape& place) { return of.count() == 1 ? 0 : at(place[0]); };
}

const Array nothing;

const Array& or_nothing(const Call& call, std::size_t input) {
  return call.has(input) ? call.in(input) : nothing;
}

Arrays matmul_integer(const Call& call) {
  const auto a = shifted(call, 0, 2, by_row(or_nothing(call, 2)));
  const auto b = shifted(call, 1, 3, by_column(or_nothing(call, 3)));
  return {as_int32(multiplied(a, b))};
}

Arrays conv_integer(const Call& call) {
  const auto x = shifted(call, 0, 2, [](const Shape&) { return std::size_t{0}; });
  const auto w = shifted(call, 1, 3, by_filter(or_nothing(call, 3)));
  return {as_int32(convolved(call, x, w))};
}

/// x, its scale and zero point, w, its, the result's, bias in steps of both scales.
Arrays qlinear_conv(const Call& call) {
  const auto x = shifted(call, 0, 2, [](const Shape&) { return std::size_t{0}; });
  const auto w = shifted(call, 3, 5, by_filter(or_nothing(call, 5)));
  const auto sum = convolved(call, x, w);
  const auto& scales = call.in(4);
  Array y(call.in(7).type, sum.shape);
  std::size_t n = 0;
  each(sum.shape, [&](const Shape& place) {
    const auto channel = at(place[1]);
    const double bias = call.has(8) ? call.in(8).number(channel) : 0;
    const double scale = call.in(1).number(0) * scales.number(scales.count() == 1 ? 0 : channel) /
                         call.in(6).number(0);
    const double steps = std::nearbyint((sum.reals[n] + bias) * scale);
    y.set(n++, saturated(y.type, steps + call.in(7).number(0)));
  });
  return {y};
}

/// a, its scale and zero point, b, its, the result's.
Arrays qlinear_matmul(const Call& call) {
  const auto a = shifted(call, 0, 2, by_row(call.in(2)));
  const auto b = shifted(call, 3, 5, by_column(call.in(5)));
  const auto sum = multiplied(a, b);
  const auto row = by_row(call.in(1)), result_row = by_row(call.in(6)),
             zero_row = by_row(call.in(7));
  const auto column = by_column(call.in(4));
  Array y(call.in(7).type, sum.shape);
  std::size_t n = 0;
  each(sum.shape, [&](const Shape& place) {
    const double scale = call.in(1).number(row(place)) * call.in(4).number(column(place)) /
                         call.in(6).number(result_row(place));
    const double steps = std::nearbyint(sum.reals[n] * scale);
    y.set(n++, saturated(y.type, steps + call.in(7).number(zero_row(place))));
  });
  return {y};
}

constexpr Row rows[] = {
    {"ConvInteger", conv_integer},
    {"DequantizeLinear", dequantize},
    {"DynamicQuantizeLinear", dynamic_quantize},
    {"MatMulInteger", matmul_integer},
    {"QLinearConv", qlinear_conv},
    {"QLinearMatMul", qlinear_matmul},
    {"QuantizeLinear", quantize},
};

}  // namespace

std::span<const Row> quantizing_rows() {
  return rows;
}

}  // namespace hardware::reference
