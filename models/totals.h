#pragma once

#include <cstdint>
#include <vector>

namespace models {

/// Work of a fair flow on one link, in picoseconds: how long it would take with the link to itself,
/// rounded down, since sums of it are lower bounds.
inline std::int64_t fair_work(std::int64_t bytes, double bytes_per_second) {
  return static_cast<std::int64_t>(static_cast<double>(bytes) / bytes_per_second * 1e12);
}

/// `size` rounded up to whole packets.
inline std::int64_t in_packets(std::int64_t size, std::int64_t packet) {
  if ((packet & (packet - 1)) == 0) return (size + packet - 1) & -packet;  // mostly: no division
  return (size + packet - 1) / packet * packet;
}

/// What one request under a plan adds up to, whoever executes it: loads, memory, energy, noise.
/// Made by the lowering (models/lowering.h).
struct Totals {
  static constexpr std::uint8_t no_precision = 255;

  /// The first thing that cannot be done.
  struct Fault {
    bool found = false;
    bool of_operator = true;  ///< `subject` is an operator, else a tensor
    std::int32_t subject = 0;
    std::int32_t device = 0;
    std::uint8_t format = 0;
  };

  /// Sums over one request, for one device.
  struct DeviceLoad {
    std::int64_t work = 0;             ///< picoseconds of compute and conversions
    std::int64_t switches = 0;         ///< in canonical order, within one request
    std::int64_t weights = 0;          ///< bytes
    std::int64_t per_request = 0;      ///< bytes: R of section 5
    std::uint8_t last = no_precision;  ///< compute precision of the last task that has one
  };

  bool strict = true;
  Fault fault;
  std::vector<DeviceLoad> devices;
  std::vector<std::int64_t> channel_work;  ///< [channel] picoseconds
  std::vector<double> link_bandwidth;      ///< [link] bytes per second as planned
  double compute_energy = 0;               ///< joules
  double convert_energy = 0;
  double transfer_energy = 0;
  std::int64_t transferred_bytes = 0;
  double noise = 0;  ///< noise-to-signal ratio at the outputs, estimated
  /// Requests that can be admitted at once; at least 1, also where not even one fits.
  std::int64_t admission_limit = 1;
  std::int64_t memory_over = 0;   ///< bytes over capacity, summed over devices
  std::int64_t memory_bytes = 0;  ///< largest over devices of weights + per_request
};

}  // namespace models
