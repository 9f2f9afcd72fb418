#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/precision/precision.h"
#include "models/units.h"
#include "models/visitor.h"

namespace models {

/// What one number format can do on a device.
struct FormatSupport {
  Precision precision = Precision::fp32;
  OperationRate matrix_rate;   ///< convolutions and matrix products; a multiply-accumulate counts 2
  OperationRate element_rate;  ///< all other arithmetic; 0 means: as the matrix rate / 16
  EnergyPerOperation operation_energy;

  /// The element rate, stated or not.
  OperationRate element() const {
    return element_rate.value > 0 ? element_rate : OperationRate{matrix_rate.value / 16};
  }
  friend bool operator==(const FormatSupport&, const FormatSupport&) = default;
};

/// A duration that was measured or comes from a data sheet, for operators by name or by type.
struct TabledDuration {
  std::string of;  ///< an operator's name, or "type:Conv"
  Precision precision = Precision::fp32;
  Time duration{};
  Energy energy;           ///< 0: from the roofline's energies
  std::int64_t batch = 1;  ///< requests computed as one; other batches take so often batch 1
  friend bool operator==(const TabledDuration&, const TabledDuration&) = default;
};

/// The part of a peak rate that operators of one type reach.
struct TypeEfficiency {
  std::string type;  ///< an ONNX type, or "depthwise" for convolutions with one channel per group
  double part = 1.0;
  friend bool operator==(const TypeEfficiency&, const TypeEfficiency&) = default;
};

/// An accelerator or a processor.
struct Device {
  enum class Model : std::uint8_t { roofline, table };

  std::string name;
  std::string source;  ///< where the figures come from: data sheet, paper, measurement
  Model model = Model::roofline;
  Bytes memory;
  Bandwidth memory_bandwidth;
  std::int64_t slots = 1;  ///< tasks at once; each owns 1/slots of compute and memory bandwidth
  Time launch_overhead{};  ///< added to every operator and conversion
  std::vector<FormatSupport> formats;
  std::vector<TypeEfficiency> efficiencies;
  double efficiency = 1.0;                ///< part of the peak rates reached by types not listed
  std::vector<TabledDuration> durations;  ///< of the table model; what it lacks falls to the
                                          ///< roofline only if `formats` has the precision
  Power static_power;
  bool gated = false;  ///< static power only while a slot is busy
  EnergyPerByte memory_energy;
  std::int64_t buffers = 0;       ///< arrivals it can hold, see the execution model; 0: any number
  std::int64_t copy_engines = 0;  ///< transfers it sends or receives at once; 0: any number
  Time switch_time{};             ///< of the precision unit, when the compute precision changes
  Energy switch_energy;

  /// nullptr if `formats` lacks it.
  const FormatSupport* support(Precision precision) const;
};

void describe(Device& device, Visitor& v);

}  // namespace models
