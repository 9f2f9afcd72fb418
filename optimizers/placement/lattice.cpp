#include "optimizers/placement/lattice.h"

#include <algorithm>

#include "models/index.h"

namespace optimizers {

using models::at;

/// The number of a set, which may be new.
int Lattice::number_of(std::span<const std::uint64_t> bits) {
  std::uint64_t hash = 0;
  for (const auto word : bits) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
  }
  const auto [from, to] = known_.equal_range(hash);
  for (auto one = from; one != to; ++one)
    if (std::equal(bits.begin(), bits.end(),
                   bits_.begin() + static_cast<std::ptrdiff_t>(at(one->second) * words_)))
      return one->second;
  const int number = static_cast<int>(bits_.size() / words_);
  bits_.insert(bits_.end(), bits.begin(), bits.end());
  known_.emplace(hash, number);
  return number;
}

std::optional<Lattice> Lattice::make(const std::vector<std::vector<int>>& makers, std::size_t most,
                                     const std::function<bool()>& stop) {
  Lattice lattice;
  lattice.words_ = std::max<std::size_t>(1, (makers.size() + 63) / 64);
  std::vector<std::uint64_t> bits(lattice.words_);
  lattice.number_of(bits);
  // Breadth first: sets of as many items, one after the other.
  for (int ideal = 0; at(ideal) * lattice.words_ < lattice.bits_.size(); ++ideal) {
    if (lattice.bits_.size() > most * lattice.words_ || (ideal % 256 == 255 && stop()))
      return std::nullopt;
    for (std::size_t i = 0; i < makers.size(); ++i) {
      const int item = static_cast<int>(i);
      if (lattice.holds(ideal, item)) continue;
      if (!std::all_of(makers[i].begin(), makers[i].end(),
                       [&](int maker) { return lattice.holds(ideal, maker); }))
        continue;
      std::copy_n(lattice.bits_.begin() + static_cast<std::ptrdiff_t>(at(ideal) * lattice.words_),
                  lattice.words_, bits.begin());
      bits[i / 64] |= std::uint64_t{1} << (i % 64);
      lattice.steps_.push_back({item, lattice.number_of(bits)});
    }
    lattice.begin_.push_back(lattice.steps_.size());
  }
  lattice.known_.clear();
  return lattice;
}

}  // namespace optimizers
