#pragma once

#include <cstdint>

#include "models/network/network.h"
#include "models/network/shape.h"

namespace hardware {

/// How a convolution's weights move over its input: one entry per spatial axis.
struct Sliding {
  models::Shape kernel, strides, dilations;
  models::Shape before, after;  ///< padding; `after` may be below nought where rows remain unread
  std::int64_t groups = 1;

  std::size_t axes() const { return kernel.size(); }
  /// Input that one output element reads along the axis, from the first to the last.
  std::int64_t reach(std::size_t axis) const { return dilations[axis] * (kernel[axis] - 1) + 1; }
};

/// Of a Conv, whose shapes are known; auto_pad is worked out. Throws InputError.
Sliding sliding_of(const models::Operator& op, const models::Shape& input,
                   const models::Shape& weights, const models::Shape& output);
/// Of a ConvTranspose: as of the convolution that would take its output to its input.
Sliding transposed_sliding_of(const models::Operator& op, const models::Shape& input,
                              const models::Shape& weights, const models::Shape& output);

}  // namespace hardware
