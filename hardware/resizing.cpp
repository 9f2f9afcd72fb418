#include "hardware/resizing.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "hardware/catalogue.h"
#include "hardware/moving_picks.h"
#include "models/precision/convert.h"

namespace hardware {
namespace resizing {
namespace {

using models::ElementType;

/// Real numbers that say how to resize: an attribute, or an input that may be known only at run
/// time.
class RealInput {
 public:
  RealInput(const Request& request, const char* attribute, std::size_t input) : input_(input) {
    if (attribute != nullptr && has_attribute(*request.op, attribute)) {
      values_ = reals_of(*request.op, attribute);
      return;
    }
    if (!moving::has_input(request, input)) return;
    const auto& given = *request.inputs[input];
    type_ = given.layout.type;
    if (!models::is_real(type_))
      fail(*request.op, "its input " + std::to_string(input) + " must be real-valued");
    values_.resize(static_cast<std::size_t>(given.layout.elements()));
    settled_ = given.constant != nullptr || values_.empty();
    if (given.constant != nullptr) copy(given.constant);
  }
  bool settled() const { return settled_; }
  std::size_t count() const { return values_.size(); }
  const std::vector<double>& read(std::span<const std::byte* const> inputs) {
    if (!settled_) copy(inputs[input_]);
    return values_;
  }

 private:
  void copy(const std::byte* from) {
    const auto size = moving::size_of(type_);
    for (auto& value : values_) {
      value = number(from);
      from += size;
    }
  }
  double number(const std::byte* from) const {
    if (type_ == ElementType::float64) return moving::load<double>(from);
    if (type_ == ElementType::float32) return static_cast<double>(moving::load<float>(from));
    const auto half = moving::load<std::uint16_t>(from);
    float value = 0;
    if (type_ == ElementType::float16)
      models::from_fp16({&half, 1}, {&value, 1});
    else
      models::from_bf16({&half, 1}, {&value, 1});
    return static_cast<double>(value);
  }

  std::size_t input_;
  ElementType type_ = ElementType::float32;
  bool settled_ = true;
  std::vector<double> values_;
};

/// Resize of all opsets, and Upsample.
class Resize final : public Kernel {
 public:
  explicit Resize(const Request& request);
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte* workspace) override;
  std::size_t workspace() const { return blender_ ? blender_->workspace() : 0; }
  std::size_t held() const;

 private:
  void plan(std::span<const std::byte* const> inputs);
  void take_scales(std::span<const std::byte* const> inputs);
  void take_sizes(std::span<const std::byte* const> inputs);
  void require(bool fine, const char* otherwise) const {
    if (!fine) fail(op_, otherwise);
  }

  models::Operator op_;
  Way way_;
  RealInput roi_;
  RealInput scales_;
  moving::IntegerInput sizes_;
  std::string policy_;
  double outside_;
  moving::Element outside_element_;
  std::vector<std::size_t> which_;  ///< axes that the parameters speak of
  std::vector<Axis> axes_;          ///< all
  std::vector<Blend> blends_;
  moving::AxisPicks picks_;
  std::unique_ptr<Blender> blender_;
  bool settled_ = false;
};

/// The input that holds scales: it moved when others came before it.
std::size_t scales_input(const Request& request) {
  return request.op->type == "Upsample" || request.opset < 11 ? 1 : 2;
}

/// Of an older operator none: inputs that it does not have.
std::size_t newer(const Request& request, std::size_t input) {
  return scales_input(request) == 1 ? request.inputs.size() : input;
}

Resize::Resize(const Request& request)
    : way_(way_of(request)),
      roi_(request, nullptr, newer(request, 1)),
      scales_(request, "scales", scales_input(request)),
      sizes_(request, newer(request, 3)),
      policy_(text_of(*request.op, "keep_aspect_ratio_policy", "stretch")),
      outside_(real_of(*request.op, "extrapolation_value", 0)),
      outside_element_(moving::element(moving::needed_output(request, 0).type, outside_)),
      picks_(moving::needed_input(request, 0).layout.shape, moving::needed_output(request, 0).shape,
             outside_element_.size) {
  op_.name = request.op->name;
  op_.type = request.op->type;
  moving::require_same_type(request, 0);
  const auto& from = request.inputs[0]->layout.shape;
  const auto& to = request.outputs[0]->shape;
  require(from.size() == to.size(), "its output has not as many axes as its input");
  for (const auto axis : integers_of(*request.op, "axes"))
    which_.push_back(axis_of(op_, axis, from.size()));
  for (std::size_t i = 0; i < from.size(); ++i) {
    axes_.push_back({from[i], to[i]});
    require(from[i] > 0 || to[i] == 0, "its input is empty");
    if (!has_attribute(*request.op, "axes")) which_.push_back(i);
  }
  require(sizes_.count() == which_.size() || scales_.count() == which_.size(),
          "it needs a scale or a size per axis");
  require(policy_ == "stretch" || policy_ == "not_larger" || policy_ == "not_smaller",
          "its keep_aspect_ratio_policy is none of stretch, not_larger and not_smaller");
  const bool crops = way_.coordinates == Coordinates::tf_crop_and_resize;
  require(!crops || roi_.count() == 2 * which_.size(), "it needs a region to crop");
  blends_.resize(axes_.size());
  if (way_.mode != Mode::nearest) blender_ = make_blender(request);
  if ((!crops || roi_.settled()) && scales_.settled() && sizes_.settled()) {
    plan({});
    settled_ = true;
  }
}

void Resize::take_scales(std::span<const std::byte* const> inputs) {
  const auto& scales = scales_.read(inputs);
  for (std::size_t i = 0; i < which_.size(); ++i) {
    auto& axis = axes_[which_[i]];
    axis.scale = scales[i];
    require(axis.scale > 0 && std::isfinite(axis.scale), "a scale is not positive");
    const double span =
        way_.coordinates == Coordinates::tf_crop_and_resize ? axis.end - axis.start : 1.0;
    // Rounded down, but scales of fp32 may mean a little more than they are.
    const double size = static_cast<double>(axis.from) * axis.scale * span;
    const auto made = static_cast<double>(axis.to);
    require(made <= size * (1 + 1e-6) && size < (made + 1) * (1 + 1e-6),
            "its scales do not make the shape the network was prepared for");
  }
}

void Resize::take_sizes(std::span<const std::byte* const> inputs) {
  const auto sizes = sizes_.read(inputs);
  double common = 0;
  for (std::size_t i = 0; i < which_.size(); ++i) {
    auto& axis = axes_[which_[i]];
    axis.scale = static_cast<double>(sizes[i]) / static_cast<double>(axis.from);
    const bool first = i == 0;
    if (policy_ == "not_larger" ? first || axis.scale < common : first || axis.scale > common)
      common = axis.scale;
  }
  for (const auto i : which_) {
    auto& axis = axes_[i];
    if (policy_ != "stretch") axis.scale = common;
    const auto size = std::floor(static_cast<double>(axis.from) * axis.scale + 0.5);
    require(axis.from == 0 || size == static_cast<double>(axis.to),
            "its sizes do not make the shape the network was prepared for");
  }
}

void Resize::plan(std::span<const std::byte* const> inputs) {
  if (way_.coordinates == Coordinates::tf_crop_and_resize) {
    const auto& roi = roi_.read(inputs);
    for (std::size_t i = 0; i < which_.size(); ++i) {
      axes_[which_[i]].start = roi[i];
      axes_[which_[i]].end = roi[i + which_.size()];
    }
  }
  sizes_.count() == which_.size() && sizes_.present() ? take_sizes(inputs) : take_scales(inputs);
  if (std::ranges::any_of(axes_, [](const Axis& axis) { return axis.to == 0; })) return;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    if (blender_)
      blend_places(axes_[i], way_, blends_[i]);
    else
      nearest_places(axes_[i], way_, picks_.sources(i));
  }
  blender_ ? blender_->settle(blends_, axes_) : picks_.settle();
}

void Resize::run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
                 std::byte* workspace) {
  if (!settled_) plan(inputs);
  if (std::ranges::any_of(axes_, [](const Axis& axis) { return axis.to == 0; })) return;
  if (blender_)
    blender_->run(inputs[0], outputs[0], workspace, outside_);
  else
    picks_.run(inputs[0], outputs[0], outside_element_);
}

std::size_t Resize::held() const {
  auto bytes = picks_.held();
  for (const auto& blend : blends_) bytes += 2 * 16 * blend.places.size();
  return bytes;
}

}  // namespace

Prepared make_resize(const Request& request) {
  auto kernel = std::make_unique<Resize>(request);
  const auto workspace = kernel->workspace();
  const auto held = kernel->held();
  auto prepared = moving::plain(request, std::move(kernel), "own");
  prepared.workspace = workspace;
  prepared.held = held;
  return prepared;
}

}  // namespace resizing

namespace {

constexpr PlainRow rows[] = {
    {"Resize", resizing::make_resize, moving::every_type, "own"},
    {"Upsample", resizing::make_resize, moving::every_type, "own"},
};

}  // namespace

std::span<const PlainRow> resizing_rows() {
  return rows;
}

}  // namespace hardware
