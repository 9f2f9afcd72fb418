#include "hardware/cpu.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include "hardware/onednn/dnnl.h"
#include "models/error.h"
#include "models/precision/vectors.h"

namespace hardware {
namespace {

struct Isa {
  std::string_view name;
  dnnl::cpu_isa code;
  std::string_view formats;  ///< vector code of number formats with no other instructions
  bool bf16 = false;         ///< has those of AVX512-BF16
};
constexpr Isa isas[] = {
    {"sse41", dnnl::cpu_isa::sse41, "SSE4"},
    {"avx", dnnl::cpu_isa::avx, "SSE4"},
    {"avx2", dnnl::cpu_isa::avx2, "AVX2"},
    {"avx2_vnni", dnnl::cpu_isa::avx2_vnni, "AVX2"},
    {"avx512_core", dnnl::cpu_isa::avx512_core, "AVX3"},
    {"avx512_core_vnni", dnnl::cpu_isa::avx512_core_vnni, "AVX3"},
    {"avx512_core_bf16", dnnl::cpu_isa::avx512_core_bf16, "AVX3", true},
    {"avx512_core_amx", dnnl::cpu_isa::avx512_core_amx, "AVX3", true},
};

// Process-wide because OpenMP's and oneDNN's own settings are.
std::atomic<int> thread_limit = 1;
std::atomic<bool> in_use = false;

std::string joined_isa_names() {
  std::string text;
  for (const auto& name : isa_names()) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string name_of(dnnl::cpu_isa code) {
  const auto found = std::ranges::find(isas, code, &Isa::code);
  return found == std::end(isas) ? "below sse41" : std::string(found->name);
}

const Isa& find_isa(const std::string& name) {
  const auto* const found = std::ranges::find(isas, name, &Isa::name);
  if (found == std::end(isas))
    throw models::InputError("unknown instruction set '" + name + "'; there are " +
                             joined_isa_names());
  return *found;
}

void limit_isa(const Isa& isa) {
  if (dnnl::set_max_cpu_isa(isa.code) != dnnl::status::success)
    throw std::logic_error("the processor must be limited before anything is computed");
  const auto effective = dnnl::get_effective_cpu_isa();
  if (effective != isa.code)
    throw models::InputError("this processor has no " + std::string(isa.name) + "; it has " +
                             name_of(effective));
  // Another build may lack one that every machine of its kind exceeds.
  const auto built = models::format_targets();
  if (std::ranges::find(built, isa.formats) != built.end())
    models::limit_format_target(isa.formats, isa.bf16);
}

}  // namespace

void limit_cpu(const CpuLimits& limits) {
  if (limits.threads < 1 || limits.threads > omp_get_num_procs())
    throw models::InputError(std::to_string(limits.threads) + " threads: this machine has 1 to " +
                             std::to_string(omp_get_num_procs()));
  const auto* const isa = limits.isa.empty() ? nullptr : &find_isa(limits.isa);
  if (in_use && limits.isa.empty() && limits.threads == thread_limit) return;
  if (in_use) throw std::logic_error("the processor must be limited before anything is computed");
  if (isa != nullptr) limit_isa(*isa);
  thread_limit = limits.threads;
}

std::vector<std::string> isa_names() {
  std::vector<std::string> names;
  for (const auto& isa : isas) names.emplace_back(isa.name);
  return names;
}

std::string isa_in_effect() {
  in_use = true;
  return name_of(dnnl::get_effective_cpu_isa());
}

std::string cpu_name() {
  std::ifstream lines("/proc/cpuinfo");
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

void obey_cpu_limits() {
  in_use.store(true, std::memory_order_relaxed);
  // OpenMP keeps the number per thread, and its start-up value is the machine's.
  omp_set_num_threads(thread_limit.load(std::memory_order_relaxed));
}

}  // namespace hardware
