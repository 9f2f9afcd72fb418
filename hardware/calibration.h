#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "hardware/program.h"

namespace hardware {

/// How the range of a tensor follows from its elements.
enum class RangeMethod : std::uint8_t {
  minmax,      ///< the least and the greatest
  percentile,  ///< the same, clipped where no more than a given part of the magnitudes is larger
  mse          ///< the same, clipped where 8 bits make the least mean square error
};

/// Finds ranges of tensors over any number of samples. All are shown to take() once and, where the
/// method is not minmax, to count() afterwards, which fills a histogram of 2048 magnitudes for each
/// tensor.
class Calibration {
 public:
  explicit Calibration(RangeMethod method, double percentile = 99.99)
      : method_(method), percentile_(percentile) {}

  bool counts() const { return method_ != RangeMethod::minmax; }
  /// Throws InputError naming the tensor and the sample where an element is not finite.
  void take(const Observed& tensor, const std::string& sample);
  void count(const Observed& tensor);
  /// Of all real-valued tensors that were shown. Those without elements have [0, 0].
  Ranges ranges() const;

 private:
  struct Seen {
    Range range;
    bool any = false;
    std::vector<std::uint64_t> magnitudes{};  ///< equal bins from 0 to the greatest; zeros apart
    std::uint64_t zeros = 0;
  };
  std::span<const float> numbers_of(const Observed& tensor);
  double bound_of(const Seen& seen) const;

  RangeMethod method_;
  double percentile_;
  std::map<std::string, Seen, std::less<>> seen_;
  std::vector<float> converted_;
};

}  // namespace hardware
