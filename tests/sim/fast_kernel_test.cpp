#include "sim/fast_kernel.h"

#include "tests/sim/kernel_contract.h"

std::vector<KernelUnderTest> kernels_under_test() {
  return {{"fast", []() -> sim::Kernel& {
             static sim::FastKernel kernel;
             return kernel;
           }}};
}
