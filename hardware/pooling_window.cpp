#include "hardware/pooling_window.h"

#include <algorithm>

#include "hardware/attributes.h"
#include "hardware/halves.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::at;
using models::plus;
using models::Shape;
using models::times;

Shape list_or(const models::Operator& op, const std::string& name, std::size_t count,
              std::int64_t otherwise, std::int64_t least) {
  auto list = integers_of(op, name);
  if (list.empty()) list.assign(count, otherwise);
  std::string start = "its attribute '";
  start.append(name).append("' ");
  if (list.size() != count)
    fail(op, start + "has " + std::to_string(list.size()) + " values where " +
                 std::to_string(count) + " are needed");
  for (const auto value : list)
    if (value < least || value > models::max_elements)
      fail(op, start + "holds " + std::to_string(value));
  return list;
}

std::int64_t reach_of(const PoolingWindow& window, std::size_t axis) {
  return plus(times(window.dilations[axis], window.kernel[axis] - 1), 1);
}

/// What SAME_UPPER and SAME_LOWER need so that the windows cover the input.
void pad_same(PoolingWindow& window, bool upper) {
  for (std::size_t i = 0; i < window.axes(); ++i) {
    const auto covered = plus(times(window.output[i] - 1, window.strides[i]), reach_of(window, i));
    const auto total = std::max<std::int64_t>(0, covered - window.input[i]);
    window.begins[i] = upper ? total / 2 : total - total / 2;
    window.ends[i] = total - window.begins[i];
  }
}

Reach reach_at(const PoolingWindow& window, std::size_t axis, std::int64_t output) {
  const auto dilation = window.dilations[axis];
  const auto taps = window.kernel[axis];
  const auto start = plus(times(output, window.strides[axis]), -window.begins[axis]);
  const auto low = std::max<std::int64_t>(0, -window.begins[axis]);
  const auto high = plus(window.input[axis], std::min<std::int64_t>(0, window.ends[axis]));
  const auto below = [&](std::int64_t end) {
    return end <= start ? 0 : std::min(taps, (end - start + dilation - 1) / dilation);
  };
  const auto first = below(low);
  return {start + first * dilation, std::max<std::int64_t>(0, below(high) - first),
          below(plus(window.input[axis], window.ends[axis]))};
}

}  // namespace

PoolingWindow pooling_window(const Request& request) {
  const auto& op = *request.op;
  const auto& input = input_of(request, 0).shape;
  const auto& output = output_of(request, 0).shape;
  PoolingWindow window;
  window.kernel = integers_of(op, "kernel_shape");
  const auto axes = window.kernel.size();
  if (axes == 0) fail(op, "its attribute 'kernel_shape' is absent");
  if (input.size() != axes + 2 || output.size() != input.size())
    fail(op, "its kernel of " + std::to_string(axes) + " axes does not fit an input of shape " +
                 models::text_of(input));
  window.kernel = list_or(op, "kernel_shape", axes, 1, 1);
  window.strides = list_or(op, "strides", axes, 1, 1);
  window.dilations = list_or(op, "dilations", axes, 1, 1);
  window.input.assign(input.begin() + 2, input.end());
  window.output.assign(output.begin() + 2, output.end());
  const auto pads = list_or(op, "pads", 2 * axes, 0, -models::max_elements);
  const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(axes);
  window.begins.assign(pads.begin(), middle);
  window.ends.assign(middle, pads.end());
  const auto mode = text_of(op, "auto_pad", "NOTSET");
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    pad_same(window, mode == "SAME_UPPER");
  } else if (mode == "VALID") {
    window.begins.assign(axes, 0);
    window.ends.assign(axes, 0);
  } else if (mode != "NOTSET") {
    fail(op, "its auto_pad '" + mode + "' is not known");
  }
  return window;
}

Windows::Windows(const PoolingWindow& window) : dilations_(window.dilations) {
  input_elements_ = models::elements_of(window.input);
  output_elements_ = models::elements_of(window.output);
  strides_.assign(window.axes(), 1);
  for (auto i = window.axes() - 1; i > 0; --i) strides_[i - 1] = strides_[i] * window.input[i];
  reaches_.resize(window.axes());
  std::int64_t most = 1;
  for (std::size_t i = 0; i < window.axes(); ++i) {
    std::int64_t longest = 1;
    for (std::int64_t o = 0; o < window.output[i]; ++o) {
      reaches_[i].push_back(reach_at(window, i, o));
      longest = std::max(longest, reaches_[i].back().count);
    }
    if (i + 1 < window.axes()) most *= longest;
  }
  rows_.resize(at(most));
  position_.resize(window.axes() - 1);
}

std::size_t Windows::held() const {
  std::size_t bytes = rows_.size() * sizeof(std::int64_t);
  for (const auto& axis : reaches_) bytes += axis.size() * sizeof(Reach);
  return bytes;
}

void Windows::start() {
  std::fill(position_.begin(), position_.end(), 0);
}

std::int64_t Windows::collect_rows() {
  std::int64_t padded = 1;
  row_count_ = 1;
  rows_[0] = 0;
  for (std::size_t axis = 0; axis < position_.size(); ++axis) {
    const auto& reach = reaches_[axis][position_[axis]];
    padded *= reach.padded;
    row_count_ *= at(reach.count);
    // From the back, so that what is read is not yet overwritten.
    for (auto i = row_count_; i-- > 0;) {
      const auto tap = static_cast<std::int64_t>(i % at(reach.count));
      const auto element = reach.begin + tap * dilations_[axis];
      rows_[i] = rows_[i / at(reach.count)] + element * strides_[axis];
    }
  }
  return padded;
}

bool Windows::advance() {
  for (auto axis = position_.size(); axis-- > 0;) {
    if (++position_[axis] < reaches_[axis].size()) return true;
    position_[axis] = 0;
  }
  return false;
}

}  // namespace hardware
