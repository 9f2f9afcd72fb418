#include "results/tensor_comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "models/index.h"
#include "models/network/onnx_bytes.h"

namespace results {
namespace {

using models::at;
using models::ElementType;
using models::TensorValue;

template <class T>
std::vector<long double> widened(const TensorValue& value) {
  const auto elements = value.as<T>();
  return {elements.begin(), elements.end()};
}

std::vector<long double> halves(const TensorValue& value, double (*real)(std::uint16_t)) {
  std::vector<long double> result;
  for (const auto bits : value.as<std::uint16_t>()) result.push_back(real(bits));
  return result;
}

/// Every type's numbers exactly: long double has 64 bits of significand.
std::vector<long double> numbers(const TensorValue& value) {
  switch (value.type) {
    case ElementType::float32:
      return widened<float>(value);
    case ElementType::float64:
      return widened<double>(value);
    case ElementType::float16:
      return halves(value, models::from_half);
    case ElementType::bfloat16:
      return halves(value, models::from_bfloat);
    case ElementType::int8:
      return widened<std::int8_t>(value);
    case ElementType::int16:
      return widened<std::int16_t>(value);
    case ElementType::int32:
      return widened<std::int32_t>(value);
    case ElementType::int64:
      return widened<std::int64_t>(value);
    case ElementType::uint8:
    case ElementType::boolean:
      return widened<std::uint8_t>(value);
    case ElementType::uint16:
      return widened<std::uint16_t>(value);
    case ElementType::uint32:
      return widened<std::uint32_t>(value);
    case ElementType::uint64:
      return widened<std::uint64_t>(value);
  }
  return {};
}

void compare_elements(const std::vector<long double>& ours, const std::vector<long double>& theirs,
                      double rtol, double atol, TensorComparison& result) {
  long double signal = 0, noise = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const auto a = ours[i], b = theirs[i];
    const bool equal = a == b || (std::isnan(a) && std::isnan(b));
    const bool finite = std::isfinite(a) && std::isfinite(b);
    const auto difference = finite ? std::abs(a - b) : std::numeric_limits<long double>::infinity();
    const bool inside = equal || (std::isfinite(b) && difference <= atol + rtol * std::abs(b));
    if (!inside && result.outside++ == 0) result.first_outside = static_cast<std::int64_t>(i);
    if (!finite && equal) continue;
    if (std::isfinite(b)) signal += b * b;
    noise += difference * difference;
    result.largest_absolute = std::max(result.largest_absolute, static_cast<double>(difference));
    if (b != 0)
      result.largest_relative =
          std::max(result.largest_relative, static_cast<double>(difference / std::abs(b)));
  }
  constexpr auto infinity = std::numeric_limits<double>::infinity();
  if (noise == 0)
    result.signal_to_noise_db = infinity;
  else if (signal == 0 || std::isinf(noise))
    result.signal_to_noise_db = -infinity;
  else
    result.signal_to_noise_db = static_cast<double>(10 * std::log10(signal / noise));
}

void compare_ranks(const std::vector<long double>& ours, const std::vector<long double>& theirs,
                   std::size_t row, TensorComparison& result) {
  for (std::size_t start = 0; start < ours.size(); start += row) {
    const auto begin = ours.begin() + static_cast<std::ptrdiff_t>(start);
    const auto reference = theirs.begin() + static_cast<std::ptrdiff_t>(start);
    const auto length = static_cast<std::ptrdiff_t>(row);
    const auto best = std::max_element(reference, reference + length) - reference;
    const auto above = std::count_if(begin, begin + length, [&](auto& x) {
      return x > begin[best] || std::isnan(x) || (x == begin[best] && &x < &begin[best]);
    });
    ++result.rows;
    result.top_1 += above < 1 ? 1 : 0;
    result.top_5 += above < 5 ? 1 : 0;
  }
}

}  // namespace

TensorComparison compare(const TensorValue& ours, const TensorValue& reference, double rtol,
                         double atol) {
  TensorComparison result;
  if (ours.type != reference.type || ours.shape != reference.shape) {
    result.mismatch = models::text_of(ours.shape) + " " + name_of(ours.type) +
                      ", the reference is " + models::text_of(reference.shape) + " " +
                      name_of(reference.type);
    return result;
  }
  result.elements = ours.elements();
  const auto a = numbers(ours), b = numbers(reference);
  compare_elements(a, b, rtol, atol, result);
  const auto row = ours.shape.empty() ? 0 : at(ours.shape.back());
  if (is_real(ours.type) && row > 1 && !a.empty()) compare_ranks(a, b, row, result);
  return result;
}

}  // namespace results
