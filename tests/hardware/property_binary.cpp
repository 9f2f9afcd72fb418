#include <algorithm>

#include "tests/hardware/property.h"

namespace hardware::property {
namespace {

using enum ElementType;
using Kind = Near::Kind;

ElementType number_type(Draw& draw) {
  return draw.type({float32, float64, float16, bfloat16, int8, int16, int32, int64, uint8, uint16,
                    uint32, uint64});
}

/// Two or more shapes that fit together.
std::vector<Shape> fitting(Draw& draw, std::int64_t count) {
  const auto whole = draw.shape(0, 6);
  std::vector<Shape> shapes;
  for (std::int64_t i = 0; i < count; ++i)
    shapes.push_back(draw.chance(0.4) ? whole : draw.part_of(whole));
  return shapes;
}

/// Away from nought, as divisors have to be.
void keep_from_nought(Array& array, Draw& draw) {
  for (auto& x : array.reals) x = x < 0 ? std::min(x, -0.25) : std::max(x, 0.25);
  for (auto& x : array.integers) x = x == 0 ? draw.between(1, 5) : x;
}

Case arithmetic(const std::string& type, Draw& draw) {
  const auto of = number_type(draw);
  const auto shapes = fitting(draw, 2);
  auto a = draw.any(of, shapes[0]), b = draw.any(of, shapes[1]);
  if (type == "Div" || type == "Mod") keep_from_nought(b, draw);
  Maker maker(type, draw.one_of({13, 14}));
  if (type == "Mod") maker.attribute("fmod", std::int64_t{models::is_real(of) || draw.chance(0.3)});
  if (draw.chance(0.1) && type != "Mod") draw.make_special(a);
  const bool constant = draw.chance(0.3);
  maker.input(a).input(b, constant);
  if (type == "Div") maker.near(Kind::relative, 2);
  return maker.made();
}

Case variadic(const std::string& type, Draw& draw) {
  const bool real_only = type == "Mean" || type == "Sum";
  const auto of = real_only ? draw.type({float32, float64, float16, bfloat16}) : number_type(draw);
  Maker maker(type, draw.one_of({8, 13}));
  const auto count = draw.between(1, 4);
  for (const auto& shape : fitting(draw, count)) {
    auto x = draw.any(of, shape);
    if (!real_only && draw.chance(0.1)) draw.make_special(x);
    maker.input(x);
  }
  if (real_only) maker.near(Kind::sums, 4);
  return maker.made();
}

Case power(const std::string& type, Draw& draw) {
  const auto base_type = draw.type({float32, float64, float16, int32, int64});
  const auto exponent_type =
      draw.chance(0.5) ? base_type : draw.type({float32, float64, int32, int64, int8, uint8});
  const auto shapes = fitting(draw, 2);
  const bool whole = !models::is_real(base_type);
  auto base =
      whole ? draw.integers(base_type, shapes[0], -5, 5) : draw.reals(base_type, shapes[0], 0.1, 4);
  auto exponent = models::is_real(exponent_type) ? draw.reals(exponent_type, shapes[1], -3, 3)
                                                 : draw.integers(exponent_type, shapes[1], 0, 5);
  // Whole bases with broken exponents are cut, where the last place decides.
  if (whole)
    for (auto& x : exponent.reals) x = static_cast<double>(draw.between(0, 5));
  if (!whole && draw.chance(0.4)) {
    for (auto& x : base.reals) x = draw.chance(0.5) ? -x : x;
    for (auto& x : exponent.reals) x = static_cast<double>(draw.between(-3, 3));
  }
  if (draw.chance(0.3))
    for (auto& x : exponent.reals) x = draw.one_of({2.0, 0.5, 1.0, 0.0, -1.0, 3.0});
  if (whole)
    for (auto& x : exponent.reals) x = std::max(0.0, x == 0.5 ? 1.0 : x);
  return Maker(type, draw.one_of({13, 15}))
      .input(base)
      .input(exponent, draw.chance(0.4))
      .near(Kind::relative, 16)
      .made();
}

Case comparison(const std::string& type, Draw& draw) {
  const auto of = type == "Equal" && draw.chance(0.2) ? boolean : number_type(draw);
  const auto shapes = fitting(draw, 2);
  auto a = draw.any(of, shapes[0]), b = draw.any(of, shapes[1]);
  for (auto* each : {&a, &b}) {
    for (auto& x : each->reals) x = static_cast<double>(draw.between(-2, 2));
    if (draw.chance(0.3)) draw.make_special(*each);
  }
  return Maker(type, 16).input(a).input(b, draw.chance(0.3)).made();
}

Case logic(const std::string& type, Draw& draw) {
  const auto shapes = fitting(draw, 2);
  return Maker(type, 7)
      .input(draw.any(boolean, shapes[0]))
      .input(draw.any(boolean, shapes[1]))
      .made();
}

Case where(const std::string& type, Draw& draw) {
  const auto of = draw.chance(0.1) ? boolean : number_type(draw);
  const auto shapes = fitting(draw, 3);
  return Maker(type, draw.one_of({9, 16}))
      .input(draw.any(boolean, shapes[0]))
      .input(draw.any(of, shapes[1]))
      .input(draw.any(of, shapes[2]), draw.chance(0.3))
      .made();
}

Case prelu(const std::string& type, Draw& draw) {
  const auto of = draw.type({float32, float64, float16, int32, int64});
  const auto shape = draw.shape(1, 5);
  auto slope = draw.part_of(shape);
  // As PyTorch has it: one slope per channel.
  if (shape.size() > 2 && draw.chance(0.5)) {
    slope.assign(shape.size() - 1, 1);
    slope[0] = shape[1];
  }
  return Maker(type, draw.one_of({9, 16}))
      .input(draw.any(of, shape))
      .input(draw.any(of, slope), draw.chance(0.6))
      .made();
}

constexpr Generator generators[] = {
    {" Add Sub Mul Div Mod ", arithmetic},
    {" Min Max Mean Sum ", variadic},
    {" Pow ", power},
    {" Equal Less LessOrEqual Greater GreaterOrEqual ", comparison},
    {" And Or Xor ", logic},
    {" Where ", where},
    {" PRelu ", prelu},
};

}  // namespace

std::span<const Generator> binary_cases() {
  return generators;
}

}  // namespace hardware::property
