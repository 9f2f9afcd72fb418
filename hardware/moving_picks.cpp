#include "hardware/moving_picks.h"

#include <algorithm>

#include "hardware/moving_stream.h"

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

namespace {

/// Straight to where they belong.
struct Straight {
  std::byte* to;
  std::byte* room(std::size_t bytes) {
    auto* const place = to;
    to += bytes;
    return place;
  }
  /// The last piece once more.
  void again(std::size_t bytes) {
    const auto* const last = to - bytes;
    copy_bytes(room(bytes), last, bytes);
  }
  void copy(const std::byte* from, std::size_t bytes) { copy_bytes(room(bytes), from, bytes); }
  void fill(std::size_t bytes, const Element& element) {
    moving::fill(room(bytes), bytes, element);
  }
};

/// Past the caches.
struct Streamed {
  LineWriter writer;
  std::byte* last = nullptr;  // still there when it has been written
  std::byte* room(std::size_t bytes) { return last = writer.room(bytes); }
  void again(std::size_t bytes) {
    const auto* const from = last;
    copy_bytes(room(bytes), from, bytes);
  }
  void copy(const std::byte* from, std::size_t bytes) {
    for (std::size_t done = 0; done < bytes; done += LineWriter::most) {
      const auto next = std::min(bytes - done, LineWriter::most);
      copy_bytes(room(next), from + done, next);
    }
  }
  void fill(std::size_t bytes, const Element& element) {
    // Whole elements: their sizes divide the room's.
    for (std::size_t done = 0; done < bytes; done += LineWriter::most) {
      const auto next = std::min(bytes - done, LineWriter::most);
      moving::fill(room(next), next, element);
    }
  }
};

}  // namespace

void AxisPicks::run(const std::byte* from, std::byte* to, const Element& otherwise) const {
  if (std::ranges::find(to_, 0) != to_.end()) return;
  const auto bytes = static_cast<std::size_t>(models::elements_of(to_)) * element_;
  const auto row = inner_ == 0 ? 0 : static_cast<std::size_t>(to_[inner_ - 1] * run_);
  with_run(run_, [&](auto copy) {
    if (streams(bytes) && row <= LineWriter::most) {
      Streamed streamed{LineWriter(to)};
      walk(0, from, otherwise, streamed, copy);
    } else {
      Straight straight{to};
      walk(0, from, otherwise, straight, copy);
    }
  });
}

template <class Put, class Copy>
void AxisPicks::walk(std::size_t axis, const std::byte* from, const Element& otherwise, Put& put,
                     Copy copy) const {
  if (axis == inner_) {
    put.copy(from, static_cast<std::size_t>(run_));
    return;
  }
  if (axis + 1 == inner_) {
    row(from, put.room(static_cast<std::size_t>(to_[axis] * run_)), otherwise, copy);
    return;
  }
  std::int64_t before = -2;
  for (const auto place : sources_[axis]) {
    if (place == before && axis + 2 == inner_)
      put.again(static_cast<std::size_t>(to_bytes_[axis]));
    else if (place < 0)
      put.fill(static_cast<std::size_t>(to_bytes_[axis]), otherwise);
    else
      walk(axis + 1, from + place * from_bytes_[axis], otherwise, put, copy);
    before = place;
  }
}

template <class Copy>
void AxisPicks::row(const std::byte* from, std::byte* to, const Element& otherwise,
                    Copy copy) const {
  some(0, first_, from, to, otherwise, copy);
  if (stretch_ > 0)
    copy_bytes(to + first_ * run_, from + models::at(sources_[inner_ - 1], first_) * run_,
               static_cast<std::size_t>(stretch_ * run_));
  some(first_ + stretch_, to_[inner_ - 1], from, to, otherwise, copy);
}

template <class Copy>
void AxisPicks::some(std::int64_t begin, std::int64_t end, const std::byte* from, std::byte* to,
                     const Element& otherwise, Copy copy) const {
  const auto* sources = sources_[inner_ - 1].data();
  const auto run = run_;
  const bool single = run == static_cast<std::int64_t>(otherwise.size);
  for (std::int64_t i = begin; i < end; ++i) {
    if (sources[i] >= 0)
      copy(to + i * run, from + sources[i] * run);
    else if (single)
      copy(to + i * run, otherwise.bytes.data());
    else
      fill(to + i * run, static_cast<std::size_t>(run), otherwise);
  }
}

std::size_t AxisPicks::held() const {
  std::size_t bytes = 0;
  for (const auto& sources : sources_) bytes += sources.size() * sizeof(std::int64_t);
  return bytes;
}

}  // namespace hardware::moving
