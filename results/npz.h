#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/network/tensor_proto.h"

namespace results {

/// The arrays of an .npz file (a zip archive of .npy files) in its order, or the one called `name`.
/// Throws InputError starting with `source`, also for declared sizes that no compression explains.
std::vector<models::NamedTensor> npz_tensors(std::string_view bytes, const std::string& source,
                                             const std::string& name = "");

/// The same tensors give the same bytes: stored, without times.
std::string npz_bytes(const std::vector<models::NamedTensor>& tensors);

}  // namespace results
