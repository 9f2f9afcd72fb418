#include <algorithm>
#include <numeric>

#include "tests/hardware/property.h"

namespace hardware::property {
namespace {

using enum ElementType;
using List = std::vector<std::int64_t>;

ElementType any_type(Draw& draw) {
  return draw.type({float32, float64, float16, bfloat16, int8, int16, int32, int64, uint8, uint16,
                    uint32, uint64, boolean});
}

/// A parameter that is an attribute before some opset and an input since.
void parameter(Maker& maker, Draw& draw, int opset, int since, const std::string& name,
               const List& values) {
  if (opset < since)
    maker.attribute(name, values);
  else
    maker.input(draw.list(values), draw.chance(0.5));
}

/// Axes of `order` in random order.
List shuffled(Draw& draw, std::size_t count) {
  List order(count);
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = count; i > 1; --i)
    std::swap(order[i - 1], order[at(draw.below(static_cast<std::int64_t>(i)))]);
  return order;
}

/// Some of so many axes, half of them counted from the end.
List some_axes(Draw& draw, std::size_t rank) {
  auto axes = shuffled(draw, rank);
  axes.resize(at(draw.between(0, static_cast<std::int64_t>(rank))));
  for (auto& axis : axes)
    if (draw.chance(0.5)) axis -= static_cast<std::int64_t>(rank);
  return axes;
}

Case reshape(const std::string& type, Draw& draw) {
  const auto x = draw.any(any_type(draw), draw.shape(0, 6));
  auto wanted = x.shape;
  if (draw.chance(0.5)) wanted = {static_cast<std::int64_t>(x.count())};
  if (draw.chance(0.3) && wanted.size() > 1) {
    wanted[0] *= wanted[1];
    wanted.erase(wanted.begin() + 1);
  }
  if (draw.chance(0.4)) wanted.insert(wanted.begin() + draw.below(std::ssize(wanted) + 1), 1);
  const bool empty = std::ranges::count(wanted, 0) > 0;
  if (!empty && !wanted.empty() && draw.chance(0.5))
    wanted[at(draw.below(std::ssize(wanted)))] = -1;
  Maker maker(type, draw.one_of({7, 14}));
  maker.input(x).input(draw.list(wanted), draw.chance(0.5));
  if (empty) {
    // A nought is meant where it stands only with this, else it means "as the input has it".
    maker = Maker(type, 14);
    maker.input(x).input(draw.list(wanted), draw.chance(0.5));
    maker.attribute("allowzero", std::int64_t{1});
  }
  return maker.made();
}

Case flatten(const std::string& type, Draw& draw) {
  const auto x = draw.any(any_type(draw), draw.shape(0, 6));
  const auto rank = static_cast<std::int64_t>(x.rank());
  Maker maker(type, 13);
  maker.input(x);
  if (rank == 0) return maker.attribute("axis", std::int64_t{0}).made();
  if (draw.chance(0.7)) maker.attribute("axis", draw.between(-rank, rank));
  return maker.made();
}

Case squeeze(const std::string& type, Draw& draw) {
  auto shape = draw.shape(0, 6);
  List ones;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (draw.chance(0.4)) {
      shape[i] = 1;
      const auto axis = static_cast<std::int64_t>(i);
      ones.push_back(draw.chance(0.5) ? axis : axis - std::ssize(shape));
    }
  const int opset = draw.one_of({11, 13});
  Maker maker(type, opset);
  maker.input(draw.any(any_type(draw), shape));
  if (draw.chance(0.7) && !ones.empty()) parameter(maker, draw, opset, 13, "axes", ones);
  return maker.made();
}

Case unsqueeze(const std::string& type, Draw& draw) {
  const auto shape = draw.shape(0, 4);
  const auto more = at(draw.between(1, 2));
  auto axes = shuffled(draw, shape.size() + more);
  axes.resize(more);
  for (auto& axis : axes)
    if (draw.chance(0.5)) axis -= static_cast<std::int64_t>(shape.size() + more);
  const int opset = draw.one_of({11, 13});
  Maker maker(type, opset);
  maker.input(draw.any(any_type(draw), shape));
  parameter(maker, draw, opset, 13, "axes", axes);
  return maker.made();
}

Case transpose(const std::string& type, Draw& draw) {
  const auto x = draw.any(any_type(draw), draw.shape(0, 6));
  Maker maker(type, 13);
  maker.input(x);
  if (draw.chance(0.85)) maker.attribute("perm", shuffled(draw, x.rank()));
  return maker.made();
}

Case blocks(const std::string& type, Draw& draw) {
  const auto block = draw.between(1, 3);
  auto shape = draw.shape(4);
  const bool to_space = type == "DepthToSpace";
  if (to_space)
    shape[1] *= block * block;
  else
    shape[2] *= block, shape[3] *= block;
  Maker maker(type, 13);
  maker.input(draw.any(any_type(draw), shape)).attribute("blocksize", block);
  if (to_space && draw.chance(0.7))
    maker.attribute("mode", draw.one_of<std::string>({"DCR", "CRD"}));
  return maker.made();
}

Case expand(const std::string& type, Draw& draw) {
  const auto whole = draw.shape(0, 6);
  const auto x = draw.any(any_type(draw), draw.part_of(whole));
  auto wanted = whole;
  // Either side may have the ones.
  for (std::size_t i = 0; i < x.rank(); ++i) {
    const auto k = whole.size() - x.rank() + i;
    if (draw.chance(0.3) && x.shape[i] == whole[k]) wanted[k] = 1;
  }
  return Maker(type, 13).input(x).input(draw.list(wanted), draw.chance(0.5)).made();
}

Case tile(const std::string& type, Draw& draw) {
  const auto x = draw.any(any_type(draw), draw.shape(0, 5));
  List repeats;
  for (std::size_t i = 0; i < x.rank(); ++i)
    repeats.push_back(draw.chance(0.03) ? 0 : draw.between(1, 3));
  return Maker(type, 13).input(x).input(draw.list(repeats), draw.chance(0.5)).made();
}

Case trilu(const std::string& type, Draw& draw) {
  Maker maker(type, 14);
  maker.input(draw.any(any_type(draw), draw.shape(2, 5)));
  if (draw.chance(0.6)) {
    auto k = draw.scalar(int64, static_cast<double>(draw.between(-6, 6)));
    if (draw.chance(0.3)) k.shape = {1};
    maker.input(k, draw.chance(0.5));
  }
  if (draw.chance(0.7)) maker.attribute("upper", draw.between(0, 1));
  return maker.made();
}

Case concat(const std::string& type, Draw& draw) {
  const auto of = any_type(draw);
  auto shape = draw.shape(1, 6);
  const auto axis = draw.axis(shape.size());
  const auto along = at(axis < 0 ? axis + std::ssize(shape) : axis);
  Maker maker(type, 13);
  for (auto left = draw.between(1, 4); left > 0; --left) {
    shape[along] = draw.size_or_none();
    maker.input(draw.any(of, shape), draw.chance(0.2));
  }
  return maker.attribute("axis", axis).made();
}

Case split(const std::string& type, Draw& draw) {
  const int opset = draw.one_of({11, 13, 18});
  auto shape = draw.shape(1, 5);
  const auto axis = draw.axis(shape.size());
  auto& along = shape[at(axis < 0 ? axis + std::ssize(shape) : axis)];
  const auto parts = draw.between(1, 4);
  Maker maker(type, opset);
  maker.outputs(static_cast<int>(parts));
  if (draw.chance(0.8) || along == 0)
    maker.attribute("axis", axis);
  else
    return split(type, draw);
  List sizes;
  for (std::int64_t i = 0; i < parts; ++i) sizes.push_back(draw.size_or_none());
  const bool even = draw.chance(0.4);
  along = even ? parts * draw.size() : std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  if (even && opset >= 18) maker.attribute("num_outputs", parts);
  // The last part may be smaller, but there must be one.
  if (even && opset >= 18 && parts > 1 && along > parts * (parts - 1)) along -= 1;
  maker.input(draw.any(any_type(draw), shape));
  if (!even) parameter(maker, draw, opset, 13, "split", sizes);
  return maker.made();
}

std::int64_t bound(Draw& draw, std::int64_t size) {
  if (draw.chance(0.1)) return draw.one_of<std::int64_t>({INT64_MAX, INT64_MIN, INT32_MAX, -1000});
  return draw.between(-size - 2, size + 2);
}

Case slice(const std::string& type, Draw& draw) {
  const int opset = draw.one_of({9, 11, 13});
  const auto x = draw.any(any_type(draw), draw.shape(1, 6));
  auto axes = some_axes(draw, x.rank());
  if (axes.empty()) axes = {0};
  const bool all = draw.chance(0.2);
  if (all) {
    axes.resize(std::min(axes.size(), x.rank()));
    std::iota(axes.begin(), axes.end(), 0);
  }
  List starts, ends, steps;
  for (const auto axis : axes) {
    const auto size = x.shape[at(axis < 0 ? axis + std::ssize(x.shape) : axis)];
    starts.push_back(bound(draw, size));
    ends.push_back(bound(draw, size));
    steps.push_back(draw.chance(0.02) ? INT64_MAX
                                      : draw.one_of<std::int64_t>({1, 1, 2, 3, -1, -2}));
  }
  Maker maker(type, opset);
  maker.input(x);
  parameter(maker, draw, opset, 10, "starts", starts);
  parameter(maker, draw, opset, 10, "ends", ends);
  const bool with_steps = opset >= 10 && draw.chance(0.6);
  if (!all) parameter(maker, draw, opset, 10, "axes", axes);
  if (all && with_steps) maker.absent();
  if (with_steps) maker.input(draw.list(steps), draw.chance(0.5));
  return maker.made();
}

/// How far an axis may be padded in that mode.
std::int64_t most(const std::string& mode, std::int64_t size) {
  if (mode == "reflect") return std::max<std::int64_t>(size - 1, 0);
  return mode == "constant" || size > 0 ? 3 : 0;
}

Case pad(const std::string& type, Draw& draw) {
  const int opset = draw.one_of({7, 11, 13, 18, 19});
  const auto mode = draw.one_of<std::string>({"constant", "reflect", "edge", "wrap"});
  if (mode == "wrap" && opset < 19) return pad(type, draw);
  const auto of = opset < 11 ? draw.type({float32, float64, float16}) : any_type(draw);
  const auto x = draw.any(of, draw.shape(1, 5));
  auto axes = opset >= 18 && draw.chance(0.5) ? some_axes(draw, x.rank()) : List{};
  const bool chosen = !axes.empty();
  if (!chosen) {
    axes.resize(x.rank());
    std::iota(axes.begin(), axes.end(), 0);
  }
  List begins, ends;
  for (const auto axis : axes) {
    const auto size = x.shape[at(axis < 0 ? axis + std::ssize(x.shape) : axis)];
    begins.push_back(draw.between(0, most(mode, size)));
    ends.push_back(draw.between(0, most(mode, size)));
    // Negative ones cut off.
    if (size > 2 && mode == "constant" && draw.chance(0.2)) begins.back() = -1;
    if (size > 2 && mode == "constant" && draw.chance(0.2)) ends.back() = -1;
  }
  begins.insert(begins.end(), ends.begin(), ends.end());
  Maker maker(type, opset);
  maker.input(x);
  if (mode != "constant" || draw.chance(0.5)) maker.attribute("mode", mode);
  parameter(maker, draw, opset, 11, "pads", begins);
  const bool value = draw.chance(0.5);
  if (opset < 11 && value) maker.attribute("value", 1.5);
  if (opset >= 11 && value) maker.input(draw.scalar(of, of == boolean ? 1 : 3), draw.chance(0.5));
  if (opset >= 11 && !value && chosen) maker.absent();
  if (chosen) maker.input(draw.list(axes), draw.chance(0.5));
  return maker.made();
}

constexpr Generator generators[] = {
    {" Reshape ", reshape},
    {" Flatten ", flatten},
    {" Squeeze ", squeeze},
    {" Unsqueeze ", unsqueeze},
    {" Transpose ", transpose},
    {" DepthToSpace SpaceToDepth ", blocks},
    {" Expand ", expand},
    {" Tile ", tile},
    {" Trilu ", trilu},
    {" Concat ", concat},
    {" Split ", split},
    {" Slice ", slice},
    {" Pad ", pad},
};

}  // namespace

std::span<const Generator> moving_cases() {
  return generators;
}

}  // namespace hardware::property
