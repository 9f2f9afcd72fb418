#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/network/tensor_value.h"
#include "models/network/valued.h"

/// Other people's test cases: a model, its inputs, and the outputs it must give.
namespace hardware::conformance {

/// Where Debian's libonnx-testdata puts the ONNX project's.
inline const std::filesystem::path folder = "/usr/share/libonnx-testdata/data";

/// One folder with its model and stored tensors.
struct Stored {
  std::filesystem::path folder;
  std::vector<models::TensorValue> inputs;
  std::vector<models::TensorValue> outputs;
};

/// The folders below that hold a model, sorted; their names start as given. Empty if the suite is
/// not on this machine.
std::vector<std::filesystem::path> cases_in(const std::string& suite, const std::string& start);

models::TensorValue read_tensor(const std::filesystem::path& file);
/// Data set 0, but for tensors that are sequences, optional, or of strings: then an InputError.
Stored read_case(const std::filesystem::path& folder);

/// The first element that is further away than `absolute` + `relative` times the expected one; NaN
/// equals NaN. Empty if there is none and types and shapes are the same.
std::string difference(const models::TensorValue& got, const models::TensorValue& expected,
                       double relative = 1e-3, double absolute = 1e-7);

}  // namespace hardware::conformance
