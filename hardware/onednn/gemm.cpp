#include "hardware/onednn/gemm.h"

#include <stdexcept>

#include "hardware/onednn/dnnl.h"

namespace hardware {

void add_product(const float* a, std::int64_t rows, const float* b, std::int64_t columns,
                 std::int64_t depth, float* c, std::int64_t stride) {
  if (rows == 0 || columns == 0 || depth == 0) return;
  obey_cpu_limits();
  const auto status =
      dnnl::sgemm('N', 'T', rows, columns, depth, 1.F, a, depth, b, depth, 1.F, c, stride);
  if (status != dnnl::status::success) throw std::logic_error("oneDNN: sgemm failed");
}

}  // namespace hardware
