#include <algorithm>

#include "hardware/attributes.h"
#include "hardware/halves.h"
#include "hardware/normalizing.h"
#include "hardware/onednn/windows.h"

namespace hardware {
namespace {

using dnnl::normalization_flags;

constexpr auto forward = dnnl::prop_kind::forward_inference;

bool is_float(const Request& request, std::size_t input, std::int64_t count) {
  if (!has_input(request, input)) return false;
  const auto& layout = request.inputs[input]->layout;
  return layout.type == models::ElementType::float32 && layout.elements() == count;
}

/// A scale of the rows' own shape, without what is broadcast.
bool is_per_column(const Request& request, std::size_t input, std::size_t axis) {
  if (!has_input(request, input)) return false;
  const auto& shape = request.inputs[0]->layout.shape;
  const auto& layout = request.inputs[input]->layout;
  return layout.type == models::ElementType::float32 &&
         std::equal(layout.shape.begin(), layout.shape.end(),
                    shape.begin() + static_cast<std::ptrdiff_t>(axis), shape.end());
}

template <class Description>
std::optional<Prepared> one_to_one(WindowKernel& kernel, const std::optional<Description>& made,
                                   std::map<int, dnnl::memory> parameters = {}) {
  if (!made) return std::nullopt;
  parameters[DNNL_ARG_SRC] = kernel.source();
  parameters[DNNL_ARG_DST] = kernel.destination();
  kernel.add(*made, parameters);
  return kernel.finished(*made);
}

/// The same bytes as rows of columns.
Layout matrix(const Layout& layout, std::int64_t rows, std::int64_t columns) {
  auto result = row_by_row(layout);
  result.shape = {rows, columns};
  return result;
}

std::optional<Prepared> softened(const Request& request, const Layout& input, int axis,
                                 const Layout& as) {
  const auto made = like(input, *request.outputs[0]);
  auto stored = made;
  stored.channels_last = input.channels_last;
  WindowKernel kernel(request, input, stored);
  const auto desc = desc_of(as);
  if (request.op->type == "LogSoftmax")
    return one_to_one(kernel, unless_refused([&] {
                        return dnnl::logsoftmax_forward::primitive_desc(
                            {forward, desc, axis}, own_scratchpad(), cpu_engine());
                      }));
  return one_to_one(kernel, unless_refused([&] {
                      return dnnl::softmax_forward::primitive_desc({forward, desc, axis},
                                                                   own_scratchpad(), cpu_engine());
                    }));
}

std::optional<Prepared> soften(const Request& request, const Layout& input, int axis,
                               const Layout& as) {
  auto prepared = softened(request, input, axis, as);
  if (prepared)
    return mended_softmax(*std::move(prepared), as.shape[static_cast<std::size_t>(axis)]);
  return prepared;
}

}  // namespace

std::optional<Prepared> native_batch_normalization(const Request& request) {
  const auto& op = *request.op;
  if (!is_natural(request) || request.precision == models::Precision::int8) return std::nullopt;
  const auto input = channels_last(request.inputs[0]->layout);
  if (input.shape.size() < 2 || integer_of(op, "spatial", 1) == 0 ||
      integer_of(op, "training_mode", 0) != 0)
    return std::nullopt;
  for (std::size_t i = 1; i < 5; ++i)
    if (!is_float(request, i, input.shape[1])) return std::nullopt;
  WindowKernel kernel(request, input, channels_last(like(input, *request.outputs[0])));
  const auto epsilon = static_cast<float>(real_of(op, "epsilon", 1e-5));
  const auto flags = normalization_flags::use_global_stats | normalization_flags::use_scale |
                     normalization_flags::use_shift;
  const auto made = unless_refused([&] {
    return dnnl::batch_normalization_forward::primitive_desc(
        {forward, desc_of(input), epsilon, flags}, own_scratchpad(), cpu_engine());
  });
  if (!made) return std::nullopt;
  return one_to_one(kernel, made,
                    {{DNNL_ARG_SCALE, kernel.parameter(1)},
                     {DNNL_ARG_SHIFT, kernel.parameter(2)},
                     {DNNL_ARG_MEAN, kernel.parameter(3)},
                     {DNNL_ARG_VARIANCE, kernel.parameter(4)}});
}

std::optional<Prepared> native_layer_normalization(const Request& request) {
  const auto& op = *request.op;
  if (!is_natural(request) || request.precision == models::Precision::int8) return std::nullopt;
  const auto input = row_by_row(request.inputs[0]->layout);
  const auto axis = axis_of(op, integer_of(op, "axis", -1), input.shape.size());
  const auto rows = models::elements_of(std::span(input.shape).first(axis));
  const auto columns = models::elements_of(std::span(input.shape).subspan(axis));
  const bool shifted = has_input(request, 2);
  if (!is_per_column(request, 1, axis) || (shifted && !is_per_column(request, 2, axis)))
    return std::nullopt;
  WindowKernel kernel(request, input, row_by_row(like(input, *request.outputs[0])));
  const auto epsilon = static_cast<float>(real_of(op, "epsilon", 1e-5));
  auto flags = normalization_flags::use_scale;
  if (shifted) flags |= normalization_flags::use_shift;
  const auto made = unless_refused([&] {
    return dnnl::layer_normalization_forward::primitive_desc(
        {forward, desc_of(matrix(input, rows, columns)), epsilon, flags}, own_scratchpad(),
        cpu_engine());
  });
  if (!made) return std::nullopt;
  std::map<int, dnnl::memory> parameters = {{DNNL_ARG_SCALE, kernel.parameter(1)}};
  if (shifted) parameters[DNNL_ARG_SHIFT] = kernel.parameter(2);
  return one_to_one(kernel, made, std::move(parameters));
}

std::optional<Prepared> native_lrn(const Request& request) {
  const auto& op = *request.op;
  if (!is_natural(request) || request.precision == models::Precision::int8) return std::nullopt;
  const auto size = integer_of(op, "size", 0);
  // Of an even size the standard looks further up than down, oneDNN as far both ways.
  if (size < 1 || size % 2 == 0) return std::nullopt;
  const auto number = [&](const char* name, double otherwise) {
    return static_cast<float>(real_of(op, name, otherwise));
  };
  for (const bool last : {true, false}) {
    const auto& given = request.inputs[0]->layout;
    const auto input = last ? channels_last(given) : row_by_row(given);
    auto output = like(input, *request.outputs[0]);
    output.channels_last = input.channels_last;
    WindowKernel kernel(request, input, output);
    const auto made = unless_refused([&] {
      return dnnl::lrn_forward::primitive_desc(
          {forward, dnnl::algorithm::lrn_across_channels, desc_of(input), size,
           number("alpha", 1e-4), number("beta", 0.75), number("bias", 1)},
          own_scratchpad(), cpu_engine());
    });
    if (made) return one_to_one(kernel, made);
  }
  return std::nullopt;
}

std::optional<Prepared> native_softmax(const Request& request) {
  if (!is_natural(request) || request.precision == models::Precision::int8) return std::nullopt;
  const bool old = request.opset < 13;
  auto axes = axes_of(request, old ? 1 : -1);
  if (old) {
    axes.size *= axes.inner;
    axes.inner = 1;
  }
  const auto& given = request.inputs[0]->layout;
  if (axes.inner == 1)
    return soften(request, row_by_row(given), 1, matrix(given, axes.outer, axes.size));
  // Along the channels it is the fastest axis of the other layout.
  const auto turned = channels_last(given);
  const auto axis = axis_of(*request.op, integer_of(*request.op, "axis", -1), given.shape.size());
  if (axis != 1 || !turned.channels_last) return std::nullopt;
  return soften(request, turned, 1, turned);
}

}  // namespace hardware
