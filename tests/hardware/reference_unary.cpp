#include <cmath>
#include <limits>
#include <numbers>

#include "tests/hardware/reference.h"

namespace hardware::reference {
namespace {

/// The result of a function of one real number, element by element.
template <class Action>
Arrays mapped(const Call& call, Action action) {
  const auto& x = call.in(0);
  Array result(x.type, x.shape);
  for (std::size_t i = 0; i < result.count(); ++i) result.set(i, action(x.number(i)));
  return {result};
}

template <double (*function)(double)>
Arrays plain(const Call& call) {
  return mapped(call, function);
}

Arrays absolute(const Call& call) {
  auto result = call.in(0);
  for (auto& x : result.reals) x = std::abs(x);
  for (auto& x : result.integers)
    if (lowest(result.type) < 0 && x < 0)
      x = wrapped(result.type, static_cast<std::int64_t>(-static_cast<std::uint64_t>(x)));
  return {result};
}

Arrays negative(const Call& call) {
  auto result = call.in(0);
  for (auto& x : result.reals) x = -x;
  for (auto& x : result.integers)
    x = wrapped(result.type, static_cast<std::int64_t>(-static_cast<std::uint64_t>(x)));
  return {result};
}

Arrays sign(const Call& call) {
  auto result = call.in(0);
  for (auto& x : result.reals) x = x > 0 ? 1 : x < 0 ? -1 : x;
  for (auto& x : result.integers) {
    const bool is_signed = lowest(result.type) < 0;
    x = x == 0 ? 0 : is_signed && x < 0 ? -1 : 1;
  }
  return {result};
}

Arrays relu(const Call& call) {
  auto result = call.in(0);
  for (auto& x : result.reals) x = x < 0 ? 0 : x;
  for (auto& x : result.integers) x = x < 0 ? 0 : x;
  return {result};
}

Arrays leaky_relu(const Call& call) {
  const double alpha = call.real("alpha", 0.01);
  return mapped(call, [=](double x) { return x < 0 ? alpha * x : x; });
}

Arrays elu(const Call& call) {
  const double alpha = call.real("alpha", 1);
  return mapped(call, [=](double x) { return x < 0 ? alpha * std::expm1(x) : x; });
}

Arrays selu(const Call& call) {
  const double alpha = call.real("alpha", 1.67326319217681884765625);
  const double gamma = call.real("gamma", 1.05070102214813232421875);
  return mapped(call, [=](double x) { return gamma * (x > 0 ? x : alpha * std::expm1(x)); });
}

Arrays celu(const Call& call) {
  const double alpha = call.real("alpha", 1);
  return mapped(call, [=](double x) { return x < 0 ? alpha * std::expm1(x / alpha) : x; });
}

Arrays thresholded_relu(const Call& call) {
  const double alpha = call.real("alpha", 1);
  return mapped(call, [=](double x) { return std::isnan(x) ? x : x > alpha ? x : 0; });
}

double clamped(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

Arrays hard_sigmoid(const Call& call) {
  const double alpha = call.real("alpha", 0.2);
  const double beta = call.real("beta", 0.5);
  return mapped(call, [=](double x) { return clamped(alpha * x + beta, 0, 1); });
}

double hard_swish(double x) {
  return x * clamped(x / 6 + 0.5, 0, 1);
}
double sigmoid(double x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}
double softplus(double x) {
  return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}
double softsign(double x) {
  return x / (1 + std::abs(x));
}
double mish(double x) {
  return x * std::tanh(softplus(x));
}
double reciprocal(double x) {
  return 1 / x;
}

Arrays gelu(const Call& call) {
  if (call.text("approximate", "none") == "tanh")
    return mapped(call, [](double x) {
      return x * 0.5 *
             (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    });
  return mapped(call, [](double x) { return 0.5 * x * std::erfc(-x / std::numbers::sqrt2); });
}

/// Bounds are attributes before opset 11, inputs since.
Arrays clip(const Call& call) {
  auto result = call.in(0);
  if (result.real()) {
    // The old bounds are never absent: they are the greatest floats unless told otherwise.
    const double far = call.opset < 11 ? 0x1.fffffep127 : std::numeric_limits<double>::infinity();
    const double low = call.has(1) ? call.in(1).reals.at(0) : call.real("min", -far);
    const double high = call.has(2) ? call.in(2).reals.at(0) : call.real("max", far);
    // Where the bounds cross, the upper one wins.
    for (auto& x : result.reals) x = x < low ? low : x, x = x > high ? high : x;
    return {result};
  }
  for (auto& x : result.integers) {
    if (call.has(1) && below(result.type, x, call.in(1).integers.at(0))) x = call.in(1).integers[0];
    if (call.has(2) && below(result.type, call.in(2).integers.at(0), x)) x = call.in(2).integers[0];
  }
  return {result};
}

Arrays tested(const Call& call, bool (*test)(const Call&, double)) {
  Array result(ElementType::boolean, call.in(0).shape);
  for (std::size_t i = 0; i < result.count(); ++i)
    result.integers[i] = test(call, call.in(0).number(i)) ? 1 : 0;
  return {result};
}

Arrays is_nan(const Call& call) {
  return tested(call, [](const Call&, double x) { return std::isnan(x); });
}

Arrays is_inf(const Call& call) {
  return tested(call, [](const Call& of, double x) {
    return std::isinf(x) && of.integer(x > 0 ? "detect_positive" : "detect_negative", 1) != 0;
  });
}

Arrays inverted(const Call& call) {
  return tested(call, [](const Call&, double x) { return x == 0; });
}

constexpr Row rows[] = {
    {"Abs", absolute},
    {"Acos", plain<std::acos>},
    {"Acosh", plain<std::acosh>},
    {"Asin", plain<std::asin>},
    {"Asinh", plain<std::asinh>},
    {"Atan", plain<std::atan>},
    {"Atanh", plain<std::atanh>},
    {"Ceil", plain<std::ceil>},
    {"Celu", celu},
    {"Clip", clip},
    {"Cos", plain<std::cos>},
    {"Cosh", plain<std::cosh>},
    {"Elu", elu},
    {"Erf", plain<std::erf>},
    {"Exp", plain<std::exp>},
    {"Floor", plain<std::floor>},
    {"Gelu", gelu},
    {"HardSigmoid", hard_sigmoid},
    {"HardSwish", plain<hard_swish>},
    {"IsInf", is_inf},
    {"IsNaN", is_nan},
    {"LeakyRelu", leaky_relu},
    {"Log", plain<std::log>},
    {"Mish", plain<mish>},
    {"Neg", negative},
    {"Not", inverted},
    {"Reciprocal", plain<reciprocal>},
    {"Relu", relu},
    {"Round", plain<std::nearbyint>},  // ties to even
    {"Selu", selu},
    {"Sigmoid", plain<sigmoid>},
    {"Sign", sign},
    {"Sin", plain<std::sin>},
    {"Sinh", plain<std::sinh>},
    {"Softplus", plain<softplus>},
    {"Softsign", plain<softsign>},
    {"Sqrt", plain<std::sqrt>},
    {"Tan", plain<std::tan>},
    {"Tanh", plain<std::tanh>},
    {"ThresholdedRelu", thresholded_relu},
};

}  // namespace

std::span<const Row> unary_rows() {
  return rows;
}

}  // namespace hardware::reference
