#include "hardware/onednn/reorder.h"

#include "hardware/onednn/dnnl.h"

namespace hardware {
namespace {

float scale_of(const Layout& layout) {
  return layout.scale > 0 ? layout.scale : 1.0F;
}

class Nothing : public Kernel {
 public:
  void run(std::span<const std::byte* const>, std::span<std::byte* const>, std::byte*) override {}
};

}  // namespace

Prepared make_reorder(const Layout& from, const Layout& to) {
  if (from.elements() == 0) return {std::make_unique<Nothing>(), "own", {from}, {to}, {}, 0, 0};
  if (!describable(from) || !describable(to))
    throw NotSupported{"conversion of this type of elements"};
  auto attributes = own_scratchpad();
  const float scale = scale_of(from) / scale_of(to);
  if (scale != 1.0F) attributes.set_output_scales(0, {scale});
  const auto description = unless_refused([&] {
    const auto& engine = cpu_engine();
    return dnnl::reorder::primitive_desc(engine, desc_of(from), engine, desc_of(to), attributes);
  });
  if (!description) throw NotSupported{"conversion of this type of elements"};
  auto kernel = std::make_unique<PrimitiveKernel>();
  kernel->add(*description, {{DNNL_ARG_FROM, kernel->input(0, desc_of(from))},
                             {DNNL_ARG_TO, kernel->output(0, desc_of(to))}});
  return prepared(std::move(kernel), implementation_of(*description), {from}, {to});
}

}  // namespace hardware
