#include "hardware/moving_picks.h"

#include <algorithm>
#include <cstring>

namespace hardware::moving {

AxisPicks::AxisPicks(models::Shape from, models::Shape to, std::size_t element)
    : from_(std::move(from)),
      to_(std::move(to)),
      from_bytes_(steps_of(from_)),
      to_bytes_(steps_of(to_)),
      element_(element) {
  for (auto& step : from_bytes_) step *= static_cast<std::int64_t>(element);
  for (auto& step : to_bytes_) step *= static_cast<std::int64_t>(element);
  for (const auto count : to_) sources_.emplace_back(static_cast<std::size_t>(count));
}

void AxisPicks::settle() {
  inner_ = from_.size();
  run_ = static_cast<std::int64_t>(element_);
  while (inner_ > 0 && is_whole(inner_ - 1)) run_ *= to_[--inner_];
  if (inner_ > 0) find_stretch();
}

bool AxisPicks::is_whole(std::size_t axis) const {
  const auto& sources = sources_[axis];
  for (std::size_t i = 0; i < sources.size(); ++i)
    if (sources[i] != static_cast<std::int64_t>(i)) return false;
  return from_[axis] == to_[axis];
}

void AxisPicks::find_stretch() {
  const auto& last = sources_[inner_ - 1];
  stretch_ = 0;
  for (auto begin = last.begin(); begin != last.end();) {
    auto end = begin + 1;
    while (end != last.end() && *begin >= 0 && *end == *(end - 1) + 1) ++end;
    if (*begin >= 0 && end - begin > stretch_) {
      first_ = begin - last.begin();
      stretch_ = end - begin;
    }
    begin = end;
  }
}

void AxisPicks::run(const std::byte* from, std::byte* to, const Element& otherwise) const {
  if (std::ranges::find(to_, 0) == to_.end()) walk(0, from, to, otherwise);
}

void AxisPicks::walk(std::size_t axis, const std::byte* from, std::byte* to,
                     const Element& otherwise) const {
  if (axis == inner_) {
    std::memcpy(to, from, static_cast<std::size_t>(run_));
    return;
  }
  if (axis + 1 == inner_) {
    row(from, to, otherwise);
    return;
  }
  const auto bytes = static_cast<std::size_t>(to_bytes_[axis]);
  std::int64_t before = -1;
  for (const auto place : sources_[axis]) {
    if (place < 0)
      fill(to, bytes, otherwise);
    else if (place == before)
      std::memcpy(to, to - bytes, bytes);
    else
      walk(axis + 1, from + place * from_bytes_[axis], to, otherwise);
    before = place;
    to += bytes;
  }
}

void AxisPicks::row(const std::byte* from, std::byte* to, const Element& otherwise) const {
  some(0, first_, from, to, otherwise);
  if (stretch_ > 0)
    std::memcpy(to + first_ * run_, from + models::at(sources_[inner_ - 1], first_) * run_,
                static_cast<std::size_t>(stretch_ * run_));
  some(first_ + stretch_, to_[inner_ - 1], from, to, otherwise);
}

template <class Copy>
void AxisPicks::some(std::int64_t begin, std::int64_t end, const std::byte* from, std::byte* to,
                     const Element& otherwise, Copy copy) const {
  const auto* sources = sources_[inner_ - 1].data();
  for (std::int64_t i = begin; i < end; ++i) {
    if (sources[i] < 0)
      fill(to + i * run_, static_cast<std::size_t>(run_), otherwise);
    else
      copy(to + i * run_, from + sources[i] * run_);
  }
}

void AxisPicks::some(std::int64_t begin, std::int64_t end, const std::byte* from, std::byte* to,
                     const Element& otherwise) const {
  with_run(run_, [&](auto copy) { some(begin, end, from, to, otherwise, copy); });
}

std::size_t AxisPicks::held() const {
  std::size_t bytes = 0;
  for (const auto& sources : sources_) bytes += sources.size() * sizeof(std::int64_t);
  return bytes;
}

}  // namespace hardware::moving
