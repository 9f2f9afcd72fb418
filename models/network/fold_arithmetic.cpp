#include <algorithm>
#include <cmath>
#include <optional>

#include "models/network/folding.h"

namespace models::folding {
namespace {

std::int64_t divided(std::int64_t a, std::int64_t b, bool remainder, const NodeView& node) {
  if (b == 0) node.fail("it divides by nought");
  if (b == -1) return remainder ? 0 : times(a, -1);
  if (!remainder) return a / b;
  const auto rest = a % b;
  // Mod follows the sign of the divisor unless fmod is set.
  const bool follow = node.integer("fmod", 0) == 0 && rest != 0 && (rest < 0) != (b < 0);
  return follow ? rest + b : rest;
}

std::int64_t power(std::int64_t base, std::int64_t exponent) {
  if (exponent < 0 || exponent > 62) throw TooLarge("a power is too large");
  std::int64_t result = 1;
  for (std::int64_t i = 0; i < exponent; ++i) result = times(result, base);
  return result;
}

std::optional<std::int64_t> on_integers(const NodeView& node, std::int64_t a, std::int64_t b) {
  const auto& type = node.node().type;
  if (type == "Add" || type == "Sum") return plus(a, b);
  if (type == "Sub") return plus(a, times(b, -1));
  if (type == "Mul") return times(a, b);
  if (type == "Div") return divided(a, b, false, node);
  if (type == "Mod") return divided(a, b, true, node);
  if (type == "Pow") return power(a, b);
  if (type == "Min") return std::min(a, b);
  if (type == "Max") return std::max(a, b);
  if (type == "Equal") return a == b;
  if (type == "Less") return a < b;
  if (type == "LessOrEqual") return a <= b;
  if (type == "Greater") return a > b;
  if (type == "GreaterOrEqual") return a >= b;
  if (type == "And") return a != 0 && b != 0;
  if (type == "Or") return a != 0 || b != 0;
  if (type == "Xor") return (a != 0) != (b != 0);
  return std::nullopt;
}

std::optional<double> on_reals(const std::string& type, double a, double b) {
  if (type == "Add" || type == "Sum") return a + b;
  if (type == "Sub") return a - b;
  if (type == "Mul") return a * b;
  if (type == "Div") return a / b;
  if (type == "Pow") return std::pow(a, b);
  if (type == "Min") return std::min(a, b);
  if (type == "Max") return std::max(a, b);
  return std::nullopt;
}

std::optional<bool> compared(const std::string& type, double a, double b) {
  if (type == "Equal") return a == b;
  if (type == "Less") return a < b;
  if (type == "LessOrEqual") return a <= b;
  if (type == "Greater") return a > b;
  if (type == "GreaterOrEqual") return a >= b;
  return std::nullopt;
}

}  // namespace

bool fold_binary(const NodeView& node, Outputs& outputs) {
  if (node.input_count() != 2) return false;
  const auto left = broadcast_walk(node.shape(0), outputs[0].shape);
  const auto right = broadcast_walk(node.shape(1), outputs[0].shape);
  const auto& a = node.input(0);
  const auto& b = node.input(1);
  if (is_real(a.type) != is_real(b.type)) return false;
  const auto& type = node.node().type;
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!is_real(a.type)) {
      const auto value = on_integers(node, a.integers[left[i]], b.integers[right[i]]);
      if (!value) return false;
      integers.push_back(*value);
    } else if (const auto value = on_reals(type, a.reals[left[i]], b.reals[right[i]])) {
      reals.push_back(*value);
    } else if (const auto answer = compared(type, a.reals[left[i]], b.reals[right[i]])) {
      integers.push_back(*answer);
    } else {
      return false;
    }
  }
  return put(outputs[0], std::move(integers), std::move(reals));
}

bool fold_unary(const NodeView& node, Outputs& outputs) {
  const auto& type = node.node().type;
  auto integers = node.input(0).integers;
  auto reals = node.input(0).reals;
  for (auto& value : integers) {
    if (type == "Neg") value = times(value, -1);
    if (type == "Not") value = value == 0;
    if (type == "Abs" && value < 0) value = times(value, -1);
  }
  for (auto& value : reals) {
    if (type == "Neg") value = -value;
    if (type == "Abs") value = std::fabs(value);
    if (type == "Floor") value = std::floor(value);
    if (type == "Ceil") value = std::ceil(value);
    if (type == "Sqrt") value = std::sqrt(value);
    if (type == "Round") value = std::nearbyint(value);
    if (type == "Reciprocal") value = 1 / value;
  }
  return put(outputs[0], std::move(integers), std::move(reals));
}

/// Reductions of a whole vector of integers to one number, as shape arithmetic has them.
bool fold_reduce(const NodeView& node, Outputs& outputs) {
  const auto& values = node.input(0).integers;
  if (elements_of(outputs[0].shape) != 1 || values.empty()) return false;
  const auto& type = node.node().type;
  auto result = values[0];
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (type == "ReduceProd") result = times(result, values[i]);
    if (type == "ReduceSum") result = plus(result, values[i]);
    if (type == "ReduceMax") result = std::max(result, values[i]);
    if (type == "ReduceMin") result = std::min(result, values[i]);
  }
  return put(outputs[0], {result}, {});
}

}  // namespace models::folding
