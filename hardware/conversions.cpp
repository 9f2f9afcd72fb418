#include "hardware/conversions.h"

#include <cstring>

#include "models/index.h"
#include "models/precision/convert.h"

namespace hardware {
namespace {

using models::at;

class RoundingKernel : public Kernel {
 public:
  RoundingKernel(std::size_t elements, models::Precision format, float scale)
      : elements_(elements), format_(format), scale_(scale) {}

  void run(std::span<const std::byte* const>, std::span<std::byte* const> outputs,
           std::byte*) override {
    models::Quantization how;
    if (scale_ > 0) how.scales = {&scale_, 1};
    models::round_to({reinterpret_cast<float*>(outputs[0]), elements_}, format_, how);
  }

 private:
  std::size_t elements_;
  models::Precision format_;
  float scale_;
};

class CopyKernel : public Kernel {
 public:
  explicit CopyKernel(std::size_t bytes) : bytes_(bytes) {}

  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte*) override {
    if (bytes_ > 0) std::memcpy(outputs[0], inputs[0], bytes_);
  }

 private:
  std::size_t bytes_;
};

}  // namespace

Prepared make_rounding(const Layout& layout, models::Precision format, float scale) {
  Prepared result;
  result.kernel = std::make_unique<RoundingKernel>(at(layout.elements()), format, scale);
  result.implementation = "own";
  result.outputs = {layout};
  return result;
}

Prepared make_copy(const Layout& layout) {
  Prepared result;
  result.kernel = std::make_unique<CopyKernel>(layout.bytes());
  result.implementation = "own";
  result.inputs = {layout};
  result.outputs = {layout};
  return result;
}

}  // namespace hardware
