#include "optimizers/chain_places.h"

#include <map>
#include <utility>

namespace optimizers {

namespace {

/// Who sends how much to whom: segments, and a fixed device for the inputs and one for outputs.
class Places {
 public:
  Places(const ChainLayout& layout, std::vector<Segment>& segments)
      : layout_(layout), problem_(layout.problem()) {
    for (const auto& segment : segments) device_.push_back(segment.device);
    movable_ = static_cast<int>(segments.size());
    source_ = add_fixed(problem_.streams.front().source);
    sink_ = add_fixed(problem_.streams.front().sink);
    add_idle();
    gather(segments);
  }

  void improve() {
    double now = strain();
    for (int round = 0; round < most_rounds; ++round) {
      const double before = now;
      for (int a = 0; a < movable_; ++a)
        for (int b = 0; b < static_cast<int>(device_.size()); ++b) {
          if (b == source_ || b == sink_ || (b < movable_ && b <= a)) continue;
          if (layout_.class_of(at(device_, a)) != layout_.class_of(at(device_, b))) continue;
          std::swap(at(device_, a), at(device_, b));
          const double then = strain();
          if (then < now)
            now = then;
          else
            std::swap(at(device_, a), at(device_, b));
        }
      if (!(now < before)) break;
    }
  }

  int device(std::size_t segment) const { return device_[segment]; }

 private:
  static constexpr int most_rounds = 4;

  int add_fixed(int device) {
    device_.push_back(device);
    return static_cast<int>(device_.size()) - 1;
  }

  void add_idle() {
    std::vector<bool> used(static_cast<std::size_t>(problem_.devices));
    for (int k = 0; k < movable_; ++k) used[models::at(at(device_, k))] = true;
    for (int device = 0; device < problem_.devices; ++device)
      if (!used[models::at(device)]) device_.push_back(device);
  }

  void gather(const std::vector<Segment>& segments) {
    std::vector<std::int32_t> segment_of(layout_.order().size());
    int position = 0;
    for (int s = 0; s < movable_; ++s)
      for (; position < at(segments, s).end; ++position)
        at(segment_of, at(layout_.order(), position)) = s;
    std::map<std::pair<int, int>, double> sums;
    for (int tensor = 0; tensor < problem_.tensors; ++tensor) {
      const auto maker = at(problem_.producer, tensor);
      const int from = maker < 0 ? source_ : at(segment_of, maker);
      const auto bytes = static_cast<double>(
          at(problem_.bytes, tensor * problem_.formats + problem_.input_format));
      int last = -1;  // readers ascend, their segments mostly too: near enough
      for (auto k = at(problem_.reader_begin, tensor); k < at(problem_.reader_begin, tensor + 1);
           ++k) {
        const int to = at(segment_of, at(problem_.reader, k));
        if (to != from && to != last) sums[{from, to}] += bytes;
        last = to;
      }
      if (at(problem_.is_output, tensor) != 0) sums[{from, sink_}] += bytes;
    }
    for (const auto& [pair, bytes] : sums) flows_.push_back({pair.first, pair.second, bytes});
  }

  /// Fourth powers: what sends longest weighs most.
  double strain() {
    load_.assign(models::at(problem_.channels), 0);
    for (const auto& flow : flows_) {
      const int route = at(device_, flow.from) * problem_.devices + at(device_, flow.to);
      for (auto k = at(problem_.route_begin, route); k < at(problem_.route_begin, route + 1); ++k)
        at(load_, at(problem_.route_channel, k)) +=
            layout_.transfer(at(device_, flow.from), at(device_, flow.to), flow.bytes);
    }
    double sum = 0;
    for (const double each : load_) sum += each * each * each * each;
    return sum;
  }

  struct Flow {
    int from, to;
    double bytes;
  };

  const ChainLayout& layout_;
  const models::Problem& problem_;
  std::vector<std::int32_t> device_;  ///< of segments, source, sink, and those that idle
  int source_ = 0, sink_ = 0, movable_ = 0;
  std::vector<Flow> flows_;
  std::vector<double> load_;  ///< [channel] picoseconds
};

}  // namespace

void place_segments(const ChainLayout& layout, std::vector<Segment>& segments) {
  if (layout.problem().devices > 256 || segments.empty()) return;
  Places places(layout, segments);
  places.improve();
  for (std::size_t k = 0; k < segments.size(); ++k) segments[k].device = places.device(k);
}

}  // namespace optimizers
