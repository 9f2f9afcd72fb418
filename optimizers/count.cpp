#include "optimizers/count.h"

namespace optimizers {

Count::Count(std::uint64_t number) : number_(number), digits_(static_cast<double>(number)) {
  normalise();
}

void Count::normalise() {
  if (digits_ == 0) exponent_ = 0;
  for (; digits_ >= 10; ++exponent_) digits_ /= 10;
}

Count& Count::operator*=(const Count& other) {
  exact_ = exact_ && other.exact_ && !__builtin_mul_overflow(number_, other.number_, &number_);
  digits_ *= other.digits_;
  exponent_ += other.exponent_;
  normalise();
  return *this;
}

Count& Count::operator+=(const Count& other) {
  exact_ = exact_ && other.exact_ && !__builtin_add_overflow(number_, other.number_, &number_);
  double small = other.digits_;
  auto up = exponent_ - other.exponent_;
  if (up < 0) {
    small = digits_;
    digits_ = other.digits_;
    exponent_ = other.exponent_;
    up = -up;
  }
  for (; up > 0 && small > 0; --up) small = up > 20 ? 0 : small / 10;
  digits_ += small;
  normalise();
  return *this;
}

std::string Count::text() const {
  if (exact_) return std::to_string(number_);
  const bool rounds_up = digits_ >= 9.95;
  const auto tenths = static_cast<int>(rounds_up ? 10 : digits_ * 10 + 0.5);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "e" +
         std::to_string(exponent_ + (rounds_up ? 1 : 0));
}

}  // namespace optimizers
