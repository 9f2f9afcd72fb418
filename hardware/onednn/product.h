#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "hardware/onednn/chain.h"
#include "hardware/onednn/dnnl.h"
#include "hardware/onednn/weights.h"

namespace hardware {

/// A convolution or matrix product, said in the words of its oneDNN primitive.
struct Product {
  Layout source;                ///< of input 0, as wanted
  Layout destination;           ///< of output 0, as made
  dnnl::memory::desc src, dst;  ///< the same, maybe seen as matrices
  bool as_matrix = false;
  /// The weights, input 1, as the file keeps them: their axes in the primitive's order, their
  /// strides the file's. Of fp32 if constant, else of the source's type.
  dnnl::memory::dims weight_dims, weight_strides;
  ChannelView channels;
  int channel_axis = 1;  ///< of the destination
  models::Shape bias_shape;
  int bias = -1;    ///< the input that is one; -1: none
  float alpha = 1;  ///< factor of the product
  float beta = 1;   ///< factor of the bias
};

/// What a primitive's description is made of; no bias: an empty desc.
struct ProductDescs {
  dnnl::memory::desc src, weights, bias, dst;
};

/// Whether the product of bytes is exact on this machine: without VNNI pairs of products saturate
/// at 16 bits.
bool multiplies_bytes_exactly();

/// Input 0 as a product in the request's precision reads it, row by row; nullopt where the request
/// is not for oneDNN: other types, nothing to compute, weights an integer product cannot pack.
std::optional<Layout> source_of(const Request& request);

/// Whether input 2 is there and the operator's own: operands of what is fused come after those.
bool has_third_input(const Request& request);

/// From the descriptions of the tensors, and attributes, to that of the primitive.
using Describe = std::function<dnnl::primitive_desc_base(const ProductDescs& descs,
                                                         const dnnl::primitive_attr& attributes)>;

/// Picks post-operations, packs the weights, builds the kernel; nullopt where oneDNN refuses.
std::optional<Prepared> make_product(const Request& request, const Product& product,
                                     const Describe& describe);

}  // namespace hardware
