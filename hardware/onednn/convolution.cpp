#include <algorithm>

#include "hardware/onednn/product.h"
#include "hardware/onednn/products.h"
#include "hardware/sliding.h"
#include "models/index.h"

namespace hardware {
namespace {

dnnl::memory::dims less_one(models::Shape steps) {
  for (auto& step : steps) --step;
  return steps;
}

/// Strides of an array that lies row by row.
models::Shape strides_of(const models::Shape& shape) {
  models::Shape strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

/// Input and output of a convolution either way, not yet laid out.
std::optional<Product> convolution_of(const Request& request) {
  const auto source = source_of(request);
  if (!source || source->shape.size() < 3 || source->shape.size() > 5) return std::nullopt;
  Product product;
  product.source = *source;
  product.destination = *request.outputs[0];
  product.bias_shape = {product.destination.shape[1]};
  if (has_third_input(request)) product.bias = 2;
  return product;
}

std::optional<Prepared> in_best_layout(const Request& request, Product& product,
                                       const Describe& describe) {
  for (const bool channels_last : {true, false}) {
    product.source.channels_last = product.destination.channels_last = channels_last;
    product.src = desc_of(product.source);
    product.dst = desc_of(product.destination);
    if (auto made = make_product(request, product, describe)) return made;
  }
  return std::nullopt;
}

/// oneDNN 2.6 leaves rubbish where no weight reaches, and where groups of single weights meet.
bool goes_wrong_backwards(const Request& request, const Sliding& sliding) {
  if (request.precision != models::Precision::int8) return false;
  bool pointwise = true;
  for (std::size_t axis = 0; axis < sliding.axes(); ++axis) {
    if (sliding.kernel[axis] < sliding.strides[axis] || sliding.before[axis] < 0 ||
        sliding.after[axis] < 0 || (sliding.strides[axis] > 1 && sliding.dilations[axis] > 1))
      return true;
    pointwise = pointwise && sliding.kernel[axis] == 1;
  }
  return pointwise && sliding.groups > 1;
}

/// oneDNN 2.6's convolution of signed bytes by way of a matrix product takes the wrong sums of
/// weights where there are groups.
bool goes_wrong_in_groups(const Prepared& prepared, const Sliding& sliding) {
  return sliding.groups > 1 && prepared.implementation.find("gemm_s8s8s32") != std::string::npos;
}

/// Whether some window lies on padding only.
bool leaves_input(const Sliding& sliding, const models::Shape& input, const models::Shape& output) {
  for (std::size_t axis = 0; axis < sliding.axes(); ++axis)
    for (std::int64_t place = 0; place < output[axis + 2]; ++place) {
      bool reads = false;
      for (std::int64_t tap = 0; tap < sliding.kernel[axis]; ++tap) {
        const auto at =
            place * sliding.strides[axis] + tap * sliding.dilations[axis] - sliding.before[axis];
        reads = reads || (at >= 0 && at < input[axis + 2]);
      }
      if (!reads) return true;
    }
  return false;
}

/// oneDNN 2.6's brgconv crashes where it adds another tensor under such a window.
bool crashes(const Request& request, const Sliding& sliding, const Product& product) {
  const bool adds = std::ranges::any_of(request.fused, [](auto& part) { return part.input >= 0; });
  return adds && leaves_input(sliding, product.source.shape, product.destination.shape);
}

}  // namespace

std::optional<Prepared> native_convolution(const Request& request) {
  auto product = convolution_of(request);
  if (!product) return std::nullopt;
  const auto& weights = request.inputs[1]->layout.shape;
  const auto sliding =
      sliding_of(*request.op, product->source.shape, weights, product->destination.shape);
  if (crashes(request, sliding, *product)) return std::nullopt;
  product->weight_dims = weights;
  if (sliding.groups > 1) {
    if (weights[0] % sliding.groups != 0) return std::nullopt;
    product->weight_dims[0] /= sliding.groups;
    product->weight_dims.insert(product->weight_dims.begin(), sliding.groups);
  }
  product->weight_strides = strides_of(product->weight_dims);
  product->channels = {1, 1, weights[0], models::elements_of(weights) / weights[0]};
  auto prepared = in_best_layout(
      request, *product, [&](const ProductDescs& descs, const dnnl::primitive_attr& attributes) {
        using Forward = dnnl::convolution_forward;
        const auto kind = dnnl::prop_kind::forward_inference;
        const auto way = dnnl::algorithm::convolution_direct;
        const auto dilations = less_one(sliding.dilations);
        const auto desc =
            !descs.bias.is_zero()
                ? Forward::desc(kind, way, descs.src, descs.weights, descs.bias, descs.dst,
                                sliding.strides, dilations, sliding.before, sliding.after)
                : Forward::desc(kind, way, descs.src, descs.weights, descs.dst, sliding.strides,
                                dilations, sliding.before, sliding.after);
        return Forward::primitive_desc(desc, attributes, cpu_engine());
      });
  if (prepared && goes_wrong_in_groups(*prepared, sliding)) return std::nullopt;
  return prepared;
}

std::optional<Prepared> native_transposed_convolution(const Request& request) {
  auto product = convolution_of(request);
  if (!product) return std::nullopt;
  const auto& weights = request.inputs[1]->layout.shape;
  const auto sliding = transposed_sliding_of(*request.op, product->source.shape, weights,
                                             product->destination.shape);
  if (weights[0] % sliding.groups != 0 || goes_wrong_backwards(request, sliding))
    return std::nullopt;
  const auto inputs = weights[0] / sliding.groups;
  const auto strides = strides_of(weights);
  // The file has the input channels first, the primitive the output channels.
  product->weight_dims = weights;
  product->weight_dims[0] = weights[1];
  product->weight_dims[1] = inputs;
  product->weight_strides = strides;
  std::swap(product->weight_strides[0], product->weight_strides[1]);
  if (sliding.groups > 1) {
    product->weight_dims.insert(product->weight_dims.begin(), sliding.groups);
    product->weight_strides.insert(product->weight_strides.begin(), inputs * strides[0]);
  }
  product->channels = {sliding.groups, inputs, weights[1],
                       models::elements_of(weights) / (weights[0] * weights[1])};
  return in_best_layout(
      request, *product, [&](const ProductDescs& descs, const dnnl::primitive_attr& attributes) {
        using Forward = dnnl::deconvolution_forward;
        const auto kind = dnnl::prop_kind::forward_inference;
        const auto way = dnnl::algorithm::deconvolution_direct;
        const auto dilations = less_one(sliding.dilations);
        const auto desc =
            !descs.bias.is_zero()
                ? Forward::desc(kind, way, descs.src, descs.weights, descs.bias, descs.dst,
                                sliding.strides, dilations, sliding.before, sliding.after)
                : Forward::desc(kind, way, descs.src, descs.weights, descs.dst, sliding.strides,
                                dilations, sliding.before, sliding.after);
        return Forward::primitive_desc(desc, attributes, cpu_engine());
      });
}

}  // namespace hardware
