#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>
#include <unsupported/Eigen/SpecialFunctions>

#include "hardware/elementwise.h"

namespace hardware {
namespace {

template <auto function, class T>
void loop(const void* const* operands, void* result, std::int64_t count, const Reals& given) {
  const Reals reals = given;  // a copy of our own, which storing cannot change
  const auto* x = static_cast<const T*>(operands[0]);
  using Result = decltype(function(T{}, reals));
  auto* y = static_cast<Result*>(result);
  for (std::int64_t i = 0; i < count; ++i) y[i] = function(x[i], reals);
}

/// A function of whole arrays.
template <auto function, class T>
void array_loop(const void* const* operands, void* result, std::int64_t count, const Reals& reals) {
  using Array = Eigen::Array<T, Eigen::Dynamic, 1>;
  const Eigen::Map<const Array> x(static_cast<const T*>(operands[0]), count);
  Eigen::Map<Array> y(static_cast<T*>(result), count);
  function(x, y, reals);
}

template <auto function, class... Types>
constexpr Loops loops() {
  Loops result{};
  ((result[index_of(type_of<Types>())] = loop<function, Types>), ...);
  return result;
}
template <auto function>
constexpr Loops real() {
  return loops<function, float, double>();
}
template <auto function>
constexpr Loops array() {
  Loops result{};
  result[index_of(type_of<float>())] = array_loop<function, float>;
  result[index_of(type_of<double>())] = array_loop<function, double>;
  return result;
}
template <auto function>
constexpr Loops signed_number() {
  return loops<function, float, double, std::int8_t, std::int16_t, std::int32_t, std::int64_t>();
}
template <auto function>
constexpr Loops number() {
  return loops<function, float, double, std::int8_t, std::int16_t, std::int32_t, std::int64_t,
               std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>();
}

template <auto function>
constexpr Loops integer() {
  return loops<function, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t,
               std::uint16_t, std::uint32_t, std::uint64_t>();
}

constexpr auto keep = []<class T>(T x, const Reals&) { return x; };
constexpr auto absolute = []<class T>(T x, const Reals&) {
  if constexpr (std::is_floating_point_v<T>)
    return std::abs(x);
  else
    return x < 0 ? static_cast<T>(std::uint64_t{0} - static_cast<std::uint64_t>(x)) : x;
};
constexpr auto negative = []<class T>(T x, const Reals&) {
  if constexpr (std::is_floating_point_v<T>)
    return -x;
  else
    return static_cast<T>(std::uint64_t{0} - static_cast<std::uint64_t>(x));
};
constexpr auto sign = []<class T>(T x, const Reals&) -> T {
  return x > 0 ? T{1} : x < 0 ? static_cast<T>(-1) : x;
};
constexpr auto relu = []<class T>(T x, const Reals&) -> T { return x < 0 ? T{0} : x; };
constexpr auto complement = []<class T>(T x, const Reals&) { return static_cast<T>(~x); };
constexpr auto negation = [](std::uint8_t x, const Reals&) {
  return static_cast<std::uint8_t>(x == 0);
};

/// To the nearest whole number, half way to the even one: numbers as large as the constant have no
/// fraction, so that adding it rounds.
template <class T>
T rounded(T x) {
  constexpr T large = std::is_same_v<T, float> ? T(8388608) : T(4503599627370496);
  const T magnitude = std::abs(x);
  const T whole = magnitude < large ? (magnitude + large) - large : magnitude;
  return std::copysign(whole, x);
}
constexpr auto round_even = []<class T>(T x, const Reals&) { return rounded(x); };
constexpr auto floor_of = []<class T>(T x, const Reals&) {
  const T whole = rounded(x);
  return std::copysign(whole > x ? whole - 1 : whole, x);
};
constexpr auto ceil_of = []<class T>(T x, const Reals&) {
  const T whole = rounded(x);
  return std::copysign(whole < x ? whole + 1 : whole, x);
};
constexpr auto square_root = []<class T>(T x, const Reals&) { return std::sqrt(x); };
constexpr auto inverse = []<class T>(T x, const Reals&) { return T{1} / x; };

constexpr auto shared = []<class T>(T x, const Reals& r) { return x / static_cast<T>(r[0]); };

constexpr auto leaky = []<class T>(T x, const Reals& r) {
  return x < 0 ? static_cast<T>(r[0]) * x : x;
};
constexpr auto thresholded = []<class T>(T x, const Reals& r) {
  return x <= static_cast<T>(r[0]) ? T{0} : x;
};
template <class T>
T between(T x, T low, T high) {
  const T above = x < low ? low : x;
  return above > high ? high : above;
}
constexpr auto hard_sigmoid = []<class T>(T x, const Reals& r) {
  return between(static_cast<T>(r[0]) * x + static_cast<T>(r[1]), T{0}, T{1});
};
constexpr auto hard_swish = []<class T>(T x, const Reals&) {
  return x * between(x / T{6} + T{0.5}, T{0}, T{1});
};
constexpr auto softsign = []<class T>(T x, const Reals&) { return x / (T{1} + std::abs(x)); };
constexpr auto shrink = []<class T>(T x, const Reals& r) {
  const T bias = static_cast<T>(r[0]);
  const T limit = static_cast<T>(r[1]);
  return x < -limit ? x + bias : x > limit ? x - bias : x != x ? x : T{0};
};
constexpr auto clip = []<class T>(T x, const Reals& r) {
  return between(x, static_cast<T>(r[0]), static_cast<T>(r[1]));
};

constexpr auto tangent = []<class T>(T x, const Reals&) { return std::tan(x); };
constexpr auto arcsine = []<class T>(T x, const Reals&) { return std::asin(x); };
constexpr auto arccosine = []<class T>(T x, const Reals&) { return std::acos(x); };
constexpr auto arctangent = []<class T>(T x, const Reals&) { return std::atan(x); };
constexpr auto sinh_of = []<class T>(T x, const Reals&) { return std::sinh(x); };
constexpr auto cosh_of = []<class T>(T x, const Reals&) { return std::cosh(x); };
constexpr auto asinh_of = []<class T>(T x, const Reals&) { return std::asinh(x); };
constexpr auto acosh_of = []<class T>(T x, const Reals&) { return std::acosh(x); };
constexpr auto atanh_of = []<class T>(T x, const Reals&) { return std::atanh(x); };
constexpr auto not_a_number = []<class T>(T x, const Reals&) {
  return static_cast<std::uint8_t>(x != x);
};
constexpr auto infinite = []<class T>(T x, const Reals& r) {
  constexpr T infinity = std::numeric_limits<T>::infinity();
  const bool up = x == infinity && r[0] != 0;
  const bool down = x == -infinity && r[1] != 0;
  return static_cast<std::uint8_t>(up || down);
};

/// As many elements as a loop is given at most, without allocating.
template <class T>
using Block = Eigen::Array<T, Eigen::Dynamic, 1, 0, 1024, 1>;

/// Eigen stops at the smallest normal number.
template <class X, class Y>
void exponential(const X& x, Y& y) {
  using T = typename X::Scalar;
  const T least = std::is_same_v<T, float> ? T(-87.3) : T(-708);
  const Block<T> from = x;  // y may be x
  y = from.exp();
  if (!(from < least).any()) return;
  for (Eigen::Index i = 0; i < from.size(); ++i)
    if (from[i] < least) y[i] = std::exp(from[i]);
}

constexpr auto exp_of = [](const auto& x, auto& y, const Reals&) { exponential(x, y); };
constexpr auto log_of = [](const auto& x, auto& y, const Reals&) {
  using T = typename std::decay_t<decltype(x)>::Scalar;
  const T least = std::numeric_limits<T>::min();
  const Block<T> from = x;
  y = from.log();
  if (!(from < least).any()) return;
  for (Eigen::Index i = 0; i < from.size(); ++i)
    if (from[i] < least) y[i] = std::log(from[i]);
};
constexpr auto tanh_of = [](const auto& x, auto& y, const Reals&) { y = x.tanh(); };
constexpr auto erf_of = [](const auto& x, auto& y, const Reals&) { y = x.erf(); };
constexpr auto sine = [](const auto& x, auto& y, const Reals&) { y = x.sin(); };
constexpr auto cosine = [](const auto& x, auto& y, const Reals&) { y = x.cos(); };

/// 1 / (1 + exp(-x)), by the exponential that does not overflow.
template <class X, class Y>
void logistic(const X& x, Y& y) {
  using T = typename X::Scalar;
  Block<T> e = -x.abs();
  exponential(e, e);
  y = (x < T{0}).select(e, Block<T>::Ones(x.size())) / (T{1} + e);
}
constexpr auto sigmoid = [](const auto& x, auto& y, const Reals&) {
  const Block<typename std::decay_t<decltype(x)>::Scalar> from = x;
  logistic(from, y);
};
constexpr auto swish = [](const auto& x, auto& y, const Reals& r) {
  using T = typename std::decay_t<decltype(x)>::Scalar;
  const Block<T> from = x;
  const Block<T> scaled = from * static_cast<T>(r[0]);
  Block<T> part(from.size());
  logistic(scaled, part);
  y = from * part;
};

/// log(1 + exp(x)) without overflow.
constexpr auto softplus = [](const auto& x, auto& y, const Reals&) {
  using T = typename std::decay_t<decltype(x)>::Scalar;
  const Block<T> from = x;
  Block<T> e = -from.abs();
  exponential(e, e);
  y = (from < T{0}).select(Block<T>::Zero(from.size()), from) + e.log1p();
};

/// x tanh(log(1 + exp(x))), which is x n / (n + 2) with n = exp(x) (exp(x) + 2).
constexpr auto mish = [](const auto& x, auto& y, const Reals&) {
  using T = typename std::decay_t<decltype(x)>::Scalar;
  const Block<T> from = x;
  Block<T> e = (from > T{20}).select(Block<T>::Constant(from.size(), T{20}), from);
  exponential(e, e);
  e = e * (e + T{2});
  y = from * (e / (e + T{2}));
};

/// alpha (exp(x / scale) - 1) below 0, times another constant everywhere.
template <class X, class Y>
void exponential_unit(const X& x, Y& y, double alpha, double gamma, double scale) {
  using T = typename X::Scalar;
  const Block<T> from = x;
  const auto zero = Block<T>::Zero(from.size());
  const Block<T> below = (from < T{0}).select(from, zero) / static_cast<T>(scale);
  y = static_cast<T>(gamma) * (from < T{0}).select(static_cast<T>(alpha) * below.expm1(), from);
}
constexpr auto elu = [](const auto& x, auto& y, const Reals& r) {
  exponential_unit(x, y, r[0], 1, 1);
};
constexpr auto selu = [](const auto& x, auto& y, const Reals& r) {
  exponential_unit(x, y, r[0], r[1], 1);
};
constexpr auto celu = [](const auto& x, auto& y, const Reals& r) {
  exponential_unit(x, y, r[0], 1, r[0]);
};

/// x/2 erfc(-x / sqrt 2), which keeps its digits far below 0; in double, since fp32 exponents of
/// squares lose them again.
constexpr auto gelu = []<class T>(T x, const Reals&) {
  const auto wide = static_cast<double>(x);
  return static_cast<T>(wide * 0.5 * std::erfc(wide * -0.70710678118654752440));
};
/// x/2 (1 + tanh(u)) is x / (1 + exp(-2u)).
constexpr auto gelu_tanh = [](const auto& x, auto& y, const Reals&) {
  using T = typename std::decay_t<decltype(x)>::Scalar;
  const Block<T> from = x;
  const Block<T> twice =
      static_cast<T>(1.5957691216057308) * (from + static_cast<T>(0.044715) * from * from * from);
  Block<T> part(from.size());
  logistic(twice, part);
  y = from * part;
};

constexpr Loops booleans() {
  Loops result{};
  result[index_of(models::ElementType::boolean)] = loop<negation, std::uint8_t>;
  return result;
}

struct Entry {
  std::string_view type;
  Loops loops;
};
constexpr Entry table[] = {
    {"Identity", number<keep>()},
    {"Abs", number<absolute>()},
    {"Neg", signed_number<negative>()},
    {"Sign", number<sign>()},
    {"Relu", signed_number<relu>()},
    {"Not", booleans()},
    {"BitwiseNot", integer<complement>()},
    {"Mean", real<shared>()},
    {"Round", real<round_even>()},
    {"Floor", real<floor_of>()},
    {"Ceil", real<ceil_of>()},
    {"Sqrt", real<square_root>()},
    {"Reciprocal", real<inverse>()},
    {"LeakyRelu", real<leaky>()},
    {"ThresholdedRelu", real<thresholded>()},
    {"HardSigmoid", real<hard_sigmoid>()},
    {"HardSwish", real<hard_swish>()},
    {"Softsign", real<softsign>()},
    {"Shrink", real<shrink>()},
    {"Clip", real<clip>()},
    {"Tan", real<tangent>()},
    {"Asin", real<arcsine>()},
    {"Acos", real<arccosine>()},
    {"Atan", real<arctangent>()},
    {"Sinh", real<sinh_of>()},
    {"Cosh", real<cosh_of>()},
    {"Asinh", real<asinh_of>()},
    {"Acosh", real<acosh_of>()},
    {"Atanh", real<atanh_of>()},
    {"IsNaN", real<not_a_number>()},
    {"IsInf", real<infinite>()},
    {"Exp", array<exp_of>()},
    {"Log", array<log_of>()},
    {"Tanh", array<tanh_of>()},
    {"Erf", array<erf_of>()},
    {"Sin", array<sine>()},
    {"Cos", array<cosine>()},
    {"Sigmoid", array<sigmoid>()},
    {"Swish", array<swish>()},
    {"Softplus", array<softplus>()},
    {"Mish", array<mish>()},
    {"Elu", array<elu>()},
    {"Selu", array<selu>()},
    {"Celu", array<celu>()},
    {"Gelu", real<gelu>()},
    {"Gelu tanh", array<gelu_tanh>()},
};

}  // namespace

Loops unary_loops(std::string_view type) {
  for (const auto& entry : table)
    if (entry.type == type) return entry.loops;
  return {};
}

}  // namespace hardware
