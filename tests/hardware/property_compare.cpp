#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "tests/hardware/property.h"

namespace hardware::property {
namespace {

using enum ElementType;

/// Distance between neighbours above 1 in the format that the kernel computes in.
double last_place(ElementType type) {
  return type == float64 ? 0x1p-52 : 0x1p-23;
}
/// Half the distance between neighbours above 1 in the format that holds the result, where that is
/// coarser, and half its least number.
double rounding(ElementType type) {
  return type == float16 ? 0x1p-11 : type == bfloat16 ? 0x1p-8 : 0;
}
double least_step(ElementType type) {
  return type == float16 ? 0x1p-25 : type == float64 ? 0x1p-1074 : 0x1p-149;
}

std::string complaint(std::size_t output, std::size_t i, const Array& want, const Array& got,
                      double tolerance) {
  std::ostringstream text;
  text.precision(9);
  text << "output " << output << ", element " << i << " is ";
  if (got.real())
    text << got.reals[i] << ", not " << want.reals[i] << " +- " << tolerance;
  else
    text << got.integers[i] << ", not " << want.integers[i];
  return text.str();
}

/// Results for the scale of the result a little smaller and a little larger.
struct Bounds {
  Arrays low, high;
};
Bounds bounds_of(const Case& what) {
  Case other = what;
  auto& scale = other.inputs[at(what.near.scale)]->reals;
  const auto original = scale;
  const auto scaled = [&](double factor) {
    for (std::size_t i = 0; i < scale.size(); ++i) scale[i] = original[i] * factor;
    return reference::outputs_of(other.op, other.opset, other.inputs);
  };
  auto low = scaled(1 - 1e-6);
  return {std::move(low), scaled(1 + 1e-6)};
}

bool whole_fits(const Case& what, std::int64_t want, std::int64_t got, std::int64_t low,
                std::int64_t high) {
  if (what.near.kind != Near::Kind::steps) return want == got;
  if (what.near.scale < 0) return std::abs(want - got) <= 1;
  return got >= std::min(low, high) && got <= std::max(low, high);
}

std::string whole_difference(const Case& what, std::size_t output, const Array& want,
                             const Array& got) {
  const bool steps = what.near.kind == Near::Kind::steps && what.near.scale >= 0 && output == 0;
  const auto bounds = steps ? bounds_of(what) : Bounds{{want}, {want}};
  for (std::size_t i = 0; i < want.count(); ++i)
    if (!whole_fits(what, want.integers[i], got.integers[i],
                    bounds.low[steps ? output : 0].integers[i],
                    bounds.high[steps ? output : 0].integers[i]))
      return complaint(output, i, want, got, 0);
  return "";
}

bool real_fits(double want, double got, double tolerance, ElementType type) {
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) && std::isnan(got);
  const double nearest = reference::rounded(type, want);
  if (nearest == got) return true;
  return std::isfinite(got) && std::isfinite(nearest) && std::abs(got - want) <= tolerance;
}

}  // namespace

Arrays magnitudes_of(const Case& what) {
  Case positive = what;
  for (auto& input : positive.inputs)
    if (input)
      for (auto& x : input->reals) x = std::abs(x);
  for (auto& [name, value] : positive.op.attributes)
    if (auto* x = std::get_if<double>(&value)) *x = std::abs(*x);
  return reference::outputs_of(positive.op, positive.opset, positive.inputs);
}

std::vector<std::vector<double>> tolerances_of(const Case& what, const Arrays& expected) {
  const bool sums = what.near.kind == Near::Kind::sums;
  const auto magnitudes = sums ? magnitudes_of(what) : expected;
  std::vector<std::vector<double>> result;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    auto& tolerances = result.emplace_back();
    const auto type = expected[k].type;
    for (std::size_t i = 0; i < expected[k].reals.size(); ++i) {
      const double want = std::abs(expected[k].reals[i]);
      const double base = sums                                     ? magnitudes[k].reals[i]
                          : what.near.kind == Near::Kind::relative ? want
                                                                   : std::max(want, 1.0);
      const double factor = what.near.kind == Near::Kind::exact ? 0 : what.near.factor;
      tolerances.push_back(factor * last_place(type) * base + rounding(type) * want * 1.001 +
                           least_step(type));
    }
  }
  return result;
}

std::string difference(const Case& what, const Arrays& expected, const Arrays& got) {
  const auto tolerances = tolerances_of(what, expected);
  for (std::size_t k = 0; k < what.op.outputs.size(); ++k) {
    if (what.op.outputs[k] < 0) continue;
    if (!expected[k].real()) {
      if (auto fault = whole_difference(what, k, expected[k], got[k]); !fault.empty()) return fault;
      continue;
    }
    for (std::size_t i = 0; i < expected[k].count(); ++i)
      if (!real_fits(expected[k].reals[i], got[k].reals[i], tolerances[k][i], expected[k].type))
        return complaint(k, i, expected[k], got[k], tolerances[k][i]);
  }
  return "";
}

}  // namespace hardware::property
