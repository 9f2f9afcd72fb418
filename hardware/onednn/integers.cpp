#include "hardware/onednn/integers.h"

#include "hardware/onednn/dnnl.h"

namespace hardware {
namespace {

using models::ElementType;
using models::Shape;

bool sums_are_exact() {
  const auto isa = isa_in_effect();
  const auto has = [&isa](const char* word) { return isa.find(word) != std::string::npos; };
  // Whatever came after VNNI includes it.
  return has("vnni") || has("bf16") || has("fp16") || has("amx");
}

dnnl::memory packed_weights(const Shape& shape, std::span<const std::int8_t> weights,
                            const dnnl::memory::desc& to) {
  return packed(plain_desc(shape, ElementType::int8),
                reinterpret_cast<const std::byte*>(weights.data()), to);
}

/// The groups as an axis of their own.
Shape grouped(const Shape& shape, std::int64_t groups) {
  if (groups == 1) return shape;
  Shape result = shape;
  result[0] /= groups;
  result.insert(result.begin(), groups);
  return result;
}

using Reordered = std::optional<dnnl::reorder::primitive_desc>;

Reordered reordered(const Layout& from, const Layout& to) {
  return unless_refused([&] {
    return dnnl::reorder::primitive_desc(cpu_engine(), desc_of(from), cpu_engine(), desc_of(to),
                                         own_scratchpad());
  });
}

}  // namespace

std::optional<Prepared> exact_convolution(const Layout& input, std::int32_t zero,
                                          const Layout& output, const Shape& weight_shape,
                                          std::span<const std::int8_t> weights,
                                          const Sliding& sliding) {
  if (!sums_are_exact() || !describable(input) || !describable(output) || input.shape.size() > 5 ||
      weights.empty())
    return std::nullopt;
  auto turned = input, made = output;
  turned.channels_last = made.channels_last = true;
  const auto shape = grouped(weight_shape, sliding.groups);
  auto dilations = sliding.dilations;
  for (auto& dilation : dilations) --dilation;
  const auto description = unless_refused([&] {
    auto attributes = own_scratchpad();
    if (zero != 0) attributes.set_zero_points(DNNL_ARG_SRC, 0, {zero});
    const dnnl::convolution_forward::desc desc(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, desc_of(turned),
        any_desc(shape, ElementType::int8), desc_of(made), sliding.strides, dilations,
        sliding.before, sliding.after);
    return dnnl::convolution_forward::primitive_desc(desc, attributes, cpu_engine());
  });
  const auto in = reordered(input, turned), out = reordered(made, output);
  if (!description || !in || !out) return std::nullopt;
  // Of groups of signed bytes, oneDNN 2.6's way by matrix products takes the wrong sums of weights.
  const auto name = implementation_of(*description);
  if (sliding.groups > 1 && name.find("gemm_s8s8s32") != std::string::npos) return std::nullopt;
  auto kernel = std::make_unique<PrimitiveKernel>();
  const auto source = kernel->temporary(desc_of(turned));
  kernel->add(*in, {{DNNL_ARG_FROM, kernel->input(0, desc_of(input))}, {DNNL_ARG_TO, source}});
  const auto sums =
      made == output ? kernel->output(0, desc_of(made)) : kernel->temporary(desc_of(made));
  kernel->add(*description, {{DNNL_ARG_SRC, source},
                             {DNNL_ARG_WEIGHTS, kernel->keep(packed_weights(
                                                    shape, weights, description->weights_desc()))},
                             {DNNL_ARG_DST, sums}});
  if (!(made == output))
    kernel->add(*out, {{DNNL_ARG_FROM, sums}, {DNNL_ARG_TO, kernel->output(0, desc_of(output))}});
  return prepared(std::move(kernel), name, {input}, {output});
}

std::optional<Prepared> exact_multiplication(ElementType type, std::int64_t rows,
                                             std::int64_t depth, std::int64_t columns,
                                             std::span<const std::int8_t> right) {
  const Layout left{type, {rows, depth}}, sums{ElementType::int32, {rows, columns}};
  if (!sums_are_exact() || !describable(left) || !describable(sums)) return std::nullopt;
  const Shape shape = {depth, columns};
  const auto description = unless_refused([&] {
    const dnnl::matmul::desc desc(desc_of(left), any_desc(shape, ElementType::int8), desc_of(sums));
    return dnnl::matmul::primitive_desc(desc, own_scratchpad(), cpu_engine());
  });
  if (!description) return std::nullopt;
  auto kernel = std::make_unique<PrimitiveKernel>();
  kernel->add(
      *description,
      {{DNNL_ARG_SRC, kernel->input(0, desc_of(left))},
       {DNNL_ARG_WEIGHTS, kernel->keep(packed_weights(shape, right, description->weights_desc()))},
       {DNNL_ARG_DST, kernel->output(0, desc_of(sums))}});
  return prepared(std::move(kernel), implementation_of(*description), {left}, {sums});
}

}  // namespace hardware
