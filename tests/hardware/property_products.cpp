#include <algorithm>

#include "tests/hardware/property.h"
#include "tests/hardware/property_window.h"

namespace hardware::property {
namespace {

using enum ElementType;
using Kind = Near::Kind;

ElementType real_type(Draw& draw) {
  return draw.type({float32, float64, float16, bfloat16});
}

Case conv(const std::string& type, Draw& draw) {
  const auto sizes = convolution_sizes(draw);
  const auto of = real_type(draw);
  Maker maker(type, draw.one_of({7, 11}));
  const bool constant = draw.chance(0.7);
  maker.input(draw.reals(of, sizes.input, -2, 2))
      .input(draw.reals(of, sizes.weight, -1, 1), constant);
  if (draw.chance(0.6)) maker.input(draw.reals(of, {sizes.weight[0]}, -1, 1), constant);
  sizes.describe(maker, draw);
  return maker.near(Kind::sums, 32).made();
}

Case conv_transpose(const std::string& type, Draw& draw) {
  const auto axes = at(draw.between(1, 3));
  const auto group = draw.one_of<std::int64_t>({1, 1, 2, 3});
  const auto channels = group * draw.between(1, 3), filters = draw.between(1, 3);
  Shape input = {draw.between(1, 2), channels}, weight = {channels, filters}, strides, dilations,
        pads, extra;
  for (std::size_t i = 0; i < axes; ++i) {
    input.push_back(draw.between(1, axes == 3 ? 3 : 6));
    weight.push_back(draw.between(1, 3));
    strides.push_back(draw.between(1, 3));
    dilations.push_back(draw.one_of<std::int64_t>({1, 1, 2}));
    extra.push_back(draw.between(0, std::max(strides[i], dilations[i]) - 1));
    const auto whole = strides[i] * (input[i + 2] - 1) + (weight[i + 2] - 1) * dilations[i] + 1;
    pads.push_back(draw.between(0, std::min<std::int64_t>(2, (whole - 1) / 2)));
  }
  const auto of = real_type(draw);
  const bool constant = draw.chance(0.7);
  Maker maker(type, draw.one_of({7, 11}));
  maker.input(draw.reals(of, input, -2, 2)).input(draw.reals(of, weight, -1, 1), constant);
  if (draw.chance(0.5)) maker.input(draw.reals(of, {filters * group}, -1, 1), constant);
  maker.attribute("strides", strides).attribute("dilations", dilations);
  if (group > 1 || draw.chance(0.3)) maker.attribute("group", group);
  if (draw.chance(0.5)) maker.attribute("kernel_shape", Shape(weight.begin() + 2, weight.end()));
  const auto how = draw.below(4);
  if (how == 0) {
    auto wanted = input;
    wanted.erase(wanted.begin(), wanted.begin() + 2);
    for (std::size_t i = 0; i < axes; ++i)
      wanted[i] = std::max<std::int64_t>(1, strides[i] * (input[i + 2] - 1) +
                                                (weight[i + 2] - 1) * dilations[i] + 1 -
                                                draw.between(0, 2));
    maker.attribute("output_shape", wanted);
    if (draw.chance(0.5))
      maker.attribute("auto_pad", draw.one_of<std::string>({"SAME_UPPER", "SAME_LOWER"}));
  } else if (how == 1) {
    maker.attribute("auto_pad", draw.one_of<std::string>({"SAME_UPPER", "SAME_LOWER", "VALID"}));
  } else {
    auto both = pads;
    both.insert(both.end(), pads.begin(), pads.end());
    maker.attribute("pads", both);
    if (draw.chance(0.4)) maker.attribute("output_padding", extra);
  }
  return maker.near(Kind::sums, 32).made();
}

Case gemm(const std::string& type, Draw& draw) {
  const auto rows = draw.size_or_none(), columns = draw.size_or_none(), depth = draw.size_or_none();
  const bool a = draw.chance(0.4), b = draw.chance(0.5);
  const auto of = draw.type({float32, float64, float16, bfloat16});
  const bool constant = draw.chance(0.6);
  Maker maker(type, draw.one_of({11, 13}));
  maker.input(draw.any(of, a ? Shape{depth, rows} : Shape{rows, depth}))
      .input(draw.any(of, b ? Shape{columns, depth} : Shape{depth, columns}), constant);
  if (draw.chance(0.6)) maker.input(draw.any(of, draw.part_of({rows, columns})), constant);
  if (a) maker.attribute("transA", std::int64_t{1});
  if (b) maker.attribute("transB", std::int64_t{1});
  if (draw.chance(0.4)) maker.attribute("alpha", draw.real(-2, 2));
  if (draw.chance(0.4)) maker.attribute("beta", draw.real(-2, 2));
  return maker.near(Kind::sums, 32).made();
}

struct Factors {
  Shape a, b;
};

/// Stacks of matrices that are broadcast, now and then a vector on either side.
Factors factors(Draw& draw) {
  const auto stack = draw.shape(0, 3);
  const auto rows = draw.size_or_none(), columns = draw.size_or_none(), depth = draw.size_or_none();
  Factors result{draw.part_of(stack), draw.part_of(stack)};
  result.a.insert(result.a.end(), {rows, depth});
  result.b.insert(result.b.end(), {depth, columns});
  if (draw.chance(0.08)) result.a = {depth};
  if (draw.chance(0.08)) result.b = {depth};
  return result;
}

Case matmul(const std::string& type, Draw& draw) {
  const auto shapes = factors(draw);
  const auto of = draw.type({float32, float64, float16, bfloat16, int32, int64, uint32, uint64});
  return Maker(type, 13)
      .input(draw.any(of, shapes.a), draw.chance(0.2))
      .input(draw.any(of, shapes.b), draw.chance(0.6))
      .near(Kind::sums, 32)
      .made();
}

constexpr Generator generators[] = {
    {" Conv ", conv},
    {" ConvTranspose ", conv_transpose},
    {" Gemm ", gemm},
    {" MatMul ", matmul},
};

}  // namespace

ConvolutionSizes convolution_sizes(Draw& draw) {
  ConvolutionSizes result;
  const auto axes = at(draw.one_of<std::int64_t>({1, 2, 2, 2, 3}));
  auto per_group = draw.between(1, 4);
  auto filters = draw.between(1, 4);
  result.group = draw.one_of<std::int64_t>({1, 1, 1, 2, 3});
  if (draw.chance(0.2)) {
    result.group = draw.between(1, 9);  // depthwise, with or without a multiplier
    per_group = 1;
    filters = draw.between(1, 2);
  }
  result.input = {draw.between(1, 2), per_group * result.group};
  result.weight = {filters * result.group, per_group};
  for (std::size_t i = 0; i < axes; ++i) {
    const auto kernel = draw.between(1, axes == 3 ? 2 : 4);
    const auto dilation = draw.one_of<std::int64_t>({1, 1, 1, 2, 3});
    const auto reach = (kernel - 1) * dilation + 1;
    const auto before = draw.between(0, 2), after = draw.chance(0.6) ? before : draw.between(0, 2);
    const auto least = std::max<std::int64_t>(1, reach);
    result.weight.push_back(kernel);
    result.dilations.push_back(dilation);
    result.strides.push_back(draw.one_of<std::int64_t>({1, 1, 2, 3}));
    result.pads.insert(result.pads.begin() + static_cast<std::ptrdiff_t>(i), before);
    result.pads.push_back(after);
    result.input.push_back(draw.between(least, least + (axes == 3 ? 2 : draw.largest())));
  }
  return result;
}

void ConvolutionSizes::describe(Maker& maker, Draw& draw) const {
  maker.attribute("strides", strides).attribute("dilations", dilations);
  if (group > 1 || draw.chance(0.3)) maker.attribute("group", group);
  if (draw.chance(0.5)) maker.attribute("kernel_shape", Shape(weight.begin() + 2, weight.end()));
  if (draw.chance(0.25))
    maker.attribute("auto_pad", draw.one_of<std::string>({"SAME_UPPER", "SAME_LOWER", "VALID"}));
  else if (draw.chance(0.8))
    maker.attribute("pads", pads);
}

std::span<const Generator> product_cases() {
  return generators;
}

}  // namespace hardware::property
