#pragma once

#include <string>
#include <vector>

namespace hardware {

/// How much of the processor this process computes with.
struct CpuLimits {
  int threads = 1;  ///< of OpenMP, per thread that runs kernels
  std::string isa;  ///< vector instructions at most: "avx2", "avx512_core"; empty: all there are
};

/// Sets the limits; they hold for the whole process, and without a call those of CpuLimits{} do.
/// Throws InputError for a name that is none and for what this machine lacks, std::logic_error
/// after the first kernel was prepared, unless they are those in force.
void limit_cpu(const CpuLimits& limits);

/// Names that CpuLimits::isa takes, from the least to the most; whether this machine has them is
/// another matter.
std::vector<std::string> isa_names();
/// The vector instructions in effect, "avx512_core_bf16". From the first call on limits come too
/// late.
std::string isa_in_effect();
/// "Intel(R) Xeon(R) Processor"; "unknown processor" where the system does not say.
std::string cpu_name();

/// Makes the calling thread compute with as many OpenMP threads as the limits say. Whoever makes or
/// runs a primitive calls this first; it costs a few nanoseconds.
void obey_cpu_limits();

}  // namespace hardware
