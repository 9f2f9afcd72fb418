#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/network/node_view.h"

namespace models {

/// How the work of an operator is counted.
enum class CostRule : std::uint8_t {
  products,    ///< multiply-accumulates, by a formula of its own
  per_output,  ///< `steps` operations per element of all outputs
  per_input,   ///< `steps` operations per element of the first input
  per_window,  ///< `steps` operations per output element and element of the kernel
  moved,       ///< one operation per element of all outputs: bytes move, nothing is computed
  free,        ///< nothing happens at run time
};

struct OperatorCost {
  std::int64_t macs = 0;
  std::int64_t element_operations = 0;
  std::int64_t reduction_channels = 0;
};

/// One row per operator type that Partwise can cost: what it does to shapes and what it costs. To
/// add one: a row in operator_kinds.cpp, and an inference function if none there fits.
struct OperatorKind {
  std::string_view type;
  CostRule rule = CostRule::per_output;
  int steps = 1;
  std::string_view how;  ///< what the steps are, the formula, or why it is free
  std::vector<OnnxOutput> (*infer)(const NodeView&) = nullptr;
  OperatorCost (*products)(const NodeView&, std::span<const OnnxOutput>) = nullptr;
};

/// By type, ascending.
std::span<const OperatorKind> operator_kinds();

/// nullptr for a type without a row.
const OperatorKind* find_operator_kind(std::string_view type);

/// "5 operations per output element: maximum, subtract, ...".
std::string cost_text(const OperatorKind& kind);

/// Throws TooLarge.
OperatorCost cost_of(const OperatorKind& kind, const NodeView& node,
                     std::span<const OnnxOutput> outputs);

/// The values of a node whose inputs are all constant; nullopt where they are not worth having.
/// The outputs have their shapes already. Throws InputError for a division by nought and the like.
bool fold(const NodeView& node, std::vector<OnnxTensor>& outputs);

}  // namespace models
