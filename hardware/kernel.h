#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/network/network.h"
#include "models/network/shape.h"
#include "models/precision/precision.h"

/// Computing on the machine itself.
namespace hardware {

/// How a tensor lies in memory. Row by row unless channels_last: then its second axis varies
/// fastest, as in NHWC, while `shape` still names the axes as the network does (N, C, H, W).
struct Layout {
  models::ElementType type = models::ElementType::float32;
  models::Shape shape;
  bool channels_last = false;  ///< of rank 3 to 5 only
  /// Of real numbers kept as int8 or uint8: value = scale x stored. 0: the numbers themselves.
  float scale = 0;

  std::int64_t elements() const { return models::elements_of(shape); }
  std::size_t bytes() const {
    return static_cast<std::size_t>(elements() * models::bits_of(type) / 8);
  }
  friend bool operator==(const Layout&, const Layout&) = default;
};

/// An operator that is done in the same step, to the result before it is stored.
struct Fused {
  std::string
      type;  ///< ONNX type: "Relu", "Clip", "LeakyRelu", "HardSwish", "Sigmoid", "Add", "Mul"
  float alpha = 0;  ///< slope; Clip: lower bound
  float beta = 0;   ///< Clip: upper bound
  int input = -1;   ///< of Add and Mul: which of Request::inputs is the other operand
};

/// What a kernel is prepared for.
struct Request {
  struct Input {
    Layout layout;
    /// Its elements, row by row, where they never change; else nullptr. A kernel that packs them
    /// for itself says so in Prepared::packed and is run without them.
    const std::byte* constant = nullptr;
  };
  const models::Operator* op = nullptr;
  int opset = 17;
  std::vector<std::optional<Input>> inputs;  ///< in ONNX order, then those of `fused`
  std::vector<std::optional<Layout>>
      outputs;  ///< in ONNX order; their type, shape and scale are given
  models::Precision precision = models::Precision::fp32;  ///< fp32, bf16 or int8 (native kernels)
  std::vector<Fused> fused;                               ///< native kernels only
};

/// An operator instance: prepared once, run any number of times.
class Kernel {
 public:
  virtual ~Kernel() = default;
  /// Pointers are nullptr where a tensor is absent or packed, else aligned to 64 bytes. No output
  /// overlaps an input. `workspace` holds as many bytes as asked for. Allocates nothing.
  virtual void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
                   std::byte* workspace) = 0;
};

/// A kernel, and what whoever runs it must know.
struct Prepared {
  std::unique_ptr<Kernel> kernel;
  std::string implementation;   ///< "onednn brgconv:avx512_core", "eigen", "own"
  std::vector<Layout> inputs;   ///< as it wants them, one per input; of absent ones empty
  std::vector<Layout> outputs;  ///< as it makes them, one per output
  std::vector<bool> packed;     ///< constants that run() does without; empty: none
  std::size_t workspace = 0;    ///< bytes, shared by all kernels of a network
  std::size_t held = 0;         ///< bytes of packed weights and tables, kept as long as the kernel
  /// An input that output 0 may lie upon, where it is no other input as well and nothing reads it
  /// later: run() may then be given the same pointer for both, which spares it a copy. -1: none.
  int in_place = -1;
};

/// Makes plain kernels: all tensors row by row, in the types the network's file gives them, nothing
/// fused. Half precision is computed in fp32 and rounded. Throws NotSupported.
using PlainFactory = Prepared (*)(const Request&);

/// Makes kernels that compute natively in the request's precision (fp32, bf16, int8) on real-valued
/// tensors; nullopt where there is none for these attributes, shapes, or on this machine, or
/// where the implementation would be a reference one.
using NativeFactory = std::optional<Prepared> (*)(const Request&);

/// An operator, attribute or type that no kernel exists for.
struct NotSupported {
  std::string what;
};

/// One row per operator type and library. A type may have a row in both tables.
struct PlainRow {
  std::string_view type;
  PlainFactory make = nullptr;
  std::string_view types;    ///< element types of the data it computes on: "float32 float64 ... "
  std::string_view library;  ///< "Eigen", "own", "oneDNN, Eigen"
};
struct NativeRow {
  std::string_view type;
  NativeFactory make = nullptr;
  std::string_view precisions;  ///< "fp32 bf16 int8"
  std::string_view fuses;       ///< types it can do in the same step: "Relu Clip Add"
};

}  // namespace hardware
