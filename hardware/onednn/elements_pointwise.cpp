#include <algorithm>
#include <map>
#include <utility>

#include "hardware/onednn/dnnl.h"
#include "hardware/onednn/elements.h"

namespace hardware {
namespace {

using models::ElementType;
using models::Precision;

/// The layouts of operands and result that go together.
struct Arrangement {
  std::vector<Layout> inputs;
  Layout output;
  bool channels_last = false;
};

bool is_real_type(ElementType type) {
  return type == ElementType::float32 || type == ElementType::bfloat16;
}

/// All channels last if one operand of the result's rank is, else all row by row: the channels of
/// one with fewer axes are others. nullopt for an operand that would have to be laid out anew and
/// cannot be: with fewer axes, or of another kind than real numbers.
std::optional<Arrangement> arrangement(const Request& request) {
  Arrangement result;
  result.output = request.outputs.at(0).value();
  const auto rank = result.output.shape.size();
  for (const auto& input : request.inputs) {
    if (!input) return std::nullopt;
    const bool whole = input->layout.shape.size() == rank;
    result.channels_last = result.channels_last || (whole && input->layout.channels_last);
  }
  if (result.channels_last && (rank < 3 || rank > 5)) return std::nullopt;
  result.output.channels_last = result.channels_last;
  for (const auto& input : request.inputs) {
    auto layout = input->layout;
    const bool real = is_real_type(layout.type) || is_coded(layout);
    if (layout.channels_last && layout.shape.size() != rank) {
      if (!real) return std::nullopt;
      layout.channels_last = false;
    }
    if (layout.channels_last != result.channels_last &&
        !lies_either_way(padded(layout.shape, rank))) {
      if (layout.shape.size() != rank || !real) return std::nullopt;
      layout.channels_last = result.channels_last;
    }
    if (is_real_type(layout.type) && request.precision != Precision::int8)
      layout.type = stored_type(request.precision);
    if (is_coded(layout) && request.precision != Precision::int8) return std::nullopt;
    result.inputs.push_back(std::move(layout));
  }
  return result;
}

std::optional<dnnl::algorithm> algorithm_of(const Request& request) {
  using Name = dnnl::algorithm;
  const bool coded = request.precision == Precision::int8;
  const auto& type = request.op->type;
  if (type == "Add" || (type == "Sum" && request.inputs.size() == 2)) return Name::binary_add;
  if (type == "Sub") return Name::binary_sub;
  if (type == "Mul") return Name::binary_mul;
  if (type == "Div" && !coded) return Name::binary_div;
  // NaN would get lost, but no code means NaN.
  if (coded && type == "Max" && request.inputs.size() == 2) return Name::binary_max;
  if (coded && type == "Min" && request.inputs.size() == 2) return Name::binary_min;
  return std::nullopt;
}

float scale_of(const Layout& layout) {
  return is_coded(layout) ? layout.scale : 1.0F;
}

/// Operands in codes are multiplied so that the result is in codes of its own scale.
dnnl::primitive_attr attributes_for(dnnl::algorithm algorithm, const Layout& first,
                                    const Layout& second, const Layout& output) {
  auto attributes = own_scratchpad();
  const float one = scale_of(first) / scale_of(output);
  const bool product = algorithm == dnnl::algorithm::binary_mul;
  const float other = product ? scale_of(second) : scale_of(second) / scale_of(output);
  if (one != 1.0F) attributes.set_scales(DNNL_ARG_SRC_0, 0, {one});
  if (other != 1.0F) attributes.set_scales(DNNL_ARG_SRC_1, 0, {other});
  return attributes;
}

/// The operand as oneDNN broadcasts it: of the result's rank.
dnnl::memory::desc operand_desc(const Layout& layout, const Arrangement& how) {
  auto whole = layout;
  whole.shape = padded(layout.shape, how.output.shape.size());
  whole.channels_last = how.channels_last;
  return desc_of(whole);
}

std::optional<Prepared> by_onednn(const Request& request, const Arrangement& how) {
  const auto algorithm = algorithm_of(request);
  if (!algorithm || how.inputs.size() != 2 || !describable(how.output) ||
      !describable(how.inputs[0]) || !describable(how.inputs[1]))
    return std::nullopt;
  // The first one must be whole.
  std::size_t first = 0;
  if (how.inputs[0].shape != how.output.shape) first = 1;
  if (how.inputs[first].shape != how.output.shape) return std::nullopt;
  if (first == 1 && *algorithm == dnnl::algorithm::binary_sub) return std::nullopt;
  if (first == 1 && *algorithm == dnnl::algorithm::binary_div) return std::nullopt;
  const auto& a = how.inputs[first];
  const auto& b = how.inputs[1 - first];
  const auto a_desc = operand_desc(a, how), b_desc = operand_desc(b, how);
  const auto output_desc = desc_of(how.output);
  const auto description = unless_refused([&] {
    return dnnl::binary::primitive_desc({*algorithm, a_desc, b_desc, output_desc},
                                        attributes_for(*algorithm, a, b, how.output), cpu_engine());
  });
  if (!description) return std::nullopt;
  auto kernel = std::make_unique<PrimitiveKernel>();
  kernel->add(*description, {{DNNL_ARG_SRC_0, kernel->input(first, a_desc)},
                             {DNNL_ARG_SRC_1, kernel->input(1 - first, b_desc)},
                             {DNNL_ARG_DST, kernel->output(0, output_desc)}});
  auto result =
      prepared(std::move(kernel), implementation_of(*description), how.inputs, {how.output});
  if (a.type == how.output.type) result.in_place = static_cast<int>(first);
  return result;
}

/// The plain kernel, told of the axes in the order in which they lie.
Prepared by_loops(const Request& request, const Arrangement& how) {
  const auto rank = how.output.shape.size();
  const auto as_it_lies = [&](const Layout& layout) {
    return Layout{layout.type, lying(padded(layout.shape, rank), how.channels_last)};
  };
  std::vector<std::optional<Layout>> inputs;
  for (const auto& input : how.inputs) inputs.emplace_back(as_it_lies(input));
  auto result = plain_kernel(request, inputs, {as_it_lies(how.output)});
  result.inputs = how.inputs;
  result.outputs = {how.output};
  return result;
}

}  // namespace

std::optional<Prepared> native_pointwise(const Request& request) {
  if (!request.fused.empty()) return std::nullopt;
  const auto how = arrangement(request);
  if (!how) return std::nullopt;
  if (auto result = by_onednn(request, *how)) return result;
  if (request.precision == Precision::int8) return tabulated(request);
  return by_loops(request, *how);
}

}  // namespace hardware
