#pragma once

#include <cstdint>
#include <vector>

#include "hardware/kernel.h"

namespace hardware {

/// A window that slides along the spatial axes of its input, which come after batch and channels.
struct PoolingWindow {
  models::Shape input, output;  ///< of the spatial axes only
  models::Shape kernel, strides, dilations;
  models::Shape begins, ends;  ///< padding; a negative one crops
  std::size_t axes() const { return kernel.size(); }
};

/// By the attributes of a pooling operator, ceil_mode and auto_pad by way of the output's shape.
/// Throws InputError.
PoolingWindow pooling_window(const Request& request);

/// The part of a window that lies on its input, along one axis.
struct Reach {
  std::int64_t begin = 0;   ///< first element
  std::int64_t count = 0;   ///< elements, `dilation` apart
  std::int64_t padded = 0;  ///< elements if those of the padding count too
};

/// The windows over one plane of an input, one axis at a time.
class Windows {
 public:
  explicit Windows(const PoolingWindow& window);

  std::int64_t input_elements() const { return input_elements_; }
  std::size_t held() const;

  /// Visits the windows of a plane in the order of its outputs, by
  /// `visit(rows, reach, step, padded)`: the window's elements are rows[r] + reach.begin + k * step
  /// for all r, and k below reach.count; `padded` counts them with their padding.
  template <class Visit>
  void for_each(Visit visit) {
    if (output_elements_ == 0) return;
    start();
    do {
      const auto outer = collect_rows();
      const std::span<const std::int64_t> rows(rows_.data(), row_count_);
      for (const auto& reach : reaches_.back())
        visit(rows, reach, dilations_.back(), outer * reach.padded);
    } while (advance());
  }

 private:
  void start();
  /// Fills rows_ for the current position; answers the padded count of the outer axes.
  std::int64_t collect_rows();
  bool advance();

  std::vector<std::vector<Reach>> reaches_;  ///< [axis][output]
  models::Shape dilations_, strides_;        ///< strides_: elements of the plane, per axis
  std::int64_t input_elements_ = 0, output_elements_ = 0;
  std::vector<std::size_t> position_;  ///< of the outer axes
  std::vector<std::int64_t> rows_;
  std::size_t row_count_ = 0;
};

}  // namespace hardware
