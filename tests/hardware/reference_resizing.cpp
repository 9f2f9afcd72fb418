#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "tests/hardware/reference.h"

namespace hardware::reference {
namespace {

/// One axis of what is resized.
struct Axis {
  std::int64_t from = 0, to = 0;
  double scale = 1;
  double roi_start = 0, roi_end = 1;
};

struct Way {
  std::string mode, coordinates, nearest;
  double cubic = -0.75, outside = 0;
  bool exclude = false, antialias = false;
};

/// A weighted element; several make a result.
struct Tap {
  std::int64_t index;
  double weight;
};

/// Where an element of the result lies on the input.
double original(const Axis& axis, const std::string& coordinates, std::int64_t place) {
  const auto x = static_cast<double>(place);
  const double from = static_cast<double>(axis.from), to = axis.scale * from;
  if (coordinates == "asymmetric") return x / axis.scale;
  if (coordinates == "align_corners") return to == 1 ? 0 : x * (from - 1) / (to - 1);
  if (coordinates == "tf_half_pixel_for_nn") return (x + 0.5) / axis.scale;
  if (coordinates == "tf_crop_and_resize") {
    const double span = axis.roi_end - axis.roi_start;
    const auto size = static_cast<double>(axis.to);
    return axis.to == 1 ? 0.5 * (axis.roi_start + axis.roi_end) * (from - 1)
                        : axis.roi_start * (from - 1) + x * span * (from - 1) / (size - 1);
  }
  if (coordinates == "pytorch_half_pixel" && axis.to <= 1) return 0;
  double shift = 0;
  if (coordinates == "half_pixel_symmetric")
    shift = from / 2 * (1 - static_cast<double>(axis.to) / to);
  return shift + (x + 0.5) / axis.scale - 0.5;
}

std::int64_t nearest(double x, const std::string& mode) {
  const double low = std::floor(x);
  if (mode == "floor") return static_cast<std::int64_t>(low);
  if (mode == "ceil") return static_cast<std::int64_t>(std::ceil(x));
  const bool up = mode == "round_prefer_ceil" ? x - low >= 0.5 : x - low > 0.5;
  return static_cast<std::int64_t>(low) + (up ? 1 : 0);
}

double cubic_weight(double x, double a) {
  x = std::abs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

/// An even number of neighbours about x, those on the left preferred. With antialias they are
/// spread as far as the axis shrinks.
std::vector<Tap> taps_of(const Axis& axis, const Way& way, double x) {
  if (way.mode == "nearest") return {{nearest(x, way.nearest), 1}};
  const double squeeze = way.antialias ? std::min(axis.scale, 1.0) : 1.0;
  const bool cubic = way.mode == "cubic";
  const auto first = static_cast<std::int64_t>(std::floor((cubic ? -2 : -1) / squeeze)) + 1;
  const double base = std::ceil(x) - 1;
  std::vector<Tap> taps;
  double sum = 0;
  for (auto i = first; i < 2 - first; ++i) {
    const double far = (base + static_cast<double>(i) - x) * squeeze;
    const auto index = static_cast<std::int64_t>(base) + i;
    double weight = cubic ? cubic_weight(far, way.cubic) : std::max(0.0, 1 - std::abs(far));
    if (way.exclude && (index < 0 || index >= axis.from)) weight = 0;
    taps.push_back({index, weight});
    sum += weight;
  }
  for (auto& tap : taps) tap.weight /= sum;
  return taps;
}

Array resized(const Array& x, const std::vector<Axis>& axes, const Way& way) {
  Shape shape;
  for (const auto& axis : axes) shape.push_back(axis.to);
  Array y(x.type, shape);
  std::size_t n = 0;
  each(shape, [&](const Shape& place) {
    std::vector<std::vector<Tap>> taps;
    Shape counts;
    bool outside = false;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const double from = original(axes[i], way.coordinates, place[i]);
      outside = outside || (way.coordinates == "tf_crop_and_resize" &&
                            (from < 0 || from > static_cast<double>(axes[i].from - 1)));
      taps.push_back(taps_of(axes[i], way, from));
      counts.push_back(static_cast<std::int64_t>(taps.back().size()));
    }
    double sum = 0;
    std::size_t only = 0;
    each(counts, [&](const Shape& which) {
      Shape source;
      double weight = 1;
      for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto& tap = at(taps[i], which[i]);
        source.push_back(std::clamp<std::int64_t>(tap.index, 0, axes[i].from - 1));
        weight *= tap.weight;
      }
      only = position(x.shape, source);
      if (weight != 0) sum += weight * x.number(only);
    });
    if (outside)
      y.set(n++, way.outside);
    else if (way.mode == "nearest")
      copy(x, only, y, n++);
    else
      y.set(n++, sum);
  });
  return y;
}

void set_scales(std::vector<Axis>& axes, const std::vector<std::size_t>& which,
                const std::vector<double>& scales) {
  for (std::size_t i = 0; i < which.size(); ++i) {
    auto& axis = axes[which[i]];
    axis.scale = scales.at(i);
    axis.to = static_cast<std::int64_t>(std::floor(static_cast<double>(axis.from) * axis.scale));
  }
}

void set_sizes(std::vector<Axis>& axes, const std::vector<std::size_t>& which,
               const std::vector<std::int64_t>& sizes, const std::string& policy) {
  std::vector<double> scales;
  for (std::size_t i = 0; i < which.size(); ++i)
    scales.push_back(static_cast<double>(sizes.at(i)) / static_cast<double>(axes[which[i]].from));
  const double one = policy == "not_larger" ? *std::min_element(scales.begin(), scales.end())
                                            : *std::max_element(scales.begin(), scales.end());
  for (std::size_t i = 0; i < which.size(); ++i) {
    auto& axis = axes[which[i]];
    axis.scale = policy == "stretch" ? scales[i] : one;
    axis.to =
        policy == "stretch"
            ? sizes[i]
            : static_cast<std::int64_t>(std::floor(one * static_cast<double>(axis.from) + 0.5));
  }
}

std::vector<Axis> all_axes(const Shape& shape) {
  std::vector<Axis> axes;
  for (const auto size : shape) axes.push_back({size, size});
  return axes;
}

std::vector<std::size_t> chosen(const Call& call, std::size_t rank) {
  std::vector<std::size_t> which;
  for (const auto axis : call.integers("axes")) which.push_back(axis_of(axis, rank));
  if (!call.given("axes"))
    for (std::size_t i = 0; i < rank; ++i) which.push_back(i);
  return which;
}

/// Opset 10 has scales only; since 11 inputs are roi, scales and sizes.
Arrays resize(const Call& call) {
  const auto& x = call.in(0);
  auto axes = all_axes(x.shape);
  Way way{call.text("mode", "nearest"), "asymmetric", "floor"};
  const auto which = chosen(call, x.rank());
  if (call.opset < 11) {
    set_scales(axes, which, call.in(1).reals);
    return {resized(x, axes, way)};
  }
  way.coordinates = call.text("coordinate_transformation_mode", "half_pixel");
  way.nearest = call.text("nearest_mode", "round_prefer_floor");
  way.cubic = call.real("cubic_coeff_a", -0.75);
  way.outside = call.real("extrapolation_value", 0);
  way.exclude = call.integer("exclude_outside", 0) != 0;
  way.antialias = call.integer("antialias", 0) != 0;
  if (call.has(3) && call.in(3).count() != 0)
    set_sizes(axes, which, call.in(3).integers, call.text("keep_aspect_ratio_policy", "stretch"));
  else
    set_scales(axes, which, call.in(2).reals);
  if (way.coordinates == "tf_crop_and_resize")
    for (std::size_t i = 0; i < which.size(); ++i) {
      axes[which[i]].roi_start = call.in(1).reals.at(i);
      axes[which[i]].roi_end = call.in(1).reals.at(i + which.size());
    }
  return {resized(x, axes, way)};
}

Arrays upsample(const Call& call) {
  const auto& x = call.in(0);
  auto axes = all_axes(x.shape);
  const auto mode = call.text("mode", "nearest");
  set_scales(axes, chosen(call, x.rank()), call.has(1) ? call.in(1).reals : call.reals("scales"));
  return {resized(x, axes, {mode == "nearest" ? mode : "linear", "asymmetric", "floor"})};
}

constexpr Row rows[] = {{"Resize", resize}, {"Upsample", upsample}};

}  // namespace

std::span<const Row> resizing_rows() {
  return rows;
}

}  // namespace hardware::reference
