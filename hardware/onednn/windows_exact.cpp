// What oneDNN loses: NaN and -inf in maxima, NaN and infinities in softmax.
#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "hardware/halves.h"
#include "hardware/instruction_sets.h"
#include "hardware/onednn/windows.h"
#include "models/index.h"

namespace hardware {
namespace {

using models::ElementType;

namespace any {
#include "hardware/onednn/windows_loops.h"
}
namespace avx2 {
PARTWISE_BEGIN_AVX2
#include "hardware/onednn/windows_loops.h"
PARTWISE_END_AVX2
}  // namespace avx2

using Greatest = void (*)(const std::byte*, std::span<const std::int64_t>, const Reach&,
                          std::int64_t, std::int64_t, std::byte*);

Greatest find_greatest(ElementType from, ElementType to) {
  const bool wide = has_avx2();
  if (from == ElementType::float32)
    return wide ? avx2::greatest<float, float> : any::greatest<float, float>;
  if (to == ElementType::float32)
    return wide ? avx2::greatest<std::uint16_t, float> : any::greatest<std::uint16_t, float>;
  return wide ? avx2::greatest<std::uint16_t, std::uint16_t>
              : any::greatest<std::uint16_t, std::uint16_t>;
}

/// Writes NaN throughout the rows that have no softmax.
class Mended final : public Kernel {
 public:
  Mended(std::unique_ptr<Kernel> kernel, Layout input, Layout output, std::int64_t columns)
      : kernel_(std::move(kernel)),
        input_(std::move(input)),
        output_(std::move(output)),
        columns_(columns) {}

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte* workspace) override {
    kernel_->run(inputs, outputs, workspace);
    const bool is_float = input_.type == ElementType::float32;
    auto* const wrong =
        is_float ? (has_avx2() ? avx2::has_no_softmax<float> : any::has_no_softmax<float>)
                 : (has_avx2() ? avx2::has_no_softmax<std::uint16_t>
                               : any::has_no_softmax<std::uint16_t>);
    const auto step = columns_ * (is_float ? 4 : 2);
    for (std::int64_t row = 0; row < input_.elements() / columns_; ++row)
      if (wrong(inputs[0] + row * step, columns_)) make_nan(outputs[0], row);
  }

 private:
  void make_nan(std::byte* output, std::int64_t row) const {
    if (output_.type == ElementType::float32)
      std::fill_n(reinterpret_cast<float*>(output) + row * columns_, columns_,
                  std::numeric_limits<float>::quiet_NaN());
    else
      std::fill_n(reinterpret_cast<std::uint16_t*>(output) + row * columns_, columns_,
                  std::uint16_t{0x7fc0});
  }

  std::unique_ptr<Kernel> kernel_;
  Layout input_, output_;
  std::int64_t columns_;
};

}  // namespace

std::optional<Prepared> exact_max_pool(const Request& request, const PoolingWindow& window) {
  const auto input = channels_last(request.inputs[0]->layout);
  const auto output = channels_last(*request.outputs[0]);
  if (!input.channels_last) return std::nullopt;
  const auto bytes = [](const Layout& layout) { return models::bits_of(layout.type) / 8; };
  const auto channels = input.shape[1];
  Windows windows(window);
  const auto held = windows.held();
  auto prepared = as_asked(
      request, "own",
      [windows = std::move(windows), batch = input.shape[0], channels,
       largest = find_greatest(input.type, output.type), from_step = channels * bytes(input),
       to_step = channels * bytes(output)](const auto& inputs, const auto& outputs,
                                           std::byte*) mutable {
        const auto* plane = inputs[0];
        auto* to = outputs[0];
        for (std::int64_t n = 0; n < batch; ++n, plane += windows.input_elements() * from_step)
          windows.for_each([&](std::span<const std::int64_t> rows, const Reach& reach,
                               std::int64_t step, std::int64_t) {
            largest(plane, rows, reach, step, channels, to);
            to += to_step;
          });
      });
  prepared.inputs[0] = input;
  prepared.outputs = {output};
  prepared.held = held;
  return prepared;
}

Prepared mended_softmax(Prepared prepared, std::int64_t columns) {
  prepared.kernel = std::make_unique<Mended>(std::move(prepared.kernel), prepared.inputs[0],
                                             prepared.outputs[0], columns);
  return prepared;
}

}  // namespace hardware
