#include <utility>

#include "hardware/attributes.h"
#include "hardware/onednn/dnnl.h"
#include "hardware/onednn/elements.h"

namespace hardware {
namespace {

using models::ElementType;
using models::Precision;

/// A function as oneDNN has it.
struct Algorithm {
  dnnl::algorithm name;
  float alpha = 0;
  float beta = 0;
};

/// nullopt for those that it computes otherwise than we promise: its relu and clip make numbers of
/// NaN, its exponential infinity; its logarithm, softplus, elu and mish lose digits, and its gelu
/// more than fp32 may.
std::optional<Algorithm> algorithm_of(const Request& request) {
  using Name = dnnl::algorithm;
  const auto& op = *request.op;
  const auto alpha = [&](double otherwise) {
    return static_cast<float>(real_of(op, "alpha", otherwise));
  };
  if (op.type == "LeakyRelu" && alpha(0.01) != 0) return Algorithm{Name::eltwise_relu, alpha(0.01)};
  if (op.type == "Sigmoid") return Algorithm{Name::eltwise_logistic};
  if (op.type == "Tanh") return Algorithm{Name::eltwise_tanh};
  if (op.type == "HardSwish") return Algorithm{Name::eltwise_hardswish};
  if (op.type == "Swish") return Algorithm{Name::eltwise_swish, alpha(1)};
  if (op.type == "Sqrt") return Algorithm{Name::eltwise_sqrt};
  if (op.type == "Abs") return Algorithm{Name::eltwise_abs};
  if (op.type == "Round") return Algorithm{Name::eltwise_round};
  if (op.type == "Gelu" && request.precision == Precision::bf16)
    return Algorithm{text_of(op, "approximate", "none") == "tanh" ? Name::eltwise_gelu_tanh
                                                                  : Name::eltwise_gelu_erf};
  return std::nullopt;
}

std::optional<Prepared> by_onednn(const Request& request, const Layout& input,
                                  const Layout& output) {
  const auto algorithm = algorithm_of(request);
  if (!algorithm || input != output || !describable(input)) return std::nullopt;
  const auto desc = desc_of(input);
  const auto description = unless_refused([&] {
    return dnnl::eltwise_forward::primitive_desc(
        {dnnl::prop_kind::forward_inference, algorithm->name, desc, algorithm->alpha,
         algorithm->beta},
        own_scratchpad(), cpu_engine());
  });
  if (!description) return std::nullopt;
  auto kernel = std::make_unique<PrimitiveKernel>();
  kernel->add(*description,
              {{DNNL_ARG_SRC, kernel->input(0, desc)}, {DNNL_ARG_DST, kernel->output(0, desc)}});
  auto result = prepared(std::move(kernel), implementation_of(*description), {input}, {output});
  result.in_place = 0;
  return result;
}

/// The plain kernel, for which the order of the elements does not matter.
Prepared by_loops(const Request& request, const Layout& input, const Layout& output) {
  const models::Shape flat = {input.elements()};
  std::vector<std::optional<Layout>> inputs(request.inputs.size());
  inputs[0] = Layout{input.type, flat};
  auto result = plain_kernel(request, inputs, {Layout{output.type, flat}});
  result.inputs[0] = input;
  result.outputs[0] = output;
  return result;
}

}  // namespace

std::optional<Prepared> native_unary(const Request& request) {
  if (!request.fused.empty() || !request.inputs.at(0)) return std::nullopt;
  if (request.precision == Precision::int8) return tabulated(request);
  auto input = request.inputs[0]->layout;
  if (is_coded(input)) return std::nullopt;
  input.type = stored_type(request.precision);
  input.scale = 0;
  auto output = request.outputs.at(0).value();
  if (is_coded(output)) return std::nullopt;
  output.channels_last = input.channels_last;
  for (std::size_t i = 1; i < request.inputs.size(); ++i)
    if (request.inputs[i] && request.inputs[i]->layout.elements() != 1) return std::nullopt;
  if (auto result = by_onednn(request, input, output)) return result;
  return by_loops(request, input, output);
}

}  // namespace hardware
