#include "tests/sim/reference_flows.h"

#include <algorithm>
#include <limits>

namespace reference {

void Flows::add(Id id, long double bytes, std::vector<int> channels) {
  flows_[id] = {bytes, 0, std::move(channels)};
  share();
}

void Flows::remove(Id id) {
  flows_.erase(id);
  share();
}

void Flows::set_capacity(int channel, long double capacity) {
  capacity_[static_cast<std::size_t>(channel)] = capacity;
  share();
}

void Flows::share() {
  std::vector<Flow*> growing;
  for (auto& [id, flow] : flows_) growing.push_back(&flow);
  auto left = capacity_;
  while (!growing.empty()) {
    std::vector<int> users(left.size());
    for (const auto* flow : growing)
      for (const int c : flow->channels) ++users[static_cast<std::size_t>(c)];
    std::size_t tightest = left.size();
    for (std::size_t c = 0; c < left.size(); ++c)
      if (users[c] > 0 &&
          (tightest == left.size() || left[c] / users[c] < left[tightest] / users[tightest]))
        tightest = c;
    const auto rate = left[tightest] / users[tightest];
    const auto is_held = [&](const Flow* flow) {
      return std::count(flow->channels.begin(), flow->channels.end(), static_cast<int>(tightest)) >
             0;
    };
    for (auto* flow : growing) {
      if (!is_held(flow)) continue;
      flow->rate = rate;
      for (const int c : flow->channels) left[static_cast<std::size_t>(c)] -= rate;
    }
    std::erase_if(growing, is_held);
  }
}

long double Flows::next_end() const {
  auto end = std::numeric_limits<long double>::infinity();
  for (const auto& [id, flow] : flows_) end = std::min(end, now_ + flow.bytes / flow.rate);
  return end;
}

void Flows::flow_until(long double time) {
  const auto passed = std::max(0.0L, time - now_);
  for (auto& [id, flow] : flows_) flow.bytes -= flow.rate * passed;
  now_ = std::max(now_, time);
}

std::vector<Flows::Id> Flows::advance(long double time) {
  std::vector<Id> ended;
  while (!flows_.empty() && next_end() <= time + margin) {
    const auto end = next_end();
    std::vector<Id> now_ending;
    for (const auto& [id, flow] : flows_)
      if (now_ + flow.bytes / flow.rate <= end) now_ending.push_back(id);
    flow_until(end);
    for (const auto& id : now_ending) flows_.erase(id);
    ended.insert(ended.end(), now_ending.begin(), now_ending.end());
    share();
  }
  if (time > now_) flow_until(time);
  return ended;
}

}  // namespace reference
