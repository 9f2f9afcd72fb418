#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "tests/hardware/reference.h"

namespace hardware::reference {
namespace {

Arrays batch_normalization(const Call& call) {
  if (call.integer("training_mode", 0) != 0) throw std::runtime_error("training");
  auto y = call.in(0);
  const double epsilon = call.real("epsilon", 1e-5);
  std::size_t n = 0;
  each(y.shape, [&](const Shape& place) {
    const auto c = place.size() > 1 ? at(place[1]) : 0;
    const auto of = [&](std::size_t input) { return call.in(input).reals.at(c); };
    y.reals[n] = of(1) * (y.reals[n] - of(3)) / std::sqrt(of(4) + epsilon) + of(2);
    ++n;
  });
  return {y};
}

/// Mean and variance of so many numbers that follow each other.
struct Moments {
  double mean = 0, variance = 0;
};
Moments moments_of(const Array& x, std::size_t start, std::size_t count) {
  Moments result;
  for (std::size_t i = start; i < start + count; ++i) result.mean += x.reals[i];
  result.mean /= static_cast<double>(count);
  for (std::size_t i = start; i < start + count; ++i)
    result.variance += (x.reals[i] - result.mean) * (x.reals[i] - result.mean);
  result.variance /= static_cast<double>(count);
  return result;
}

/// How many elements the axes from `axis` on hold.
std::size_t inner(const Shape& shape, std::size_t axis) {
  std::size_t count = 1;
  for (std::size_t i = axis; i < shape.size(); ++i) count *= at(shape[i]);
  return count;
}

Arrays instance_normalization(const Call& call) {
  const auto& x = call.in(0);
  auto y = x;
  const auto count = inner(x.shape, 2);
  for (std::size_t start = 0; start < x.count(); start += count) {
    const auto m = moments_of(x, start, count);
    const auto c = start / count % at(x.shape[1]);
    for (std::size_t i = start; i < start + count; ++i)
      y.reals[i] = call.in(1).reals[c] * (x.reals[i] - m.mean) /
                       std::sqrt(m.variance + call.real("epsilon", 1e-5)) +
                   call.in(2).reals[c];
  }
  return {y};
}

/// The result, the means, and one over the deviations.
Arrays layer_normalization(const Call& call) {
  const auto& x = call.in(0);
  const auto axis = axis_of(call.integer("axis", -1), x.rank());
  const auto count = inner(x.shape, axis);
  auto y = x;
  auto outer = x.shape;
  for (std::size_t i = axis; i < outer.size(); ++i) outer[i] = 1;
  Array means(ElementType::float32, outer), inverse(ElementType::float32, outer);
  for (std::size_t start = 0; start < x.count(); start += count) {
    const auto m = moments_of(x, start, count);
    const double scale = 1 / std::sqrt(m.variance + call.real("epsilon", 1e-5));
    means.reals[start / count] = m.mean;
    inverse.reals[start / count] = scale;
    for (std::size_t i = start; i < start + count; ++i) y.reals[i] = (x.reals[i] - m.mean) * scale;
  }
  std::size_t n = 0;
  each(x.shape, [&](const Shape& place) {
    y.reals[n] *= call.in(1).reals[broadcast_position(call.in(1).shape, place)];
    if (call.has(2)) y.reals[n] += call.in(2).reals[broadcast_position(call.in(2).shape, place)];
    ++n;
  });
  return {y, means, inverse};
}

Arrays lrn(const Call& call) {
  const auto& x = call.in(0);
  auto y = x;
  const auto size = call.integer("size", 1);
  const auto before = (size - 1) / 2, after = size - 1 - before;
  std::size_t n = 0;
  each(x.shape, [&](const Shape& place) {
    double squares = 0;
    auto other = place;
    for (auto c = place[1] - before; c <= place[1] + after; ++c) {
      if (c < 0 || c >= x.shape[1]) continue;
      other[1] = c;
      squares += std::pow(x.reals[position(x.shape, other)], 2);
    }
    const double base =
        call.real("bias", 1) + call.real("alpha", 1e-4) / static_cast<double>(size) * squares;
    y.reals[n++] /= std::pow(base, call.real("beta", 0.75));
  });
  return {y};
}

/// Lines of a tensor along some axes: for each, where its elements lie.
std::vector<std::vector<std::size_t>> lines_of(const Shape& shape, std::size_t first,
                                               std::size_t last) {
  auto outer = shape;
  for (std::size_t i = first; i < last; ++i) outer[i] = 1;
  std::vector<std::vector<std::size_t>> lines(at(models::elements_of(outer)));
  std::size_t n = 0;
  each(shape, [&](const Shape& place) { lines[broadcast_position(outer, place)].push_back(n++); });
  return lines;
}

/// Before opset 13 all axes from `axis` on are one line, since then only that axis is.
std::vector<std::vector<std::size_t>> lines_of(const Call& call) {
  const auto& shape = call.in(0).shape;
  const bool old = call.opset < 13;
  const auto axis = axis_of(call.integer("axis", old ? 1 : -1), shape.size());
  return lines_of(shape, axis, old ? shape.size() : axis + 1);
}

double top_of(const Array& x, const std::vector<std::size_t>& line) {
  double top = x.reals[line[0]];
  for (const auto i : line) top = std::max(top, x.reals[i]);
  return top;
}

Arrays log_softmax(const Call& call) {
  auto y = call.in(0);
  for (const auto& line : lines_of(call)) {
    if (line.empty()) continue;
    const double top = top_of(y, line);
    double sum = 0;
    for (const auto i : line) sum += std::exp(y.reals[i] - top);
    for (const auto i : line) y.reals[i] = y.reals[i] - top - std::log(sum);
  }
  return {y};
}

Arrays softmax(const Call& call) {
  auto result = log_softmax(call);
  for (auto& x : result[0].reals) x = std::exp(x);
  return result;
}

/// One where the first of the greatest is, nought elsewhere.
Arrays hardmax(const Call& call) {
  const auto& x = call.in(0);
  Array y(x.type, x.shape);
  for (const auto& line : lines_of(call)) {
    if (line.empty()) continue;
    auto best = line[0];
    for (const auto i : line)
      if (x.reals[i] > x.reals[best]) best = i;
    y.reals[best] = 1;
  }
  return {y};
}

Arrays lp_normalization(const Call& call) {
  auto y = call.in(0);
  const auto axis = axis_of(call.integer("axis", -1), y.rank());
  const bool squares = call.integer("p", 2) == 2;
  for (const auto& line : lines_of(y.shape, axis, axis + 1)) {
    double norm = 0;
    for (const auto i : line) norm += squares ? y.reals[i] * y.reals[i] : std::abs(y.reals[i]);
    if (squares) norm = std::sqrt(norm);
    for (const auto i : line) y.reals[i] /= norm;
  }
  return {y};
}

constexpr Row rows[] = {
    {"BatchNormalization", batch_normalization},
    {"Hardmax", hardmax},
    {"InstanceNormalization", instance_normalization},
    {"LRN", lrn},
    {"LayerNormalization", layer_normalization},
    {"LogSoftmax", log_softmax},
    {"LpNormalization", lp_normalization},
    {"Softmax", softmax},
};

}  // namespace

std::span<const Row> normalizing_rows() {
  return rows;
}

}  // namespace hardware::reference
