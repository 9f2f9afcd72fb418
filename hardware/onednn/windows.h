#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "hardware/onednn/dnnl.h"
#include "hardware/pooling_window.h"

namespace hardware {

/// Makes a kernel of one primitive between one activation and one result. The result may be wanted
/// in another type or with another scale than the primitive makes: then a reorder follows.
class WindowKernel {
 public:
  /// `input` is how the kernel wants inputs[0], `made` how the primitive makes the result.
  WindowKernel(const Request& request, Layout input, Layout made);

  dnnl::memory source();
  dnnl::memory destination();
  /// A parameter that is read as it is, float32 and row by row.
  dnnl::memory parameter(std::size_t index);
  PrimitiveKernel& kernel() { return *kernel_; }

  void add(const dnnl::primitive_desc_base& description,
           const std::map<int, dnnl::memory>& arguments);
  /// The whole; nullopt where the result cannot be stored as it is wanted.
  std::optional<Prepared> finished(const dnnl::primitive_desc_base& description);

 private:
  const Request& request_;
  Layout input_, made_, stored_;
  std::unique_ptr<PrimitiveKernel> kernel_;
  dnnl::memory destination_;
};

/// Whether what goes in and out are real values that oneDNN can be told of, of the types of the
/// request's precision, nothing is fused, and only the first output is asked for.
bool is_natural(const Request& request);

/// The layout in which the second axis varies fastest, where there are spatial axes after it.
Layout channels_last(Layout layout);
Layout row_by_row(Layout layout);

/// The result where the primitive keeps its input's type and scale.
Layout like(const Layout& input, const Layout& wanted);

// windows.cpp
std::optional<Prepared> native_max_pool(const Request& request);
std::optional<Prepared> native_average_pool(const Request& request);
std::optional<Prepared> native_global_max(const Request& request);
std::optional<Prepared> native_global_average(const Request& request);
std::optional<Prepared> native_reduce_mean(const Request& request);

// windows_exact.cpp
/// Channels last, of float32 or bfloat16, with NaN and -inf where oneDNN loses them. Every window
/// lies on the input at least in part. nullopt for more axes than channels-last layouts have.
std::optional<Prepared> exact_max_pool(const Request& request, const PoolingWindow& window);
/// A kernel of softmax or its logarithm along rows of so many numbers, with NaN throughout the rows
/// that have a NaN or +inf, or nothing but -inf.
Prepared mended_softmax(Prepared prepared, std::int64_t columns);

// windows_normalizing.cpp
std::optional<Prepared> native_batch_normalization(const Request& request);
std::optional<Prepared> native_layer_normalization(const Request& request);
std::optional<Prepared> native_lrn(const Request& request);
std::optional<Prepared> native_softmax(const Request& request);

// windows_resizing.cpp
std::optional<Prepared> native_resize(const Request& request);

// windows_recurrent.cpp
std::optional<Prepared> native_lstm(const Request& request);

}  // namespace hardware
