#include "models/cost/product.h"

#include <algorithm>
#include <cmath>

#include "models/index.h"

namespace models {
namespace {

const Tensor* tensor_of(const Network& network, const std::vector<int>& tensors,
                        std::size_t which) {
  if (which >= tensors.size() || tensors[which] < 0) return nullptr;
  return &at(network.tensors, tensors[which]);
}

/// Channels lie in the second dimension.
Product convolution(const Tensor& input, const Tensor& output, const Operator& op) {
  Product product;
  const auto channels = static_cast<double>(output.shape[1]);
  product.count = std::max(1.0, static_cast<double>(input.shape[1] / op.reduction_channels));
  product.n = std::max(1.0, channels / product.count);
  product.m = static_cast<double>(output.elements()) / channels;
  product.k = static_cast<double>(op.macs) / static_cast<double>(output.elements());
  const double read = product.count * product.m * product.k;
  product.reuse = std::max(1.0, read / static_cast<double>(input.elements()));
  return product;
}

bool is_one_matrix(const Tensor& tensor) {
  const auto rank = tensor.shape.size();
  return rank <= 2 || tensor.elements() == tensor.shape[rank - 1] * tensor.shape[rank - 2];
}

/// The last two dimensions of the result are a matrix. Matrices of a batch that meet the same
/// weights are one taller matrix.
Product matrices(const Tensor& output, const Tensor* second, const Operator& op) {
  Product product;
  const auto elements = static_cast<double>(output.elements());
  const auto& shape = output.shape;
  product.n = shape.empty() ? 1 : static_cast<double>(shape.back());
  const bool alike = second == nullptr || is_one_matrix(*second);
  product.m = alike || shape.size() < 2 ? elements / product.n
                                        : static_cast<double>(shape[shape.size() - 2]);
  product.count = elements / (product.n * product.m);
  product.k = static_cast<double>(op.macs) / elements;
  return product;
}

}  // namespace

std::optional<Product> product_of(const Network& network, const Operator& op) {
  const auto* input = tensor_of(network, op.inputs, 0);
  const auto* output = tensor_of(network, op.outputs, 0);
  if (op.macs <= 0 || output == nullptr || output->elements() == 0) return std::nullopt;
  const bool is_convolution = op.reduction_channels > 0 && input != nullptr &&
                              input->shape.size() > 1 && output->shape.size() > 1 &&
                              input->elements() > 0;
  if (is_convolution) return convolution(*input, *output, op);
  return matrices(*output, tensor_of(network, op.inputs, 1), op);
}

double traffic_of(const Product& product, double room) {
  const double results = product.m * product.n;
  return product.count *
         (2 * results * product.k / std::sqrt(std::max(1.0, room) * product.reuse) + results);
}

}  // namespace models
