#include <algorithm>
#include <cstring>

#include "hardware/moving.h"
#include "hardware/moving_nest.h"

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

/// Copies runs; what lies outside the input is filled, or comes from inside it by a table per axis.
class Pad final : public Planned {
 public:
  explicit Pad(const Request& request);
  bool settled() const { return pads_.settled() && axes_.settled(); }

 private:
  void plan(Inputs inputs) override;
  void move(Inputs inputs, Outputs outputs) override;
  void walk(std::size_t axis, const std::byte* from, std::byte* to) const;
  void row(const std::byte* from, std::byte* to) const;
  void pad_axis(std::size_t axis, std::int64_t before, std::int64_t after);

  Mode mode_;
  IntegerInput pads_;
  IntegerInput axes_;
  std::optional<std::size_t> value_;  ///< input with the constant
  Element constant_;
  models::Shape from_;
  models::Shape to_;
  models::Shape from_bytes_;  ///< between neighbours
  models::Shape to_bytes_;
  std::size_t size_;
  std::vector<std::vector<std::int64_t>> sources_;  ///< [axis][output place]
  std::size_t inner_ = 0;     ///< axes from here on are as in the input: one run
  std::int64_t run_ = 0;      ///< its bytes
  std::int64_t first_ = 0;    ///< where the stretch of the last padded axis is that comes as it is
  std::int64_t stretch_ = 0;  ///< its elements
};

Pad::Pad(const Request& request)
    : Planned(request),
      mode_(mode_of(request)),
      pads_(request, "pads", 1),
      axes_(request, 3),
      from_(needed_input(request, 0).layout.shape),
      to_(needed_output(request, 0).shape),
      size_(size_of(needed_output(request, 0).type)) {
  require_same_type(request, 0);
  require(from_.size() == to_.size(), "its output has not as many axes as its input");
  const auto padded = axes_.present() ? axes_.count() : from_.size();
  require(pads_.present() && pads_.count() == 2 * padded, "it needs two pads per axis");
  if (has_input(request, 2)) {
    const auto& value = request.inputs[2]->layout;
    require(value.elements() == 1 && value.type == needed_output(request, 0).type,
            "its constant must be one element of the type of its data");
    value_ = 2;
    constant_.size = size_;
  } else {
    constant_ = element_of(request, "value", needed_output(request, 0).type);
  }
  from_bytes_ = steps_of(from_);
  to_bytes_ = steps_of(to_);
  for (auto& step : from_bytes_) step *= static_cast<std::int64_t>(size_);
  for (auto& step : to_bytes_) step *= static_cast<std::int64_t>(size_);
  for (const auto count : to_) sources_.emplace_back(static_cast<std::size_t>(count));
}

void Pad::plan(Inputs inputs) {
  const auto pads = pads_.read(inputs);
  const auto axes = axes_.read(inputs);
  const auto padded = pads.size() / 2;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    std::size_t place = axes_.present() ? padded : i;
    for (std::size_t k = 0; axes_.present() && k < padded; ++k)
      if (axis_of(op(), axes[k], from_.size()) == i) place = k;
    pad_axis(i, place < padded ? pads[place] : 0, place < padded ? pads[place + padded] : 0);
  }
  inner_ = from_.size();
  run_ = static_cast<std::int64_t>(size_);
  const auto same = [&](std::size_t axis) {
    for (std::size_t k = 0; k < sources_[axis].size(); ++k)
      if (sources_[axis][k] != static_cast<std::int64_t>(k)) return false;
    return from_[axis] == to_[axis];
  };
  while (inner_ > 0 && same(inner_ - 1)) run_ *= to_[--inner_];
  if (inner_ == 0) return;
  const auto& last = sources_[inner_ - 1];
  const auto start = std::ranges::find_if(last, [](auto s) { return s >= 0; });
  auto best = start;
  stretch_ = 0;
  // The longest stretch of neighbours: with pads as usual, all of the input's axis.
  for (auto begin = start; begin != last.end();) {
    auto end = begin + 1;
    while (end != last.end() && *end >= 0 && *end == *(end - 1) + 1) ++end;
    if (*begin >= 0 && end - begin > stretch_) {
      best = begin;
      stretch_ = end - begin;
    }
    begin = end;
  }
  first_ = best - last.begin();
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
    models::at(sources_[axis], i) = place < 0 ? -1 : place + start;
  }
}

void Pad::move(Inputs inputs, Outputs outputs) {
  if (std::ranges::find(to_, 0) != to_.end()) return;
  if (value_) std::memcpy(constant_.bytes.data(), inputs[*value_], size_);
  walk(0, inputs[0], outputs[0]);
}

void Pad::walk(std::size_t axis, const std::byte* from, std::byte* to) const {
  if (axis == inner_) {
    std::memcpy(to, from, static_cast<std::size_t>(run_));
  } else if (axis + 1 == inner_) {
    row(from, to);
  } else {
    for (const auto place : sources_[axis]) {
      if (place < 0)
        fill(to, static_cast<std::size_t>(to_bytes_[axis]), constant_);
      else
        walk(axis + 1, from + place * from_bytes_[axis], to);
      to += to_bytes_[axis];
    }
  }
}

void Pad::row(const std::byte* from, std::byte* to) const {
  const auto& places = sources_[inner_ - 1];
  const auto bytes = static_cast<std::size_t>(run_);
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(places.size());) {
    const auto place = models::at(places, i);
    if (i == first_ && stretch_ > 0) {
      std::memcpy(to + i * run_, from + place * run_, static_cast<std::size_t>(stretch_) * bytes);
      i += stretch_;
      continue;
    }
    if (place < 0)
      fill(to + i * run_, bytes, constant_);
    else
      std::memcpy(to + i * run_, from + place * run_, bytes);
    ++i;
  }
}

}  // namespace

Prepared make_pad(const Request& request) {
  return planned<Pad>(request);
}

}  // namespace hardware::moving
