#pragma once

#include <compare>
#include <cstdint>

namespace sim {

/// A number finer than a whole one: an instant between two picoseconds, or bytes sent so far. A
/// double alone is too coarse beyond seconds.
struct Fine {
  std::int64_t whole = 0;
  double fraction = 0;  ///< in [0, 1)
  friend auto operator<=>(const Fine&, const Fine&) = default;
};

/// `amount` may be slightly negative; its whole part must fit.
inline Fine operator+(Fine from, double amount) {
  const auto whole = static_cast<std::int64_t>(amount);
  const double fraction = from.fraction + (amount - static_cast<double>(whole));
  const std::int64_t carry = fraction >= 1 ? 1 : fraction < 0 ? -1 : 0;
  return {from.whole + whole + carry, fraction - static_cast<double>(carry)};
}

inline double operator-(Fine to, Fine from) {
  return static_cast<double>(to.whole - from.whole) + (to.fraction - from.fraction);
}

}  // namespace sim
