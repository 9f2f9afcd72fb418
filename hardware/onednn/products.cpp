#include "hardware/onednn/products.h"

#include "hardware/catalogue.h"
#include "hardware/onednn/chain.h"

namespace hardware {

std::span<const NativeRow> native_products() {
  static constexpr std::string_view all = "fp32 bf16 int8";
  static constexpr NativeRow rows[] = {
      {"Conv", native_convolution, all, chainable},
      {"ConvTranspose", native_transposed_convolution, all, chainable},
      {"Gemm", native_gemm, all, chainable},
      {"MatMul", native_matmul, all, chainable},
  };
  return rows;
}

}  // namespace hardware
