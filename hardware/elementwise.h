#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "hardware/kernel.h"

namespace hardware {

/// Constants of a function of elements, from its attributes.
using Reals = std::array<double, 4>;

/// Computes `count` elements of a function: those of operand i lie side by side at operands[i].
/// `result` may be one of the operands.
using Loop = void (*)(const void* const* operands, void* result, std::int64_t count,
                      const Reals& reals);

/// Thrown by loops over integers.
struct DivisionByZero {};

/// One loop per element type, nullptr where there is none.
using Loops = std::array<Loop, 13>;

/// Functions of one element and of two of one type, by ONNX type; all nullptr for an unknown one.
/// Half precision has no loops of its own. Beside the types of ONNX: "Mean" divides by a constant,
/// "Gelu tanh" is the approximation of that name, "fmod" the Mod that is C's, "LEFT" and "RIGHT"
/// are the directions of BitShift.
Loops unary_loops(std::string_view type);
Loops binary_loops(std::string_view type);

/// The same, compiled for AVX2.
Loops unary_loops_of_avx2(std::string_view type);
Loops binary_loops_of_avx2(std::string_view type);

/// Tanh, Erf, Sin and Cos, by Eigen.
Loops array_loops(std::string_view type);

/// The second of three operands where the first is true, else the third; by bytes of an element.
Loop selecting_loop(std::size_t bytes);

/// A function of elements, as a chain of loops: the first takes `takes` operands, each further one
/// what came out so far and then the next `takes` operands.
struct LoopChain {
  struct Link {
    Loop loop = nullptr;
    int takes = 1;
  };
  std::vector<Link> links;
  std::vector<std::size_t> inputs;            ///< of the request: which are its operands, in order
  std::vector<models::ElementType> operands;  ///< types in which they are computed, one each
  models::ElementType result = models::ElementType::float32;  ///< type the last loop makes
  Reals reals = {};
};

/// The kernel that computes the chain, with numpy's broadcasting, into the request's first output;
/// operands and result are converted where their types are others. Throws InputError where shapes
/// do not broadcast.
Prepared make_pointwise(const Request& request, LoopChain chain, std::string implementation);

/// Kernels of Cast, CastLike and Identity; of Dropout.
Prepared make_cast(const Request& request);
Prepared make_dropout(const Request& request);

constexpr std::size_t index_of(models::ElementType type) {
  return static_cast<std::size_t>(type);
}

template <class T>
constexpr models::ElementType type_of() {
  using E = models::ElementType;
  if constexpr (std::is_same_v<T, float>) return E::float32;
  if constexpr (std::is_same_v<T, double>) return E::float64;
  if constexpr (std::is_same_v<T, std::int8_t>) return E::int8;
  if constexpr (std::is_same_v<T, std::int16_t>) return E::int16;
  if constexpr (std::is_same_v<T, std::int32_t>) return E::int32;
  if constexpr (std::is_same_v<T, std::int64_t>) return E::int64;
  if constexpr (std::is_same_v<T, std::uint8_t>) return E::uint8;
  if constexpr (std::is_same_v<T, std::uint16_t>) return E::uint16;
  if constexpr (std::is_same_v<T, std::uint32_t>) return E::uint32;
  if constexpr (std::is_same_v<T, std::uint64_t>) return E::uint64;
  if constexpr (std::is_same_v<T, bool>) return E::boolean;
}

}  // namespace hardware
