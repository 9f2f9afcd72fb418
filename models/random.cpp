#include "models/random.h"

#include <bit>
#include <sstream>

namespace models {

std::string Random::text() const {
  std::ostringstream text;
  text << engine_;
  return text.str();
}

bool Random::set_text(const std::string& text) {
  std::istringstream numbers(text);
  numbers >> engine_;
  return !numbers.fail();
}

double portable_log(double x) {
  // x = m 2^e with m in [sqrt(1/2), sqrt(2)); log m = 2 artanh(s), s = (m - 1) / (m + 1), |s| <
  // 0.1716.
  auto bits = std::bit_cast<std::uint64_t>(x);
  auto exponent = static_cast<int>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++exponent;
  }
  const double s = (m - 1) / (m + 1);
  const double square = s * s;
  double series = 0;
  for (int k = 23; k >= 1; k -= 2) series = series * square + 1.0 / k;
  return 2 * s * series + exponent * 0.6931471805599453;
}

}  // namespace models
