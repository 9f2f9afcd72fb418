#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace models {

/// A list that is filled and cleared again and again.
template <class Item>
class Pile {
 public:
  void push_back(const Item& item) {
    if (count_ == room_) [[unlikely]] {
      room_ = room_ * 2 + 16;
      items_.resize(room_);
    }
    items_[count_++] = item;
  }
  void clear() { count_ = 0; }
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  std::span<const Item> items() const { return {items_.data(), count_}; }
  Item* begin() { return items_.data(); }
  Item* end() { return items_.data() + count_; }
  Item& operator[](std::size_t index) { return items_[index]; }

 private:
  std::vector<Item> items_;
  std::size_t count_ = 0, room_ = 0;
};

}  // namespace models
