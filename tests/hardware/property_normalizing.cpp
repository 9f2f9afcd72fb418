#include <algorithm>

#include "tests/hardware/property.h"

namespace hardware::property {
namespace {

using enum ElementType;
using Kind = Near::Kind;

ElementType real_type(Draw& draw) {
  return draw.type({float32, float64, float16});
}

Case batch_normalization(const std::string& type, Draw& draw) {
  const auto of = real_type(draw);
  const auto shape = draw.shape(2, 5);
  const bool fixed = draw.chance(0.7);
  Maker maker(type, draw.one_of({9, 14, 15}));
  maker.input(draw.reals(of, shape, -3, 3))
      .input(draw.reals(of, {shape[1]}, -2, 2), fixed)
      .input(draw.reals(of, {shape[1]}, -2, 2), fixed)
      .input(draw.reals(of, {shape[1]}, -2, 2), fixed)
      .input(draw.reals(of, {shape[1]}, 0.5, 2), fixed);
  if (draw.chance(0.5)) maker.attribute("epsilon", 1e-3);
  return maker.near(Kind::close, 64).made();
}

Case instance_normalization(const std::string& type, Draw& draw) {
  const auto of = real_type(draw);
  auto shape = draw.full_shape(3, 5);
  shape[2] += 3;
  const bool fixed = draw.chance(0.7);
  Maker maker(type, 7);
  maker.input(draw.reals(of, shape, -3, 3))
      .input(draw.reals(of, {shape[1]}, -2, 2), fixed)
      .input(draw.reals(of, {shape[1]}, -2, 2), fixed);
  maker.attribute("epsilon", 1e-2);
  return maker.near(Kind::close, 512).made();
}

Case layer_normalization(const std::string& type, Draw& draw) {
  const auto of = real_type(draw);
  auto shape = draw.full_shape(1, 5);
  shape.back() += 3;
  const auto axis = draw.axis(shape.size());
  const Shape inner(shape.begin() + (axis < 0 ? axis + std::ssize(shape) : axis), shape.end());
  const bool fixed = draw.chance(0.7);
  Maker maker(type, 17);
  maker.input(draw.reals(of, shape, -3, 3)).input(draw.reals(of, inner, -2, 2), fixed);
  if (draw.chance(0.6)) maker.input(draw.reals(of, inner, -2, 2), fixed);
  maker.attribute("axis", axis).attribute("epsilon", 1e-2);
  if (draw.chance(0.3)) maker.outputs(3);
  return maker.near(Kind::close, 512).made();
}

Case lrn(const std::string& type, Draw& draw) {
  auto shape = draw.full_shape(3, 5);
  shape[1] += draw.between(0, 6);
  Maker maker(type, 13);
  maker.input(draw.reals(real_type(draw), shape, -3, 3)).attribute("size", draw.between(1, 6));
  if (draw.chance(0.6)) maker.attribute("alpha", draw.real(1e-4, 0.5));
  if (draw.chance(0.6)) maker.attribute("beta", draw.real(0.3, 1));
  if (draw.chance(0.6)) maker.attribute("bias", draw.real(0.5, 2));
  return maker.near(Kind::close, 64).made();
}

Case softmax(const std::string& type, Draw& draw) {
  const int opset = draw.one_of({7, 11, 13});
  auto shape = draw.shape(opset < 13 ? 2 : 1, 5);
  auto axis = draw.axis(shape.size());
  if (opset < 11 && axis < 0) axis += std::ssize(shape);
  auto x = draw.reals(real_type(draw), shape, -5, 5);
  // The greatest is subtracted first, or this overflows.
  if (draw.chance(0.2))
    for (auto& value : x.reals) value = reference::rounded(x.type, value * 1000);
  if (type == "Hardmax" && draw.chance(0.5))
    for (auto& value : x.reals) value = static_cast<double>(draw.between(-1, 2));
  if (type != "Hardmax" && draw.chance(0.3)) draw.make_special(x);
  Maker maker(type, opset);
  maker.input(x);
  if (draw.chance(0.8)) maker.attribute("axis", axis);
  if (type != "Hardmax") maker.near(Kind::close, 32);
  return maker.made();
}

Case lp_normalization(const std::string& type, Draw& draw) {
  const auto shape = draw.full_shape(1, 5);
  auto x = draw.reals(draw.type({float32, float64, float16}), shape, 0.3, 3);
  for (auto& value : x.reals)
    if (draw.chance(0.5)) value = -value;
  Maker maker(type, 7);
  maker.input(x);
  if (draw.chance(0.7)) maker.attribute("axis", draw.axis(shape.size()));
  if (draw.chance(0.7)) maker.attribute("p", draw.between(1, 2));
  return maker.near(Kind::close, 32).made();
}

constexpr Generator generators[] = {
    {" BatchNormalization ", batch_normalization},
    {" InstanceNormalization ", instance_normalization},
    {" LayerNormalization ", layer_normalization},
    {" LRN ", lrn},
    {" Softmax LogSoftmax Hardmax ", softmax},
    {" LpNormalization ", lp_normalization},
};

}  // namespace

std::span<const Generator> normalizing_cases() {
  return generators;
}

}  // namespace hardware::property
