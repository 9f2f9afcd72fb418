#include "tests/hardware/property_fused.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "hardware/onednn/product.h"

namespace hardware::property {
namespace {

Fused drawn(const std::string& type, Draw& draw) {
  Fused result{type, 0, 0, -1};
  if (type == "LeakyRelu" || type == "Elu") result.alpha = static_cast<float>(draw.real(0.05, 0.9));
  if (type == "Clip") result.alpha = -1, result.beta = static_cast<float>(draw.real(0.5, 6));
  if (type == "HardSigmoid") result.alpha = 0.2F, result.beta = 0.5F;
  if (type == "Gelu") result.alpha = static_cast<float>(draw.between(0, 1));
  return result;
}

models::Operator operator_of(const Fused& fused) {
  models::Operator op;
  op.type = fused.type;
  const double alpha = fused.alpha, beta = fused.beta;
  if (fused.type == "Clip") op.attributes = {{"min", alpha}, {"max", beta}};
  if (fused.type == "LeakyRelu" || fused.type == "Elu") op.attributes = {{"alpha", alpha}};
  if (fused.type == "HardSigmoid") op.attributes = {{"alpha", alpha}, {"beta", beta}};
  if (fused.type == "Gelu")
    op.attributes = {{"approximate", std::string(alpha == 0 ? "none" : "tanh")}};
  return op;
}

bool is_product(const std::string& type) {
  return type == "Conv" || type == "ConvTranspose" || type == "Gemm" || type == "MatMul";
}

double largest_of(const Array& array) {
  double result = 0;
  for (const auto x : array.reals) result = std::max(result, std::abs(x));
  return result;
}

}  // namespace

FusedParts draw_fused(std::string_view fuses, const Array& result, Draw& draw) {
  FusedParts fused;
  std::istringstream text{std::string(fuses)};
  std::vector<std::string> types;
  for (std::string type; text >> type;) types.push_back(type);
  if (types.empty() || draw.chance(0.4)) return fused;
  fused.constant = draw.chance(0.3);
  for (auto left = draw.between(1, 2); left > 0; --left) {
    auto part = drawn(at(types, draw.below(std::ssize(types))), draw);
    if (part.type == "Add" || part.type == "Mul") {
      part.input = static_cast<int>(fused.others.size());
      const auto shape = draw.chance(0.7) ? result.shape : draw.part_of(result.shape);
      fused.others.push_back(draw.reals(ElementType::float32, shape, -3, 3));
    }
    fused.parts.push_back(part);
  }
  return fused;
}

void apply_fused(const FusedParts& fused, Array& expected, std::vector<double>& allowed,
                 models::Precision precision) {
  std::size_t next = 0;
  // What the other operand loses where it is a constant that the kernel rounds.
  const double lost = precision == models::Precision::bf16   ? 0x1p-8
                      : precision == models::Precision::int8 ? 1.0 / 250
                                                             : 0x1p-22;
  // What activations may be off by beyond that, besides 1e-7.
  const double least = 1e-3;
  for (const auto& part : fused.parts) {
    Inputs inputs = {expected};
    const Array* other = part.input >= 0 ? &fused.others.at(next++) : nullptr;
    if (other != nullptr) inputs.push_back(*other);
    const auto before = expected;
    expected = reference::outputs_of(operator_of(part), part.type == "Clip" ? 7 : 20, inputs)[0];
    std::size_t n = 0;
    reference::each(expected.shape, [&](const Shape& place) {
      const double operand =
          other == nullptr
              ? 0
              : std::abs(other->reals[reference::broadcast_position(other->shape, place)]);
      auto& tolerance = allowed[n];
      const double size = other == nullptr ? 0 : largest_of(*other) * lost;
      if (part.type == "Mul")
        tolerance = tolerance * operand + size * std::abs(before.reals[n]);
      else if (part.type == "Add")
        tolerance += size + 0x1p-22 * operand;
      else
        tolerance = 1.5 * tolerance + 1e-7 + least * std::abs(expected.reals[n]);
      if (precision == models::Precision::bf16) tolerance += 0x1p-8 * std::abs(expected.reals[n]);
      ++n;
    });
  }
}

std::vector<double> quantised_weights(const Case& what, const Request& request) {
  auto rounding = what;
  const auto constant = [&](std::size_t i) {
    return i < what.inputs.size() && what.inputs[i] && what.constant[i] && what.inputs[i]->real();
  };
  const auto count = reference::outputs_of(what.op, what.opset, what.inputs)[0].count();
  if (!is_product(what.op.type)) {
    double lost = 0;
    for (std::size_t i = 0; i < what.inputs.size(); ++i)
      if (constant(i)) lost += largest_of(*what.inputs[i]) * 8 / 250;
    return std::vector<double>(count, lost);
  }
  if (!constant(1)) return std::vector<double>(count, 0);
  const double codes = multiplies_bytes_exactly() ? 127 : 63;
  const double half_step = largest_of(*what.inputs[1]) / (2 * codes) * 1.01;
  for (auto& w : rounding.inputs[1]->reals) w = half_step;
  const auto& x = request.inputs[0];
  const double step = x ? 2 * half_step * static_cast<double>(x->layout.scale) : 0;
  if (rounding.inputs.size() > 2 && rounding.inputs[2])
    for (auto& b : rounding.inputs[2]->reals) b = step;
  return magnitudes_of(rounding)[0].reals;
}

}  // namespace hardware::property
