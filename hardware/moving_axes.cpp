// Operators whose moves are known from shapes and attributes alone.
#include <algorithm>
#include <numeric>

#include "hardware/moving.h"
#include "hardware/moving_nest.h"

namespace hardware::moving {
namespace {

/// A move of one input or one output, or of a part of either.
struct Part {
  MoveNest nest;
  std::size_t from_bytes = 0;  ///< where it starts
  std::size_t to_bytes = 0;
  std::size_t input = 0;
  std::size_t output = 0;
};

class Moved final : public Planned {
 public:
  Moved(const Request& request, std::vector<Part> parts)
      : Planned(request), parts_(std::move(parts)) {}
  /// The numbers in `sizes` must be these.
  void expect(IntegerInput sizes, std::vector<std::int64_t> expected) {
    sizes_ = std::move(sizes);
    expected_ = std::move(expected);
  }
  bool settled() const { return !sizes_ || sizes_->settled(); }

 private:
  void plan(Inputs inputs) override {
    if (sizes_ && sizes_->present())
      require(std::ranges::equal(sizes_->read(inputs), expected_),
              "its parts are not those the network was prepared for");
  }
  void move(Inputs inputs, Outputs outputs) override {
    for (const auto& part : parts_)
      part.nest.run(inputs[part.input] + part.from_bytes, outputs[part.output] + part.to_bytes);
  }

  std::vector<Part> parts_;
  std::optional<IntegerInput> sizes_;
  std::vector<std::int64_t> expected_;
};

Prepared moved(const Request& request, std::unique_ptr<Moved> kernel) {
  kernel->prepare(kernel->settled());
  return plain(request, std::move(kernel), "own");
}

Prepared moved(const Request& request, std::vector<Part> parts) {
  return moved(request, std::make_unique<Moved>(request, std::move(parts)));
}

void require(const Request& request, bool fine, const char* otherwise) {
  if (!fine) fail(*request.op, otherwise);
}

/// The axes of `shape` (of the input, maybe parted anew) in that order fill the output.
Prepared permuted(const Request& request, const models::Shape& shape,
                  const std::vector<std::size_t>& order) {
  require_same_type(request, 0);
  const auto& output = needed_output(request, 0);
  require(request, models::elements_of(shape) == output.elements(),
          "its output has not as many elements as its input");
  const auto from = steps_of(shape);
  std::vector<MovedAxis> axes(shape.size());
  std::int64_t to = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    axes[i] = {shape[order[i]], from[order[i]], to};
    to *= axes[i].count;
  }
  Part part{MoveNest(size_of(output.type))};
  part.nest.set(axes);
  return moved(request, {std::move(part)});
}

/// Blocks of channels to or from blocks of rows and columns.
struct Blocks {
  const models::Shape& shape;
  std::int64_t side;
};

Blocks blocks_of(const Request& request) {
  const auto& shape = needed_input(request, 0).layout.shape;
  const auto side = integer_of(*request.op, "blocksize", 0);
  require(request, shape.size() == 4 && side >= 1 && side < (std::int64_t{1} << 20),
          "it needs four axes and a blocksize");
  return {shape, side};
}

/// Steps of the whole along its axis: what lies before it, a part of it with all after it.
std::vector<MovedAxis> slab(const models::Shape& part, std::size_t axis, std::int64_t from,
                            std::int64_t to) {
  const std::span shape(part);
  return {{models::elements_of(shape.first(axis)), from, to},
          {models::elements_of(shape.subspan(axis)), 1, 1}};
}

/// Whether two shapes are alike but for that axis.
bool alike(const models::Shape& a, const models::Shape& b, std::size_t axis) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (i != axis && a[i] != b[i]) return false;
  return true;
}

}  // namespace

Prepared make_transpose(const Request& request) {
  const auto& shape = needed_input(request, 0).layout.shape;
  std::vector<std::size_t> order(shape.size());
  std::iota(order.rbegin(), order.rend(), 0);
  if (has_attribute(*request.op, "perm")) {
    const auto given = integers_of(*request.op, "perm");
    require(request, given.size() == shape.size(), "its perm has not one entry per axis");
    for (std::size_t i = 0; i < given.size(); ++i)
      order[i] = axis_of(*request.op, given[i], shape.size());
    auto sorted = order;
    std::ranges::sort(sorted);
    require(request, std::ranges::adjacent_find(sorted) == sorted.end(),
            "its perm names an axis twice");
  }
  const auto& output = needed_output(request, 0).shape;
  bool fits = output.size() == shape.size();
  for (std::size_t i = 0; fits && i < order.size(); ++i) fits = output[i] == shape[order[i]];
  require(request, fits, "its output has not the shape that its perm says");
  return permuted(request, shape, order);
}

Prepared make_depth_to_space(const Request& request) {
  const auto [s, side] = blocks_of(request);
  const auto mode = text_of(*request.op, "mode", "DCR");
  require(request, mode == "DCR" || mode == "CRD", "its mode is neither DCR nor CRD");
  const auto area = side * side;
  require(request, s[1] % area == 0, "its channels do not divide by its blocks");
  if (mode == "DCR")
    return permuted(request, {s[0], side, side, s[1] / area, s[2], s[3]}, {0, 3, 4, 1, 5, 2});
  return permuted(request, {s[0], s[1] / area, side, side, s[2], s[3]}, {0, 1, 4, 2, 5, 3});
}

Prepared make_space_to_depth(const Request& request) {
  const auto [s, side] = blocks_of(request);
  require(request, s[2] % side == 0 && s[3] % side == 0, "its rows do not divide by its blocks");
  return permuted(request, {s[0], s[1], s[2] / side, side, s[3] / side, side}, {0, 3, 5, 1, 2, 4});
}

Prepared make_concat(const Request& request) {
  const auto& output = needed_output(request, 0);
  const auto& first = needed_input(request, 0).layout.shape;
  const auto axis = axis_of(*request.op, integer_of(*request.op, "axis", 1), first.size());
  require(request, alike(first, output.shape, axis), "its output has not the shape of its inputs");
  const auto whole = models::elements_of(std::span(output.shape).subspan(axis));
  const auto inner = models::elements_of(std::span(output.shape).subspan(axis + 1));
  std::vector<Part> parts;
  std::int64_t place = 0;
  for (std::size_t i = 0; i < request.inputs.size(); ++i) {
    if (!has_input(request, i)) continue;
    const auto& shape = request.inputs[i]->layout.shape;
    require_same_type(request, i);
    require(request, alike(shape, output.shape, axis), "its inputs do not fit together");
    Part part{MoveNest(size_of(output.type))};
    part.nest.set(slab(shape, axis, shape[axis] * inner, whole));
    part.to_bytes = static_cast<std::size_t>(place * inner) * size_of(output.type);
    part.input = i;
    place += shape[axis];
    parts.push_back(std::move(part));
  }
  require(request, place == output.shape[axis], "its inputs do not add up to its output");
  return moved(request, std::move(parts));
}

Prepared make_split(const Request& request) {
  const auto& input = needed_input(request, 0).layout;
  const auto axis = axis_of(*request.op, integer_of(*request.op, "axis", 0), input.shape.size());
  const auto whole = models::elements_of(std::span(input.shape).subspan(axis));
  const auto inner = models::elements_of(std::span(input.shape).subspan(axis + 1));
  std::vector<Part> parts;
  std::vector<std::int64_t> sizes;
  std::int64_t place = 0;
  for (std::size_t i = 0; i < request.outputs.size(); ++i) {
    const auto& shape = needed_output(request, i).shape;
    require_same_type(request, 0, i);
    require(request, alike(shape, input.shape, axis), "its outputs do not fit its input");
    Part part{MoveNest(size_of(input.type))};
    part.nest.set(slab(shape, axis, whole, shape[axis] * inner));
    part.from_bytes = static_cast<std::size_t>(place * inner) * size_of(input.type);
    part.output = i;
    place += shape[axis];
    sizes.push_back(shape[axis]);
    parts.push_back(std::move(part));
  }
  require(request, place == input.shape[axis], "its outputs do not add up to its input");
  auto kernel = std::make_unique<Moved>(request, std::move(parts));
  kernel->expect(IntegerInput(request, "split", 1), std::move(sizes));
  return moved(request, std::move(kernel));
}

}  // namespace hardware::moving
