#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/index.h"
#include "models/plan.h"
#include "models/problem.h"

namespace optimizers {

using models::at;

/// Which operators feed which, made once per search.
class Graph {
 public:
  explicit Graph(const models::Problem& problem);

  /// Operators whose tensors `op` reads, ascending, each once.
  std::span<const std::int32_t> makers(int op) const { return part(maker_begin_, maker_, op); }
  /// Operators that read a tensor of `op`, ascending, each once.
  std::span<const std::int32_t> readers(int op) const { return part(reader_begin_, reader_, op); }
  /// Pairs (maker, reader), by maker.
  struct Edge {
    std::int32_t maker;
    std::int32_t reader;
    std::int32_t tensor;
  };
  std::span<const Edge> edges() const { return edges_; }
  /// Operators of the same ONNX type have the same number.
  int type(int op) const { return at(type_, op); }
  int types() const { return types_; }

 private:
  static std::span<const std::int32_t> part(const std::vector<std::int32_t>& begin,
                                            const std::vector<std::int32_t>& all, int op) {
    return std::span(all).subspan(static_cast<std::size_t>(at(begin, op)),
                                  static_cast<std::size_t>(at(begin, op + 1) - at(begin, op)));
  }

  std::vector<std::int32_t> maker_begin_, maker_, reader_begin_, reader_;
  std::vector<Edge> edges_;
  std::vector<std::int32_t> type_;
  int types_ = 0;
};

/// Sizes the plan for the problem: first options, network order, tensors as produced, all lanes.
void reset(const models::Problem& problem, models::Plan& plan);

/// [operator] where it stands in the plan's order.
void positions(const models::Plan& plan, std::vector<std::int32_t>& position);

/// Whether tensor `tensor` has to travel to `target` under the plan, that is, whether the wire
/// entry means anything.
bool travels(const models::Problem& problem, const models::Plan& plan, int tensor, int target);

}  // namespace optimizers
