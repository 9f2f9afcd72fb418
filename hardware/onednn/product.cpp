#include "hardware/onednn/product.h"

#include <algorithm>
#include <cmath>

#include "hardware/cpu.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::ElementType;

std::span<const float> constants_of(const Request::Input& input) {
  return {reinterpret_cast<const float*>(input.constant), models::at(input.layout.elements())};
}

bool is_constant_real(const Request& request, std::size_t input) {
  const auto& given = request.inputs[input];
  return given && given->constant != nullptr && given->layout.type == ElementType::float32 &&
         given->layout.scale == 0;
}

/// Before it multiplies, oneDNN halves such weights.
bool halves(const dnnl::memory::desc& weights) {
  return (weights.data.extra.flags & dnnl_memory_extra_flag_scale_adjust) != 0;
}

class ProductMaker {
 public:
  ProductMaker(const Request& request, const Product& product, const Describe& describe)
      : request_(request),
        product_(product),
        describe_(describe),
        fused_(request.fused),
        constant_(is_constant_real(request, 1)) {
    absorb_bias();
  }

  std::optional<Prepared> make() {
    if (!can_scale()) return std::nullopt;
    if (integer()) quantize();
    for (const auto adding : {Adding::from_output, Adding::from_operand}) {
      auto chain = make_chain(request_, fused_, product_.destination, adding, product_.as_matrix);
      if (!chain) continue;
      const auto description = describe_with(*chain);
      if (description && !misreads(*description, *chain)) return build(*description, *chain);
    }
    return std::nullopt;
  }

 private:
  bool integer() const { return request_.precision == models::Precision::int8; }

  /// A constant per channel that is added first is a bias.
  void absorb_bias() {
    if (product_.bias >= 0 || fused_.empty() || fused_[0].type != "Add") return;
    const auto input = models::at(fused_[0].input);
    if (!is_constant_real(request_, input)) return;
    const auto& shape = request_.inputs[input]->layout.shape;
    const auto& whole = product_.destination.shape;
    const auto axis = models::at(product_.channel_axis);
    if (shape.size() > whole.size() || axis + shape.size() < whole.size()) return;
    const auto channel = axis + shape.size() - whole.size();
    if (shape[channel] != whole[axis] || models::elements_of(shape) != whole[axis]) return;
    product_.bias = fused_[0].input;
    product_.beta = 1;
    fused_.erase(fused_.begin());
  }

  /// Scales of a bias that only comes at run time cannot be worked into it.
  bool can_scale() const {
    if (integer() && product_.alpha == 0) return false;
    if (product_.bias < 0 || is_constant_real(request_, models::at(product_.bias))) return true;
    return !integer() && product_.beta == (constant_ ? 1 : product_.alpha);
  }

  /// Where oneDNN 2.6 reads what it must not: operands of convolutions that go by a matrix product
  /// (other groups' channels; anything below AVX2), and channels beyond the last of narrow groups.
  bool misreads(const dnnl::primitive_desc_base& description, const Chain& chain) const {
    if (product_.as_matrix || product_.source.shape.size() < 3) return false;
    const auto name = implementation_of(description);
    const auto by = [&name](std::string_view part) { return name.find(part) != std::string::npos; };
    const bool grouped = product_.weight_dims.size() > product_.source.shape.size();
    if (by("jit_dw:sse41")) return chain.operations.len() > 0;
    return !chain.operands.empty() && (by("gemm") || (grouped && by("jit_uni_int8")));
  }

  void quantize() {
    greatest_ = multiplies_bytes_exactly() ? 127 : 63;
    integers_ = integer_weights(constants_of(*request_.inputs[1]), product_.channels, greatest_, 1);
  }

  /// value = this x (accumulator + bias as oneDNN holds them), for each channel.
  std::vector<float> scales() const {
    if (!integer()) return {constant_ ? 1.0F : product_.alpha};
    auto result = integers_.scales;
    const float common =
        product_.alpha * request_.inputs[0]->layout.scale / static_cast<float>(factor_);
    for (auto& scale : result) scale *= common;
    return result;
  }

  dnnl::primitive_attr attributes(const Chain& chain) const {
    auto made = own_scratchpad();
    made.set_post_ops(chain.operations);
    auto factors = scales();
    for (auto& factor : factors) factor /= chain.unit;
    const bool plain = std::ranges::all_of(factors, [](float factor) { return factor == 1; });
    if (!plain) made.set_output_scales(integer() ? 1 << matrix_axis() : 0, factors);
    return made;
  }
  int matrix_axis() const { return product_.as_matrix ? 1 : product_.channel_axis; }

  ElementType weight_type() const { return integer() ? ElementType::int8 : product_.source.type; }

  std::optional<dnnl::primitive_desc_base> describe_with(const Chain& chain) {
    auto description = attempt(chain);
    if (!description || !integer() || greatest_ == 127 || factor_ != 1) return description;
    if (!halves(description->query_md(dnnl::query::weights_md, 0))) return description;
    // Even weights lose nothing by being halved.
    factor_ = 2;
    for (auto& value : integers_.values) value = static_cast<std::int8_t>(2 * value);
    return attempt(chain);
  }
  std::optional<dnnl::primitive_desc_base> attempt(const Chain& chain) const {
    ProductDescs descs{
        product_.src, any_desc(product_.weight_dims, weight_type()), {}, product_.dst};
    if (product_.bias >= 0) descs.bias = plain_desc(product_.bias_shape, ElementType::float32);
    return unless_refused([&] { return describe_(descs, attributes(chain)); });
  }

  dnnl::memory::desc given_weights(ElementType type) const {
    return {product_.weight_dims, data_type_of(type), product_.weight_strides};
  }

  dnnl::memory weights(PrimitiveKernel& kernel, const dnnl::memory::desc& wanted) const {
    if (integer()) {
      const auto* bytes = reinterpret_cast<const std::byte*>(integers_.values.data());
      return kernel.keep(packed(given_weights(ElementType::int8), bytes, wanted));
    }
    if (constant_) return kernel.keep(packed_reals(wanted));
    const auto given = given_weights(product_.source.type);
    const auto source = kernel.input(1, given);
    if (given == wanted) return source;
    const auto& engine = cpu_engine();
    auto result = kernel.temporary(wanted);
    kernel.add(dnnl::reorder::primitive_desc(engine, given, engine, wanted, own_scratchpad()),
               {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, result}});
    return result;
  }
  dnnl::memory packed_reals(const dnnl::memory::desc& wanted) const {
    const auto given = given_weights(ElementType::float32);
    const auto& input = *request_.inputs[1];
    if (product_.alpha == 1) return packed(given, input.constant, wanted);
    const auto values = constants_of(input);
    std::vector<float> scaled(values.begin(), values.end());
    for (auto& value : scaled) value *= product_.alpha;
    return packed(given, reinterpret_cast<const std::byte*>(scaled.data()), wanted);
  }

  dnnl::memory bias(PrimitiveKernel& kernel) const {
    const auto input = models::at(product_.bias);
    const auto desc = plain_desc(product_.bias_shape, ElementType::float32);
    if (!is_constant_real(request_, input)) return kernel.input(input, desc);
    const auto values = constants_of(*request_.inputs[input]);
    const auto units = scales();
    std::vector<float> scaled(models::at(models::elements_of(product_.bias_shape)));
    for (std::size_t i = 0; i < scaled.size(); ++i)
      scaled[i] =
          product_.beta * values[values.size() == 1 ? 0 : i] / units[units.size() == 1 ? 0 : i];
    return kernel.keep(packed(desc, reinterpret_cast<const std::byte*>(scaled.data()), desc));
  }

  std::optional<Prepared> build(const dnnl::primitive_desc_base& description, const Chain& chain) {
    auto kernel = std::make_unique<PrimitiveKernel>();
    std::map<int, dnnl::memory> arguments = {{DNNL_ARG_SRC, kernel->input(0, product_.src)},
                                             {DNNL_ARG_DST, kernel->output(0, product_.dst)}};
    arguments[DNNL_ARG_WEIGHTS] =
        weights(*kernel, description.query_md(dnnl::query::weights_md, 0));
    if (product_.bias >= 0) arguments[DNNL_ARG_BIAS] = bias(*kernel);
    for (const auto& operand : chain.operands)
      arguments[operand.argument] = kernel->input(operand.input, operand.desc);
    if (chain.summed >= 0)
      kernel->start_from(models::at(chain.summed), product_.destination.bytes());
    kernel->add(description, arguments);
    auto made = prepared(std::move(kernel), implementation_of(description), wanted(chain),
                         {product_.destination});
    made.in_place = chain.summed;
    made.packed.assign(request_.inputs.size(), false);
    made.packed[1] = constant_;
    if (product_.bias >= 0)
      made.packed[models::at(product_.bias)] =
          is_constant_real(request_, models::at(product_.bias));
    return made;
  }

  std::vector<Layout> wanted(const Chain& chain) const {
    std::vector<Layout> layouts;
    for (const auto& input : request_.inputs) layouts.push_back(input ? input->layout : Layout{});
    layouts[0] = product_.source;
    layouts[1].channels_last = false;
    if (!constant_) layouts[1].type = product_.source.type;
    if (product_.bias >= 0) {
      auto& layout = layouts[models::at(product_.bias)];
      layout = {ElementType::float32, layout.shape};
    }
    for (const auto& operand : chain.operands) layouts[operand.input] = operand.layout;
    if (chain.summed >= 0)
      layouts[models::at(chain.summed)].channels_last = product_.destination.channels_last;
    return layouts;
  }

  const Request& request_;
  Product product_;
  const Describe& describe_;
  std::vector<Fused> fused_;
  bool constant_;  ///< the weights
  IntegerWeights integers_;
  int greatest_ = 127;
  int factor_ = 1;
};

bool is_byte(ElementType type) {
  return type == ElementType::int8 || type == ElementType::uint8;
}

}  // namespace

bool multiplies_bytes_exactly() {
  const auto isa = isa_in_effect();
  return isa.ends_with("_vnni") || isa == "avx512_core_bf16" || isa == "avx512_core_amx";
}

std::optional<Layout> source_of(const Request& request) {
  if (request.inputs.size() < 2 || !request.inputs[0] || !request.inputs[1] ||
      request.outputs.empty() || !request.outputs[0])
    return std::nullopt;
  Layout source = request.inputs[0]->layout;
  source.channels_last = false;
  const auto& weights = *request.inputs[1];
  if (!models::is_real(source.type) && !is_byte(source.type)) return std::nullopt;
  if (source.elements() == 0 || weights.layout.elements() == 0 ||
      request.outputs[0]->elements() == 0)
    return std::nullopt;
  switch (request.precision) {
    case models::Precision::int8:
      if (!is_byte(source.type) || source.scale <= 0 || !is_constant_real(request, 1))
        return std::nullopt;
      return source;
    case models::Precision::bf16:
      source.type = ElementType::bfloat16;
      break;
    case models::Precision::fp32:
      source.type = ElementType::float32;
      break;
    default:
      return std::nullopt;
  }
  source.scale = 0;
  return source;
}

bool has_third_input(const Request& request) {
  return request.inputs.size() > 2 && request.inputs[2] &&
         std::ranges::none_of(request.fused, [](const Fused& fused) { return fused.input == 2; });
}

std::optional<Prepared> make_product(const Request& request, const Product& product,
                                     const Describe& describe) {
  return ProductMaker(request, product, describe).make();
}

}  // namespace hardware
