#include <utility>

#include "hardware/attributes.h"
#include "hardware/onednn/dnnl.h"
#include "hardware/onednn/elements.h"

namespace hardware {

/// All inputs in the layout and scale of the result, so that only bytes move.
std::optional<Prepared> native_concat(const Request& request) {
  if (!request.fused.empty()) return std::nullopt;
  auto output = request.outputs.at(0).value();
  std::vector<Layout> layouts;
  std::vector<dnnl::memory::desc> descs;
  for (const auto& input : request.inputs) {
    if (!input) return std::nullopt;
    output.channels_last = output.channels_last || input->layout.channels_last;
  }
  if (!describable(output)) return std::nullopt;
  for (const auto& input : request.inputs) {
    layouts.push_back({output.type, input->layout.shape, output.channels_last, output.scale});
    if (!describable(layouts.back())) return std::nullopt;
    descs.push_back(desc_of(layouts.back()));
  }
  const auto axis = axis_of(*request.op, integer_of(*request.op, "axis", 1), output.shape.size());
  const auto description = unless_refused([&] {
    return dnnl::concat::primitive_desc(desc_of(output), static_cast<int>(axis), descs,
                                        cpu_engine(), own_scratchpad());
  });
  if (!description) return std::nullopt;
  auto kernel = std::make_unique<PrimitiveKernel>();
  std::map<int, dnnl::memory> arguments = {{DNNL_ARG_DST, kernel->output(0, desc_of(output))}};
  for (std::size_t i = 0; i < descs.size(); ++i)
    arguments[DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i)] = kernel->input(i, descs[i]);
  kernel->add(*description, arguments);
  return prepared(std::move(kernel), implementation_of(*description), std::move(layouts), {output});
}

}  // namespace hardware
