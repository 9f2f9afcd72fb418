#include "hardware/onednn/weights.h"

#include <algorithm>
#include <cmath>

#include "models/index.h"

namespace hardware {
namespace {

/// Calls back with the first element of each run of `after` and its channel.
template <class Call>
void each_run(const ChannelView& view, Call call) {
  std::size_t at = 0;
  for (std::int64_t group = 0; group < view.groups; ++group)
    for (std::int64_t before = 0; before < view.before; ++before)
      for (std::int64_t channel = 0; channel < view.channels; ++channel) {
        call(at, models::at(group * view.channels + channel));
        at += models::at(view.after);
      }
}

}  // namespace

IntegerWeights integer_weights(std::span<const float> values, const ChannelView& view, int greatest,
                               int factor) {
  const auto after = models::at(view.after);
  IntegerWeights made;
  made.scales.assign(models::at(view.groups * view.channels), 0);
  each_run(view, [&](std::size_t from, std::size_t channel) {
    auto& largest = made.scales[channel];
    for (std::size_t i = from; i < from + after; ++i)
      largest = std::max(largest, std::fabs(values[i]));
  });
  for (auto& scale : made.scales)
    scale = scale > 0 && std::isfinite(scale) ? scale / static_cast<float>(greatest) : 1;
  made.values.resize(values.size());
  const auto limit = static_cast<float>(greatest);
  each_run(view, [&](std::size_t from, std::size_t channel) {
    for (std::size_t i = from; i < from + after; ++i) {
      const float rounded = std::nearbyint(values[i] / made.scales[channel]);
      const float bounded = std::isnan(rounded) ? 0 : std::clamp(rounded, -limit, limit);
      made.values[i] = static_cast<std::int8_t>(static_cast<int>(bounded) * factor);
    }
  });
  return made;
}

}  // namespace hardware
