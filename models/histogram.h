#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace models {

/// A distribution of whole numbers from 0 on (picoseconds), in memory that does not grow: count,
/// mean, least and largest are exact, percentiles to within 0.1 %. Buckets of equal width within
/// each power of two, as in HdrHistogram (Tene, 2012): numbers below 1,024 have buckets of their
/// own, and each larger power of two has 512. 225 KB once something is added.
class Histogram {
 public:
  static constexpr double relative_error = 1.0 / 1024;

  void add(std::int64_t value) {
    if (counts_.empty()) counts_.resize(buckets);
    const auto bucket = bucket_of(value);
    ++counts_[bucket];
    first_ = std::min(first_, bucket);
    end_ = std::max(end_, bucket + 1);
    least_ = std::min(least_, value);
    largest_ = std::max(largest_, value);
    sum_ += value;
    ++count_;
  }
  /// As if everything added to the other had been added here.
  void merge(const Histogram& other);
  /// As new, but keeps its memory.
  void clear();

  std::int64_t count() const { return count_; }
  // Of an empty one these are 0.
  std::int64_t least() const { return count_ == 0 ? 0 : least_; }
  std::int64_t largest() const { return count_ == 0 ? 0 : largest_; }
  /// Rounded down.
  std::int64_t mean() const { return count_ == 0 ? 0 : static_cast<std::int64_t>(sum_ / count_); }
  /// By nearest rank, as percentile_index() has it: off by at most `relative_error` of the exact
  /// one, and never outside what was added. `percent` from 1 to 100.
  std::int64_t percentile(int percent) const;

  /// Calls io with everything it is made of, to carry it elsewhere.
  template <class Self, class Io>
  static void visit(Self& self, Io& io) {
    auto high = static_cast<std::int64_t>(self.sum_ >> 64);
    auto low = static_cast<std::uint64_t>(self.sum_);
    const auto each = [&](auto&... members) { (io(members), ...); };
    each(self.counts_, self.first_, self.end_, self.count_, self.least_, self.largest_, high, low);
    if constexpr (!std::is_const_v<Self>)
      self.sum_ = static_cast<Wide>(high) * (static_cast<Wide>(1) << 64) + static_cast<Wide>(low);
  }

 private:
  static constexpr int precision = 9;  ///< 2^9 buckets for each power of two
  static constexpr std::size_t buckets = (63 - precision + 1) << precision;

  static std::size_t bucket_of(std::int64_t value);
  static std::int64_t middle_of(std::size_t bucket);

  __extension__ using Wide = __int128;

  std::vector<std::int64_t> counts_;
  std::size_t first_ = buckets, end_ = 0;  ///< of those in use
  std::int64_t count_ = 0;
  std::int64_t least_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t largest_ = 0;
  Wide sum_ = 0;
};

}  // namespace models
