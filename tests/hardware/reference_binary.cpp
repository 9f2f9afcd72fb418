#include <cmath>
#include <stdexcept>

#include "tests/hardware/reference.h"

namespace hardware::reference {
namespace {

/// All inputs broadcast to one shape and joined, from the first on.
template <class Real, class Whole>
Arrays joined(const Call& call, Real real, Whole whole) {
  auto result = call.in(0);
  for (std::size_t k = 1; k < call.inputs.size(); ++k) {
    const auto& next = call.in(k);
    const auto shape = broadcast(result.shape, next.shape);
    Array sum(result.type, shape);
    std::size_t n = 0;
    each(shape, [&](const Shape& place) {
      const auto a = broadcast_position(result.shape, place);
      const auto b = broadcast_position(next.shape, place);
      if (result.real())
        sum.reals[n] = real(result.reals[a], next.reals.at(b));
      else
        sum.integers[n] =
            wrapped(result.type, whole(result.type, result.integers[a], next.integers.at(b)));
      ++n;
    });
    result = std::move(sum);
  }
  return {result};
}

using Wide = std::uint64_t;
std::int64_t signed_of(Wide x) {
  return static_cast<std::int64_t>(x);
}

Arrays add(const Call& call) {
  return joined(
      call, [](double a, double b) { return a + b; },
      [](ElementType, std::int64_t a, std::int64_t b) { return signed_of(Wide(a) + Wide(b)); });
}

Arrays subtract(const Call& call) {
  return joined(
      call, [](double a, double b) { return a - b; },
      [](ElementType, std::int64_t a, std::int64_t b) { return signed_of(Wide(a) - Wide(b)); });
}

Arrays multiply(const Call& call) {
  return joined(
      call, [](double a, double b) { return a * b; },
      [](ElementType, std::int64_t a, std::int64_t b) { return signed_of(Wide(a) * Wide(b)); });
}

/// Whole numbers are cut towards nought.
std::int64_t quotient(ElementType type, std::int64_t a, std::int64_t b) {
  if (b == 0) throw std::runtime_error("division by nought");
  if (type == ElementType::uint64) return signed_of(Wide(a) / Wide(b));
  if (b == -1) return signed_of(-Wide(a));
  return a / b;
}

Arrays divide(const Call& call) {
  return joined(
      call, [](double a, double b) { return a / b; }, quotient);
}

/// With fmod as C's, else as Python's: the sign of the divisor.
Arrays modulo(const Call& call) {
  const bool like_c = call.integer("fmod", 0) != 0;
  return joined(
      call,
      [=](double a, double b) {
        if (!like_c) throw std::runtime_error("real numbers need fmod");
        return std::fmod(a, b);
      },
      [=](ElementType type, std::int64_t a, std::int64_t b) {
        if (b == 0) throw std::runtime_error("division by nought");
        if (type == ElementType::uint64) return signed_of(Wide(a) % Wide(b));
        if (b == -1) return std::int64_t{0};
        const auto rest = a % b;
        return !like_c && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
      });
}

Arrays minimum(const Call& call) {
  return joined(
      call, [](double a, double b) { return std::isnan(a)            ? a
                                            : std::isnan(b) || b < a ? b
                                                                     : a; },
      [](ElementType type, std::int64_t a, std::int64_t b) { return below(type, b, a) ? b : a; });
}

Arrays maximum(const Call& call) {
  return joined(
      call, [](double a, double b) { return std::isnan(a)            ? a
                                            : std::isnan(b) || b > a ? b
                                                                     : a; },
      [](ElementType type, std::int64_t a, std::int64_t b) { return below(type, a, b) ? b : a; });
}

Arrays mean(const Call& call) {
  auto result = add(call);
  for (auto& x : result[0].reals) x /= static_cast<double>(call.inputs.size());
  return result;
}

std::int64_t power(std::int64_t base, std::int64_t exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
  Wide result = 1, factor = Wide(base);
  for (auto left = exponent; left > 0; left /= 2, factor *= factor)
    if (left % 2 == 1) result *= factor;
  return signed_of(result);
}

/// The exponent's type may differ; the result has the base's.
Arrays pow(const Call& call) {
  const auto& base = call.in(0);
  const auto& exponent = call.in(1);
  Array result(base.type, broadcast(base.shape, exponent.shape));
  std::size_t n = 0;
  each(result.shape, [&](const Shape& place) {
    const auto a = broadcast_position(base.shape, place);
    const auto b = broadcast_position(exponent.shape, place);
    if (!base.real() && !exponent.real())
      result.set(n++, power(base.integers[a], exponent.integers[b]));
    else
      result.set(n++, std::pow(base.number(a), exponent.number(b)));
  });
  return {result};
}

/// The slope is broadcast one way only.
Arrays prelu(const Call& call) {
  const auto& slope = call.in(1);
  auto result = call.in(0);
  std::size_t n = 0;
  each(result.shape, [&](const Shape& place) {
    const auto i = broadcast_position(slope.shape, place);
    if (result.real() && result.reals[n] < 0) result.reals[n] *= slope.reals.at(i);
    if (!result.real() && lowest(result.type) < 0 && result.integers[n] < 0)
      result.set(n, signed_of(Wide(result.integers[n]) * Wide(slope.integers.at(i))));
    ++n;
  });
  return {result};
}

/// `test(less, equal)` of two elements; neither holds of NaN.
template <class Test>
Arrays compared(const Call& call, Test test) {
  const auto& a = call.in(0);
  const auto& b = call.in(1);
  Array result(ElementType::boolean, broadcast(a.shape, b.shape));
  std::size_t n = 0;
  each(result.shape, [&](const Shape& place) {
    const auto i = broadcast_position(a.shape, place);
    const auto k = broadcast_position(b.shape, place);
    const bool less =
        a.real() ? a.reals[i] < b.reals.at(k) : below(a.type, a.integers[i], b.integers.at(k));
    const bool greater =
        a.real() ? a.reals[i] > b.reals.at(k) : below(a.type, b.integers.at(k), a.integers[i]);
    const bool equal = a.real() ? a.reals[i] == b.reals[k] : a.integers[i] == b.integers[k];
    result.integers[n++] = test(less, equal, greater) ? 1 : 0;
  });
  return {result};
}

Arrays equal(const Call& call) {
  return compared(call, [](bool, bool same, bool) { return same; });
}
Arrays less(const Call& call) {
  return compared(call, [](bool less, bool, bool) { return less; });
}
Arrays less_or_equal(const Call& call) {
  return compared(call, [](bool less, bool same, bool) { return less || same; });
}
Arrays greater(const Call& call) {
  return compared(call, [](bool, bool, bool greater) { return greater; });
}
Arrays greater_or_equal(const Call& call) {
  return compared(call, [](bool, bool same, bool greater) { return greater || same; });
}

Arrays both(const Call& call) {
  return joined(
      call, [](double, double) { return 0.0; },
      [](ElementType, std::int64_t a, std::int64_t b) { return a & b; });
}
Arrays either(const Call& call) {
  return joined(
      call, [](double, double) { return 0.0; },
      [](ElementType, std::int64_t a, std::int64_t b) { return a | b; });
}
Arrays exclusive(const Call& call) {
  return joined(
      call, [](double, double) { return 0.0; },
      [](ElementType, std::int64_t a, std::int64_t b) { return a ^ b; });
}

Arrays where(const Call& call) {
  const auto& condition = call.in(0);
  const auto& yes = call.in(1);
  const auto& no = call.in(2);
  Array result(yes.type, broadcast(condition.shape, broadcast(yes.shape, no.shape)));
  std::size_t n = 0;
  each(result.shape, [&](const Shape& place) {
    const auto& from = condition.integers[broadcast_position(condition.shape, place)] ? yes : no;
    copy(from, broadcast_position(from.shape, place), result, n++);
  });
  return {result};
}

constexpr Row rows[] = {
    {"Add", add},         {"And", both},
    {"Div", divide},      {"Equal", equal},
    {"Greater", greater}, {"GreaterOrEqual", greater_or_equal},
    {"Less", less},       {"LessOrEqual", less_or_equal},
    {"Max", maximum},     {"Mean", mean},
    {"Min", minimum},     {"Mod", modulo},
    {"Mul", multiply},    {"Or", either},
    {"PRelu", prelu},     {"Pow", pow},
    {"Sub", subtract},    {"Sum", add},
    {"Where", where},     {"Xor", exclusive},
};

}  // namespace

std::span<const Row> binary_rows() {
  return rows;
}

}  // namespace hardware::reference
