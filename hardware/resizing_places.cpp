#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "hardware/resizing.h"

namespace hardware::resizing {
namespace {

template <class Value, std::size_t count>
Value chosen(const Request& request, const char* attribute, const char* otherwise,
             const std::array<std::pair<const char*, Value>, count>& values) {
  const auto name = text_of(*request.op, attribute, otherwise);
  for (const auto& [known, value] : values)
    if (name == known) return value;
  fail(*request.op, std::string("its ") + attribute + " '" + name + "' is not known");
}

constexpr std::array<std::pair<const char*, Mode>, 4> modes{{{"nearest", Mode::nearest},
                                                             {"linear", Mode::linear},
                                                             {"bilinear", Mode::linear},
                                                             {"cubic", Mode::cubic}}};
constexpr std::array<std::pair<const char*, Coordinates>, 7> all_coordinates{
    {{"half_pixel", Coordinates::half_pixel},
     {"half_pixel_symmetric", Coordinates::half_pixel_symmetric},
     {"pytorch_half_pixel", Coordinates::pytorch_half_pixel},
     {"align_corners", Coordinates::align_corners},
     {"asymmetric", Coordinates::asymmetric},
     {"tf_half_pixel_for_nn", Coordinates::tf_half_pixel_for_nn},
     {"tf_crop_and_resize", Coordinates::tf_crop_and_resize}}};
constexpr std::array<std::pair<const char*, Rounding>, 4> roundings{
    {{"round_prefer_floor", Rounding::prefer_floor},
     {"round_prefer_ceil", Rounding::prefer_ceil},
     {"floor", Rounding::floor},
     {"ceil", Rounding::ceil}}};

double cubic_weight(double x, double a) {
  x = std::abs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

/// Scales come with the precision of fp32: what lies within it of a half is meant to be one.
double settled(double x) {
  const double half = std::round(2 * x) / 2;
  return std::abs(x - half) <= 4e-7 * std::max(1.0, std::abs(x)) ? half : x;
}

double rounded(double x, Rounding rounding, bool shrinks) {
  const double low = std::floor(x);
  switch (rounding) {
    case Rounding::prefer_floor:
      return x - low > 0.5 ? low + 1 : low;
    case Rounding::prefer_ceil:
      return x - low >= 0.5 ? low + 1 : low;
    case Rounding::floor:
      return low;
    case Rounding::ceil:
      return std::ceil(x);
    case Rounding::simple:
      break;
  }
  return shrinks ? std::ceil(x) : low;
}

std::int64_t inside(double place, std::int64_t size) {
  return static_cast<std::int64_t>(std::clamp(place, 0.0, static_cast<double>(size - 1)));
}

/// Weights of `taps` places from `base + first` on.
void weigh(const Axis& axis, const Way& way, double x, std::int64_t first, std::size_t taps,
           std::int64_t* places, double* weights) {
  const double squeeze = way.antialias ? std::min(axis.scale, 1.0) : 1.0;
  const double base = std::ceil(x) - 1;  // the neighbour on the left
  double sum = 0;
  for (std::size_t i = 0; i < taps; ++i) {
    const double place = base + static_cast<double>(first + static_cast<std::int64_t>(i));
    const double far = (place - x) * squeeze;
    double weight =
        way.mode == Mode::cubic ? cubic_weight(far, way.cubic) : std::max(0.0, 1 - std::abs(far));
    if (way.exclude_outside && (place < 0 || place >= static_cast<double>(axis.from))) weight = 0;
    places[i] = inside(place, axis.from);
    weights[i] = weight;
    sum += weight;
  }
  for (std::size_t i = 0; i < taps && sum != 0; ++i) weights[i] /= sum;
}

}  // namespace

Way way_of(const Request& request) {
  Way way;
  way.mode = chosen(request, "mode", "nearest", modes);
  if (request.op->type == "Upsample" || request.opset < 11) return way;
  way.coordinates =
      chosen(request, "coordinate_transformation_mode", "half_pixel", all_coordinates);
  way.rounding = chosen(request, "nearest_mode", "round_prefer_floor", roundings);
  way.cubic = real_of(*request.op, "cubic_coeff_a", -0.75);
  way.exclude_outside = integer_of(*request.op, "exclude_outside", 0) != 0;
  way.antialias = integer_of(*request.op, "antialias", 0) != 0;
  return way;
}

double original(const Axis& axis, Coordinates coordinates, std::int64_t place) {
  const auto x = static_cast<double>(place);
  const auto from = static_cast<double>(axis.from);
  // Not what the output has, which is rounded down.
  const double to = axis.scale * from;
  switch (coordinates) {
    case Coordinates::asymmetric:
      return x / axis.scale;
    case Coordinates::align_corners:
      return to == 1 ? 0 : x * (from - 1) / (to - 1);
    case Coordinates::tf_half_pixel_for_nn:
      return (x + 0.5) / axis.scale;
    case Coordinates::pytorch_half_pixel:
      return axis.to > 1 ? (x + 0.5) / axis.scale - 0.5 : 0;
    case Coordinates::half_pixel:
      return (x + 0.5) / axis.scale - 0.5;
    case Coordinates::half_pixel_symmetric:
      return from / 2 * (1 - static_cast<double>(axis.to) / to) + (x + 0.5) / axis.scale - 0.5;
    case Coordinates::tf_crop_and_resize:
      break;
  }
  const auto last = from - 1;
  const auto there = axis.to > 1 ? axis.start * last + x * (axis.end - axis.start) * last /
                                                           static_cast<double>(axis.to - 1)
                                 : 0.5 * (axis.start + axis.end) * last;
  return there >= 0 && there <= last ? there : std::numeric_limits<double>::quiet_NaN();
}

void nearest_places(const Axis& axis, const Way& way, std::vector<std::int64_t>& places) {
  for (std::int64_t i = 0; i < axis.to; ++i) {
    const double x = settled(original(axis, way.coordinates, i));
    models::at(places, i) =
        std::isnan(x) ? -1 : inside(rounded(x, way.rounding, axis.scale < 1), axis.from);
  }
}

void blend_places(const Axis& axis, const Way& way, Blend& blend) {
  const double squeeze = way.antialias ? std::min(axis.scale, 1.0) : 1.0;
  const double reach = way.mode == Mode::cubic ? 2 : 1;
  const auto first = static_cast<std::int64_t>(std::floor(-reach / squeeze)) + 1;
  blend.taps = static_cast<std::size_t>(2 - 2 * first);
  const auto count = static_cast<std::size_t>(axis.to) * blend.taps;
  blend.places.assign(count, 0);
  blend.weights.assign(count, std::numeric_limits<double>::quiet_NaN());
  for (std::int64_t i = 0; i < axis.to; ++i) {
    const double x = original(axis, way.coordinates, i);
    const auto place = static_cast<std::size_t>(i) * blend.taps;
    if (!std::isnan(x))
      weigh(axis, way, x, first, blend.taps, &blend.places[place], &blend.weights[place]);
  }
}

bool is_whole(const Axis& axis, const Blend& blend) {
  if (axis.from != axis.to) return false;
  for (std::size_t i = 0; i < blend.places.size(); ++i) {
    const auto own = static_cast<std::int64_t>(i / blend.taps);
    const auto weight = blend.weights[i];
    if (!(weight == 0 || (weight == 1 && blend.places[i] == own))) return false;
  }
  return true;
}

}  // namespace hardware::resizing
