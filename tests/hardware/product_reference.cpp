#include "tests/hardware/product_reference.h"

#include <algorithm>

#include "models/index.h"

namespace hardware {
namespace {

using models::at;
using models::Shape;

/// Steps through all places of a shape, the last axis fastest.
bool next(Shape& place, const Shape& shape) {
  for (std::size_t axis = place.size(); axis-- > 0;) {
    if (++place[axis] < shape[axis]) return true;
    place[axis] = 0;
  }
  return false;
}

std::int64_t flat(const Shape& place, const Shape& shape) {
  std::int64_t index = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) index = index * shape[i] + place[i];
  return index;
}

/// Of a window's element: where it meets the longer side; -1 beyond its ends.
std::int64_t met(const Sliding& sliding, const Shape& position, const Shape& step,
                 const Shape& sizes) {
  Shape place(sizes.size());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    place[i] =
        position[i] * sliding.strides[i] - sliding.before[i] + step[i] * sliding.dilations[i];
    if (place[i] < 0 || place[i] >= sizes[i]) return -1;
  }
  return flat(place, sizes);
}

Shape spatial(const Shape& shape) {
  return {shape.begin() + 2, shape.end()};
}

/// Calls back with (scanned place, weight's place, position) of every pair that meets.
template <class Call>
void each_meeting(const Sliding& sliding, const Shape& scanned, const Shape& positions, Call call) {
  Shape position(positions.size(), 0);
  do {
    Shape step(sliding.kernel.size(), 0);
    do {
      const auto place = met(sliding, position, step, scanned);
      if (place >= 0) call(place, flat(step, sliding.kernel), flat(position, positions));
    } while (next(step, sliding.kernel));
  } while (next(position, positions));
}

std::vector<double> filled(const Shape& shape, const std::vector<double>& bias) {
  std::vector<double> result(at(models::elements_of(shape)), 0);
  const auto area = result.empty() ? 1 : models::elements_of(spatial(shape));
  if (!bias.empty())
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = bias[i / at(area) % at(shape[1])];
  return result;
}

}  // namespace

std::vector<double> convolved(const Sliding& sliding, const Shape& input_shape,
                              const std::vector<double>& input, const Shape& weight_shape,
                              const std::vector<double>& weights, const std::vector<double>& bias,
                              const Shape& output_shape) {
  auto result = filled(output_shape, bias);
  if (result.empty() || input.empty() || weights.empty()) return result;
  const auto scanned = spatial(input_shape), positions = spatial(output_shape);
  const auto in_area = models::elements_of(scanned), out_area = models::elements_of(positions);
  const auto taps = models::elements_of(sliding.kernel);
  const auto outputs = output_shape[1], inputs = weight_shape[1];
  for (std::int64_t n = 0; n < input_shape[0]; ++n)
    for (std::int64_t o = 0; o < outputs; ++o)
      for (std::int64_t c = 0; c < inputs; ++c) {
        const auto group = o / (outputs / sliding.groups);
        const auto from = (n * input_shape[1] + group * inputs + c) * in_area;
        const auto to = (n * outputs + o) * out_area, weight = (o * inputs + c) * taps;
        each_meeting(sliding, scanned, positions, [&](auto place, auto tap, auto position) {
          result[at(to + position)] += input[at(from + place)] * weights[at(weight + tap)];
        });
      }
  return result;
}

std::vector<double> transposed_convolved(const Sliding& sliding, const Shape& input_shape,
                                         const std::vector<double>& input,
                                         const Shape& weight_shape,
                                         const std::vector<double>& weights,
                                         const std::vector<double>& bias,
                                         const Shape& output_shape) {
  auto result = filled(output_shape, bias);
  if (result.empty() || input.empty() || weights.empty()) return result;
  const auto scanned = spatial(output_shape), positions = spatial(input_shape);
  const auto out_area = models::elements_of(scanned), in_area = models::elements_of(positions);
  const auto taps = models::elements_of(sliding.kernel);
  const auto inputs = input_shape[1], outputs = weight_shape[1];
  for (std::int64_t n = 0; n < input_shape[0]; ++n)
    for (std::int64_t c = 0; c < inputs; ++c)
      for (std::int64_t o = 0; o < outputs; ++o) {
        const auto group = c / (inputs / sliding.groups);
        const auto from = (n * inputs + c) * in_area;
        const auto to = (n * output_shape[1] + group * outputs + o) * out_area;
        const auto weight = (c * outputs + o) * taps;
        each_meeting(sliding, scanned, positions, [&](auto place, auto tap, auto position) {
          result[at(to + place)] += input[at(from + position)] * weights[at(weight + tap)];
        });
      }
  return result;
}

std::vector<double> multiplied(const Shape& left_shape, const std::vector<double>& left,
                               const Shape& right_shape, const std::vector<double>& right,
                               const Shape& output_shape) {
  std::vector<double> result(at(models::elements_of(output_shape)), 0);
  auto a = left_shape, b = right_shape;
  if (a.size() == 1) a.insert(a.begin(), 1);
  if (b.size() == 1) b.push_back(1);
  const auto rank = std::max(a.size(), b.size());
  a.insert(a.begin(), rank - a.size(), 1);
  b.insert(b.begin(), rank - b.size(), 1);
  const auto rows = a[rank - 2], depth = a[rank - 1], columns = b[rank - 1];
  Shape batches, place(rank - 2, 0);
  for (std::size_t i = 0; i + 2 < rank; ++i) batches.push_back(std::max(a[i], b[i]));
  if (result.empty()) return result;
  std::int64_t batch = 0;
  do {
    std::int64_t from = 0, by = 0;
    for (std::size_t i = 0; i < batches.size(); ++i) {
      from = from * a[i] + (a[i] > 1 ? place[i] : 0);
      by = by * b[i] + (b[i] > 1 ? place[i] : 0);
    }
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t c = 0; c < columns; ++c)
        for (std::int64_t k = 0; k < depth; ++k)
          result[at((batch * rows + r) * columns + c)] +=
              left[at((from * rows + r) * depth + k)] * right[at((by * depth + k) * columns + c)];
    ++batch;
  } while (next(place, batches));
  return result;
}

}  // namespace hardware
