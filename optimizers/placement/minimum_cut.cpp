#include "optimizers/placement/minimum_cut.h"

#include <algorithm>

#include "models/index.h"

namespace optimizers {

using models::at;

MinimumCut::MinimumCut(const Division& division) {
  const int items = division.size();
  const int vertices = items + 2 * static_cast<int>(division.nets.size()) + 2;
  source_ = vertices - 2;
  sink_ = vertices - 1;
  arcs_of_.resize(at(vertices));
  level_.resize(at(vertices));
  next_.resize(at(vertices));
  for (int i = 0; i < items; ++i) {
    add(source_, i, 0, 0);  // arc 4 i
    add(i, sink_, 0, 0);    // arc 4 i + 2
  }
  int vertex = items;
  for (const auto& net : division.nets) {
    if (net.items.size() == 2) {
      add(net.items[0], net.items[1], net.cost, net.cost);
    } else {
      add(vertex, vertex + 1, net.cost, 0);
      for (const int item : net.items) {
        add(item, vertex, forever, 0);
        add(vertex + 1, item, forever, 0);
      }
    }
    vertex += 2;
  }
  for (const auto& arc : arcs_) room_.push_back(arc.room);
}

void MinimumCut::add(int from, int to, Amount room, Amount back) {
  at(arcs_of_, from).push_back(static_cast<int>(arcs_.size()));
  arcs_.push_back({to, room});
  at(arcs_of_, to).push_back(static_cast<int>(arcs_.size()));
  arcs_.push_back({from, back});
}

void MinimumCut::reset() {
  for (std::size_t a = 0; a < arcs_.size(); ++a) arcs_[a].room = room_[a];
}

void MinimumCut::charge(int item, Amount cost) {
  auto& room = at(arcs_, 4 * item + 2).room;
  room = std::min(forever, room + cost);
}

void MinimumCut::reward(int item, Amount cost) {
  auto& room = at(arcs_, 4 * item).room;
  room = std::min(forever, room + cost);
}

bool MinimumCut::find_levels() {
  std::fill(level_.begin(), level_.end(), -1);
  queue_.assign(1, source_);
  at(level_, source_) = 0;
  for (std::size_t q = 0; q < queue_.size(); ++q) {
    const int from = queue_[q];
    for (const int a : at(arcs_of_, from)) {
      const auto& arc = at(arcs_, a);
      if (arc.room <= 0 || at(level_, arc.to) >= 0) continue;
      at(level_, arc.to) = at(level_, from) + 1;
      queue_.push_back(arc.to);
    }
  }
  return at(level_, sink_) >= 0;
}

MinimumCut::Amount MinimumCut::push() {
  path_.clear();
  int here = source_;
  while (here != sink_) {
    const auto& arcs = at(arcs_of_, here);
    auto& i = at(next_, here);
    while (i < arcs.size() && (at(arcs_, arcs[i]).room <= 0 ||
                               at(level_, at(arcs_, arcs[i]).to) != at(level_, here) + 1))
      ++i;
    if (i < arcs.size()) {
      path_.push_back(arcs[i]);
      here = at(arcs_, arcs[i]).to;
      continue;
    }
    if (path_.empty()) return 0;
    here = at(arcs_, path_.back() ^ 1).to;  // a dead end: back, and past it
    path_.pop_back();
    ++at(next_, here);
  }
  Amount pushed = forever;
  for (const int a : path_) pushed = std::min(pushed, at(arcs_, a).room);
  for (const int a : path_) {
    at(arcs_, a).room -= pushed;
    at(arcs_, a ^ 1).room += pushed;
  }
  return pushed;
}

MinimumCut::Amount MinimumCut::least(Amount enough, const std::function<bool()>& stop) {
  Amount flow = 0;
  constexpr std::size_t many = 100'000;  // arcs looked at between two questions
  std::size_t walked = 0;
  const auto is_over = [&](std::size_t more) {
    walked += more;
    if (walked < many) return false;
    walked = 0;
    return stop();
  };
  while (flow < enough && !is_over(arcs_.size()) && find_levels()) {
    std::fill(next_.begin(), next_.end(), std::size_t{0});
    while (flow < enough) {
      const Amount pushed = push();
      if (pushed == 0) break;
      flow += pushed;
      if (is_over(path_.size())) return flow;
    }
  }
  return flow;
}

}  // namespace optimizers
