#include "hardware/products.h"

#include "hardware/attributes.h"
#include "hardware/catalogue.h"
#include "hardware/halves.h"
#include "hardware/onednn/products.h"

namespace hardware {
namespace {

using models::ElementType;

template <class T, bool transposed>
Prepared convolution(const Request& request) {
  return convolution_loops<T>(request, transposed);
}
Prepared single_convolution(const Request& request) {
  return row_by_row(request, native_convolution, convolution<float, false>);
}
Prepared single_transposed(const Request& request) {
  return row_by_row(request, native_transposed_convolution, convolution<float, true>);
}

Prepared single_product(const Request& request) {
  const bool gemm = request.op->type == "Gemm";
  return row_by_row(request, gemm ? native_gemm : native_matmul, matrix_loops<float>);
}

/// Integers wrap, which unsigned arithmetic does for signed ones too.
Prepared product(const Request& request) {
  switch (input_of(request, 0).type) {
    case ElementType::int32:
    case ElementType::uint32:
      return matrix_loops<std::uint32_t>(request);
    case ElementType::int64:
    case ElementType::uint64:
      return matrix_loops<std::uint64_t>(request);
    default:
      return real<single_product, matrix_loops<double>>(request);
  }
}

}  // namespace

std::span<const PlainRow> product_rows() {
  static constexpr std::string_view reals = "float32 float64 float16 bfloat16";
  static constexpr std::string_view all =
      "float32 float64 float16 bfloat16 int32 int64 uint32 uint64";
  static constexpr PlainRow rows[] = {
      {"Conv", real<single_convolution, convolution<double, false>>, reals, "oneDNN, own"},
      {"ConvTranspose", real<single_transposed, convolution<double, true>>, reals, "oneDNN, own"},
      {"Gemm", product, all, "oneDNN, own"},
      {"MatMul", product, all, "oneDNN, own"},
  };
  return rows;
}

}  // namespace hardware
