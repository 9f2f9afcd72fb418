#include "optimizers/chain_period.h"

#include <algorithm>
#include <numeric>

#include "models/random.h"
#include "optimizers/chain_places.h"
#include "optimizers/seconds.h"

namespace optimizers {

namespace {

constexpr std::int64_t most_set_steps = 3'000'000;  ///< of one look at all sets
constexpr std::int64_t most_counts = 200'000;
constexpr int sequences = 4000;     ///< tried
constexpr int most_doublings = 60;  ///< of a period, before it is taken for impossible

}  // namespace

ChainPeriod::ChainPeriod(const ChainLayout& layout) : layout_(layout) {
  for (int cls = 0; cls < layout.classes() && counts_ <= most_counts; ++cls) {
    stride_.push_back(counts_);
    counts_ *= static_cast<std::int64_t>(layout.members(cls).size()) + 1;
  }
}

bool ChainPeriod::is_small() const {
  const auto devices = layout_.problem().devices;
  return devices <= 10 &&
         (std::int64_t{1} << devices) * devices * devices * layout_.length() <= most_set_steps;
}

std::vector<std::int32_t> ChainPeriod::devices() {
  Segments segments;
  if (is_small())
    segments = bisect(&ChainPeriod::covers_by_sets, 1e-12);
  else if (counts_ <= most_counts)
    segments = bisect(&ChainPeriod::covers_by_classes, 3e-4);
  else
    segments = by_sequence();
  if (!is_small()) place_segments(layout_, segments);
  std::vector<std::int32_t> devices;
  for (const auto& segment : segments) devices.resize(models::at(segment.end), segment.device);
  // Where weights do not fit, however they are cut, there are no segments.
  devices.resize(models::at(layout_.length()), devices.empty() ? 0 : devices.back());
  return devices;
}

ChainPeriod::Segments ChainPeriod::bisect(bool (ChainPeriod::*covers)(double, Segments&),
                                          double precision) {
  double low = least_period(), high = low;
  Segments best, found;
  for (int k = 0; best.empty(); ++k, high += high - low + 0.1 * low)
    if ((this->*covers)(high, best) || k > most_doublings) break;
  while (high - low > precision * high) {
    const double middle = low + (high - low) / 2;
    if (!(middle > low && middle < high)) break;
    found.clear();
    if ((this->*covers)(middle, found)) {
      high = middle;
      best = found;
    } else {
      low = middle;
    }
  }
  return best;
}

/// Everything where it is fastest, evenly shared.
double ChainPeriod::least_period() const {
  double sum = 0;
  for (int position = 0; position < layout_.length(); ++position) {
    double least = layout_.time(0, position, position + 1);
    for (int cls = 1; cls < layout_.classes(); ++cls)
      least = std::min(least, layout_.time(cls, position, position + 1));
    sum += least;
  }
  return std::max(1.0, sum / layout_.problem().devices);
}

void ChainPeriod::note_cuts(double period) {
  cut_.resize(static_cast<std::size_t>(layout_.length()) + 1);
  const double most = layout_.best_bandwidth() * period * picosecond;
  for (int k = 0, last = 0; k <= layout_.length(); ++k) {
    if (k == layout_.length() || layout_.bytes(k) <= most) last = k;
    at(cut_, k) = last;
  }
}

bool ChainPeriod::covers_by_sets(double period, Segments& segments) {
  const auto& problem = layout_.problem();
  const auto& stream = problem.streams.front();
  const int devices = problem.devices, length = layout_.length();
  const auto positions = static_cast<std::size_t>(length) + 1;
  ends_.assign(static_cast<std::size_t>(devices) << devices, {});
  std::vector<std::int32_t> begins(positions);  // minus ends: differences
  for (int set = 1; set < 1 << devices; ++set)
    for (int last = 0; last < devices; ++last) {
      if ((set >> last & 1) == 0) continue;
      const int before = set & ~(1 << last), cls = layout_.class_of(last);
      std::fill(begins.begin(), begins.end(), 0);
      const auto begin_at = [&](int position, int from) {
        if (layout_.transfer(from, last, layout_.bytes(position)) > period) return;
        const int end = layout_.reach(cls, position, period);
        if (end == position) return;
        ++at(begins, position + 1);
        if (end < length) --at(begins, end + 1);
      };
      if (before == 0) begin_at(0, stream.source);
      for (int other = 0; other < devices; ++other) {
        if ((before >> other & 1) == 0) continue;
        const auto& reached = at(ends_, before * devices + other);
        for (int position = 1; position < length && !reached.empty(); ++position)
          if (at(reached, position) != 0) begin_at(position, other);
      }
      auto& reached = at(ends_, set * devices + last);
      reached.assign(positions, 0);
      for (int position = 1, open = 0; position <= length; ++position) {
        open += at(begins, position);
        at(reached, position) = open > 0 ? 1 : 0;
      }
      if (at(reached, length) == 0 ||
          layout_.transfer(last, stream.sink, layout_.bytes(length)) > period)
        continue;
      trace_sets(period, set, last, segments);
      return true;
    }
  return false;
}

void ChainPeriod::trace_sets(double period, int set, int last, Segments& segments) const {
  const int devices = layout_.problem().devices;
  int end = layout_.length();
  while (set != 0) {
    segments.insert(segments.begin(), {end, last});
    set &= ~(1 << last);
    const int cls = layout_.class_of(last);
    int begin = -1, from = -1;
    for (int other = 0; other < devices && begin < 0; ++other)
      for (int position = end - 1; position > 0 && (set >> other & 1) != 0 && begin < 0; --position)
        if (at(at(ends_, set * devices + other), position) != 0 &&
            layout_.reach(cls, position, period) >= end &&
            layout_.transfer(other, last, layout_.bytes(position)) <= period) {
          begin = position;
          from = other;
        }
    end = begin;
    last = from;
  }
}

bool ChainPeriod::covers_by_classes(double period, Segments& segments) {
  note_cuts(period);
  furthest_.assign(static_cast<std::size_t>(counts_), 0);
  taken_.assign(static_cast<std::size_t>(counts_), -1);
  for (std::int64_t used = 1; used < counts_; ++used) {
    for (int cls = 0; cls < layout_.classes(); ++cls) {
      const auto stride = at(stride_, cls);
      const auto count = static_cast<std::int64_t>(layout_.members(cls).size());
      if (used / stride % (count + 1) == 0) continue;
      const int begin = at(furthest_, used - stride);
      const int end = cut_before(layout_.reach(cls, begin, period));
      if (end <= at(furthest_, used) && at(taken_, used) >= 0) continue;
      at(furthest_, used) = std::max(begin, end);
      at(taken_, used) = static_cast<std::int8_t>(cls);
    }
    if (at(furthest_, used) < layout_.length()) continue;
    for (auto rest = used; rest > 0; rest -= at(stride_, at(taken_, rest))) {
      const int cls = at(taken_, rest);
      const auto count = static_cast<std::int64_t>(layout_.members(cls).size());
      const auto which = rest / at(stride_, cls) % (count + 1) - 1;
      segments.insert(segments.begin(), {at(furthest_, rest), at(layout_.members(cls), which)});
    }
    return true;
  }
  return false;
}

int ChainPeriod::follow(const std::vector<std::int32_t>& sequence, double period,
                        Segments* segments) const {
  int position = 0;
  for (const auto device : sequence) {
    const int end = cut_before(layout_.reach(layout_.class_of(device), position, period));
    if (end <= position) continue;
    position = end;
    if (segments != nullptr) segments->push_back({end, device});
    if (end == layout_.length()) break;
  }
  return position;
}

/// A hill is climbed: how far the devices come in a period a little shorter than the best.
ChainPeriod::Segments ChainPeriod::by_sequence() {
  std::vector<std::int32_t> sequence(static_cast<std::size_t>(layout_.problem().devices));
  std::iota(sequence.begin(), sequence.end(), 0);
  double period = 1;
  for (int cls = 0; cls < layout_.classes(); ++cls)
    period = std::max(period, layout_.time(cls, 0, layout_.length()));
  Segments best;
  models::Random random(1);
  const auto count = static_cast<std::int64_t>(sequence.size());
  double step = 0.5;
  for (int tried = 0, here = -1; tried < sequences && step > 1e-4; ++tried) {
    const auto one = random.below(count), other = random.below(count);
    if (here >= 0) std::swap(at(sequence, one), at(sequence, other));
    note_cuts(period * (1 - step));
    const int there = follow(sequence, period * (1 - step), nullptr);
    if (there < here)
      std::swap(at(sequence, one), at(sequence, other));
    else
      here = there;
    if (here == layout_.length()) {
      period *= 1 - step;
      best.clear();
      follow(sequence, period, &best);
      here = -1;
    } else if (tried % 300 == 299) {
      step /= 2;
      here = -1;
    }
  }
  return best;
}

}  // namespace optimizers
