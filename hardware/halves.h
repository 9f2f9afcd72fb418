#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "hardware/kernel.h"

namespace hardware {

/// Whether any of the request's tensors is float16 or bfloat16.
bool has_halves(const Request& request);

/// The kernel that `make` prepares for float32 in the place of half precision: inputs are widened
/// before each run, outputs rounded to nearest even after it. Throws what `make` throws.
Prepared through_float(const Request& request, PlainFactory make);

[[noreturn]] void refuse_type(const Request& request);

/// The maker for float or for double, by the type of the first input; half precision by way of
/// float. Throws NotSupported for other types.
template <PlainFactory single, PlainFactory twice>
Prepared real(const Request& request) {
  if (has_halves(request)) return through_float(request, real<single, twice>);
  const auto type = request.inputs.at(0).value().layout.type;
  if (type == models::ElementType::float32) return single(request);
  if (type == models::ElementType::float64) return twice(request);
  refuse_type(request);
}

/// A kernel that is one function of inputs, outputs and workspace.
template <class Function>
class FunctionKernel final : public Kernel {
 public:
  explicit FunctionKernel(Function function) : function_(std::move(function)) {}
  void run(std::span<const std::byte* const> inputs, std::span<std::byte* const> outputs,
           std::byte* workspace) override {
    function_(inputs, outputs, workspace);
  }

 private:
  Function function_;
};

/// Layouts as the request has them, nothing packed; without kernel.
Prepared as_asked(const Request& request, std::string implementation);

template <class Function>
Prepared as_asked(const Request& request, std::string implementation, Function function) {
  auto prepared = as_asked(request, std::move(implementation));
  prepared.kernel = std::make_unique<FunctionKernel<Function>>(std::move(function));
  return prepared;
}

/// The shape of an input or output that the operator cannot do without. Throws InputError.
const Layout& input_of(const Request& request, std::size_t index);
const Layout& output_of(const Request& request, std::size_t index);
bool has_input(const Request& request, std::size_t index);
bool has_output(const Request& request, std::size_t index);

/// The elements of a tensor; nullptr of one that is absent or not among them.
template <class T>
const T* elements(std::span<const std::byte* const> inputs, std::size_t index) {
  return index < inputs.size() ? reinterpret_cast<const T*>(inputs[index]) : nullptr;
}
template <class T>
T* elements(std::span<std::byte* const> outputs, std::size_t index) {
  return index < outputs.size() ? reinterpret_cast<T*>(outputs[index]) : nullptr;
}

/// One element of a real or integer type as a double; half precision excepted.
double element_as_double(const std::byte* elements, models::ElementType type, std::int64_t index);
/// The reverse, for float32 and float64 only.
void store(std::byte* elements, models::ElementType type, std::int64_t index, double value);

}  // namespace hardware
