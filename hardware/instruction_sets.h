#pragma once

namespace hardware {

/// Whether loops of ours may use AVX2: the machine has it and the limits of the processor allow it.
bool has_avx2();

}  // namespace hardware

// Between the two, functions are compiled for AVX2. Headers must be included before: what they
// define is shared with code for any machine.
#if !defined(__x86_64__)
#define PARTWISE_BEGIN_AVX2
#define PARTWISE_END_AVX2
#elif defined(__clang__)
#define PARTWISE_BEGIN_AVX2 \
  _Pragma("clang attribute push(__attribute__((target(\"avx2\"))), apply_to = function)")
#define PARTWISE_END_AVX2 _Pragma("clang attribute pop")
#else
#define PARTWISE_BEGIN_AVX2 _Pragma("GCC push_options") _Pragma("GCC target(\"avx2\")")
#define PARTWISE_END_AVX2 _Pragma("GCC pop_options")
#endif
