#pragma once

#include <string>
#include <vector>

#include "hardware/onednn/weights.h"
#include "tests/hardware/native_case.h"

namespace hardware {

/// What a precision's operators read and make: its type, and some scale for integers.
Layout activation(models::Random& random, models::Precision precision, models::Shape shape);
/// An input of values between -1 and 1.
void add_random(NativeCase& native, models::Random& random, const Layout& layout,
                bool constant = false);
/// Fuses up to three operations, with the operands they need.
void fuse_some(NativeCase& native, models::Random& random);

/// The constant weights, input 1, as the kernel has them: rounded to bf16 or to scaled integers.
std::vector<double> weights_computed_with(const NativeCase& native, const ChannelView& channels);

/// Expects the kernel's output to be the product with what is fused to it. What may differ: fp32
/// sums of a thousand terms below 1 by their roundings; what is rounded to the output's type by
/// what turns near the middle between two of its values.
void expect_close(const std::vector<double>& got, const std::vector<double>& product,
                  const NativeCase& native);

/// Has `check` make and check cases of every precision; it answers whether there was a kernel. Of
/// fp32 there must be one for most cases, whatever the instruction set.
void check_many(std::uint64_t seed, bool (*check)(models::Random&, models::Precision));

}  // namespace hardware
