#pragma once

#include <cstdint>
#include <optional>

#include "models/network/network.h"

namespace models {

/// A convolution or a matrix product as `count` products of an m x k matrix by a k x n one.
struct Product {
  double count = 1;  ///< groups of a convolution, or matrices of a batch
  double m = 0;      ///< rows of the result: pixels, tokens
  double n = 0;      ///< columns of the result: channels
  double k = 0;      ///< multiply-accumulates per element of the result
  /// How often a convolution's windows read each element of the input; 1 without overlap.
  double reuse = 1;
};

/// nullopt for an operator without multiply-accumulates.
std::optional<Product> product_of(const Network& network, const Operator& op);

/// Least elements that go between memory and an on-chip memory of `room` elements:
/// 2 m n k / sqrt(room x reuse) + m n for each product. Hong and Kung (1981) for matrices, with the
/// constant of Kwasniewski et al. (2019); Chen, Han and Wang (2020) for convolutions. Tiles of
/// sqrt(room) x sqrt(room) results come close to it.
double traffic_of(const Product& product, double room);

}  // namespace models
