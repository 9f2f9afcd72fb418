#include "hardware/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hardware/converting.h"
#include "models/error.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::at;

constexpr std::size_t bins = 2048;
constexpr int candidates = 100;

double greatest(const Range& range) {
  return std::max(std::abs(range.low), std::abs(range.high));
}

/// Mean square error, but for a common factor, of numbers with these magnitudes when they are
/// rounded to multiples of `step` and clipped at `bound`.
double error_of(const std::vector<std::uint64_t>& magnitudes, double width, double bound,
                double step) {
  double sum = 0;
  for (std::size_t i = 0; i < magnitudes.size(); ++i) {
    const double magnitude = (static_cast<double>(i) + 0.5) * width;
    double error = step * step / 12;
    if (magnitude > bound) error = (magnitude - bound) * (magnitude - bound);
    if (magnitude < step / 2) error = magnitude * magnitude;
    sum += error * static_cast<double>(magnitudes[i]);
  }
  return sum;
}

}  // namespace

std::span<const float> Calibration::numbers_of(const Observed& tensor) {
  if (tensor.type == models::ElementType::float32)
    return {reinterpret_cast<const float*>(tensor.bytes.data()),
            tensor.bytes.size() / sizeof(float)};
  const auto count = tensor.bytes.size() / bytes_of(tensor.type);
  converted_.resize(count);
  converter(tensor.type, models::ElementType::float32)(
      tensor.bytes.data(), reinterpret_cast<std::byte*>(converted_.data()),
      static_cast<std::int64_t>(count));
  return converted_;
}

void Calibration::take(const Observed& tensor, const std::string& sample) {
  if (!is_real(tensor.type)) return;
  auto found = seen_.find(tensor.name);
  if (found == seen_.end()) found = seen_.try_emplace(std::string(tensor.name)).first;
  const auto numbers = numbers_of(tensor);
  if (numbers.empty()) return;
  constexpr float most = std::numeric_limits<float>::max();
  float low = most, high = -most;
  bool finite = true;
  for (const float number : numbers) {
    low = std::min(low, number);
    high = std::max(high, number);
    finite &= std::abs(number) <= most;
  }
  if (!finite)
    throw models::InputError(sample + ": tensor '" + found->first +
                             "' has elements that are infinite or not a number, and so no range; "
                             "leave this sample out, or keep what makes the tensor in fp32");
  auto& [range, any, magnitudes, zeros] = found->second;
  range.low = any ? std::min(range.low, double{low}) : double{low};
  range.high = any ? std::max(range.high, double{high}) : double{high};
  any = true;
}

void Calibration::count(const Observed& tensor) {
  if (!is_real(tensor.type)) return;
  auto& seen = seen_.find(tensor.name)->second;
  const double most = greatest(seen.range);
  if (most == 0) return;
  seen.magnitudes.resize(bins, 0);
  const auto scale = static_cast<float>(static_cast<double>(bins) / most);
  for (const float number : numbers_of(tensor)) {
    const float bin = std::min(std::abs(number) * scale, static_cast<float>(bins - 1));
    if (number == 0)
      ++seen.zeros;
    else
      ++seen.magnitudes[static_cast<std::size_t>(bin)];
  }
}

/// The magnitude at which a tensor's elements are clipped.
double Calibration::bound_of(const Seen& seen) const {
  const double most = greatest(seen.range), width = most / static_cast<double>(bins);
  if (method_ == RangeMethod::percentile) {
    double all = static_cast<double>(seen.zeros);
    for (const auto count : seen.magnitudes) all += static_cast<double>(count);
    double within = static_cast<double>(seen.zeros);
    for (std::size_t i = 0; i < bins; ++i) {
      within += static_cast<double>(seen.magnitudes[i]);
      if (within >= all * percentile_ / 100) return static_cast<double>(i + 1) * width;
    }
    return most;
  }
  const double codes = seen.range.low < 0 ? 127 : 255;
  double best = most, least = std::numeric_limits<double>::infinity();
  for (int k = candidates; k > 0; --k) {
    const double bound = most * k / candidates;
    const double error = error_of(seen.magnitudes, width, bound, bound / codes);
    if (error < least) {
      least = error;
      best = bound;
    }
  }
  return best;
}

Ranges Calibration::ranges() const {
  Ranges result;
  for (const auto& [name, seen] : seen_) {
    auto& range = result[name] = seen.range;
    if (seen.magnitudes.empty()) continue;
    const double bound = bound_of(seen);
    range.low = std::clamp(range.low, -bound, bound);
    range.high = std::clamp(range.high, -bound, bound);
  }
  return result;
}

}  // namespace hardware
