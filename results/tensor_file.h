#pragma once

#include <string>
#include <vector>

#include "models/network/tensor_proto.h"
#include "models/network/tensor_value.h"

namespace results {

/// Files of tensors, known by their ends:
///   .pb           one ONNX TensorProto
///   .npy          one NumPy array, format 1 to 3
///   .npz          any number of them by name, stored or deflated
///   .h5, .hdf5    any number of datasets by path, without the first slash
/// One tensor of several is named behind a colon: "all.npz:x", "all.h5:/inputs/x". NumPy has no
/// bfloat16: it is written as the uint16 with the same bits (models::taken_as undoes that), and
/// read from the two-byte void that ml_dtypes writes.
///
/// All functions that read throw InputError starting with the path for what is no such file,
/// damaged, too large, or of another element type, and EnvironmentError for one that cannot be
/// opened.

/// All tensors of a file, one at least, in the order they have in it (.h5: by name), or the one
/// that the path names.
std::vector<models::NamedTensor> read_tensors(const std::string& path);

/// The only tensor of the file, or the one that the path names.
models::TensorValue read_tensor(const std::string& path);

/// Whether the path says that it is a file of tensors.
bool is_tensor_file(const std::string& path);

/// Written beside and renamed. Throws InputError for another end, or for more tensors than the
/// format holds, and EnvironmentError when it cannot be written.
void write_tensors(const std::string& file, const std::vector<models::NamedTensor>& tensors);
void write_tensor(const std::string& file, const models::TensorValue& value,
                  const std::string& name);

}  // namespace results
