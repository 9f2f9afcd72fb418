#include "tests/hardware/property_window.h"

#include <algorithm>

namespace hardware::property {
namespace {

using enum ElementType;
using Kind = Near::Kind;

/// Every window lies at least partly on the input: padding is smaller than the kernel's reach.
struct Pool {
  Shape input, kernel, strides, dilations, pads;
};
Pool pool_sizes(Draw& draw, bool dilated) {
  Pool result;
  const auto axes = at(draw.one_of<std::int64_t>({1, 2, 2, 2, 3}));
  result.input = {draw.between(1, 2), draw.between(1, draw.chance(0.3) ? 20 : 4)};
  for (std::size_t i = 0; i < axes; ++i) {
    const auto kernel = draw.between(1, axes == 3 ? 3 : 4);
    const auto dilation = dilated ? draw.one_of<std::int64_t>({1, 1, 2}) : 1;
    const auto before = draw.between(0, kernel - 1),
               after = draw.chance(0.6) ? before : draw.between(0, kernel - 1);
    const auto reach = (kernel - 1) * dilation + 1;
    result.kernel.push_back(kernel);
    result.dilations.push_back(dilation);
    result.strides.push_back(draw.between(1, 3));
    result.pads.insert(result.pads.begin() + static_cast<std::ptrdiff_t>(i), before);
    result.pads.push_back(after);
    result.input.push_back(draw.between(reach, reach + (axes == 3 ? 2 : draw.largest())));
  }
  return result;
}

Case pool(const std::string& type, Draw& draw) {
  const bool greatest = type == "MaxPool";
  const int opset = greatest ? draw.one_of({8, 10, 12}) : draw.one_of({11, 18, 19});
  const bool dilated = (greatest && opset >= 10) || (type == "AveragePool" && opset >= 19) ||
                       (type == "LpPool" && opset >= 18);
  const auto sizes = pool_sizes(draw, dilated);
  const auto of = greatest && opset >= 12 ? draw.type({float32, float64, float16, int8, uint8})
                                          : draw.type({float32, float64, float16});
  Maker maker(type, opset);
  auto x = draw.any(of, sizes.input);
  if (greatest && draw.chance(0.3)) draw.make_special(x);
  maker.input(x).attribute("kernel_shape", sizes.kernel);
  if (draw.chance(0.8)) maker.attribute("strides", sizes.strides);
  if (dilated && draw.chance(0.8)) maker.attribute("dilations", sizes.dilations);
  const bool same = draw.chance(0.2);
  if (same)
    maker.attribute("auto_pad", draw.one_of<std::string>({"SAME_UPPER", "SAME_LOWER", "VALID"}));
  else if (draw.chance(0.8))
    maker.attribute("pads", sizes.pads);
  const bool can_round_up = type != "LpPool" || opset >= 18;
  if (!same && can_round_up && (!greatest || opset >= 10) && draw.chance(0.4))
    maker.attribute("ceil_mode", std::int64_t{1});
  if (type == "AveragePool" && draw.chance(0.5))
    maker.attribute("count_include_pad", draw.between(0, 1));
  if (type == "LpPool" && draw.chance(0.7)) maker.attribute("p", draw.between(1, 3));
  if (greatest && draw.chance(0.5)) {
    maker.outputs(2);
    if (draw.chance(0.4)) maker.attribute("storage_order", draw.between(0, 1));
  }
  if (type == "AveragePool") maker.near(Kind::sums, 16);
  if (type == "LpPool") maker.near(Kind::relative, 32);
  return maker.made();
}

Case global_pool(const std::string& type, Draw& draw) {
  auto shape = draw.full_shape(3, 5);
  Maker maker(type, 7);
  auto x = draw.any(draw.type({float32, float64, float16}), shape);
  if (type == "GlobalMaxPool" && draw.chance(0.3)) draw.make_special(x);
  maker.input(x);
  if (type == "GlobalAveragePool") maker.near(Kind::sums, 32);
  if (type == "GlobalLpPool") maker.near(Kind::relative, 64);
  if (type == "GlobalLpPool" && draw.chance(0.7)) maker.attribute("p", draw.between(1, 3));
  return maker.made();
}

constexpr Generator generators[] = {
    {" MaxPool AveragePool LpPool ", pool},
    {" GlobalMaxPool GlobalAveragePool GlobalLpPool ", global_pool},
};

}  // namespace

std::span<const Generator> window_cases() {
  return generators;
}

}  // namespace hardware::property
