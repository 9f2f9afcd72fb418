#include <algorithm>
#include <cstring>

#include "hardware/moving.h"
#include "hardware/moving_picks.h"

namespace hardware::moving {
namespace {

enum class Mode : std::uint8_t { constant, reflect, edge, wrap };

Mode mode_of(const Request& request) {
  const auto name = text_of(*request.op, "mode", "constant");
  if (name == "constant") return Mode::constant;
  if (name == "reflect") return Mode::reflect;
  if (name == "edge") return Mode::edge;
  if (name == "wrap") return Mode::wrap;
  fail(*request.op, "its mode '" + name + "' is none of constant, reflect, edge and wrap");
}

std::int64_t wrapped(std::int64_t place, std::int64_t size) {
  const auto rest = place % size;
  return rest < 0 ? rest + size : rest;
}

/// Which element of an axis of that size stands at `place`, maybe outside; -1: none.
std::int64_t source(Mode mode, std::int64_t place, std::int64_t size) {
  if (place >= 0 && place < size) return place;
  if (mode == Mode::constant || size == 0) return -1;
  if (mode == Mode::edge) return place < 0 ? 0 : size - 1;
  if (mode == Mode::wrap) return wrapped(place, size);
  if (size == 1) return 0;
  const auto there = wrapped(place, 2 * size - 2);
  return there < size ? there : 2 * size - 2 - there;
}

/// What lies outside the input is filled, or comes from inside it.
class Pad final : public Planned {
 public:
  explicit Pad(const Request& request);
  bool settled() const { return pads_.settled() && axes_.settled(); }
  std::size_t held() const { return picks_.held(); }

 private:
  void plan(Inputs inputs) override;
  void move(Inputs inputs, Outputs outputs) override;
  void pad_axis(std::size_t axis, std::int64_t before, std::int64_t after);

  Mode mode_;
  IntegerInput pads_;
  IntegerInput axes_;
  bool has_value_;  ///< in input 2
  Element value_;
  models::Shape from_;
  models::Shape to_;
  AxisPicks picks_;
};

Pad::Pad(const Request& request)
    : Planned(request),
      mode_(mode_of(request)),
      pads_(request, "pads", 1),
      axes_(request, 3),
      has_value_(has_input(request, 2)),
      value_(element_of(request, "value", needed_output(request, 0).type)),
      from_(needed_input(request, 0).layout.shape),
      to_(needed_output(request, 0).shape),
      picks_(from_, to_, value_.size) {
  require_same_type(request, 0);
  require(from_.size() == to_.size(), "its output has not as many axes as its input");
  const auto padded = axes_.present() ? axes_.count() : from_.size();
  require(pads_.present() && pads_.count() == 2 * padded, "it needs two pads per axis");
  if (!has_value_) return;
  const auto& value = request.inputs[2]->layout;
  require(value.elements() == 1 && value.type == needed_output(request, 0).type,
          "its constant must be one element of the type of its data");
}

void Pad::plan(Inputs inputs) {
  const auto pads = pads_.read(inputs);
  const auto axes = axes_.read(inputs);
  const auto padded = pads.size() / 2;
  for (std::size_t i = 0; i < from_.size(); ++i) {
    std::size_t place = axes_.present() ? padded : i;
    for (std::size_t k = 0; axes_.present() && k < padded; ++k)
      if (axis_of(op(), axes[k], from_.size()) == i) place = k;
    pad_axis(i, place < padded ? pads[place] : 0, place < padded ? pads[place + padded] : 0);
  }
  picks_.settle();
}

void Pad::pad_axis(std::size_t axis, std::int64_t before, std::int64_t after) {
  const auto size = from_[axis];
  std::int64_t sum = 0;
  const bool fits = !__builtin_add_overflow(before, after, &sum) &&
                    !__builtin_add_overflow(sum, size, &sum) && sum == to_[axis] &&
                    before >= -models::max_elements && before <= models::max_elements;
  require(fits, "its pads do not make the shape the network was prepared for");
  // What negative pads cut away is no source of reflections either.
  const auto start = std::max<std::int64_t>(-before, 0);
  const auto kept = size - start - std::max<std::int64_t>(-after, 0);
  for (std::int64_t i = 0; i < to_[axis]; ++i) {
    const auto place = source(mode_, i - std::max<std::int64_t>(before, 0), kept);
    require(place >= 0 || mode_ == Mode::constant, "it has nothing to pad with");
    models::at(picks_.sources(axis), i) = place < 0 ? -1 : place + start;
  }
}

void Pad::move(Inputs inputs, Outputs outputs) {
  if (has_value_) std::memcpy(value_.bytes.data(), inputs[2], value_.size);
  picks_.run(inputs[0], outputs[0], value_);
}

}  // namespace

Prepared make_pad(const Request& request) {
  auto kernel = std::make_unique<Pad>(request);
  kernel->prepare(kernel->settled());
  const auto held = kernel->held();
  auto prepared = plain(request, std::move(kernel), "own");
  prepared.held = held;
  return prepared;
}

}  // namespace hardware::moving
