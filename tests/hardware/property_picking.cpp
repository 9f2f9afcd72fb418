#include <algorithm>
#include <numeric>

#include "tests/hardware/property.h"

namespace hardware::property {
namespace {

using enum ElementType;

ElementType any_type(Draw& draw) {
  return draw.type({float32, float64, float16, bfloat16, int8, int16, int32, int64, uint8, uint16,
                    uint32, uint64, boolean});
}
ElementType number_type(Draw& draw) {
  return draw.type({float32, float64, float16, bfloat16, int8, int16, int32, int64, uint8, uint16,
                    uint32, uint64});
}
ElementType index_type(Draw& draw) {
  return draw.chance(0.5) ? int64 : int32;
}

std::size_t place_of(std::int64_t axis, std::size_t rank) {
  return at(axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis);
}

Case gather(const std::string& type, Draw& draw) {
  auto shape = draw.shape(1, 5);
  const auto axis = draw.axis(shape.size());
  auto& size = shape[place_of(axis, shape.size())];
  size = std::max<std::int64_t>(size, 1);
  Maker maker(type, 13);
  maker.input(draw.any(any_type(draw), shape), draw.chance(0.3))
      .input(draw.integers(index_type(draw), draw.shape(0, 3), -size, size - 1), draw.chance(0.3));
  if (draw.chance(0.7) || place_of(axis, shape.size()) != 0) maker.attribute("axis", axis);
  return maker.made();
}

Case gather_elements(const std::string& type, Draw& draw) {
  const auto shape = draw.full_shape(1, 5);
  const auto axis = draw.axis(shape.size());
  const auto along = place_of(axis, shape.size());
  auto picked = shape;
  for (auto& size : picked) size = draw.between(1, size);
  picked[along] = draw.size_or_none();
  return Maker(type, 13)
      .input(draw.any(any_type(draw), shape))
      .input(draw.integers(index_type(draw), picked, -shape[along], shape[along] - 1),
             draw.chance(0.3))
      .attribute("axis", axis)
      .made();
}

/// Tuples of indices into the axes of `shape` from `batch` on, `depth` of them.
Array tuples(Draw& draw, Shape outer, const Shape& shape, std::size_t batch, std::size_t depth) {
  outer.push_back(static_cast<std::int64_t>(depth));
  Array indices(int64, outer);
  for (std::size_t i = 0; i < indices.count(); ++i) {
    const auto size = shape[batch + i % depth];
    indices.integers[i] = draw.between(-size, size - 1);
  }
  return indices;
}

Case gather_nd(const std::string& type, Draw& draw) {
  const auto shape = draw.full_shape(1, 5);
  const auto batch = at(draw.chance(0.5) ? 0 : draw.below(std::ssize(shape)));
  const auto depth = at(draw.between(1, std::ssize(shape) - static_cast<std::int64_t>(batch)));
  Shape outer(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(batch));
  for (auto more = draw.between(0, 2); more > 0; --more) outer.push_back(draw.size_or_none());
  Maker maker(type, 13);
  maker.input(draw.any(any_type(draw), shape))
      .input(tuples(draw, outer, shape, batch, depth), draw.chance(0.3));
  if (batch > 0) maker.attribute("batch_dims", static_cast<std::int64_t>(batch));
  return maker.made();
}

std::string reduction(Draw& draw, int opset) {
  if (opset < 16 || draw.chance(0.3)) return "none";
  return opset < 18 ? draw.one_of<std::string>({"add", "mul"})
                    : draw.one_of<std::string>({"add", "mul", "max", "min"});
}

Case scatter_elements(const std::string& type, Draw& draw) {
  const int opset = type == "Scatter" ? draw.one_of({9, 10}) : draw.one_of({11, 13, 16, 18});
  const auto how = reduction(draw, opset);
  const auto of = how == "none" ? any_type(draw) : draw.type({float32, float64, int32, int64});
  const auto shape = draw.full_shape(1, 4);
  const auto axis = draw.axis(shape.size());
  const auto along = place_of(axis, shape.size());
  auto picked = shape;
  for (auto& size : picked) size = draw.between(1, size);
  auto indices = draw.integers(index_type(draw), picked, -shape[along], shape[along] - 1);
  Maker maker(type, opset);
  maker.input(draw.any(of, shape)).input(indices, draw.chance(0.3)).input(draw.any(of, picked));
  if (draw.chance(0.8) || along != 0) maker.attribute("axis", axis);
  if (how != "none") maker.attribute("reduction", how).near(Near::Kind::close, 16);
  return maker.made();
}

/// The same place twice only where the order does not count.
Case scatter_nd(const std::string& type, Draw& draw) {
  const int opset = draw.one_of({11, 13, 16, 18});
  const auto how = reduction(draw, opset);
  const auto of = how == "none" ? any_type(draw) : draw.type({float32, float64, int32, int64});
  const auto shape = draw.full_shape(1, 4);
  const auto depth = at(draw.between(1, std::ssize(shape)));
  Shape outer;
  for (auto more = draw.between(0, 2); more > 0; --more)
    outer.push_back(how == "none" ? 1 : draw.size_or_none());
  if (how == "none" && !outer.empty()) outer[0] = draw.between(1, shape[0]);
  auto indices = tuples(draw, outer, shape, 0, depth);
  if (how == "none")
    for (std::size_t i = 0; i * depth < indices.count(); ++i)
      indices.integers[i * depth] = static_cast<std::int64_t>(i);
  outer.insert(outer.end(), shape.begin() + static_cast<std::ptrdiff_t>(depth), shape.end());
  Maker maker(type, opset);
  maker.input(draw.any(of, shape)).input(indices, draw.chance(0.3)).input(draw.any(of, outer));
  if (how != "none") maker.attribute("reduction", how).near(Near::Kind::close, 16);
  return maker.made();
}

Case top_k(const std::string& type, Draw& draw) {
  const int opset = draw.one_of({7, 10, 11});
  const auto of = opset < 11 ? draw.type({float32, float64, float16}) : number_type(draw);
  auto shape = draw.shape(1, 5);
  const auto axis = opset < 11 ? draw.below(std::ssize(shape)) : draw.axis(shape.size());
  auto x = draw.any(of, shape);
  if (draw.chance(0.4))
    for (auto& value : x.reals) value = static_cast<double>(draw.between(-2, 2));
  const auto k = draw.between(0, shape[place_of(axis, shape.size())]);
  Maker maker(type, opset);
  maker.input(x).outputs(2).attribute("axis", axis);
  if (opset < 10)
    maker.attribute("k", k);
  else
    maker.input(draw.list({k}), draw.chance(0.5));
  if (opset >= 11 && draw.chance(0.5)) maker.attribute("largest", draw.between(0, 1));
  return maker.made();
}

constexpr Generator generators[] = {
    {" Gather ", gather},        {" GatherElements ", gather_elements},
    {" GatherND ", gather_nd},   {" Scatter ScatterElements ", scatter_elements},
    {" ScatterND ", scatter_nd}, {" TopK ", top_k},
};

}  // namespace

std::span<const Generator> picking_cases() {
  return generators;
}

}  // namespace hardware::property
