#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hardware/moving.h"

namespace hardware::resizing {

enum class Mode : std::uint8_t { nearest, linear, cubic };
enum class Coordinates : std::uint8_t {
  half_pixel,
  half_pixel_symmetric,
  pytorch_half_pixel,
  align_corners,
  asymmetric,
  tf_half_pixel_for_nn,
  tf_crop_and_resize,
};
enum class Rounding : std::uint8_t {
  prefer_floor,
  prefer_ceil,
  floor,
  ceil,
  simple,  ///< of opset 10 and before: up where an axis shrinks, else down
};

/// How places of the output are places of the input, and what is made of those around.
struct Way {
  Mode mode = Mode::nearest;
  Coordinates coordinates = Coordinates::asymmetric;
  Rounding rounding = Rounding::simple;
  double cubic = -0.75;
  bool exclude_outside = false;
  bool antialias = false;
};
/// As the attributes say. Throws InputError.
Way way_of(const Request& request);

/// An axis and how it is resized.
struct Axis {
  std::int64_t from = 0;
  std::int64_t to = 0;
  double scale = 1;
  double start = 0;  ///< of the region to crop, in parts of the axis
  double end = 1;
};

/// The input's place that an output's place lies on; NaN where it lies outside of what is cropped.
double original(const Axis& axis, Coordinates coordinates, std::int64_t place);

/// The nearest input place of each output place; -1 where it lies outside of what is cropped.
void nearest_places(const Axis& axis, const Way& way, std::vector<std::int64_t>& places);

/// Input places and their weights: `taps` of each for every output place. The weights are NaN where
/// it lies outside of what is cropped.
struct Blend {
  std::size_t taps = 0;
  std::vector<std::int64_t> places;
  std::vector<double> weights;
};
void blend_places(const Axis& axis, const Way& way, Blend& blend);
/// Whether the output's axis is just as the input's.
bool is_whole(const Axis& axis, const Blend& blend);

/// Blends axis after axis, one plane of all resized axes at a time.
class Blender {
 public:
  virtual ~Blender() = default;
  virtual void settle(const std::vector<Blend>& blends, const std::vector<Axis>& axes) = 0;
  virtual void run(const std::byte* from, std::byte* to, std::byte* workspace,
                   double outside) const = 0;
  virtual std::size_t workspace() const = 0;
};
/// Throws NotSupported for types that do not blend.
std::unique_ptr<Blender> make_blender(const Request& request);

Prepared make_resize(const Request& request);

}  // namespace hardware::resizing
