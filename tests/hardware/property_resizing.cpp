#include <algorithm>
#include <cmath>

#include "tests/hardware/property.h"

namespace hardware::property {
namespace {

using enum ElementType;
using Kind = Near::Kind;

/// Powers of two: every product and quotient of places with them is exact, so that it is not
/// chance on which side of a border an element falls.
double exact_scale(Draw& draw, std::int64_t size) {
  const double scale = draw.one_of({1.0, 1.0, 2.0, 4.0, 0.5, 1.5, 0.25});
  return std::floor(scale * static_cast<double>(size)) < 1 ? 1 : scale;
}

Shape resizable(Draw& draw) {
  auto shape = draw.full_shape(1, 5);
  for (auto& size : shape) size = std::min<std::int64_t>(size, shape.size() > 3 ? 5 : 9);
  return shape;
}

Case upsample(const std::string& type, Draw& draw) {
  const int opset = draw.one_of({7, 9});
  const auto mode = draw.one_of<std::string>({"nearest", "linear"});
  const auto x = draw.any(draw.type({float32, float64, float16}), resizable(draw));
  std::vector<double> scales;
  for (std::size_t i = 0; i < x.rank(); ++i)
    scales.push_back(i + 3 < x.rank() ? 1 : draw.one_of({1.0, 2.0, 1.5, 3.0}));
  Maker maker(type, opset);
  maker.input(x).near(Kind::close, 32);
  if (mode == "linear" || draw.chance(0.5)) maker.attribute("mode", mode);
  if (opset < 9) return maker.attribute("scales", scales).made();
  Array input(float32, {std::ssize(scales)});
  input.reals = scales;
  return maker.input(input, draw.chance(0.6)).made();
}

/// Opset 10: scales only.
Case old_resize(const std::string& type, Draw& draw) {
  auto made = upsample("Upsample", draw);
  while (made.opset < 9) made = upsample("Upsample", draw);
  made.op.type = type;
  made.opset = 10;
  return made;
}

/// What is resized, and what to.
struct Wanted {
  Shape shape;
  std::vector<std::int64_t> axes, sizes;
  std::vector<double> scales;
  bool by_size = false;
};

Wanted wanted_of(Draw& draw, bool some_axes, bool smooth) {
  Wanted result{resizable(draw), {}, {}, {}, draw.chance(0.4)};
  const auto rank = std::ssize(result.shape);
  for (std::int64_t i = 0; i < rank; ++i) {
    // At most the last three change: the reference takes all neighbours at once.
    const bool changes = i + 3 >= rank && (!some_axes || draw.chance(0.7));
    if (some_axes && !changes) continue;
    const auto size = at(result.shape, i);
    double scale = changes ? exact_scale(draw, size) : 1;
    if (scale == 1.5 && !smooth) scale = 2;
    result.axes.push_back(draw.chance(0.5) ? i : i - rank);
    result.scales.push_back(scale);
    result.sizes.push_back(
        static_cast<std::int64_t>(std::floor(scale * static_cast<double>(size))));
    if (smooth && changes && draw.chance(0.5)) result.sizes.back() = draw.between(1, 12);
  }
  return result;
}

Case resize(const std::string& type, Draw& draw) {
  const int opset = draw.one_of({10, 11, 13, 18, 19});
  if (opset == 10) return old_resize(type, draw);
  const auto mode = draw.one_of<std::string>({"nearest", "linear", "cubic"});
  const bool some = opset >= 18 && draw.chance(0.4);
  auto wanted = wanted_of(draw, some, mode != "nearest");
  if (wanted.axes.empty()) return resize(type, draw);
  auto way = draw.one_of<std::string>({"half_pixel", "pytorch_half_pixel", "align_corners",
                                       "asymmetric", "tf_crop_and_resize", "half_pixel_symmetric"});
  if (way == "half_pixel_symmetric" && opset < 19) way = "half_pixel";
  if (way == "pytorch_half_pixel" && mode != "linear") way = "half_pixel";
  // Quotients by sizes that are no powers of two.
  if (mode == "nearest" && (way == "align_corners" || way == "tf_crop_and_resize"))
    way = "asymmetric";
  // With scales the sizes would depend on the region.
  if (way == "tf_crop_and_resize") wanted.by_size = true;
  const auto of = mode == "nearest" ? draw.type({float32, float64, float16, int8, uint8, int32})
                                    : draw.type({float32, float64, float16});
  Maker maker(type, opset);
  maker.input(draw.any(of, wanted.shape))
      .attribute("mode", mode)
      .attribute("coordinate_transformation_mode", way);
  if (way == "tf_crop_and_resize") {
    Array roi(float32, {2 * std::ssize(wanted.axes)});
    for (std::size_t i = 0; i < wanted.axes.size(); ++i) {
      roi.reals[i] = draw.one_of({0.0, 0.25, -0.5});
      roi.reals[i + wanted.axes.size()] = draw.one_of({1.0, 0.75, 1.5});
    }
    maker.input(roi, draw.chance(0.6)).attribute("extrapolation_value", 7.0);
  } else if (draw.chance(0.5)) {
    maker.input(Array(float32, {0}), true);
  } else if (opset >= 13) {
    maker.absent();
  } else {
    maker.input(Array(float32, {0}), true);
  }
  Array scales(float32, {std::ssize(wanted.scales)});
  scales.reals = wanted.scales;
  if (!wanted.by_size) maker.input(scales, draw.chance(0.6));
  if (wanted.by_size && opset >= 13) maker.absent();
  if (wanted.by_size && opset < 13) maker.input(Array(float32, {0}), true);
  if (wanted.by_size) maker.input(draw.list(wanted.sizes), draw.chance(0.6));
  if (some) maker.attribute("axes", wanted.axes);
  if (mode == "nearest" && draw.chance(0.7))
    maker.attribute(
        "nearest_mode",
        draw.one_of<std::string>({"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}));
  if (mode == "cubic" && draw.chance(0.5)) maker.attribute("cubic_coeff_a", -0.5);
  if (mode == "cubic" && draw.chance(0.4)) maker.attribute("exclude_outside", std::int64_t{1});
  if (mode != "nearest" && opset >= 18 && way != "tf_crop_and_resize" && draw.chance(0.3))
    maker.attribute("antialias", std::int64_t{1});
  if (wanted.by_size && opset >= 18 && mode != "nearest" && draw.chance(0.3))
    maker.attribute("keep_aspect_ratio_policy",
                    draw.one_of<std::string>({"not_larger", "not_smaller", "stretch"}));
  return maker.near(mode == "nearest" ? Kind::exact : Kind::close, 256).made();
}

constexpr Generator generators[] = {{" Upsample ", upsample}, {" Resize ", resize}};

}  // namespace

std::span<const Generator> resizing_cases() {
  return generators;
}

}  // namespace hardware::property
