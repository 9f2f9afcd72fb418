#include "models/precision/convert.h"

#include "models/precision/convert_all.h"
#include "models/precision/float_kernels.h"

namespace models {
namespace {

bool is_stochastic(const Rounding& rounding) {
  return rounding.mode == Rounding::Mode::stochastic;
}

template <class Code>
void encode(std::span<const float> from, std::span<Code> to,
            void (*nearest)(const float*, Code*, std::size_t), SmallFloat format, Overflow overflow,
            const Rounding& rounding) {
  if (!is_stochastic(rounding))
    return convert_all(from, to, [&](const float* f, Code* t, std::size_t n) { nearest(f, t, n); });
  same_size(from.size(), to.size());
  by_stochastic_run(rounding.seed, rounding.first, from.size(),
                    [&](std::size_t begin, std::size_t count, const StochasticRun& run) {
                      const auto* const f = from.data() + begin;
                      auto* const t = to.data() + begin;
                      if constexpr (sizeof(Code) == 2)
                        float_kernels().stochastic_16(f, t, count, format, overflow, run);
                      else
                        float_kernels().stochastic_8(f, t, count, format, overflow, run);
                    });
}

template <class Code>
void decode(std::span<const Code> from, std::span<float> to,
            void (*kernel)(const Code*, float*, std::size_t)) {
  convert_all(from, to, [&](const Code* f, float* t, std::size_t n) { kernel(f, t, n); });
}

}  // namespace

void to_fp16(std::span<const float> from, std::span<std::uint16_t> to, Rounding rounding) {
  encode(from, to, float_kernels().to_fp16, fp16_format, Overflow::special, rounding);
}
void from_fp16(std::span<const std::uint16_t> from, std::span<float> to) {
  decode(from, to, float_kernels().from_fp16);
}
void to_bf16(std::span<const float> from, std::span<std::uint16_t> to, Rounding rounding) {
  encode(from, to, float_kernels().to_bf16, bf16_format, Overflow::special, rounding);
}
void from_bf16(std::span<const std::uint16_t> from, std::span<float> to) {
  decode(from, to, float_kernels().from_bf16);
}
void to_fp8_e4m3(std::span<const float> from, std::span<std::uint8_t> to, Overflow overflow,
                 Rounding rounding) {
  const auto& kernels = float_kernels();
  encode(from, to, overflow == Overflow::saturate ? kernels.to_e4m3 : kernels.to_e4m3_special,
         e4m3_format, overflow, rounding);
}
void from_fp8_e4m3(std::span<const std::uint8_t> from, std::span<float> to) {
  decode(from, to, float_kernels().from_e4m3);
}
void to_fp8_e5m2(std::span<const float> from, std::span<std::uint8_t> to, Overflow overflow,
                 Rounding rounding) {
  const auto& kernels = float_kernels();
  encode(from, to, overflow == Overflow::saturate ? kernels.to_e5m2 : kernels.to_e5m2_special,
         e5m2_format, overflow, rounding);
}
void from_fp8_e5m2(std::span<const std::uint8_t> from, std::span<float> to) {
  decode(from, to, float_kernels().from_e5m2);
}

void to_tf32(std::span<const float> from, std::span<float> to, Rounding rounding) {
  same_size(from.size(), to.size());
  if (!is_stochastic(rounding)) return float_kernels().to_tf32(from.data(), to.data(), from.size());
  by_stochastic_run(rounding.seed, rounding.first, from.size(),
                    [&](std::size_t begin, std::size_t count, const StochasticRun& run) {
                      float_kernels().stochastic_tf32(from.data() + begin, to.data() + begin, count,
                                                      run);
                    });
}

}  // namespace models
