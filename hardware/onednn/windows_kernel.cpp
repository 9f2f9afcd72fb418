#include "hardware/halves.h"
#include "hardware/onednn/windows.h"

namespace hardware {
namespace {

using models::ElementType;
using models::Precision;

bool is_of(ElementType type, float scale, Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return type == ElementType::float32;
    case Precision::bf16:
      return type == ElementType::bfloat16;
    case Precision::int8:
      return scale > 0 && (type == ElementType::int8 || type == ElementType::uint8);
    default:
      return false;
  }
}

/// fp32 may be wanted whatever is computed in.
bool can_be_stored(const Layout& output, Precision precision) {
  return output.type == ElementType::float32 || is_of(output.type, output.scale, precision);
}

float scale_of(const Layout& layout) {
  return layout.scale > 0 ? layout.scale : 1.F;
}

}  // namespace

bool is_natural(const Request& request) {
  if (!request.fused.empty() || !has_input(request, 0) || !has_output(request, 0)) return false;
  for (std::size_t i = 1; i < request.outputs.size(); ++i)
    if (request.outputs[i]) return false;
  const auto& input = request.inputs[0]->layout;
  const auto& output = *request.outputs[0];
  return describable(input) && describable(output) &&
         is_of(input.type, input.scale, request.precision) &&
         can_be_stored(output, request.precision);
}

Layout channels_last(Layout layout) {
  layout.channels_last = layout.shape.size() >= 3 && layout.shape.size() <= 5;
  return layout;
}

Layout row_by_row(Layout layout) {
  layout.channels_last = false;
  return layout;
}

Layout like(const Layout& input, const Layout& wanted) {
  auto made = wanted;
  made.type = input.type;
  made.scale = input.scale;
  return made;
}

WindowKernel::WindowKernel(const Request& request, Layout input, Layout made)
    : request_(request),
      input_(std::move(input)),
      made_(std::move(made)),
      stored_(*request.outputs[0]),
      kernel_(std::make_unique<PrimitiveKernel>()) {
  stored_.channels_last = made_.channels_last;
}

dnnl::memory WindowKernel::source() {
  return kernel_->input(0, desc_of(input_));
}

dnnl::memory WindowKernel::destination() {
  destination_ =
      stored_ == made_ ? kernel_->output(0, desc_of(made_)) : kernel_->temporary(desc_of(made_));
  return destination_;
}

dnnl::memory WindowKernel::parameter(std::size_t index) {
  const auto& layout = request_.inputs[index]->layout;
  return kernel_->input(index, plain_desc({layout.elements()}, layout.type));
}

void WindowKernel::add(const dnnl::primitive_desc_base& description,
                       const std::map<int, dnnl::memory>& arguments) {
  kernel_->add(description, arguments);
}

std::optional<Prepared> WindowKernel::finished(const dnnl::primitive_desc_base& description) {
  if (!(stored_ == made_)) {
    auto attributes = own_scratchpad();
    const float ratio = scale_of(made_) / scale_of(stored_);
    if (ratio != 1.F) attributes.set_output_scales(0, {ratio});
    const auto to = desc_of(stored_);
    const auto reorder = unless_refused([&] {
      return dnnl::reorder::primitive_desc(cpu_engine(), desc_of(made_), cpu_engine(), to,
                                           attributes);
    });
    if (!reorder) return std::nullopt;
    kernel_->add(*reorder, {{DNNL_ARG_FROM, destination_}, {DNNL_ARG_TO, kernel_->output(0, to)}});
  }
  std::vector<Layout> inputs;
  for (const auto& input : request_.inputs)
    inputs.push_back(input ? row_by_row(input->layout) : Layout{});
  inputs[0] = input_;
  return prepared(std::move(kernel_), implementation_of(description), std::move(inputs), {stored_});
}

}  // namespace hardware
