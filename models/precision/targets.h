#pragma once

// The instruction sets that formats are compiled for; to be included before foreach_target.h. What
// is left out brings nothing that the others do not, and AVX3_DL's truncation is wrong in
// Highway 1.0.3.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
