#pragma once

#include "tests/hardware/property.h"

namespace hardware::property {

/// Sizes of a convolution that fit together.
struct ConvolutionSizes {
  Shape input, weight, strides, dilations, pads;
  std::int64_t group = 1;
  /// Gives the operator its attributes.
  void describe(Maker& maker, Draw& draw) const;
};
ConvolutionSizes convolution_sizes(Draw& draw);

}  // namespace hardware::property
