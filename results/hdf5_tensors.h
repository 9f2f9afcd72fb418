#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/network/tensor_proto.h"

namespace results {

/// The datasets of an HDF5 file by their paths, without the first slash and ascending, or the one
/// called `name`: numbers and h5py's booleans, stored in the file itself. HDF5 reads in a process
/// apart, since its library does not survive every damaged file. Throws InputError starting with
/// `source`.
std::vector<models::NamedTensor> hdf5_tensors(std::string_view bytes, const std::string& source,
                                              const std::string& name = "");

/// A file with a dataset per tensor; slashes in names make groups. The same tensors give the same
/// bytes. Throws InputError for names that HDF5 cannot keep apart.
std::string hdf5_tensor_bytes(const std::vector<models::NamedTensor>& tensors);

}  // namespace results
