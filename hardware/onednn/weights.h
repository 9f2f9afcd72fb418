#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hardware {

/// Where the output channels are in an array of weights: an element's indices, from the slowest,
/// are group, before, channel, after.
struct ChannelView {
  std::int64_t groups = 1, before = 1, channels = 1, after = 1;
};

/// Weights as 8-bit integers, symmetric, with a scale per output channel: value = scale x integer.
struct IntegerWeights {
  std::vector<std::int8_t> values;  ///< in the order of the original
  std::vector<float> scales;        ///< group by group
};

/// Rounds to nearest even. No integer is beyond `greatest`, which the largest of each channel
/// reaches; all are then multiplied by `factor`, without changing the scales.
IntegerWeights integer_weights(std::span<const float> values, const ChannelView& view, int greatest,
                               int factor);

}  // namespace hardware
