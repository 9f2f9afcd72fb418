#include "tests/hardware/property.h"

namespace hardware::property {
namespace {

using enum ElementType;
using Kind = Near::Kind;

ElementType real_type(Draw& draw) {
  return draw.type({float32, float64, float16, bfloat16});
}

/// Functions that are right to the last bit: no arithmetic, or an exact one.
Case exact(const std::string& type, Draw& draw) {
  const bool any_number = type == "Abs" || type == "Neg" || type == "Sign" || type == "Relu";
  const auto of =
      any_number && draw.chance(0.4)
          ? type == "Neg" || type == "Relu"
                ? draw.type({float32, int8, int16, int32, int64})
                : draw.type({float32, int8, int16, int32, int64, uint8, uint16, uint32, uint64})
          : real_type(draw);
  auto x = draw.any(of, draw.shape(0, 6));
  if (type == "Round" && draw.chance(0.5))
    for (auto& each : x.reals) each = static_cast<double>(draw.between(-8, 8)) / 2;
  if (draw.chance(0.3)) draw.make_special(x);
  return Maker(type, 14).input(x).made();
}

/// Functions of any real number.
Case smooth(const std::string& type, Draw& draw) {
  const double far = draw.one_of({1.0, 4.0, 20.0});
  return Maker(type, draw.one_of({13, 21}))
      .input(draw.reals(real_type(draw), draw.shape(0, 6), -far, far))
      .near(Kind::close, type == "Sin" || type == "Cos" ? 8 : 24)
      .made();
}

/// Functions that grow fast, where only the relative error is small.
Case growing(const std::string& type, Draw& draw) {
  auto x = draw.reals(real_type(draw), draw.shape(0, 6), -8, 8);
  if (type == "Exp" && draw.chance(0.3)) draw.make_special(x);
  return Maker(type, 13).input(x).near(Kind::close, 16).made();
}

/// Functions of part of the real numbers.
Case partial(const std::string& type, Draw& draw) {
  double low = -0.999, high = 0.999;
  if (type == "Acosh") low = 1, high = 9;
  if (type == "Log" || type == "Sqrt") low = 1e-3, high = 90;
  if (type == "Tan") low = -1.4, high = 1.4;
  auto x = draw.reals(real_type(draw), draw.shape(0, 6), low, high);
  // The steep ends, where rounding the input to half precision would leave the range.
  for (auto& each : x.reals)
    if (type.front() == 'A' && type != "Acosh") each = each * 0.98;
  if ((type == "Log" || type == "Sqrt") && draw.chance(0.3)) draw.make_special(x);
  for (auto& each : x.reals) each = reference::rounded(x.type, each);
  return Maker(type, 13).input(x).near(Kind::close, 16).made();
}

Case reciprocal(const std::string& type, Draw& draw) {
  auto x = draw.reals(real_type(draw), draw.shape(0, 6), 0.01, 9);
  for (auto& each : x.reals) each = draw.chance(0.5) ? -each : each;
  return Maker(type, 13).input(x).near(Kind::relative, 2).made();
}

/// Activations with parameters, sometimes left to their defaults.
Case activation(const std::string& type, Draw& draw) {
  const auto x = draw.reals(real_type(draw), draw.shape(0, 5), -6, 6);
  Maker maker(type, type == "Gelu" ? 20 : draw.one_of({12, 16}));
  maker.input(x).near(Kind::close, 24);
  if (type == "Gelu") {
    if (draw.chance(0.7))
      maker.attribute("approximate", draw.one_of<std::string>({"none", "tanh"}));
    return maker.made();
  }
  if (draw.chance(0.7)) maker.attribute("alpha", draw.real(0.05, 2));
  if (type == "Selu" && draw.chance(0.5)) maker.attribute("gamma", draw.real(0.5, 2));
  if (type == "HardSigmoid" && draw.chance(0.5)) maker.attribute("beta", draw.real(0.1, 0.9));
  return maker.made();
}

Case clip(const std::string& type, Draw& draw) {
  const int opset = draw.one_of({7, 11, 12, 13});
  const auto of = opset >= 12
                      ? draw.type({float32, float64, float16, int8, int32, int64, uint8, uint64})
                      : draw.type({float32, float64, float16});
  auto x = draw.any(of, draw.shape(0, 5));
  if (draw.chance(0.2)) draw.make_special(x);
  Maker maker(type, opset);
  maker.input(x);
  if (opset < 11) {
    if (draw.chance(0.7)) maker.attribute("min", -1.5);
    if (draw.chance(0.7)) maker.attribute("max", 2.25);
    return maker.made();
  }
  const bool low = draw.chance(0.7), high = draw.chance(0.7);
  if (low) maker.input(draw.scalar(of, models::is_real(of) ? -1.5 : 2), draw.chance(0.5));
  if (!low && high) maker.absent();
  if (high) maker.input(draw.scalar(of, models::is_real(of) ? 2.25 : 7), draw.chance(0.5));
  return maker.made();
}

Case predicate(const std::string& type, Draw& draw) {
  if (type == "Not") return Maker(type, 7).input(draw.any(boolean, draw.shape(0, 6))).made();
  auto x = draw.any(draw.type({float32, float64}), draw.shape(0, 6));
  draw.make_special(x);
  Maker maker(type, 13);
  maker.input(x);
  if (type == "IsInf" && draw.chance(0.5)) maker.attribute("detect_positive", draw.between(0, 1));
  if (type == "IsInf" && draw.chance(0.5)) maker.attribute("detect_negative", draw.between(0, 1));
  return maker.made();
}

constexpr Generator generators[] = {
    {" Abs Neg Ceil Floor Round Sign Relu ", exact},
    {" Erf HardSwish Sigmoid Softplus Softsign Tanh Mish Sin Cos Atan Asinh ", smooth},
    {" Exp Sinh Cosh ", growing},
    {" Acos Asin Atanh Acosh Log Sqrt Tan ", partial},
    {" Reciprocal ", reciprocal},
    {" LeakyRelu Elu Selu Celu ThresholdedRelu HardSigmoid Gelu ", activation},
    {" Clip ", clip},
    {" IsNaN IsInf Not ", predicate},
};

}  // namespace

std::span<const Generator> unary_cases() {
  return generators;
}

}  // namespace hardware::property
