#include <algorithm>

#include "tests/hardware/property.h"

namespace hardware::property {
namespace {

using enum ElementType;
using Kind = Near::Kind;

Near nearness(const std::string& type) {
  if (type == "ReduceMax" || type == "ReduceMin") return {};
  if (type == "ReduceLogSum" || type == "ReduceLogSumExp") return {Kind::close, 32};
  if (type == "ReduceL2" || type == "ReduceProd") return {Kind::relative, 64};
  return {Kind::sums, 16};
}

Case reduce(const std::string& type, Draw& draw) {
  const bool ordering = type == "ReduceMax" || type == "ReduceMin";
  const int opset = draw.one_of({11, 13, 18});
  const bool real_only =
      type.starts_with("ReduceLog") || type == "ReduceL2" || type == "ReduceMean";
  auto of = draw.type({float32, float64, float16, int32, int64, uint32, uint64});
  if (ordering)
    of = draw.type({float32, float64, float16, int32, int64, uint32, uint64, int8, uint8});
  if (real_only) of = draw.type({float32, float64, float16});
  // What nothing adds up to is said of sums only.
  const bool sums = type == "ReduceSum" || type == "ReduceL1" || type == "ReduceSumSquare";
  const auto shape = sums ? draw.shape(0, 6) : draw.full_shape(0, 6);
  auto x = type == "ReduceLogSum" ? draw.reals(of, shape, 0.1, 3) : draw.any(of, shape);
  if (type == "ReduceProd" && models::is_real(of)) x = draw.reals(of, shape, 0.8, 1.2);
  if (ordering && draw.chance(0.15)) draw.make_special(x);
  if (ordering)
    for (auto& value : x.reals) value = value != value ? 0 : value;
  Maker maker(type, opset);
  maker.input(x);
  std::vector<std::int64_t> axes;
  for (std::int64_t i = 0; i < std::ssize(shape); ++i)
    if (draw.chance(0.5)) axes.push_back(draw.chance(0.5) ? i : i - std::ssize(shape));
  if (draw.chance(0.2)) std::ranges::reverse(axes);
  const int since = type == "ReduceSum" ? 13 : 18;
  if (!axes.empty() && draw.chance(0.8)) {
    if (opset < since)
      maker.attribute("axes", axes);
    else
      maker.input(draw.list(axes), draw.chance(0.5));
  } else if (opset >= since && draw.chance(0.4)) {
    if (draw.chance(0.5)) maker.input(draw.list({}), draw.chance(0.5));
    maker.attribute("noop_with_empty_axes", draw.between(0, 1));
  }
  if (draw.chance(0.6)) maker.attribute("keepdims", draw.between(0, 1));
  const auto near = nearness(type);
  return maker.near(near.kind, near.factor).made();
}

Case arg(const std::string& type, Draw& draw) {
  const auto of = draw.type(
      {float32, float64, float16, int8, int16, int32, int64, uint8, uint16, uint32, uint64});
  auto shape = draw.full_shape(1, 6);
  const auto axis = draw.axis(shape.size());
  auto x = draw.any(of, shape);
  if (draw.chance(0.5))
    for (auto& value : x.reals) value = static_cast<double>(draw.between(-2, 2));
  Maker maker(type, draw.one_of({12, 13}));
  maker.input(x);
  if (axis != 0 || draw.chance(0.5)) maker.attribute("axis", axis);
  if (draw.chance(0.6)) maker.attribute("keepdims", draw.between(0, 1));
  if (draw.chance(0.5)) maker.attribute("select_last_index", draw.between(0, 1));
  return maker.made();
}

Case cumulative_sum(const std::string& type, Draw& draw) {
  const auto shape = draw.shape(1, 5);
  auto axis =
      draw.scalar(draw.chance(0.5) ? int64 : int32, static_cast<double>(draw.axis(shape.size())));
  if (draw.chance(0.3)) axis.shape = {1};
  Maker maker(type, draw.one_of({11, 14}));
  maker.input(draw.any(draw.type({float32, float64, int32, int64, uint32, uint64}), shape))
      .input(axis, draw.chance(0.5))
      .near(Kind::sums, 16);
  if (draw.chance(0.5)) maker.attribute("exclusive", draw.between(0, 1));
  if (draw.chance(0.5)) maker.attribute("reverse", draw.between(0, 1));
  return maker.made();
}

constexpr Generator generators[] = {
    {" ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd "
     "ReduceSum ReduceSumSquare ",
     reduce},
    {" ArgMax ArgMin ", arg},
    {" CumSum ", cumulative_sum},
};

}  // namespace

std::span<const Generator> reducing_cases() {
  return generators;
}

}  // namespace hardware::property
