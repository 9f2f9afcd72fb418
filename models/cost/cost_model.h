#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "models/network/network.h"
#include "models/platform/device.h"

namespace models {

/// What running one operator once costs on one device at one precision, in one slot.
struct Cost {
  Time duration{};
  double joules = 0;  ///< dynamic energy: operations and memory traffic
  Bytes workspace;    ///< scratch memory held while it runs
  enum class Bound : std::uint8_t { none, overhead, compute, memory, table } bound = Bound::none;
};

/// Predicts costs. One model per device.
class CostModel {
 public:
  virtual ~CostModel() = default;
  /// nullopt where the device does not support the precision, or the table lacks the operator.
  virtual std::optional<Cost> of_operator(const Network& network, int op, Precision p) const = 0;
};

/// The roofline of Williams, Waterman, Patterson (CACM 2009): launch overhead + the longer of
/// arithmetic at peak x efficiency and bytes (inputs, weights, outputs) at memory bandwidth. What
/// picks elements (Gather, Slice) reads only those. Of a device with `sram`, matrix products move
/// at least what tiling them into it takes, see traffic_of(). Operators that are free take no time.
/// Durations beyond 106 days throw std::range_error. `device` must outlive the model.
std::unique_ptr<CostModel> make_roofline(const Device& device);

/// Durations from the device's table; by operator name first, then by "type:". A batch that is not
/// in the table takes its number times that of batch 1. What is missing falls to the roofline where
/// the device describes the format.
std::unique_ptr<CostModel> make_table(const Device& device);

/// A weight-stationary systolic array after SCALE-Sim (Samajdar et al., ISPASS 2020, equation 3): a
/// product of m x k by k x n takes (2 rows + columns + m - 2) cycles for each of its
/// ceil(k / rows) x ceil(n / columns) folds, divided by the format's cell rate; everything else is
/// the roofline's. Groups of a convolution are products one after the other.
std::unique_ptr<CostModel> make_systolic(const Device& device);

/// One row per model, in the order of Device::Model.
std::unique_ptr<CostModel> make_cost_model(const Device& device);

}  // namespace models
