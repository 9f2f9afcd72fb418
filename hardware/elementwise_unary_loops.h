// The loops of elementwise_unary.cpp and its kin, which include this once each, inside of
// namespace { } and compiled for their instruction set. Includes nothing, so that nothing else is.

template <auto function, class T>
void loop(const void* const* operands, void* result, std::int64_t count, const Reals& given) {
  const Reals reals = given;  // a copy of our own, which storing cannot change
  const auto* x = static_cast<const T*>(operands[0]);
  using Result = decltype(function(T{}, reals));
  auto* y = static_cast<Result*>(result);
  for (std::int64_t i = 0; i < count; ++i) y[i] = function(x[i], reals);
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
[[gnu::always_inline]] inline T rounded(T x) {
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
[[gnu::always_inline]] inline T between(T x, T low, T high) {
  const T above = x < low ? low : x;
  return above > high ? high : above;
}
constexpr auto hard_sigmoid = []<class T>(T x, const Reals& r) {
  return between(static_cast<T>(r[0]) * x + static_cast<T>(r[1]), T{0}, T{1});
};
constexpr auto hard_swish = []<class T>(T x, const Reals&) {
  return x * between(x * static_cast<T>(1.0 / 6) + T{0.5}, T{0}, T{1});
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

// Of fp32: the exponential, the logarithm and what is made of them are written out without
// branches, and always inlined, so that loops of them become vector code. Polynomials from
// Cephes 2.8 (expf, logf).

/// 2^n, |n| below 127.
inline float two_to(std::int32_t n) {
  return std::bit_cast<float>((n + 127) << 23);
}

template <class T>
T exponential(T x) {
  return std::exp(x);
}
template <>
[[gnu::always_inline]] inline float exponential(float x) {
  float y = x < -104.0F ? -104.0F : x;
  y = y > 89.0F ? 89.0F : y;
  constexpr float no_fraction = 12582912.0F;  // 1.5 x 2^23: adding it rounds
  const float shifted = y * 1.44269504088896341F + no_fraction;
  const float n = shifted - no_fraction;
  const auto exponent = std::bit_cast<std::int32_t>(shifted) - 0x4b400000;
  const float r = y - n * 0.693359375F + n * 2.12194440e-4F;
  float p = 1.9875691500e-4F * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  // In two steps, since the power alone may be too large or too small for a number.
  const auto first = exponent >> 1;
  const float result = p * two_to(first) * two_to(exponent - first);
  return x != x ? x : result;
}

template <class T>
T logarithm(T x) {
  return std::log(x);
}
template <>
[[gnu::always_inline]] inline float logarithm(float x) {
  const bool tiny = x < 1.17549435e-38F;
  const auto bits = std::bit_cast<std::int32_t>(tiny ? x * 8388608.0F : x);
  const float half = std::bit_cast<float>((bits & 0x007fffff) | 0x3f000000);  // in [0.5, 1)
  const bool low = half < 0.707106781186547524F;
  const float e =
      static_cast<float>((bits >> 23) - 126) - (tiny ? 23.0F : 0.0F) - (low ? 1.0F : 0.0F);
  const float m = (low ? half + half : half) - 1.0F;
  const float z = m * m;
  float p = 7.0376836292e-2F * m - 1.1514610310e-1F;
  p = p * m + 1.1676998740e-1F;
  p = p * m - 1.2420140846e-1F;
  p = p * m + 1.4249322787e-1F;
  p = p * m - 1.6668057665e-1F;
  p = p * m + 2.0000714765e-1F;
  p = p * m - 2.4999993993e-1F;
  p = p * m + 3.3333331174e-1F;
  const float result = m + (p * m * z - e * 2.12194440e-4F - 0.5F * z) + e * 0.693359375F;
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float special = x == 0 ? -infinity : x > 0 ? x : std::numeric_limits<float>::quiet_NaN();
  return x > 0 && x < infinity ? result : x != x ? x : special;
}

/// log(1 + u) for u from 0 to 1: what adding 1 dropped is made up for.
template <class T>
[[gnu::always_inline]] inline T logarithm_of_one_and(T u) {
  if constexpr (std::is_same_v<T, float>) {
    const T w = T{1} + u;
    const T corrected = logarithm(w) * (u / (w - T{1}));
    return w == T{1} ? u : corrected;
  } else {
    return std::log1p(u);
  }
}

/// exp(x) - 1 for x below 0 (Kahan's way).
template <class T>
[[gnu::always_inline]] inline T exponential_less_one(T x) {
  if constexpr (std::is_same_v<T, float>) {
    const T u = exponential(x);
    const T less = u - T{1};
    const T corrected = less * (x / logarithm(u));
    return u == T{1} ? x : less == T{-1} ? less : corrected;
  } else {
    return std::expm1(x);
  }
}

/// The complement of the error function for z of 0 and above, to 2e-7 of itself: W. J. Cody's kind
/// of approximation in Numerical Recipes (erfcc), with exp(-z^2) from a part of z whose square is
/// exact and the rest.
template <class T>
[[gnu::always_inline]] inline T erfc_of_positive(T given) {
  if constexpr (std::is_same_v<T, float>) {
    const T z = given > 15.0F ? 15.0F : given;  // beyond, there is nothing that fp32 could hold
    const T t = T{1} / (T{1} + T{0.5F} * z);
    T p = 0.17087277F * t - 0.82215223F;
    p = p * t + 1.48851587F;
    p = p * t - 1.13520398F;
    p = p * t + 0.27886807F;
    p = p * t - 0.18628806F;
    p = p * t + 0.09678418F;
    p = p * t + 0.37409196F;
    p = p * t + 1.00002368F;
    p = p * t - 1.26551223F;
    const T high = std::bit_cast<float>(std::bit_cast<std::int32_t>(z) & ~0xfff);
    return t * exponential(-high * high) * exponential((high - z) * (high + z) + p);
  } else {
    return std::erfc(given);
  }
}

constexpr auto exp_of = []<class T>(T x, const Reals&) { return exponential(x); };
constexpr auto log_of = []<class T>(T x, const Reals&) { return logarithm(x); };

/// 1 / (1 + exp(-x)), by the exponential that does not overflow.
template <class T>
[[gnu::always_inline]] inline T logistic(T x) {
  const T e = exponential(-std::abs(x));
  return (x < 0 ? e : T{1}) / (T{1} + e);
}
constexpr auto sigmoid = []<class T>(T x, const Reals&) { return logistic(x); };
constexpr auto swish = []<class T>(T x, const Reals& r) {
  return x * logistic(x * static_cast<T>(r[0]));
};

/// log(1 + exp(x)) without overflow.
constexpr auto softplus = []<class T>(T x, const Reals&) {
  return (x < 0 ? T{0} : x) + logarithm_of_one_and(exponential(-std::abs(x)));
};

/// x tanh(log(1 + exp(x))), which is x n / (n + 2) with n = exp(x) (exp(x) + 2).
constexpr auto mish = []<class T>(T x, const Reals&) {
  const T e = exponential(x > T{20} ? T{20} : x);
  const T n = e * (e + T{2});
  return x * (n / (n + T{2}));
};

/// alpha (exp(x / scale) - 1) below 0.
template <class T>
[[gnu::always_inline]] inline T exponential_unit(T x, double alpha, double scale) {
  const T below =
      static_cast<T>(alpha) * exponential_less_one((x < 0 ? x : T{0}) / static_cast<T>(scale));
  return x < 0 ? below : x;
}
constexpr auto elu = []<class T>(T x, const Reals& r) { return exponential_unit(x, r[0], 1); };
constexpr auto selu = []<class T>(T x, const Reals& r) {
  return static_cast<T>(r[1]) * exponential_unit(x, r[0], 1);
};
constexpr auto celu = []<class T>(T x, const Reals& r) { return exponential_unit(x, r[0], r[0]); };

/// x/2 erfc(-x / sqrt 2), which keeps its digits far below 0.
constexpr auto gelu = []<class T>(T x, const Reals&) {
  const T tail = erfc_of_positive(std::abs(x) * static_cast<T>(0.70710678118654752440));
  return T{0.5F} * x * (x < 0 ? tail : T{2} - tail);
};
/// x/2 (1 + tanh(u)) is x / (1 + exp(-2u)).
constexpr auto gelu_tanh = []<class T>(T x, const Reals&) {
  return x *
         logistic(static_cast<T>(1.5957691216057308) * (x + static_cast<T>(0.044715) * x * x * x));
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
    {"Exp", real<exp_of>()},
    {"Log", real<log_of>()},
    {"Sigmoid", real<sigmoid>()},
    {"Swish", real<swish>()},
    {"Softplus", real<softplus>()},
    {"Mish", real<mish>()},
    {"Elu", real<elu>()},
    {"Selu", real<selu>()},
    {"Celu", real<celu>()},
    {"Gelu", real<gelu>()},
    {"Gelu tanh", real<gelu_tanh>()},
};

Loops found(std::string_view type) {
  for (const auto& entry : table)
    if (entry.type == type) return entry.loops;
  return {};
}
