#include <algorithm>
#include <cmath>
#include <functional>

#include "hardware/attributes.h"
#include "hardware/halves.h"
#include "hardware/onednn/windows.h"

namespace hardware {
namespace {

using Map = std::function<double(double)>;

/// One axis of a Resize or an Upsample.
struct Resized {
  std::int64_t from = 1, to = 1;
  double scale = 1;
};

/// Where the scales are, or -1.
int scales_input(const Request& request) {
  return request.op->type == "Resize" && request.opset >= 11 ? 2 : 1;
}

/// Of all axes; nullopt where it is said otherwise than by constant scales or the output's shape.
std::optional<std::vector<Resized>> axes_of_resize(const Request& request) {
  const auto& op = *request.op;
  const auto& from = request.inputs[0]->layout.shape;
  const auto& to = request.outputs[0]->shape;
  if (from.size() != to.size() || has_attribute(op, "axes") ||
      text_of(op, "keep_aspect_ratio_policy", "stretch") != "stretch")
    return std::nullopt;
  std::vector<Resized> axes;
  for (std::size_t i = 0; i < from.size(); ++i)
    axes.push_back({from[i], to[i], static_cast<double>(to[i]) / static_cast<double>(from[i])});
  auto given = reals_of(op, "scales");
  const auto index = static_cast<std::size_t>(scales_input(request));
  if (has_input(request, index) && request.inputs[index]->layout.elements() > 0) {
    const auto& input = *request.inputs[index];
    if (input.constant == nullptr) return std::nullopt;
    for (std::int64_t i = 0; i < input.layout.elements(); ++i)
      given.push_back(element_as_double(input.constant, input.layout.type, i));
  }
  if (!given.empty() && given.size() != axes.size()) return std::nullopt;
  for (std::size_t i = 0; i < given.size(); ++i) axes[i].scale = given[i];
  return axes;
}

/// Where an output element lies on the input's axis by the standard; empty for modes that oneDNN
/// has nothing like.
std::function<double(const Resized&, double)> coordinate_of(const Request& request) {
  const bool old = request.op->type == "Upsample" || request.opset < 11;
  const auto mode =
      text_of(*request.op, "coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  if (mode == "asymmetric") return [](const Resized& axis, double o) { return o / axis.scale; };
  if (mode == "half_pixel")
    return [](const Resized& axis, double o) { return (o + 0.5) / axis.scale - 0.5; };
  if (mode == "pytorch_half_pixel")
    return [](const Resized& axis, double o) {
      return axis.to > 1 ? (o + 0.5) / axis.scale - 0.5 : 0;
    };
  if (mode == "align_corners")
    return [](const Resized& axis, double o) {
      if (axis.to == 1) return 0.0;
      return o * static_cast<double>(axis.from - 1) / static_cast<double>(axis.to - 1);
    };
  return {};
}

Map rounding_of(const Request& request) {
  const bool old = request.op->type == "Upsample" || request.opset < 11;
  const auto mode = text_of(*request.op, "nearest_mode", old ? "floor" : "round_prefer_floor");
  if (mode == "floor") return [](double x) { return std::floor(x); };
  if (mode == "ceil") return [](double x) { return std::ceil(x); };
  if (mode == "round_prefer_floor") return [](double x) { return std::ceil(x - 0.5); };
  if (mode == "round_prefer_ceil") return [](double x) { return std::floor(x + 0.5); };
  return {};
}

/// Where oneDNN takes an output element to lie.
double own_coordinate(const Resized& axis, double o) {
  return (o + 0.5) * static_cast<double>(axis.from) / static_cast<double>(axis.to) - 0.5;
}

constexpr double close = 1e-5;

/// Whether oneDNN's nearest element is the standard's, everywhere on the axis and by any rounding.
bool is_same_nearest(const Resized& axis, const Map& standard) {
  const auto last = static_cast<double>(axis.from - 1);
  for (std::int64_t o = 0; o < axis.to; ++o) {
    const double own = own_coordinate(axis, static_cast<double>(o));
    if (std::abs(own - std::floor(own) - 0.5) < close) return false;
    const double wanted = std::clamp(standard(static_cast<double>(o)), 0.0, last);
    if (std::clamp(std::round(own), 0.0, last) != wanted) return false;
  }
  return true;
}

bool is_same_linear(const Resized& axis, const Map& standard) {
  const auto last = static_cast<double>(axis.from - 1);
  for (std::int64_t o = 0; o < axis.to; ++o) {
    const auto place = static_cast<double>(o);
    const double own = std::clamp(own_coordinate(axis, place), 0.0, last);
    if (std::abs(own - std::clamp(standard(place), 0.0, last)) > close) return false;
  }
  return true;
}

/// oneDNN's way, if there is one that gives the same.
std::optional<dnnl::algorithm> algorithm_of(const Request& request) {
  const auto axes = axes_of_resize(request);
  const auto coordinate = coordinate_of(request);
  const auto mode = text_of(*request.op, "mode", "nearest");
  const bool nearest = mode == "nearest";
  const auto rounding = rounding_of(request);
  if (!axes || !coordinate || !rounding || (!nearest && mode != "linear" && mode != "bilinear") ||
      integer_of(*request.op, "antialias", 0) != 0)
    return std::nullopt;
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const auto& axis = (*axes)[i];
    if (i < 2 && (axis.from != axis.to || axis.scale != 1)) return std::nullopt;
    const auto place = [&](double o) { return coordinate(axis, o); };
    const bool same = nearest ? is_same_nearest(axis, [&](double o) { return rounding(place(o)); })
                              : is_same_linear(axis, place);
    if (!same) return std::nullopt;
  }
  return nearest ? dnnl::algorithm::resampling_nearest : dnnl::algorithm::resampling_linear;
}

}  // namespace

std::optional<Prepared> native_resize(const Request& request) {
  if (!is_natural(request)) return std::nullopt;
  const auto input = channels_last(request.inputs[0]->layout);
  if (!input.channels_last) return std::nullopt;
  const auto how = algorithm_of(request);
  if (!how) return std::nullopt;
  const auto output = channels_last(like(input, *request.outputs[0]));
  WindowKernel kernel(request, input, output);
  const auto made = unless_refused([&] {
    return dnnl::resampling_forward::primitive_desc(
        {dnnl::prop_kind::forward_inference, *how, desc_of(input), desc_of(output)},
        own_scratchpad(), cpu_engine());
  });
  if (!made) return std::nullopt;
  kernel.add(*made, {{DNNL_ARG_SRC, kernel.source()}, {DNNL_ARG_DST, kernel.destination()}});
  return kernel.finished(*made);
}

}  // namespace hardware
