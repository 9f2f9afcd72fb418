#include "models/histogram.h"

#include <bit>

#include "models/score.h"

namespace models {

/// The leading `precision` + 1 bits of a number say its bucket; shorter ones are buckets
/// themselves.
std::size_t Histogram::bucket_of(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  const auto cut = std::max(0, static_cast<int>(std::bit_width(bits)) - precision - 1);
  return (static_cast<std::size_t>(cut) << precision) + static_cast<std::size_t>(bits >> cut);
}

std::int64_t Histogram::middle_of(std::size_t bucket) {
  constexpr std::size_t half = std::size_t{1} << precision;
  if (bucket < 2 * half) return static_cast<std::int64_t>(bucket);
  const auto cut = (bucket >> precision) - 1;
  const auto low = static_cast<std::int64_t>((bucket & (half - 1)) + half) << cut;
  return low + (std::int64_t{1} << (cut - 1));
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  if (counts_.empty()) counts_.resize(buckets);
  for (auto bucket = other.first_; bucket < other.end_; ++bucket)
    counts_[bucket] += other.counts_[bucket];
  first_ = std::min(first_, other.first_);
  end_ = std::max(end_, other.end_);
  least_ = std::min(least_, other.least_);
  largest_ = std::max(largest_, other.largest_);
  sum_ += other.sum_;
  count_ += other.count_;
}

void Histogram::clear() {
  auto counts = std::move(counts_);
  if (first_ < end_)
    std::fill(counts.begin() + static_cast<std::ptrdiff_t>(first_),
              counts.begin() + static_cast<std::ptrdiff_t>(end_), 0);
  *this = {};
  counts_ = std::move(counts);
}

std::int64_t Histogram::percentile(int percent) const {
  if (count_ == 0) return 0;
  auto rank = percentile_index(count_, percent);
  for (auto bucket = first_;; ++bucket) {
    rank -= counts_[bucket];
    if (rank < 0) return std::clamp(middle_of(bucket), least_, largest_);
  }
}

}  // namespace models
