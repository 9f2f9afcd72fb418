#pragma once

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "models/network/node_view.h"

/// What the two files that compute constants share.
namespace models::folding {

using Outputs = std::vector<OnnxTensor>;
using Indices = std::vector<std::size_t>;

inline std::size_t count_of(const Shape& shape) {
  return static_cast<std::size_t>(elements_of(shape));
}

inline bool put(OnnxTensor& output, std::vector<std::int64_t> integers, std::vector<double> reals) {
  output.integers = std::move(integers);
  output.reals = std::move(reals);
  output.has_values = true;
  return true;
}

/// Elements of `from` in the order of `indices`.
inline bool put_picked(OnnxTensor& output, const OnnxTensor& from, const Indices& indices) {
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
  for (const auto index : indices) {
    if (is_real(from.type))
      reals.push_back(from.reals[index]);
    else
      integers.push_back(from.integers[index]);
  }
  return put(output, std::move(integers), std::move(reals));
}

/// Steps between neighbours along each axis of a tensor stored row by row.
inline Shape strides_of(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * std::max<std::int64_t>(shape[i], 1);
  return strides;
}

/// Positions, in a store with these strides from `start` on, of all elements of a tensor of that
/// shape.
inline Indices walk(const Shape& shape, const Shape& strides, std::int64_t start) {
  Indices result;
  const auto count = count_of(shape);
  Shape place(shape.size(), 0);
  for (std::size_t n = 0; n < count; ++n) {
    result.push_back(static_cast<std::size_t>(
        std::inner_product(place.begin(), place.end(), strides.begin(), start)));
    for (std::size_t i = shape.size(); i-- > 0;) {
      if (++place[i] < shape[i]) break;
      place[i] = 0;
    }
  }
  return result;
}

/// Positions in a tensor of shape `from` when it is broadcast to `shape`.
inline Indices broadcast_walk(const Shape& from, const Shape& shape) {
  const auto own = strides_of(from);
  Shape strides(shape.size(), 0);
  const auto offset = shape.size() - from.size();
  for (std::size_t i = 0; i < from.size(); ++i)
    if (from[i] != 1) strides[offset + i] = own[i];
  return walk(shape, strides, 0);
}

// fold_arithmetic.cpp
bool fold_binary(const NodeView& node, Outputs& outputs);
bool fold_unary(const NodeView& node, Outputs& outputs);
bool fold_reduce(const NodeView& node, Outputs& outputs);

}  // namespace models::folding
