#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace models {

/// Random numbers that repeat on every machine: the sequence of std::mt19937_64 is fixed by the
/// standard, its distributions are not, so we bring our own.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t next() { return engine_(); }
  /// A whole number in [0, count), count > 0; by the multiply-shift of Lemire (2019), whose bias
  /// below 2^32 is under 2^-32.
  std::int64_t below(std::int64_t count) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::int64_t>(
        (static_cast<Wide>(engine_()) * static_cast<std::uint64_t>(count)) >> 64);
  }
  /// In [0, 1), 53 random bits.
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  bool chance(double probability) { return unit() < probability; }

  /// Where the sequence stands, and back there; false if the text is not such.
  std::string text() const;
  bool set_text(const std::string& text);

 private:
  std::mt19937_64 engine_;
};

/// The natural logarithm by arithmetic alone (no libm), the same on every machine; relative error
/// below 1e-15 for normal positive numbers.
double portable_log(double x);

}  // namespace models
