#include "hardware/onednn/windows.h"

#include <algorithm>
#include <array>

#include "hardware/attributes.h"
#include "hardware/catalogue.h"
#include "hardware/halves.h"
#include "hardware/pooling_window.h"

namespace hardware {
namespace {

using dnnl::algorithm;

/// A window in oneDNN's words, with as much padding at the ends as its outputs need.
struct Pooling {
  dnnl::memory::dims kernel, strides, dilations, begins, ends;
  bool dilated = false;
  bool widened = false;  ///< by ceil_mode beyond the padding that was asked for
};

/// nullopt for windows that oneDNN has no words for: those that crop, or lie in the padding alone.
std::optional<Pooling> pooling_of(const PoolingWindow& window) {
  Pooling pooling{window.kernel, window.strides, window.dilations, window.begins, {}};
  for (std::size_t i = 0; i < window.axes(); ++i) {
    const auto reach = (window.kernel[i] - 1) * window.dilations[i] + 1;
    const auto covered = (window.output[i] - 1) * window.strides[i] + reach;
    const auto end = covered - window.input[i] - window.begins[i];
    if (window.begins[i] < 0 || window.ends[i] < 0) return std::nullopt;
    if (window.begins[i] >= reach || end >= reach) return std::nullopt;
    // Dilated windows may step over a short input.
    if (window.dilations[i] > 1 && window.input[i] < reach) return std::nullopt;
    pooling.dilated = pooling.dilated || window.dilations[i] > 1;
    pooling.widened = pooling.widened || end > window.ends[i];
    pooling.ends.push_back(end);
    pooling.dilations[i] -= 1;
  }
  return pooling;
}

template <class Description>
std::optional<Prepared> pooled(WindowKernel& kernel, const std::optional<Description>& made) {
  if (!made) return std::nullopt;
  kernel.add(*made, {{DNNL_ARG_SRC, kernel.source()}, {DNNL_ARG_DST, kernel.destination()}});
  return kernel.finished(*made);
}

/// Integers are averaged as the real numbers they stand for: as integers, the average would be
/// rounded to the input's scale and then to the output's, which is much finer.
std::optional<Prepared> make_pooling(const Request& request, const Pooling& pooling,
                                     algorithm how) {
  auto input = channels_last(request.inputs[0]->layout);
  if (how != algorithm::pooling_max && input.scale > 0) {
    input.type = models::ElementType::float32;
    input.scale = 0;
  }
  const auto made = channels_last(like(input, *request.outputs[0]));
  const auto from = desc_of(input), to = desc_of(made);
  WindowKernel kernel(request, input, made);
  const auto kind = dnnl::prop_kind::forward_inference;
  if (!pooling.dilated) {
    return pooled(
        kernel, unless_refused([&] {
          const dnnl::pooling_forward::desc desc(kind, how, from, to, pooling.strides,
                                                 pooling.kernel, pooling.begins, pooling.ends);
          return dnnl::pooling_forward::primitive_desc(desc, own_scratchpad(), cpu_engine());
        }));
  }
  return pooled(kernel, unless_refused([&] {
                  const dnnl::pooling_v2_forward::desc desc(kind, how, from, to, pooling.strides,
                                                            pooling.kernel, pooling.dilations,
                                                            pooling.begins, pooling.ends);
                  return dnnl::pooling_v2_forward::primitive_desc(desc, own_scratchpad(),
                                                                  cpu_engine());
                }));
}

std::optional<Prepared> pool(const Request& request, algorithm how) {
  if (!is_natural(request)) return std::nullopt;
  const auto window = pooling_window(request);
  const auto pooling = pooling_of(window);
  if (!pooling) return std::nullopt;
  if (how == algorithm::pooling_max && request.precision != models::Precision::int8)
    return exact_max_pool(request, window);
  // oneDNN would count what ceil_mode adds as padding.
  if (how == algorithm::pooling_avg_include_padding && pooling->widened) return std::nullopt;
  return make_pooling(request, *pooling, how);
}

/// One window over all of each plane.
std::optional<Prepared> pool_globally(const Request& request, algorithm how) {
  if (!is_natural(request)) return std::nullopt;
  const auto& shape = request.inputs[0]->layout.shape;
  if (shape.size() < 3 || shape.size() > 5) return std::nullopt;
  const auto axes = shape.size() - 2;
  if (how == algorithm::pooling_max && request.precision != models::Precision::int8) {
    const models::Shape whole(shape.begin() + 2, shape.end()), ones(axes, 1), none(axes, 0);
    return exact_max_pool(request, {whole, ones, whole, ones, ones, none, none});
  }
  Pooling pooling;
  pooling.kernel.assign(shape.begin() + 2, shape.end());
  pooling.strides.assign(axes, 1);
  pooling.begins = pooling.ends = pooling.dilations = dnnl::memory::dims(axes, 0);
  return make_pooling(request, pooling, how);
}

/// The axes a reduction goes along, ascending; nullopt where they are known only when it runs.
std::optional<models::Shape> reduced_axes(const Request& request) {
  const auto& op = *request.op;
  const auto rank = request.inputs[0]->layout.shape.size();
  auto given = integers_of(op, "axes");
  if (has_input(request, 1)) {
    const auto& input = *request.inputs[1];
    if (input.constant == nullptr) return std::nullopt;
    for (std::int64_t i = 0; i < input.layout.elements(); ++i)
      given.push_back(
          static_cast<std::int64_t>(element_as_double(input.constant, input.layout.type, i)));
  }
  models::Shape axes;
  for (const auto axis : given) axes.push_back(static_cast<std::int64_t>(axis_of(op, axis, rank)));
  std::ranges::sort(axes);
  return axes;
}

constexpr std::string_view all = "fp32 bf16 int8";
constexpr std::string_view reals = "fp32 bf16";
constexpr std::array table = {
    NativeRow{"MaxPool", native_max_pool, all, ""},
    NativeRow{"AveragePool", native_average_pool, all, ""},
    NativeRow{"GlobalMaxPool", native_global_max, all, ""},
    NativeRow{"GlobalAveragePool", native_global_average, all, ""},
    NativeRow{"ReduceMean", native_reduce_mean, all, ""},
    NativeRow{"BatchNormalization", native_batch_normalization, reals, ""},
    NativeRow{"LayerNormalization", native_layer_normalization, reals, ""},
    NativeRow{"LRN", native_lrn, reals, ""},
    NativeRow{"Softmax", native_softmax, reals, ""},
    NativeRow{"LogSoftmax", native_softmax, reals, ""},
    NativeRow{"Resize", native_resize, all, ""},
    NativeRow{"Upsample", native_resize, all, ""},
    NativeRow{"LSTM", native_lstm, "fp32", ""},
};

}  // namespace

std::optional<Prepared> native_max_pool(const Request& request) {
  return pool(request, algorithm::pooling_max);
}

std::optional<Prepared> native_average_pool(const Request& request) {
  const bool with_padding = integer_of(*request.op, "count_include_pad", 0) != 0;
  return pool(request, with_padding ? algorithm::pooling_avg_include_padding
                                    : algorithm::pooling_avg_exclude_padding);
}

std::optional<Prepared> native_global_max(const Request& request) {
  return pool_globally(request, algorithm::pooling_max);
}

std::optional<Prepared> native_global_average(const Request& request) {
  return pool_globally(request, algorithm::pooling_avg_exclude_padding);
}

std::optional<Prepared> native_reduce_mean(const Request& request) {
  if (!is_natural(request)) return std::nullopt;
  const auto& shape = request.inputs[0]->layout.shape;
  const auto axes = reduced_axes(request);
  if (!axes || shape.size() < 3 || axes->size() != shape.size() - 2) return std::nullopt;
  for (std::size_t i = 0; i < axes->size(); ++i)
    if ((*axes)[i] != static_cast<std::int64_t>(i + 2)) return std::nullopt;
  if (request.outputs[0]->shape.size() == shape.size()) return native_global_average(request);
  // Without the axes that are gone the same bytes are a matrix.
  Request kept = request;
  auto& output = *kept.outputs[0];
  output.shape.insert(output.shape.end(), axes->size(), 1);
  auto prepared = native_global_average(kept);
  if (prepared) prepared->outputs[0] = row_by_row(*request.outputs[0]);
  return prepared;
}

std::span<const NativeRow> native_windows() {
  return table;
}

}  // namespace hardware
