#include "sim/end_queue.h"

#include "models/index.h"

namespace sim {

using models::at;

void EndQueue::clear() {
  for (const auto& end : heap_) place_[at(end.item)] = nowhere;
  heap_.clear();
}

void EndQueue::put(std::size_t place, const End& end) {
  heap_[place] = end;
  place_[at(end.item)] = static_cast<std::int32_t>(place);
}

void EndQueue::up(std::size_t place, End end) {
  while (place > 0 && end.when < heap_[(place - 1) / 2].when) {
    put(place, heap_[(place - 1) / 2]);
    place = (place - 1) / 2;
  }
  put(place, end);
}

void EndQueue::down(std::size_t place, End end) {
  for (auto child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
    if (child + 1 < heap_.size() && heap_[child + 1].when < heap_[child].when) ++child;
    if (!(heap_[child].when < end.when)) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, end);
}

void EndQueue::set(std::int32_t item, Fine when) {
  if (at(item) >= place_.size()) place_.resize(at(item) + 1, nowhere);
  if (place_[at(item)] == nowhere) {
    heap_.emplace_back();
    up(heap_.size() - 1, {when, item});
    return;
  }
  const auto place = at(place_[at(item)]);
  if (when < heap_[place].when)
    up(place, {when, item});
  else
    down(place, {when, item});
}

void EndQueue::remove(std::int32_t item) {
  const auto place = at(place_[at(item)]);
  place_[at(item)] = nowhere;
  const auto last = heap_.back();
  heap_.pop_back();
  if (place == heap_.size()) return;
  if (place > 0 && last.when < heap_[(place - 1) / 2].when)
    up(place, last);
  else
    down(place, last);
}

}  // namespace sim
