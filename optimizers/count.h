#pragma once

#include <cstdint>
#include <string>

namespace optimizers {

/// A number of possibilities: exact while it fits 64 bits, else to some digits and of any size.
class Count {
 public:
  Count(std::uint64_t number = 0);  // NOLINT: numbers are counts

  Count& operator*=(const Count& other);
  Count& operator+=(const Count& other);
  friend Count operator*(Count a, const Count& b) { return a *= b; }
  bool more_than(std::uint64_t number) const { return !exact_ || number_ > number; }
  std::uint64_t number() const { return number_; }  ///< only if not more than anything

  /// "81000" or "1.2e30".
  std::string text() const;

 private:
  void normalise();

  bool exact_ = true;
  std::uint64_t number_ = 0;
  double digits_ = 0;  ///< in [1, 10) with exponent_, or 0
  std::int64_t exponent_ = 0;
};

}  // namespace optimizers
