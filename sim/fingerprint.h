#pragma once

#include <bit>
#include <cstdint>
#include <string>

namespace sim {

/// A hash of everything that happened, in order. Two runs with one fingerprint took the same
/// course; a change that was not meant to alter results must not alter a fingerprint. Of canonical
/// positions only, so that renumbering devices, links or operators does not change it.
class Fingerprint {
 public:
  enum class Event : std::uint64_t {
    arrival,
    admission,
    start,
    end,
    completion,
    batch,
    loss,
    change
  };

  void add(std::int64_t when, Event event, std::int64_t request, std::int64_t task) {
    mix(static_cast<std::uint64_t>(when));
    mix(static_cast<std::uint64_t>(request) << 32 ^ static_cast<std::uint64_t>(task) << 3 ^
        static_cast<std::uint64_t>(event));
  }
  std::string text() const;  ///< such as "53de-64a7-0b1c-9f02"

 private:
  void mix(std::uint64_t word) {
    hash_ = std::rotl((hash_ ^ word) * 0x9e3779b97f4a7c15, 29) * 0xbf58476d1ce4e5b9;
  }
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace sim
