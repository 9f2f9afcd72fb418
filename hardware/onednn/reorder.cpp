#include "hardware/onednn/reorder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "hardware/moving_nest.h"
#include "hardware/onednn/dnnl.h"
#include "models/index.h"
#include "models/precision/convert.h"

namespace hardware {
namespace {

using models::at;
using models::ElementType;

float scale_of(const Layout& layout) {
  return layout.scale > 0 ? layout.scale : 1.0F;
}

std::size_t element_bytes(const Layout& layout) {
  return at(models::bits_of(layout.type) / 8);
}

bool is_byte(ElementType type) {
  return type == ElementType::int8 || type == ElementType::uint8;
}

bool is_convertible(ElementType type) {
  return type == ElementType::float32 || type == ElementType::bfloat16 || is_byte(type);
}

/// `count` elements, neighbours in memory, into another type; by way of fp32, some at a time.
class Conversion {
 public:
  Conversion(const Layout& from, const Layout& to)
      : from_(from.type), to_(to.type), from_scale_(scale_of(from)), to_scale_(scale_of(to)) {}

  void run(const std::byte* from, std::byte* to, std::size_t count) const {
    if (from_ == ElementType::float32) return narrow(floats(from, count), to);
    if (to_ == ElementType::float32) return widen(from, {reinterpret_cast<float*>(to), count});
    constexpr std::size_t chunk = 2048;
    alignas(64) std::array<float, chunk> between;
    const auto from_bytes = at(models::bits_of(from_) / 8), to_bytes = at(models::bits_of(to_) / 8);
    for (std::size_t i = 0; i < count; i += chunk) {
      const std::span<float> part(between.data(), std::min(chunk, count - i));
      widen(from + i * from_bytes, part);
      narrow(part, to + i * to_bytes);
    }
  }

 private:
  static std::span<const float> floats(const std::byte* bytes, std::size_t count) {
    return {reinterpret_cast<const float*>(bytes), count};
  }
  template <class T>
  static std::span<T> typed(std::byte* bytes, std::size_t count) {
    return {reinterpret_cast<T*>(bytes), count};
  }
  template <class T>
  static std::span<const T> typed(const std::byte* bytes, std::size_t count) {
    return {reinterpret_cast<const T*>(bytes), count};
  }

  void widen(const std::byte* from, std::span<float> to) const {
    const auto count = to.size();
    const models::Quantization how{.scales = {&from_scale_, 1}};
    if (from_ == ElementType::bfloat16) models::from_bf16(typed<std::uint16_t>(from, count), to);
    if (from_ == ElementType::int8) models::dequantise(typed<std::int8_t>(from, count), to, how);
    if (from_ == ElementType::uint8) models::dequantise(typed<std::uint8_t>(from, count), to, how);
  }
  void narrow(std::span<const float> from, std::byte* to) const {
    const auto count = from.size();
    const models::Quantization how{.scales = {&to_scale_, 1}};
    if (to_ == ElementType::bfloat16) models::to_bf16(from, typed<std::uint16_t>(to, count));
    if (to_ == ElementType::int8) models::quantise(from, typed<std::int8_t>(to, count), how);
    if (to_ == ElementType::uint8) models::quantise(from, typed<std::uint8_t>(to, count), how);
  }

  ElementType from_, to_;
  float from_scale_, to_scale_;
};

/// Channels of a few, as of pictures, come together or apart.
template <class T, std::int64_t channels>
void interleave(const std::byte* from, std::byte* to, std::int64_t area, bool together) {
  const auto* x = reinterpret_cast<const T*>(from);
  auto* y = reinterpret_cast<T*>(to);
  for (std::int64_t i = 0; i < area; ++i)
    for (std::int64_t c = 0; c < channels; ++c) {
      if (together)
        y[i * channels + c] = x[c * area + i];
      else
        y[c * area + i] = x[i * channels + c];
    }
}

/// Between the two layouts, elements as they are.
class Movement {
 public:
  Movement(const models::Shape& shape, std::size_t element, bool to_channels_last)
      : batch_(shape[0]),
        channels_(shape[1]),
        area_(models::elements_of(shape) / (shape[0] * shape[1])),
        element_(element),
        together_(to_channels_last),
        nest_(element, 3) {
    const auto whole = channels_ * area_;
    const moving::MovedAxis batch{batch_, whole, whole};
    const auto outer = together_ ? area_ : channels_, inner = together_ ? channels_ : area_;
    nest_.set(
        std::array{batch, moving::MovedAxis{outer, 1, inner}, moving::MovedAxis{inner, outer, 1}});
  }

  void run(const std::byte* from, std::byte* to) const {
    if (channels_ != 3 || element_ > 2) return nest_.run(from, to);
    const auto picture = at(channels_ * area_) * element_;
    const auto move = element_ == 1 ? interleave<std::uint8_t, 3> : interleave<std::uint16_t, 3>;
    for (std::int64_t n = 0; n < batch_; ++n, from += picture, to += picture)
      move(from, to, area_, together_);
  }

 private:
  std::int64_t batch_, channels_, area_;
  std::size_t element_;
  bool together_;
  moving::MoveNest nest_;
};

/// One of the two, or both with the narrower type in between.
class Reorder : public Kernel {
 public:
  Reorder(const Layout& from, const Layout& to)
      : elements_(at(from.elements())),
        bytes_(to.bytes()),
        moves_first_(element_bytes(from) <= element_bytes(to)) {
    if (from.type != to.type || scale_of(from) != scale_of(to)) conversion_.emplace(from, to);
    // With one channel or one place the layouts are the same.
    const auto& shape = from.shape;
    if (from.channels_last == to.channels_last || shape[1] == 1 ||
        shape[0] * shape[1] == from.elements())
      return;
    movement_.emplace(shape, std::min(element_bytes(from), element_bytes(to)), to.channels_last);
    if (conversion_) between_ = std::min(from.bytes(), to.bytes());
  }

  std::size_t workspace() const { return between_; }

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte* workspace) override {
    if (conversion_ && movement_ && moves_first_) {
      movement_->run(inputs[0], workspace);
      conversion_->run(workspace, outputs[0], elements_);
    } else if (conversion_ && movement_) {
      conversion_->run(inputs[0], workspace, elements_);
      movement_->run(workspace, outputs[0]);
    } else if (conversion_) {
      conversion_->run(inputs[0], outputs[0], elements_);
    } else if (movement_) {
      movement_->run(inputs[0], outputs[0]);
    } else {
      std::memcpy(outputs[0], inputs[0], bytes_);
    }
  }

 private:
  std::size_t elements_, bytes_;
  bool moves_first_;
  std::size_t between_ = 0;
  std::optional<Conversion> conversion_;
  std::optional<Movement> movement_;
};

/// Four bytes are what oneDNN moves as fast as can be.
std::optional<Prepared> by_onednn(const Layout& from, const Layout& to) {
  const auto description = unless_refused([&] {
    const auto& engine = cpu_engine();
    return dnnl::reorder::primitive_desc(engine, desc_of(from), engine, desc_of(to),
                                         own_scratchpad());
  });
  if (!description) return std::nullopt;
  auto kernel = std::make_unique<PrimitiveKernel>();
  kernel->add(*description, {{DNNL_ARG_FROM, kernel->input(0, desc_of(from))},
                             {DNNL_ARG_TO, kernel->output(0, desc_of(to))}});
  return prepared(std::move(kernel), implementation_of(*description), {from}, {to});
}

class Nothing : public Kernel {
 public:
  void run(std::span<const std::byte* const>, std::span<std::byte* const>, std::byte*) override {}
};

}  // namespace

Prepared make_reorder(const Layout& from, const Layout& to) {
  Prepared made{nullptr, "own", {from}, {to}, {}, 0, 0, -1};
  if (from.elements() == 0) {
    made.kernel = std::make_unique<Nothing>();
    return made;
  }
  if (from.type != to.type && !(is_convertible(from.type) && is_convertible(to.type)))
    throw NotSupported{"conversion of this type of elements"};
  if (from.type == ElementType::float32 && from.type == to.type &&
      from.channels_last != to.channels_last)
    if (auto by = by_onednn(from, to)) return std::move(*by);
  auto kernel = std::make_unique<Reorder>(from, to);
  made.workspace = kernel->workspace();
  made.kernel = std::move(kernel);
  return made;
}

}  // namespace hardware
