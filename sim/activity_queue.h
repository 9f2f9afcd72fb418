#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "sim/kernel.h"

namespace sim {

/// Activities in order of (end, activity), the earliest first. The few that come next are kept
/// sorted, since mostly there are no others; the rest lie in a heap.
class ActivityQueue {
 public:
  void clear() {
    sorted_ = 0;
    rest_.clear();
  }
  bool empty() const { return sorted_ == 0; }
  /// When the first one ends; only if not empty.
  std::int64_t when() const { return static_cast<std::int64_t>(next_[sorted_ - 1] >> 64); }
  Activity activity() const { return {static_cast<std::uint64_t>(next_[sorted_ - 1])}; }

  void push(std::int64_t when, Activity activity) {
    const auto end = static_cast<Word>(when) << 64 | activity.code;
    if (sorted_ == next_.size()) make_room();
    if (!rest_.empty() && rest_.front() < end) {
      push_rest(end);
      return;
    }
    auto place = sorted_++;
    for (; place > 0 && next_[place - 1] < end; --place) next_[place] = next_[place - 1];
    next_[place] = end;
  }

  void pop() {
    if (--sorted_ == 0 && !rest_.empty()) refill();
  }

 private:
  /// The end in the upper half, so that one comparison does.
  __extension__ using Word = unsigned __int128;

  void push_rest(Word end) {
    rest_.push_back(end);
    std::ranges::push_heap(rest_, std::greater{});
  }

  /// The later half of the sorted ones goes to the rest.
  void make_room() {
    constexpr auto half = std::tuple_size_v<decltype(next_)> / 2;
    for (std::size_t i = 0; i < half; ++i) push_rest(next_[i]);
    std::copy(next_.begin() + half, next_.end(), next_.begin());
    sorted_ -= half;
  }

  void refill() {
    sorted_ = std::min(rest_.size(), next_.size() / 2);
    for (auto place = sorted_; place-- > 0;) {
      next_[place] = rest_.front();
      std::ranges::pop_heap(rest_, std::greater{});
      rest_.pop_back();
    }
  }

  std::array<Word, 16> next_;  ///< the first `sorted_`, descending; before all of the rest
  std::size_t sorted_ = 0;
  std::vector<Word> rest_;  ///< a heap, the earliest on top
};

}  // namespace sim
