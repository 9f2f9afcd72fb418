#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "hardware/kernel.h"

namespace hardware {

/// The axes of a tensor as a reduction sees them: neighbours that are both kept or both reduced are
/// one axis.
class ReductionPlan {
 public:
  /// `reduced` says it of each axis of the shape.
  ReductionPlan(const models::Shape& shape, const std::vector<bool>& reduced);
  /// The same for others, of a shape with no more axes. Allocates nothing.
  void set(const models::Shape& shape, const std::vector<bool>& reduced);

  struct Axis {
    std::int64_t size = 1;
    std::int64_t stride = 1;  ///< in elements
  };
  std::vector<Axis> kept;     ///< but the innermost of all
  std::vector<Axis> reduced;  ///< but the innermost of all
  std::int64_t inner = 1;     ///< size of the innermost axis, its stride being 1
  bool inner_reduced = true;
  std::int64_t results = 1;  ///< elements of the output
  std::int64_t count = 1;    ///< elements that are reduced to one
  /// Where the odometers over kept and reduced axes stand; as long as these are.
  mutable std::vector<std::int64_t> kept_index;
  mutable std::vector<std::int64_t> reduced_index;
};

/// Reduces a tensor of doubles, fp32 numbers, int64 or uint64 to one of the same type. Throws
/// DivisionByZero for the mean of no integers.
using Reducer = void (*)(const ReductionPlan& plan, const void* input, void* output);

/// By ONNX type; nullptr where there is none. `type` is one of the four.
Reducer find_reducer(std::string_view type, models::ElementType type_of_elements);
/// The same, compiled for AVX2.
Reducer find_reducer_of_avx2(std::string_view type, models::ElementType type_of_elements);

/// A function of one tensor that is computed in another type than it is stored in: copied to the
/// workspace and back.
class Widening {
 public:
  /// `result` is the type that the function makes.
  Widening(const Layout& input, models::ElementType computed, const Layout& output,
           models::ElementType result);
  std::size_t workspace() const { return input_bytes_ + output_bytes_; }
  /// The input in the type it is computed in.
  const std::byte* widened(const std::byte* input, std::byte* workspace) const;
  /// Where to put the result, and then to bring it to its place.
  std::byte* made(std::byte* output, std::byte* workspace) const;
  void narrow(std::byte* output, std::byte* workspace) const;

 private:
  models::ElementType from_, computed_, result_, to_;
  std::int64_t input_count_, output_count_;
  std::size_t input_bytes_ = 0;
  std::size_t output_bytes_ = 0;
};

/// The widest type of the same kind with the same values: fp32 for half precision, int64 or uint64
/// for integers and booleans.
models::ElementType widest(models::ElementType type);

Prepared make_arg(const Request& request);  // ArgMax, ArgMin
Prepared make_cumsum(const Request& request);

/// Layouts as the request has them, nothing packed.
Prepared prepared_as_asked(const Request& request, std::unique_ptr<Kernel> kernel,
                           std::size_t workspace);

/// An input that the operator cannot do without. Throws InputError.
const Layout& needed(const Request& request, std::size_t index);

}  // namespace hardware
