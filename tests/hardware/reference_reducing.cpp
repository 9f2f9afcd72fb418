#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/hardware/reference.h"

namespace hardware::reference {
namespace {

/// Where the lines that a reduction joins begin, and what they hold.
struct Lines {
  Shape shape;  ///< with the reduced axes kept as ones
  std::vector<std::vector<std::size_t>> members;
};

Lines lines_of(const Array& x, const std::vector<bool>& reduced) {
  Lines lines{x.shape, {}};
  for (std::size_t i = 0; i < reduced.size(); ++i)
    if (reduced[i]) lines.shape[i] = 1;
  lines.members.resize(at(models::elements_of(lines.shape)));
  std::size_t n = 0;
  each(x.shape, [&](const Shape& place) {
    lines.members[broadcast_position(lines.shape, place)].push_back(n++);
  });
  return lines;
}

Shape without(const Shape& shape, const std::vector<bool>& reduced) {
  Shape result;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (!reduced[i]) result.push_back(shape[i]);
  return result;
}

using Values = std::vector<double>;
using Wholes = std::vector<std::int64_t>;
using Real = double (*)(const Values&);
using Whole = std::int64_t (*)(ElementType, const Wholes&);

Arrays reduced_by(const Call& call, Real real, Whole whole) {
  const auto& x = call.in(0);
  const auto axes = call.integers("axes", 1);
  if (axes.empty() && call.integer("noop_with_empty_axes", 0) != 0) return {x};
  std::vector<bool> reduced(x.rank(), axes.empty());
  for (const auto axis : axes) reduced[axis_of(axis, x.rank())] = true;
  const auto lines = lines_of(x, reduced);
  Array result(x.type, lines.shape);
  for (std::size_t i = 0; i < lines.members.size(); ++i) {
    Values values;
    Wholes wholes;
    for (const auto member : lines.members[i]) {
      values.push_back(x.number(member));
      if (!x.real()) wholes.push_back(x.integers[member]);
    }
    if (x.real() || whole == nullptr)
      result.set(i, real(values));
    else
      result.set(i, whole(x.type, wholes));
  }
  if (call.integer("keepdims", 1) == 0) result.shape = without(result.shape, reduced);
  return {result};
}

double sum(const Values& values) {
  double result = 0;
  for (const auto x : values) result += x;
  return result;
}
double absolute_sum(const Values& values) {
  double result = 0;
  for (const auto x : values) result += std::abs(x);
  return result;
}
double squares(const Values& values) {
  double result = 0;
  for (const auto x : values) result += x * x;
  return result;
}
double norm(const Values& values) {
  return std::sqrt(squares(values));
}
double log_sum(const Values& values) {
  return std::log(sum(values));
}
double greatest(const Values& values) {
  double result = -std::numeric_limits<double>::infinity();
  for (const auto x : values) result = std::isnan(result) || x <= result ? result : x;
  return result;
}
double least(const Values& values) {
  double result = std::numeric_limits<double>::infinity();
  for (const auto x : values) result = std::isnan(result) || x >= result ? result : x;
  return result;
}
double log_sum_exp(const Values& values) {
  const double top = greatest(values);
  if (!std::isfinite(top)) return top;
  double result = 0;
  for (const auto x : values) result += std::exp(x - top);
  return top + std::log(result);
}
double mean(const Values& values) {
  return sum(values) / static_cast<double>(values.size());
}
double product(const Values& values) {
  double result = 1;
  for (const auto x : values) result *= x;
  return result;
}

using Wide = std::uint64_t;
std::int64_t whole_sum(ElementType, const Wholes& values) {
  Wide result = 0;
  for (const auto x : values) result += Wide(x);
  return static_cast<std::int64_t>(result);
}
std::int64_t whole_absolute_sum(ElementType type, const Wholes& values) {
  Wide result = 0;
  for (const auto x : values) result += below(type, x, 0) ? -Wide(x) : Wide(x);
  return static_cast<std::int64_t>(result);
}
std::int64_t whole_squares(ElementType, const Wholes& values) {
  Wide result = 0;
  for (const auto x : values) result += Wide(x) * Wide(x);
  return static_cast<std::int64_t>(result);
}
std::int64_t whole_product(ElementType, const Wholes& values) {
  Wide result = 1;
  for (const auto x : values) result *= Wide(x);
  return static_cast<std::int64_t>(result);
}
std::int64_t whole_greatest(ElementType type, const Wholes& values) {
  auto result = lowest(type);
  for (const auto x : values) result = below(type, result, x) ? x : result;
  return result;
}
std::int64_t whole_least(ElementType type, const Wholes& values) {
  auto result = highest(type);
  for (const auto x : values) result = below(type, x, result) ? x : result;
  return result;
}

template <Real real, Whole whole = nullptr>
Arrays reduce(const Call& call) {
  return reduced_by(call, real, whole);
}

/// NaN counts as the greatest and as the least, the first one of them.
Arrays arg(const Call& call, bool greatest_wanted) {
  const auto& x = call.in(0);
  const bool last = call.integer("select_last_index", 0) != 0;
  std::vector<bool> reduced(x.rank(), false);
  reduced[axis_of(call.integer("axis", 0), x.rank())] = true;
  const auto lines = lines_of(x, reduced);
  Array result(ElementType::int64, lines.shape);
  const auto better = [&](std::size_t a, std::size_t b) {
    if (!greatest_wanted) std::swap(a, b);
    return x.real() ? x.reals[a] > x.reals[b] : below(x.type, x.integers[b], x.integers[a]);
  };
  for (std::size_t i = 0; i < lines.members.size(); ++i) {
    const auto& line = lines.members[i];
    std::size_t best = 0;
    for (std::size_t k = 1; k < line.size(); ++k)
      if (better(line[k], line[best]) || (last && !better(line[best], line[k]))) best = k;
    result.integers[i] = static_cast<std::int64_t>(best);
  }
  if (call.integer("keepdims", 1) == 0) result.shape = without(result.shape, reduced);
  return {result};
}

Arrays arg_max(const Call& call) {
  return arg(call, true);
}
Arrays arg_min(const Call& call) {
  return arg(call, false);
}

Arrays cumulative_sum(const Call& call) {
  const auto& x = call.in(0);
  const auto axis = axis_of(call.in(1).integers.at(0), x.rank());
  const bool exclusive = call.integer("exclusive", 0) != 0;
  const bool reverse = call.integer("reverse", 0) != 0;
  Array result(x.type, x.shape);
  std::size_t n = 0;
  each(x.shape, [&](const Shape& place) {
    double real = 0;
    Wide whole = 0;
    auto source = place;
    for (source[axis] = 0; source[axis] < x.shape[axis]; ++source[axis]) {
      const auto before = reverse ? source[axis] > place[axis] : source[axis] < place[axis];
      if (!before && (exclusive || source[axis] != place[axis])) continue;
      const auto i = position(x.shape, source);
      if (x.real())
        real += x.reals[i];
      else
        whole += Wide(x.integers[i]);
    }
    if (x.real())
      result.set(n++, real);
    else
      result.set(n++, static_cast<std::int64_t>(whole));
  });
  return {result};
}

constexpr Row rows[] = {
    {"ArgMax", arg_max},
    {"ArgMin", arg_min},
    {"CumSum", cumulative_sum},
    {"ReduceL1", reduce<absolute_sum, whole_absolute_sum>},
    {"ReduceL2", reduce<norm>},
    {"ReduceLogSum", reduce<log_sum>},
    {"ReduceLogSumExp", reduce<log_sum_exp>},
    {"ReduceMax", reduce<greatest, whole_greatest>},
    {"ReduceMean", reduce<mean>},
    {"ReduceMin", reduce<least, whole_least>},
    {"ReduceProd", reduce<product, whole_product>},
    {"ReduceSum", reduce<sum, whole_sum>},
    {"ReduceSumSquare", reduce<squares, whole_squares>},
};

}  // namespace

std::span<const Row> reducing_rows() {
  return rows;
}

}  // namespace hardware::reference
