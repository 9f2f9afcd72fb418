#pragma once

#include <optional>
#include <vector>

#include "hardware/onednn/dnnl.h"

namespace hardware {

/// What is fused to an operator, as oneDNN's post-operations.
struct Chain {
  /// A tensor that a post-operation reads.
  struct Operand {
    int argument = 0;       ///< DNNL_ARG_...
    std::size_t input = 0;  ///< of the request
    Layout layout;          ///< as it is wanted
    dnnl::memory::desc desc;
  };
  dnnl::post_ops operations;
  std::vector<Operand> operands;
  int summed = -1;  ///< an input that must lie in the output first; -1: none
  float unit = 1;   ///< value = unit x what the primitive must hand to the first of `operations`
};

/// How the other operand of the first Add comes in: read from memory of its own, or from the
/// output, which is faster but has to be filled first.
enum class Adding { from_output, from_operand };

/// Where the output is seen as a matrix though it has more axes, `as_matrix` says so. nullopt:
/// something has no post-operation, or Adding::from_output has nothing to add that fits.
std::optional<Chain> make_chain(const Request& request, const std::vector<Fused>& fused,
                                const Layout& output, Adding adding, bool as_matrix = false);

/// "Relu Clip ...": what may be fused.
inline constexpr std::string_view chainable =
    "Relu LeakyRelu Clip Sigmoid Tanh HardSwish HardSigmoid Elu Gelu Mish Softplus Abs Add Mul";

}  // namespace hardware
