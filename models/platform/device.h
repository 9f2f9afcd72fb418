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
  OperationRate matrix_rate;   ///< convolutions and matrix products; a multiply-accumulate counts
                               ///< 2; 0 where the device's array says it
  OperationRate element_rate;  ///< all other arithmetic; 0 means: as the matrix rate / 16
  EnergyPerOperation operation_energy;
  double cell_rate = 1;  ///< multiply-accumulates of one cell of the array in one cycle

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

/// A grid of cells that multiply and accumulate, in place of a matrix rate.
struct CellArray {
  std::int64_t rows = 0;  ///< 0: there is none
  std::int64_t columns = 0;
  Frequency clock;

  double cells() const { return static_cast<double>(rows) * static_cast<double>(columns); }
  friend bool operator==(const CellArray&, const CellArray&) = default;
};

/// An accelerator or a processor.
struct Device {
  enum class Model : std::uint8_t { roofline, table, systolic };

  /// Square millimetres, or money; below 0: not given.
  struct Expense {
    double fixed = -1;  ///< of all that the others do not count
    double per_cell = -1;
    double per_memory_mib = -1;
    double per_sram_mib = -1;
    friend bool operator==(const Expense&, const Expense&) = default;
  };

  std::string name;
  std::int64_t count = 1;  ///< how many of them there are, see with_copies()
  std::string source;      ///< where the figures come from: data sheet, paper, measurement
  Model model = Model::roofline;
  CellArray array;
  Bytes sram;  ///< between memory and arithmetic; 0: large enough for any operator
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
  Expense area, price;

  /// Of `formats`: convolutions and matrix products, stated or by the array.
  OperationRate matrix_rate(const FormatSupport& format) const {
    return format.matrix_rate.value > 0
               ? format.matrix_rate
               : OperationRate{2 * array.cells() * format.cell_rate * array.clock.value};
  }
  /// All other arithmetic, stated or not.
  OperationRate element_rate(const FormatSupport& format) const {
    return format.element_rate.value > 0 ? format.element_rate
                                         : OperationRate{matrix_rate(format).value / 16};
  }
  /// nullptr if `formats` lacks it.
  const FormatSupport* support(Precision precision) const;
};

void describe(Device& device, Visitor& v);

}  // namespace models
