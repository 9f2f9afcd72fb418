#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/index.h"

namespace sim {

/// Ends that move: a heap that knows where each item is. Items are small numbers from 0.
template <class When>
class EndQueue {
 public:
  struct End {
    When when{};
    std::int32_t item = 0;
  };

  void clear() {
    for (const auto& end : heap_) place_[models::at(end.item)] = nowhere;
    heap_.clear();
  }
  bool empty() const { return heap_.empty(); }
  const End& front() const { return heap_.front(); }
  /// In no particular order.
  std::span<const End> all() const { return heap_; }

  /// Puts an item in, or gives it another end.
  void set(std::int32_t item, When when) {
    if (models::at(item) >= place_.size()) place_.resize(models::at(item) + 1, nowhere);
    auto place = place_[models::at(item)];
    if (place == nowhere) {
      place = static_cast<std::int32_t>(heap_.size());
      heap_.push_back({when, item});
    }
    settle(models::at(place), {when, item});
  }

  /// Takes an item out that is in.
  void remove(std::int32_t item) {
    const auto place = models::at(place_[models::at(item)]);
    place_[models::at(item)] = nowhere;
    const auto last = heap_.back();
    heap_.pop_back();
    if (place < heap_.size()) settle(place, last);
  }

 private:
  static constexpr std::int32_t nowhere = -1;

  void put(std::size_t place, const End& end) {
    heap_[place] = end;
    place_[models::at(end.item)] = static_cast<std::int32_t>(place);
  }

  /// Up or down from a place whose own entry is free.
  void settle(std::size_t place, const End& end) {
    const auto from = place;
    while (place > 0 && end.when < heap_[(place - 1) / 2].when) {
      put(place, heap_[(place - 1) / 2]);
      place = (place - 1) / 2;
    }
    if (place == from) place = sink(place, end);
    put(place, end);
  }

  std::size_t sink(std::size_t place, const End& end) {
    for (auto child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
      if (child + 1 < heap_.size() && heap_[child + 1].when < heap_[child].when) ++child;
      if (!(heap_[child].when < end.when)) break;
      put(place, heap_[child]);
      place = child;
    }
    return place;
  }

  std::vector<End> heap_;
  std::vector<std::int32_t> place_;  ///< [item] in the heap
};

}  // namespace sim
