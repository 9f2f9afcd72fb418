#include "sim/simgrid/simgrid_kernel.h"

#include "tests/sim/kernel_contract.h"

std::vector<KernelUnderTest> kernels_under_test() {
  return {{"simgrid", []() -> sim::Kernel& {
             static sim::SimgridKernel kernel(8, 8);
             return kernel;
           }}};
}
